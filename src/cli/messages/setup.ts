import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Words of init and profile. */
export const setup = {
  name: {zh: '配置名(小写字母、数字、-)', en: 'name of the profile (lower-case letters, digits, -)'},
  env: {zh: '环境', en: 'environment'},
  baseUrl: {zh: '网关地址,代替 --env', en: "the gateway's address, instead of --env"},
  sysId: {zh: '系统号 sys_id', en: 'sys_id'},
  productId: {zh: '产品号 product_id', en: 'product_id'},
  merchant: {zh: '商户号 huifu_id(服务商可留空)', en: 'huifu_id, the merchant (a service provider may leave it out)'},
  privateKeyFile: {
    zh: '商户私钥文件(PEM、base64、.p12/.pfx)',
    en: "file with the merchant's private key (PEM, base64, .p12/.pfx)",
  },
  privateKeyStdin: {zh: '从标准输入读商户私钥', en: "read the merchant's private key from stdin"},
  passphraseFile: {zh: '.p12/.pfx 的口令文件', en: 'file with the passphrase of the .p12/.pfx'},
  huifuKeyFile: {zh: '汇付公钥文件,可重复', en: "file with Huifu's public key, repeatable"},
  notifyUrl: {zh: '默认异步通知地址', en: 'default notify_url'},
  subAppid: {zh: '小程序 appid', en: "the mini-program's appid"},
  force: {zh: '覆盖同名配置', en: 'replace a profile of that name'},
  askKey: {zh: '商户私钥:文件路径,或直接粘贴', en: "the merchant's private key: a file's path, or paste it"},
  askHuifuKey: {zh: '汇付公钥:文件路径,或直接粘贴', en: "Huifu's public key: a file's path, or paste it"},
  askPassphrase: {zh: '.p12/.pfx 的口令', en: 'passphrase of the .p12/.pfx'},
  saved: say(
    p => `已写入配置“${p.name}”(${p.environment})。商户私钥指纹 ${p.fingerprint}`,
    p => `profile "${p.name}" written (${p.environment}). Fingerprint of the private key ${p.fingerprint}`,
  ),
  saveNext: {
    zh: '控台“系统公钥”处应是与这把私钥成对的公钥。下一步:dougong check-config',
    en: "The console's 系统公钥 must be the public half of this key. next: dougong check-config",
  },
  checkNow: {zh: '现在就检查这个配置?', en: 'Check this profile now?'},
  profile: {zh: '管理配置', en: 'manage profiles'},
  list: {zh: '列出配置', en: 'list them'},
  show: {zh: '显示一个配置(密钥只显示指纹)', en: 'show one (of keys only fingerprints)'},
  use: {zh: '设为当前配置', en: 'make it the current one'},
  remove: {zh: '删除配置和它的密钥文件', en: 'remove it and its key files'},
  import: {
    zh: '导入官方 SDK 的 JSON 配置或官方本地沙箱的导出',
    en: "import an official SDK's JSON or the official local sandbox's export",
  },
  using: say(
    p => `当前配置:${p.name}`,
    p => `current profile: ${p.name}`,
  ),
  removed: say(
    p => `已删除配置 ${p.name}`,
    p => `removed profile ${p.name}`,
  ),
  none: {zh: '还没有配置', en: 'no profiles yet'},
} as const;

/** Words of key. */
export const key = {
  generate: {zh: '生成 RSA-2048 密钥对', en: 'make an RSA-2048 pair'},
  out: {zh: '写入的目录', en: 'folder to write to'},
  generated: say(
    p =>
      `已写入 ${p.folder}。public-line.txt 填入控台 开发设置 - 密钥管理 的“系统公钥”;私钥留在本机:dougong init --private-key-file ${p.file}`,
    p =>
      `written to ${p.folder}. Paste public-line.txt into the console, 开发设置 - 密钥管理, 系统公钥; the private key stays here: dougong init --private-key-file ${p.file}`,
  ),
  inspect: {zh: '查看文件里是什么密钥(- 为标准输入)', en: 'tell what key a file holds (- is stdin)'},
  match: {zh: '两把密钥是否一对', en: 'tell whether two keys are a pair'},
  pair: {zh: '是一对', en: 'a pair'},
  same: {zh: '是同一把', en: 'the same key twice'},
  what: {
    kind: {zh: '类型', en: 'kind'},
    format: {zh: '格式', en: 'format'},
    bits: {zh: '位数', en: 'bits'},
    fingerprint: {zh: '指纹', en: 'fingerprint'},
    findings: {zh: '注意', en: 'odd'},
  },
  private: {zh: '私钥', en: 'private'},
  public: {zh: '公钥', en: 'public'},
  findings: {
    bom: {zh: '开头有 BOM', en: 'begins with a BOM'},
    quoted: {zh: '带引号', en: 'in quotes'},
    'literal-newlines': {zh: '换行写成了 \\n', en: 'line ends written as \\n'},
    wrapped: {zh: 'base64 折了行', en: 'base64 in several lines'},
    mislabelled: {zh: 'PEM 标签与内容不符', en: 'the PEM label is not what is inside'},
    pkcs1: {
      zh: 'PKCS#1,平台要 PKCS#8/SPKI(本工具会自动转换)',
      en: 'PKCS#1; the platform wants PKCS#8 or SPKI (converted here by itself)',
    },
    certificate: {zh: '是证书,取其中公钥', en: 'a certificate; its public key is meant'},
    short: {zh: '不足 2048 位,不能使用', en: 'fewer than 2048 bits: not usable'},
  },
} as const;

