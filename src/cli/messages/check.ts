import type {CheckId, FindingCode, Layer} from '../../operations/check-config.ts';
import type {Sentence, Text} from '../context.ts';
import type {Who} from './explanations.ts';

type P = Readonly<Record<string, string | undefined>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** A finding in words; what a person does about it, and who. */
export interface FindingWords {
  text: Sentence<P>;
  remedy?: Sentence<P>;
  who?: Who;
}

export const layers: Record<Layer, Text> = {
  local: {zh: '本机', en: 'this machine'},
  network: {zh: '网络', en: 'network'},
  signature: {zh: '签名', en: 'signatures'},
  relation: {zh: '号码与权限', en: 'ids and permissions'},
  wechat: {zh: '微信配置', en: 'WeChat configuration'},
  realname: {zh: '微信实名', en: 'WeChat real-name'},
  notify: {zh: '通知地址', en: 'notify_url'},
  bills: {zh: '对账单', en: 'statements'},
};

/** What each check looks at; printed into docs/check-config.md. */
export const checks: Record<CheckId, Text> = {
  'profile.ids': {zh: 'sys_id 与 huifu_id 的样子', en: 'sys_id and huifu_id look like ids of the platform'},
  'profile.environment': {zh: '环境与网关地址', en: 'environment and base URL agree; https outside loopback'},
  'profile.permissions': {zh: '配置与密钥文件的权限', en: 'configuration and key files are readable by nobody else'},
  'key.private.parse': {
    zh: '商户私钥能解析,RSA 2048 位以上',
    en: 'the private key parses, is RSA of 2048 bits or more',
  },
  'key.huifu.parse': {zh: '汇付公钥能解析', en: "Huifu's public key parses"},
  'key.huifu.not-own': {zh: '汇付公钥不是自己的公钥', en: "Huifu's key is not the merchant's own public half"},
  'network.proxy': {zh: '代理', en: 'the proxy in use, and whether it answers'},
  'network.dns': {zh: '域名解析', en: "the gateway's name resolves"},
  'network.tcp': {zh: 'TCP 连接', en: 'a TCP connection stands'},
  'network.tls': {zh: 'TLS 证书与主机名', en: 'certificate chain and host name hold'},
  'network.latency': {zh: '延迟', en: 'time to connect (over 1 s is a warning)'},
  'sign.request': {zh: '请求签名被网关接受', en: 'the gateway accepts the signature of a harmless read'},
  'sign.answer': {zh: '应答签名用汇付公钥验证通过', en: 'the answer verifies with the configured Huifu key'},
  'clock.gateway': {
    zh: '本机时钟与网关 Date 头、北京日期',
    en: "the clock against the gateway's Date header (60 s) and Beijing date",
  },
  'relation.sys-id': {zh: 'sys_id 在本环境有效', en: 'sys_id is known in this environment'},
  'relation.permission': {zh: '接口权限', en: 'the calls are permitted to sys_id'},
  'relation.product': {zh: 'product_id', en: 'product_id is right'},
  'relation.merchant': {zh: 'huifu_id 与 sys_id 的从属', en: 'huifu_id is known and belongs to sys_id'},
  'wechat.business.opened': {zh: '微信业务已开通', en: 'the WeChat business is opened'},
  'wechat.fee.present': {zh: '费率已配置(fee_type 线上/线下)', en: 'a fee rate is present, for the wanted fee_type'},
  'wechat.appid.bound': {zh: '小程序 appid 已绑定', en: "the mini-program's appid is bound"},
  'realname.applyment': {zh: '实名申请状态', en: "the state of WeChat's real-name application"},
  'realname.authorized': {zh: '实名授权状态', en: 'the merchant is authorised at WeChat'},
  'notify.url': {zh: 'notify_url 的规则', en: 'the rules of a notify_url'},
  'notify.redirect': {zh: 'notify_url 能访问且不跳转', en: 'the notify_url answers without a redirect'},
  'bill.generation': {zh: '对账单生成开关', en: 'statements are generated'},
};

const KEY_REASONS: Record<string, Text> = {
  KEY_EMPTY: {zh: '是空的', en: 'it is empty'},
  KEY_UNREADABLE: {
    zh: '读不懂(被截断,或复制时少了字符?)',
    en: 'it does not read (cut off, or characters lost in copying?)',
  },
  KEY_NOT_RSA: {zh: '不是 RSA', en: 'it is not RSA'},
  KEY_TOO_SHORT: {zh: '不足 2048 位', en: 'it has fewer than 2048 bits'},
  KEY_WRONG_KIND: {zh: '公钥和私钥放反了', en: 'the other half of a pair stands there'},
  KEY_ENCRYPTED: {zh: '有口令保护', en: 'it is protected by a passphrase'},
};
const keyReason = (p: P, lang: 'zh' | 'en') => KEY_REASONS[p.reason ?? '']?.[lang] ?? p.reason;
const keyName = (p: P, lang: 'zh' | 'en') =>
  p.wanted === 'private'
    ? {zh: '商户私钥', en: 'the private key'}[lang]
    : {zh: '汇付公钥', en: "Huifu's public key"}[lang];

const CONSOLE_WX: Sentence<P> = say(
  () => '服务商控台:商户信息 - 查看 - 商户变更 - 业务信息 - 基础支付',
  () => "the service provider's console: 商户信息 - 查看 - 商户变更 - 业务信息 - 基础支付",
);
const BIND: Sentence<P> = say(
  p => `在服务商控台绑定,或:dougong check-config --bind-appid ${p.appid} --fee-type 01(线上)或 02(线下)`,
  p =>
    `bind it in the service provider's console, or: dougong check-config --bind-appid ${p.appid} --fee-type 01 (online) or 02 (offline)`,
);
const SCAN: Sentence<P> = say(
  () => '请法人用微信扫描二维码(--qr FILE 可保存);控台显示可能滞后于微信',
  () => 'let the legal person scan the code with WeChat (--qr FILE saves it); the console can lag behind WeChat',
);
const APPLY: Sentence<P> = say(
  () => '服务商控台:商户信息 - 微信实名认证;控台显示可能滞后于微信',
  () => "the service provider's console: 商户信息 - 微信实名认证; the console can lag behind WeChat",
);

/** What each finding says. */
export const findings: Record<FindingCode, FindingWords> = {
  NEED_FAILED: {
    text: say(
      p => `没有检查:${p.need} 没有通过`,
      p => `not checked: ${p.need} did not hold`,
    ),
  },
  NO_ANSWER: {
    text: say(
      p => `网关没有可用的应答(${p.reason})`,
      p => `the gateway gave no usable answer (${p.reason})`,
    ),
    remedy: say(
      () => '稍后再试;加 --verbose 看每次调用',
      () => 'try again; --verbose shows each call',
    ),
    who: 'you',
  },
  API_REFUSED: {
    text: say(
      p => `查不了:${p.endpoint} 被拒绝`,
      p => `could not be asked: ${p.endpoint} was refused`,
    ),
  },
  IDS_GOOD: {
    text: say(
      p => `sys_id ${p.sys_id},huifu_id ${p.huifu_id}`,
      p => `sys_id ${p.sys_id}, huifu_id ${p.huifu_id}`,
    ),
  },
  IDS_ODD: {
    text: say(
      p => `不像平台的号码(6666 开头 16 位):${p.ids}`,
      p => `unlike the platform's ids (16 digits, 6666 first): ${p.ids}`,
    ),
    remedy: say(
      () => '在控台 开发设置 - 开发者信息 核对',
      () => 'compare with the console, 开发设置 - 开发者信息',
    ),
    who: 'you',
  },
  ENVIRONMENT_KNOWN: {
    text: say(
      p => `${p.environment}(${p.url})`,
      p => `${p.environment} (${p.url})`,
    ),
  },
  ENVIRONMENT_OTHER: {
    text: say(
      p => `${p.url} 不是已知的汇付网关,按生产对待`,
      p => `${p.url} is none of Huifu's known gateways; treated as live`,
    ),
  },
  ENVIRONMENT_PLAIN: {
    text: say(
      p => `${p.url} 没有加密`,
      p => `${p.url} is not encrypted`,
    ),
    remedy: say(
      () => '用 https:// 的网关地址:dougong init --force',
      () => 'use an https:// gateway: dougong init --force',
    ),
    who: 'you',
  },
  FILES_PRIVATE: {
    text: say(
      () => '只有本人可读',
      () => 'readable by you alone',
    ),
  },
  FILES_OPEN: {
    text: say(
      p => `别人也能读:${p.files}`,
      p => `others can read: ${p.files}`,
    ),
    remedy: say(
      p => `chmod 600 ${p.files}`,
      p => `chmod 600 ${p.files}`,
    ),
    who: 'you',
  },
  FILES_UNKNOWN: {
    text: say(
      () => '这个平台没有权限位',
      () => 'this platform has no permission bits',
    ),
  },
  KEY_GOOD: {
    text: say(
      p => `RSA ${p.bits} 位,指纹 ${p.fingerprint}…`,
      p => `RSA ${p.bits} bits, fingerprint ${p.fingerprint}…`,
    ),
  },
  KEY_BAD: {
    text: say(
      p => `${keyName(p, 'zh')}不能用:${keyReason(p, 'zh')}`,
      p => `${keyName(p, 'en')} cannot be used: ${keyReason(p, 'en')}`,
    ),
    remedy: say(
      () => '看文件里是什么:dougong key inspect FILE;再重新 dougong init --force',
      () => 'see what the file holds: dougong key inspect FILE; then dougong init --force',
    ),
    who: 'you',
  },
  KEY_NOT_OWN: {
    text: say(
      () => '与商户私钥不成对',
      () => "no half of the merchant's own pair",
    ),
  },
  KEY_OWN: {
    text: say(
      () => '“汇付公钥”其实是自己的公钥',
      () => 'the "Huifu public key" is your own public key',
    ),
    remedy: say(
      () => '从控台 开发设置 - 密钥管理 复制【汇付公钥】,自己的公钥只填在【系统公钥】',
      () => 'copy 汇付公钥 from the console, 开发设置 - 密钥管理; your own public key belongs into 系统公钥 there',
    ),
    who: 'you',
  },
  PROXY_NONE: {
    text: say(
      () => '不使用代理',
      () => 'no proxy',
    ),
  },
  PROXY_USED: {
    text: say(
      p => `使用代理 ${p.proxy}`,
      p => `through ${p.proxy}`,
    ),
  },
  PROXY_DOWN: {
    text: say(
      p => `连不上代理 ${p.proxy}(${p.reason})`,
      p => `the proxy ${p.proxy} does not answer (${p.reason})`,
    ),
    remedy: say(
      () => '检查 HTTPS_PROXY / NO_PROXY',
      () => 'check HTTPS_PROXY and NO_PROXY',
    ),
    who: 'you',
  },
  BY_PROXY: {
    text: say(
      p => `由代理 ${p.proxy} 处理`,
      p => `left to the proxy ${p.proxy}`,
    ),
  },
  DNS_FOUND: {
    text: say(
      p => `${p.host} → ${p.addresses}`,
      p => `${p.host} → ${p.addresses}`,
    ),
  },
  DNS_ADDRESS: {
    text: say(
      p => `${p.host} 是地址`,
      p => `${p.host} is an address`,
    ),
  },
  DNS_FAILED: {
    text: say(
      p => `${p.host} 解析失败(${p.reason})`,
      p => `${p.host} does not resolve (${p.reason})`,
    ),
    remedy: say(
      () => '检查网络与 DNS,必要时设置 HTTPS_PROXY',
      () => 'check network and DNS; set HTTPS_PROXY where a proxy is needed',
    ),
    who: 'you',
  },
  TCP_OPEN: {
    text: say(
      p => `${p.host}:${p.port} 已连上`,
      p => `${p.host}:${p.port} is open`,
    ),
  },
  TCP_FAILED: {
    text: say(
      p => `连不上 ${p.host}:${p.port}(${p.reason})`,
      p => `${p.host}:${p.port} cannot be reached (${p.reason})`,
    ),
    remedy: say(
      () => '检查防火墙与代理;沙箱是否在运行(dougong sandbox start)',
      () => 'check firewall and proxy; is the sandbox running (dougong sandbox start)?',
    ),
    who: 'you',
  },
  TLS_GOOD: {
    text: say(
      p => `${p.subject},由 ${p.issuer} 签发,到 ${p.validTo}`,
      p => `${p.subject}, by ${p.issuer}, until ${p.validTo}`,
    ),
  },
  TLS_BAD: {
    text: say(
      p => `${p.host} 的证书不可信(${p.reason})`,
      p => `the certificate of ${p.host} does not hold (${p.reason})`,
    ),
    remedy: say(
      () => '公司网络会换证书时用 --ca-file 指定公司 CA;校验从不关闭',
      () =>
        'where a company network replaces certificates, name its authority by --ca-file; checks are never switched off',
    ),
    who: 'you',
  },
  TLS_NONE: {
    text: say(
      () => '本机 http,无需 TLS',
      () => 'plain http on loopback',
    ),
  },
  LATENCY_GOOD: {
    text: say(
      p => `${p.ms} 毫秒`,
      p => `${p.ms} ms`,
    ),
  },
  LATENCY_HIGH: {
    text: say(
      p => `${p.ms} 毫秒,偏慢`,
      p => `${p.ms} ms, slow`,
    ),
  },
  REQUEST_ACCEPTED: {
    text: say(
      () => '签名被接受',
      () => 'the signature was accepted',
    ),
  },
  REQUEST_SIGNATURE: {
    text: say(
      () => '网关验签失败:它不认识这把私钥的签名',
      () => "the gateway does not accept this private key's signature",
    ),
    remedy: say(
      p =>
        `控台 开发设置 - 密钥管理 的【系统公钥】须与私钥成对(公钥指纹 ${p.fingerprint?.slice(0, 16)}…;dougong key match),且属于同一环境`,
      p =>
        `系统公钥 in the console, 开发设置 - 密钥管理, must be the half of this key (fingerprint ${p.fingerprint?.slice(0, 16)}…; dougong key match), of the same environment`,
    ),
    who: 'you',
  },
  REQUEST_UNJUDGED: {
    text: say(
      p => `应答无法验证,说明不了什么(HTTP ${p.status})`,
      p => `the answer cannot be verified and proves nothing (HTTP ${p.status})`,
    ),
  },
  ANSWER_VERIFIED: {
    text: say(
      () => '应答验签通过',
      () => "the answer's signature holds",
    ),
  },
  ANSWER_TEXT_FORM: {
    text: say(
      () => '应答只有换一种写法才能验签:途中有程序改写了正文',
      () => 'the answer verifies only in another form: something on the way rewrites bodies',
    ),
    remedy: say(
      () => '检查代理与网关设备是否改写 JSON',
      () => 'look for a proxy or appliance that rewrites JSON',
    ),
    who: 'you',
  },
  ANSWER_OTHER_KEY: {
    text: say(
      () => '应答验签失败:不是配置的这把汇付公钥签的',
      () => 'the answer does not verify: another key than the configured Huifu key has signed it',
    ),
    remedy: say(
      () => '公钥按 sys_id 和环境各不相同:从同一环境的控台重新复制【汇付公钥】,检查是否少了字符',
      () =>
        'the key differs by sys_id and environment: copy 汇付公钥 again from the console of this environment, whole',
    ),
    who: 'you',
  },
  ANSWER_UNSIGNED: {
    text: say(
      () => '应答没有签名',
      () => 'the answer is not signed',
    ),
    remedy: say(
      () => '不能作为事实;检查网关地址,把时间和接口交给汇付',
      () => 'it is no fact; check the base URL, and give time and call to Huifu',
    ),
    who: 'huifu',
  },
  ANSWER_MALFORMED: {
    text: say(
      p => `应答不是网关的格式(HTTP ${p.status})`,
      p => `the answer is none of the gateway's (HTTP ${p.status})`,
    ),
    remedy: say(
      () => '检查网关地址,以及途中的代理或登录页',
      () => 'check the base URL, and proxies or log-in pages on the way',
    ),
    who: 'you',
  },
  CLOCK_GOOD: {
    text: say(
      p => `相差 ${p.seconds} 秒,北京日期 ${p.ours}`,
      p => `${p.seconds} s apart, Beijing date ${p.ours}`,
    ),
  },
  CLOCK_OFF: {
    text: say(
      p => `本机时钟相差 ${p.seconds} 秒`,
      p => `this clock is ${p.seconds} s off`,
    ),
    remedy: say(
      () => '打开时间同步(NTP)',
      () => 'switch time synchronisation on (NTP)',
    ),
    who: 'you',
  },
  CLOCK_DAY: {
    text: say(
      p => `本机的北京日期 ${p.ours} 与网关 ${p.theirs} 不同,请求会被拒绝`,
      p => `the Beijing date here is ${p.ours}, the gateway's ${p.theirs}: requests will be refused`,
    ),
    remedy: say(
      () => '校准时钟(NTP)',
      () => 'set the clock (NTP)',
    ),
    who: 'you',
  },
  CLOCK_UNKNOWN: {
    text: say(
      () => '网关没有给出时间',
      () => 'the gateway told no time',
    ),
  },
  SYS_ID_KNOWN: {
    text: say(
      p => `sys_id ${p.sys_id} 有效`,
      p => `sys_id ${p.sys_id} is known`,
    ),
  },
  SYS_ID_UNKNOWN: {
    text: say(
      p => `网关不接受 sys_id ${p.sys_id}`,
      p => `the gateway does not take sys_id ${p.sys_id}`,
    ),
    remedy: say(
      p => `在控台 开发设置 - 开发者信息 核对 sys_id ${p.sys_id} 与环境;测试与生产的号码不能混用`,
      p => `compare sys_id ${p.sys_id} with the console, 开发设置 - 开发者信息; ids of test and production never mix`,
    ),
    who: 'you',
  },
  PRODUCT_GOOD: {
    text: say(
      p => `product_id ${p.product_id}`,
      p => `product_id ${p.product_id}`,
    ),
  },
  PRODUCT_WRONG: {
    text: say(
      p => `product_id ${p.product_id} 不存在或不可用`,
      p => `product_id ${p.product_id} is unknown or not usable`,
    ),
    remedy: say(
      p => `在控台 开发设置 - 开发者信息 核对 product_id(现为 ${p.product_id})`,
      p => `compare product_id (now ${p.product_id}) with the console, 开发设置 - 开发者信息`,
    ),
    who: 'you',
  },
  PRODUCT_UNCLEAR: {
    text: say(
      p => `数据权限认证失败也可能是 product_id ${p.product_id} 不对`,
      p => `the refusal may also mean that product_id ${p.product_id} is wrong`,
    ),
  },
  MERCHANT_GOOD: {
    text: say(
      p => `huifu_id ${p.huifu_id} 可用`,
      p => `huifu_id ${p.huifu_id} may be used`,
    ),
  },
  MERCHANT_WRONG: {
    text: say(
      p => `商户 ${p.huifu_id} 不存在或状态异常`,
      p => `merchant ${p.huifu_id} is unknown or in an abnormal state`,
    ),
    remedy: say(
      p => `核对 huifu_id ${p.huifu_id} 与环境;无误则请汇付查商户状态`,
      p => `check huifu_id ${p.huifu_id} and the environment; if right, ask Huifu about its state`,
    ),
    who: 'huifu',
  },
  MERCHANT_FOREIGN: {
    text: say(
      p => `sys_id ${p.sys_id} 用 product_id ${p.product_id} 不能操作商户 ${p.huifu_id}`,
      p => `sys_id ${p.sys_id} with product_id ${p.product_id} may not act for merchant ${p.huifu_id}`,
    ),
    remedy: say(
      p =>
        `核对三者:product_id ${p.product_id} 是否正确,huifu_id ${p.huifu_id} 是否属于 sys_id ${p.sys_id}(直连时两者相同)`,
      p =>
        `check all three: product_id ${p.product_id}, and whether huifu_id ${p.huifu_id} belongs to sys_id ${p.sys_id} (the same id for a direct merchant)`,
    ),
    who: 'you',
  },
  PERMITTED: {
    text: say(
      () => '允许调用',
      () => 'the call is permitted',
    ),
  },
  PERMISSION_SOME: {
    text: say(
      p => `没有 ${p.endpoint} 的接口权限(其他接口可用)`,
      p => `no permission for ${p.endpoint} (other calls are permitted)`,
    ),
    who: 'huifu',
  },
  PERMISSION_NONE: {
    text: say(
      p => `sys_id ${p.sys_id} 没有接口权限(${p.endpoint})`,
      p => `sys_id ${p.sys_id} has no permission (${p.endpoint})`,
    ),
    who: 'huifu',
  },
  BUSINESS_OPENED: {
    text: say(
      p => `已开通:${p.scenes}`,
      p => `opened: ${p.scenes}`,
    ),
  },
  BUSINESS_CLOSED: {
    text: say(
      () => '微信支付业务没有开通',
      () => 'WeChat Pay is not opened for this merchant',
    ),
    remedy: CONSOLE_WX,
    who: 'provider',
  },
  FEE_PRESENT: {
    text: say(
      p => `费率 ${p.opened}`,
      p => `rates ${p.opened}`,
    ),
  },
  FEE_MISSING: {
    text: say(
      () => '没有配置微信费率',
      () => 'no WeChat fee rate is configured',
    ),
    remedy: CONSOLE_WX,
    who: 'provider',
  },
  FEE_OTHER: {
    text: say(
      p => `没有 fee_type ${p.wanted} 的费率,已开通:${p.opened}`,
      p => `no rate for fee_type ${p.wanted}; opened: ${p.opened}`,
    ),
    remedy: say(
      () => '改用已开通的 fee_type(01 线上,02 线下),或在服务商控台开通',
      () => "use an opened fee_type (01 online, 02 offline), or have it opened in the service provider's console",
    ),
    who: 'provider',
  },
  APPID_NOT_GIVEN: {
    text: say(
      () => '没有给 appid:--sub-appid wx…',
      () => 'no appid was given: --sub-appid wx…',
    ),
  },
  APPID_BOUND: {
    text: say(
      p => `${p.appid} 已绑定`,
      p => `${p.appid} is bound`,
    ),
  },
  APPID_PARTLY: {
    text: say(
      p => `${p.appid} 只绑定了 ${p.channels},没有绑定 ${p.missing}`,
      p => `${p.appid} is bound at ${p.channels}, not at ${p.missing}`,
    ),
    remedy: say(
      p => `给其余渠道绑定:dougong check-config --bind-appid ${p.appid} --fee-type 01 --bank-channel-no ${p.missing}`,
      p =>
        `bind the other channel: dougong check-config --bind-appid ${p.appid} --fee-type 01 --bank-channel-no ${p.missing}`,
    ),
    who: 'you',
  },
  APPID_DISAGREE: {
    text: say(
      p => `${p.appid} 已绑定,但申请单状态说失败`,
      p => `${p.appid} is bound, yet the application's status says failed`,
    ),
  },
  APPID_PROCESSING: {
    text: say(
      p => `${p.appid} 正在配置`,
      p => `${p.appid} is being configured`,
    ),
    remedy: say(
      () => '等待:dougong check-config --wait --until bound',
      () => 'wait: dougong check-config --wait --until bound',
    ),
    who: 'wechat',
  },
  APPID_FAILED: {
    text: say(
      p => `${p.appid} 配置失败:${p.reason}`,
      p => `${p.appid} could not be configured: ${p.reason}`,
    ),
    remedy: BIND,
    who: 'you',
  },
  APPID_OTHER: {
    text: say(
      p => `绑定的是 ${p.found},不是 ${p.appid};下单会报 sub_mch_id与sub_appid不匹配`,
      p => `${p.found} is bound, not ${p.appid}; orders will fail with sub_mch_id与sub_appid不匹配`,
    ),
    remedy: BIND,
    who: 'you',
  },
  APPID_UNBOUND: {
    text: say(
      p => `${p.appid} 没有绑定;下单会报 sub_mch_id与sub_appid不匹配`,
      p => `${p.appid} is not bound; orders will fail with sub_mch_id与sub_appid不匹配`,
    ),
    remedy: BIND,
    who: 'you',
  },
  APPID_UNNAMED: {
    text: say(
      p => `申请单说小程序已配置,但没有说是不是 ${p.appid}`,
      p => `the application says a mini-program is configured, not whether it is ${p.appid}`,
    ),
  },
  APPLYMENT_PASSED: {
    text: say(
      () => '审核通过',
      () => 'passed',
    ),
  },
  APPLYMENT_ODD: {
    text: say(
      p => `申请状态 ${p.state},但已授权`,
      p => `the application is ${p.state}, yet authorised`,
    ),
  },
  APPLYMENT_EDITTING: {
    text: say(
      () => '申请编辑中,还没有提交',
      () => 'being edited, not yet submitted',
    ),
    remedy: APPLY,
    who: 'you',
  },
  APPLYMENT_AUDIT: {
    text: say(
      () => '微信审核中(1-2 个工作日)',
      () => 'under audit at WeChat (1 to 2 working days)',
    ),
    remedy: say(
      () => '等待:dougong check-config --wait --until authorized',
      () => 'wait: dougong check-config --wait --until authorized',
    ),
    who: 'wechat',
  },
  APPLYMENT_CONTACT: {
    text: say(
      () => '待联系人确认',
      () => 'waiting for the contact to confirm',
    ),
    remedy: say(
      () => '请联系人用微信扫描二维码确认;控台显示可能滞后于微信',
      () => 'let the contact scan the code with WeChat; the console can lag behind WeChat',
    ),
    who: 'you',
  },
  APPLYMENT_LEGALPERSON: {
    text: say(
      () => '待账户验证(法人)',
      () => 'waiting for the legal person to verify the account',
    ),
    remedy: SCAN,
    who: 'you',
  },
  APPLYMENT_REJECTED: {
    text: say(
      p => `申请被驳回:${p.reason}`,
      p => `rejected: ${p.reason}`,
    ),
    remedy: say(
      () => '改正后重新提交:服务商控台 商户信息 - 微信实名认证',
      () => "correct it and submit again in the service provider's console, 商户信息 - 微信实名认证",
    ),
    who: 'you',
  },
  APPLYMENT_FREEZED: {
    text: say(
      () => '申请被冻结',
      () => 'frozen by WeChat',
    ),
    remedy: say(
      () => '在微信侧申诉',
      () => 'appeal at WeChat',
    ),
    who: 'wechat',
  },
  APPLYMENT_CANCELED: {
    text: say(
      () => '申请已作废',
      () => 'cancelled',
    ),
    remedy: APPLY,
    who: 'you',
  },
  APPLYMENT_NOAPPLY: {
    text: say(
      () => '还没有申请实名认证',
      () => 'not applied for',
    ),
    remedy: APPLY,
    who: 'you',
  },
  APPLYMENT_UNKNOWN: {
    text: say(
      p => `不认识的申请状态:${p.state}`,
      p => `an unknown state of the application: ${p.state}`,
    ),
  },
  AUTHORIZED: {
    text: say(
      () => '已授权',
      () => 'authorised',
    ),
  },
  UNAUTHORIZED: {
    text: say(
      () => '审核已通过,还须扫码授权',
      () => 'passed, but the code still has to be scanned to authorise',
    ),
    remedy: SCAN,
    who: 'you',
  },
  AUTHORIZE_UNKNOWN: {
    text: say(
      p => `不认识的授权状态:${p.state}`,
      p => `an unknown state of authorisation: ${p.state}`,
    ),
  },
  URL_NOT_GIVEN: {
    text: say(
      () => '没有给通知地址:--notify-url',
      () => 'no URL was given: --notify-url',
    ),
  },
  URL_GOOD: {
    text: say(
      p => `${p.url}`,
      p => `${p.url}`,
    ),
  },
  URL_RULES: {
    text: say(
      p => `汇付不会通知这个地址:${p.rules}`,
      p => `Huifu will not call this URL: ${p.rules}`,
    ),
    remedy: say(
      () => 'http(s),端口 80、443 或 8000-9005,不带参数,不超过 504 字符,外网可达',
      () => 'http or https, port 80, 443 or 8000-9005, no query, at most 504 characters, reachable from outside',
    ),
    who: 'you',
  },
  URL_WARNED: {
    text: say(
      p => `外网可能到不了:${p.rules}`,
      p => `may be out of reach from outside: ${p.rules}`,
    ),
    remedy: say(
      () => '换成公网地址,或用隧道:dougong listen',
      () => 'use a public URL, or a tunnel: dougong listen',
    ),
    who: 'you',
  },
  URL_ANSWERS: {
    text: say(
      p => `能访问(HEAD 得到 ${p.status})`,
      p => `answers (${p.status} to HEAD)`,
    ),
  },
  URL_REDIRECTS: {
    text: say(
      p => `会跳转(${p.status} 到 ${p.location}),汇付不跟随`,
      p => `redirects (${p.status} to ${p.location}), which Huifu does not follow`,
    ),
    remedy: say(
      () => '直接填写最终地址',
      () => 'give the final URL itself',
    ),
    who: 'you',
  },
  URL_UNREACHED: {
    text: say(
      p => `从本机访问不到(${p.reason})`,
      p => `not reached from this machine (${p.reason})`,
    ),
  },
  BILLS_ON: {
    text: say(
      p => `已开启(${p.types})`,
      p => `on (${p.types})`,
    ),
  },
  BILLS_OFF: {
    text: say(
      () => '对账单没有开启生成',
      () => 'statements are not generated',
    ),
    remedy: say(
      () => '请汇付运营开启对账单,或调用对账文件配置(recon_send_flag=Y)',
      () => 'have Huifu switch it on (对账文件配置, recon_send_flag=Y)',
    ),
    who: 'huifu',
  },
  BILLS_UNKNOWN: {
    text: say(
      () => '应答里没有开关',
      () => 'the answer does not tell',
    ),
  },
};