/** Words of sandbox. */
export const sandbox = {
  webhook: {
    zh: '订阅控台 Webhook(签名用的终端密钥在配置里)',
    en: 'subscribe a console Webhook (its key stands in the profile)',
  },
  webhookUrl: {zh: '发往的地址', en: 'where they are sent'},
  webhookShape: {zh: '正文形式,默认 flat', en: 'shape of the body, flat by default'},
  webhookOff: {zh: '不再发送', en: 'send none any more'},
  start: {zh: '启动沙箱,并写好配置 sandbox', en: 'start it and write the profile sandbox'},
  port: {zh: '端口,默认 8766', en: 'port, 8766 by default'},
  controlPort: {zh: '控制端口', en: 'control port'},
  dataDir: {zh: '把账本保存在这里', en: 'keep the ledger here'},
  speed: {zh: '时钟加快的倍数', en: 'how many times faster its clock runs'},
  profileName: {zh: '写入的配置名', en: 'name of the profile to write'},
  ready: say(
    p => `沙箱就绪:${p.url},配置 ${p.profile};Ctrl-C 停止`,
    p => `Ready: sandbox at ${p.url}, profile ${p.profile}; Ctrl-C stops it`,
  ),
  stopped: {zh: '沙箱已停止', en: 'sandbox stopped'},
  pay: {zh: '顾客付款(默认最近一笔未付订单)', en: 'the customer pays (the latest unpaid order by default)'},
  expire: {zh: '订单超时', en: 'the order runs out'},
  show: {zh: '显示账本', en: 'show the ledger'},
  reset: {zh: '清空账本', en: 'forget everything'},
  advance: {zh: '拨快时钟', en: 'move its clock'},
  by: {zh: '多少,如 90s、1d', en: 'how much, e.g. 90s, 1d'},
  fault: {zh: '安排一次故障', en: 'arm a fault'},
  faultClear: {zh: '撤销已安排的故障', en: 'disarm every fault'},
  faultKind: {zh: '哪种故障', en: 'which fault'},
  endpoint: {zh: '只对这个接口', en: 'only for this endpoint'},
  probability: {zh: '每次发生的概率 0-1(按 --seed)', en: 'strike with this probability, 0 to 1 (by the seed)'},
  ms: {zh: 'delay、slow-body、skew 的时间', en: 'how long, for delay, slow-body and skew'},
  status: {zh: 'status 的 HTTP 状态,默认 502', en: 'HTTP status for status, 502 by default'},
  respCode: {zh: 'code 的返回码', en: 'resp_code for code'},
  respDesc: {zh: 'code 的说明', en: 'resp_desc for code'},
  seed: {zh: '故障概率的种子', en: 'the seed of faults with a probability'},
  times: {zh: '几次,默认 1', en: 'how many times, 1 by default'},
  result: {zh: '支付结果', en: 'how the payment ends'},
  coupon: {zh: '优惠券抵扣(元)', en: 'yuan that a coupon takes off'},
  billData: {zh: '生成任意大小的对账单和订单文件', en: 'make a statement of any size, and the orders to it'},
  rows: {zh: '行数', en: 'how many rows'},
  dataSeed: {
    zh: '种子,默认 7:同样的种子生成同样的文件',
    en: 'the seed, 7 by default: the same seed makes the same bytes',
  },
  billOut: {zh: '对账单的目录', en: 'folder of the statement'},
  orders: {zh: '同时写商户自己的订单文件', en: "write the shop's own orders here"},
  planted: {zh: '每类差异埋几处,默认 0', en: 'how many differences of each class, 0 by default'},
  billDate: {zh: '交易日,默认前天', en: 'trade date, the day before yesterday by default'},
  plain: {zh: '不打包,直接写 CSV', en: 'plain CSV instead of a zip'},
  merchant: {zh: '把一个商户置于某种进件状态', en: 'put a merchant into a state of onboarding'},
  scenario: {zh: '场景名,见 docs/sandbox.md', en: 'name of the scenario, see docs/sandbox.md'},
  done: {zh: '完成', en: 'done'},
} as const;