/** Words of the command around the findings. */
export const check = {
  subAppid: {zh: '要检查的小程序 appid,默认取配置', en: "the mini-program's appid, the profile's by default"},
  feeType: {zh: '业务开通类型:01 线上,02 线下,…', en: 'fee_type that has to be opened: 01 online, 02 offline, …'},
  notifyUrl: {zh: '要检查的通知地址,默认取配置', en: "the notify_url to check, the profile's by default"},
  qr: {zh: '把实名二维码保存到文件(.svg 或图片)', en: 'save the real-name QR code to a file (.svg, or the image sent)'},
  wait: {zh: '等待,直到 --until', en: 'wait until --until'},
  until: {zh: '等到什么,默认 ready', en: 'what to wait for, ready by default'},
  interval: {zh: '询问间隔,默认 60s', en: 'pause between questions, 60s by default'},
  waitTimeout: {zh: '最多等多久,默认 2d', en: 'how long to wait at most, 2d by default'},
  batch: {
    zh: '多个商户的 CSV(列 huifu_id,可选 sub_appid;- 为标准输入)',
    en: 'a CSV of merchants (columns huifu_id, optional sub_appid; - is stdin)',
  },
  out: {
    zh: '结果文件(.csv,或 .jsonl);再次运行时接着做',
    en: 'result file (.csv, or .jsonl); the same command continues it',
  },
  concurrency: {zh: '同时检查几个,默认 8', en: 'merchants at once, 8 by default'},
  rate: {zh: '每秒最多开始几个,默认 20', en: 'merchants begun a second at most, 20 by default'},
  map: {zh: '列名对应,如 huifu_id=商户号,可重复', en: 'which column is what, e.g. huifu_id=MERCHANT, repeatable'},
  bindAppid: {zh: '绑定这个小程序 appid(微信商户配置,会写入)', en: 'bind this appid (微信商户配置; this writes)'},
  bankChannelNo: {zh: '只绑定这个渠道号', en: 'bind at this channel only'},
  evidence: {zh: '网关原文', en: 'the gateway said'},
  unverified: {zh: '未验签', en: 'not signed'},
  cause: {zh: '原因', en: 'cause'},
  remedy: {zh: '处理', en: 'remedy'},
  who: {zh: '谁来做', en: 'who acts'},
  sources: {zh: '来源', en: 'sources'},
  scan: {zh: '用微信扫描:', en: 'scan with WeChat:'},
  ready: say(
    p => `可以收款了:${p.huifu_id}`,
    p => `ready to take payments: ${p.huifu_id}`,
  ),
  reached: {zh: '已到达等待的状态', en: 'what was waited for is reached'},
  waiting: say(
    p => `等待中,每 ${p.seconds} 秒询问一次;Ctrl-C 停止`,
    p => `waiting, asking every ${p.seconds} s; Ctrl-C stops`,
  ),
  noMerchant: {
    zh: '没有指定商户,检查的是 sys_id 自己;服务商请用 --huifu-id 或 --batch',
    en: 'no merchant named: sys_id itself is checked; a service provider names one by --huifu-id, or many by --batch',
  },
  qrSaved: say(
    p => `二维码已保存:${p.file}`,
    p => `QR code saved: ${p.file}`,
  ),
  qrNone: {zh: '应答里没有二维码,没有写文件', en: 'the answer carries no QR code; no file was written'},
  repeats: say(
    p => `第 ${p.line} 行与第 ${p.first} 行相同,只检查一次`,
    p => `line ${p.line} repeats line ${p.first} and is checked once`,
  ),
  qrImage: {zh: '二维码是图片,用 --qr FILE 保存', en: 'the QR code is an image; save it with --qr FILE'},
  confirmBind: say(
    p =>
      `给商户 ${p.huifu_id}(${p.environment})绑定小程序 ${p.appid},fee_type ${p.fee_type}${p.channel ? `,渠道 ${p.channel}` : ''}?写入后不能保证撤销`,
    p =>
      `Bind mini-program ${p.appid} to merchant ${p.huifu_id} (${p.environment}), fee_type ${p.fee_type}${p.channel ? `, channel ${p.channel}` : ''}? There is no promise that it can be undone`,
  ),
  before: {zh: '配置查询原文(之前)', en: 'configuration query before'},
  after: {zh: '配置查询原文(之后)', en: 'configuration query after'},
  head: {
    merchant: {zh: '商户', en: 'merchant'},
    appid: {zh: 'appid', en: 'appid'},
    state: {zh: '结果', en: 'state'},
    first: {zh: '第一个问题', en: 'first blocker'},
    what: {zh: '说明', en: 'what'},
    who: {zh: '谁来做', en: 'who acts'},
  },
  states: {
    ready: {zh: '可收款', en: 'ready'},
    waiting: {zh: '等待', en: 'waiting'},
    'not-ready': {zh: '未就绪', en: 'not ready'},
    error: {zh: '查询失败', en: 'no answer'},
  },
  summary: say(
    p =>
      `${p.total} 个商户:可收款 ${p.ready},等待 ${p.waiting},未就绪 ${p.notReady}${p.errors === '0' ? '' : `,查询失败 ${p.errors}`}`,
    p =>
      `${p.total} merchants: ${p.ready} ready, ${p.waiting} waiting, ${p.notReady} not ready${p.errors === '0' ? '' : `, ${p.errors} without an answer`}`,
  ),
  kept: say(
    p => `${p.count} 行已有结果,不再检查`,
    p => `${p.count} rows were done before and are kept`,
  ),
} as const;

/** Words of user-id and openid. */
export const identity = {
  authCode: {
    zh: '顾客微信付款码的数字(不是小程序 wx.login 的 code;那个用 dougong openid)',
    en: "the digits of the customer's WeChat payment code (not the code of wx.login; that one is for dougong openid)",
  },
  jsCode: {zh: '小程序 wx.login 得到的 code,只能用一次', en: 'the code that wx.login gave; it works once'},
  secretFile: {
    zh: '存有小程序 AppSecret 的文件(或环境变量 DOUGONG_WX_SECRET)',
    en: "file with the mini-program's AppSecret (or DOUGONG_WX_SECRET)",
  },
  wxUrl: {
    zh: '微信接口地址,默认 https://api.weixin.qq.com',
    en: "WeChat's address, https://api.weixin.qq.com by default",
  },
} as const;
