import type {BatchCode, BillCode, CheckCode, ErrorCode, ListenCode, TableCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';
import {batchErrors} from './errors-batch.ts';
import {billErrors} from './errors-bill.ts';
import {checkErrors} from './errors-check.ts';
import {listenErrors} from './errors-listen.ts';
import {tableErrors} from './errors-table.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});
const near = (p: P, zh: boolean) => (p.near ? (zh ? `,是不是 ${p.near}?` : `, did you mean ${p.near}?`) : '');
const kinds: Record<string, {zh: string; en: string}> = {
  pay: {zh: '下单', en: 'order'},
  refund: {zh: '退款', en: 'refund'},
  close: {zh: '关单', en: 'close'},
  config: {zh: '配置', en: 'configuration'},
};
const kind = (p: P, lang: 'zh' | 'en') => kinds[p.kind ?? '']?.[lang] ?? (lang === 'zh' ? '请求' : 'request');

const own: Record<Exclude<ErrorCode, BatchCode | BillCode | CheckCode | ListenCode | TableCode>, Sentence<P>> = {
  FLAG_TWICE: say(
    p => `${p.flag} 给了两次,只能给一次`,
    p => `${p.flag} was given twice; give it once`,
  ),
  FLAG_EMPTY: say(
    p => `${p.flag} 是空的(变量没有设置?)`,
    p => `${p.flag} is empty (an unset variable?)`,
  ),
  FLAG_SWALLOWED: say(
    p => `${p.flag} 缺少取值,后面紧跟着 ${p.value}`,
    p => `${p.flag} has no value: ${p.value} follows it`,
  ),
  FLAG_INVALID: say(
    p => `${p.flag} 不能是“${p.value}”,可选:${p.choices}`,
    p => `${p.flag} cannot be "${p.value}"; choose from: ${p.choices}`,
  ),
  FLAG_UNKNOWN: say(
    p => `不认识 ${p.flag}${near(p, true)}`,
    p => `unknown flag ${p.flag}${near(p, false)}`,
  ),
  FLAG_MISSING_VALUE: say(
    p => `${p.flag} 需要一个取值`,
    p => `${p.flag} needs a value`,
  ),
  FLAG_REQUIRED: say(
    p => `缺少 ${p.flag}`,
    p => `${p.flag} is missing`,
  ),
  FLAG_CONFLICT: say(
    p => `${p.flag} 与 ${p.other} 不能同时使用`,
    p => `${p.flag} and ${p.other} exclude each other`,
  ),
  COMMAND_UNKNOWN: say(
    p => `没有命令“${p.name}”${near(p, true)};见 dougong --help`,
    p => `no command "${p.name}"${near(p, false)}; see dougong --help`,
  ),
  ARGUMENT_MISSING: say(
    p => `缺少参数 ${p.name}`,
    p => `argument ${p.name} is missing`,
  ),
  ARGUMENT_EXTRA: say(
    p => `多余的参数“${p.value}”`,
    p => `unexpected argument "${p.value}"`,
  ),
  LOCATOR_NONE: say(
    () => '要指明一笔交易:--hf-seq-id,或 --req-seq-id 加 --req-date',
    () => 'name the payment: --hf-seq-id, or --req-seq-id with --req-date',
  ),
  LOCATOR_SEVERAL: say(
    p => `只能用一种方式指明交易,现在有:${p.flags}`,
    p => `name the payment in one way only, not by ${p.flags}`,
  ),
  AMOUNT_INVALID: say(
    p => `金额“${p.value}”不对:以元为单位,大于 0,最多两位小数,如 12.30`,
    p => `"${p.value}" is no amount: yuan, more than 0, at most two decimals, e.g. 12.30`,
  ),
  DATE_INVALID: say(
    p => `${p.flag} 的日期“${p.value}”不存在或格式不对,应为 yyyyMMdd`,
    p => `${p.flag}: "${p.value}" is no day; write yyyyMMdd`,
  ),
  TIME_INVALID: say(
    p => `${p.flag} 的时间“${p.value}”不对,应为 yyyyMMddHHmmss 或 30m`,
    p => `${p.flag}: "${p.value}" is no time; write yyyyMMddHHmmss or 30m`,
  ),
  DURATION_INVALID: say(
    p => `${p.flag} 的时长“${p.value}”不对,如 30s、5m、2d`,
    p => `${p.flag}: "${p.value}" is no span of time; write 30s, 5m or 2d`,
  ),
  DATA_INVALID: say(
    p => `-d “${p.value}”不对,应为 字段=取值`,
    p => `-d "${p.value}": write field=value`,
  ),
  DATA_GUARDED: say(
    p => `字段 ${p.field} 由命令自己设置${p.flag === '-' ? '' : `,请用 ${p.flag}`}`,
    p => `the command sets ${p.field} itself${p.flag === '-' ? '' : `; use ${p.flag}`}`,
  ),
  ANSWER_NEEDED: say(
    p => `需要回答“${p.question}”,但这里没有终端;请用选项给出`,
    p => `"${p.question}" needs an answer and there is no terminal; give it as a flag`,
  ),
  NOT_CONFIRMED: say(
    () => '没有确认,什么都没有发送',
    () => 'not confirmed; nothing was sent',
  ),
  LIVE_NEEDED: say(
    p => `这会在 ${p.environment} 动真钱;没有终端时需要同时给出 --yes --live`,
    p => `this moves real money in ${p.environment}; without a terminal give both --yes and --live`,
  ),
  INTERRUPTED: say(
    () => '已中断,什么都没有发送',
    () => 'interrupted; nothing was sent',
  ),
  STDIN_TWICE: say(
    () => '标准输入只能读一次',
    () => 'stdin can be read only once',
  ),

  EXPLAIN_UNKNOWN: say(
    p => `没有收录“${p.value}”;以网关原文为准,可联系汇付`,
    p => `"${p.value}" is not known here; the gateway's own words count, ask Huifu`,
  ),

  KEY_EMPTY: say(
    p => `密钥是空的${p.file ? `:${p.file}` : ''}`,
    p => `the key is empty${p.file ? `: ${p.file}` : ''}`,
  ),
  KEY_UNREADABLE: say(
    p => `读不出密钥${p.file ? `:${p.file}` : ''};用 dougong key inspect 查看`,
    p => `no key can be read${p.file ? ` from ${p.file}` : ''}; look with dougong key inspect`,
  ),
  KEY_NOT_RSA: say(
    p => `不是 RSA 密钥${p.file ? `:${p.file}` : ''}`,
    p => `not an RSA key${p.file ? `: ${p.file}` : ''}`,
  ),
  KEY_TOO_SHORT: say(
    p => `RSA 密钥只有 ${p.bits} 位,至少 2048 位`,
    p => `the RSA key has ${p.bits} bits; 2048 are needed`,
  ),
  KEY_WRONG_KIND: say(
    p =>
      `这里需要${p.wanted === 'private' ? '私钥' : '公钥'},给的却是${p.wanted === 'private' ? '公钥' : '私钥'}${p.file ? `:${p.file}` : ''}`,
    p =>
      `a ${p.wanted} key is needed here, not a ${p.wanted === 'private' ? 'public' : 'private'} one${p.file ? `: ${p.file}` : ''}`,
  ),
  KEY_ENCRYPTED: say(
    () => '私钥有口令保护;请先解密,或使用 .p12/.pfx',
    () => 'the private key is encrypted; decrypt it first, or use a .p12/.pfx',
  ),
  KEY_PASSPHRASE: say(
    () => '口令打不开这个 .p12/.pfx',
    () => 'the passphrase does not open this .p12/.pfx',
  ),
  KEY_IS_OWN: say(
    () => '“汇付公钥”填成了商户自己的公钥;请从控台 开发设置 - 密钥管理 复制汇付公钥',
    () => 'the "Huifu public key" is the merchant\'s own; copy Huifu\'s from the console, 开发设置 - 密钥管理',
  ),
  KEY_NOT_PAIR: say(
    () => '两把密钥不是一对',
    () => 'the two keys are not a pair',
  ),

  PROFILE_UNKNOWN: say(
    p => `没有配置“${p.name}”;见 dougong profile list`,
    p => `no profile "${p.name}"; see dougong profile list`,
  ),
  PROFILE_NONE: say(
    () => '还没有配置;先运行 dougong init,或 dougong sandbox start',
    () => 'no profile yet; run dougong init, or dougong sandbox start',
  ),
  PROFILE_INCOMPLETE: say(
    p => `配置“${p.name}”缺少 ${p.field};运行 dougong init --name ${p.name}`,
    p => `profile "${p.name}" lacks ${p.field}; run dougong init --name ${p.name}`,
  ),
  PROFILE_NAME: say(
    p => `配置名“${p.name}”不对,只能用小写字母、数字和 -`,
    p => `"${p.name}" is no profile name: lower-case letters, digits and - only`,
  ),
  PROFILE_EXISTS: say(
    p => `配置“${p.name}”已存在;换个名字,或加 --force`,
    p => `profile "${p.name}" exists; choose another name or add --force`,
  ),
  PROFILE_FIELD: say(
    p => `${p.field} 不对:${p.value}`,
    p => `${p.field} is wrong: ${p.value}`,
  ),
  CONFIG_BROKEN: say(
    p => `配置文件损坏,没有改动:${p.file}(${p.reason})`,
    p => `the configuration file is broken and was left alone: ${p.file} (${p.reason})`,
  ),
  IMPORT_UNKNOWN: say(
    p => `认不出这份配置:${p.file};应为官方 SDK 的 JSON 或本地沙箱的导出`,
    p => `not a known configuration: ${p.file}; an official SDK's JSON or a local sandbox's export is`,
  ),
  MERCHANT_NEEDED: say(
    () => '服务商配置没有默认商户;请用 --huifu-id 指明',
    () => "a service provider's profile has no default merchant; name one with --huifu-id",
  ),

  NOT_SENT: say(
    p => `连不上 ${p.host}(${p.reason});什么都没有发出,可以再试`,
    p => `cannot reach ${p.host} (${p.reason}); nothing was sent, it is safe to try again`,
  ),
  TLS_FAILED: say(
    p => `与 ${p.host} 的 TLS 校验失败(${p.reason});什么都没有发出。自有 CA 请用 --ca-file`,
    p => `TLS with ${p.host} failed (${p.reason}); nothing was sent. For an authority of your own use --ca-file`,
  ),
  PROXY_INVALID: say(
    () => '代理地址不对;检查 HTTPS_PROXY',
    () => "the proxy's address is wrong; check HTTPS_PROXY",
  ),
  CA_FILE: say(
    p => `--ca-file 里没有 PEM 证书${p.file ? `:${p.file}` : ''}`,
    p => `--ca-file holds no PEM certificate${p.file ? `: ${p.file}` : ''}`,
  ),
  NO_ANSWER: say(
    p => `没有收到完整应答(${p.reason})`,
    p => `no whole answer came (${p.reason})`,
  ),
  ANSWER_MALFORMED: say(
    p => `应答不是网关的 JSON(HTTP ${p.status},${p.type},${p.bytes} 字节);检查 base_url 与代理`,
    p =>
      `the answer is not the gateway's JSON (HTTP ${p.status}, ${p.type}, ${p.bytes} bytes); check base_url and proxies`,
  ),
  ANSWER_TOO_LARGE: say(
    () => '应答过大,已停止接收',
    () => 'the answer is too large and was cut off',
  ),
  ANSWER_UNSIGNED: say(
    () => '应答没有签名,不作为事实',
    () => 'the answer is not signed and not taken as fact',
  ),
  ANSWER_BAD_SIGNATURE: say(
    () => '应答验签失败,不作为事实;检查配置的汇付公钥是否属于这个环境',
    () => "the answer's signature does not hold; check that the Huifu public key is this environment's",
  ),
  ENVELOPE_REJECTED: say(
    p => `网关在处理之前拒绝了请求(${p.resp_code});检查 sys_id、product_id 与密钥`,
    p => `the gateway rejected the request before handling it (${p.resp_code}); check sys_id, product_id and keys`,
  ),
  GATEWAY_STATUS: say(
    p => `网关返回 HTTP ${p.status}`,
    p => `the gateway answered HTTP ${p.status}`,
  ),
  TEXT_UNSAFE: say(
    p => `${p.field} 含有网关会拒绝的控制字符`,
    p => `${p.field} holds control characters that the gateway refuses`,
  ),
  VERSION_UNSUPPORTED: say(
    p => `${p.endpoint} 没有 ${p.version} 版本`,
    p => `${p.endpoint} has no ${p.version}`,
  ),

  REFUSED: say(
    p => `${kind(p, 'zh')}被拒绝(${p.resp_code})`,
    p => `the ${kind(p, 'en')} was refused (${p.resp_code})`,
  ),
  FAILED: say(
    p => `${kind(p, 'zh')}失败(trans_stat F),资金没有动`,
    p => `the ${kind(p, 'en')} failed (trans_stat F); no money moved`,
  ),
  UNKNOWN_OUTCOME: say(
    p => `${kind(p, 'zh')}结果未知(${p.reason}):不要重发。流水号 ${p.req_seq_id},日期 ${p.req_date}`,
    p =>
      `the outcome of the ${kind(p, 'en')} is unknown (${p.reason}): do not send it again. Number ${p.req_seq_id}, date ${p.req_date}`,
  ),
  EXISTS: say(
    p => `网关已有流水号 ${p.req_seq_id};不要换号重发,先查询`,
    p => `the gateway already has number ${p.req_seq_id}; ask about it before anything is sent again`,
  ),
  STILL_PENDING: say(
    p => `${kind(p, 'zh')}还在处理中,流水号 ${p.req_seq_id}`,
    p => `the ${kind(p, 'en')} is not finished, number ${p.req_seq_id}`,
  ),
  PAYMENT_NOT_FOUND: say(
    () => '网关没有这笔交易;检查号码、日期、商户号与环境',
    () => 'the gateway knows no such payment; check number, date, merchant and environment',
  ),
  PAYMENT_NOT_PAID: say(
    p => `这笔交易不是已支付(trans_stat ${p.trans_stat}),不能退款`,
    p => `this payment is not paid (trans_stat ${p.trans_stat}) and cannot be refunded`,
  ),
  PAYMENT_MISMATCH: say(
    p => `应答说的是另一笔交易:${p.field} 问的是 ${p.asked},答的是 ${p.answered}`,
    p => `the answer is about another payment: ${p.field} asked ${p.asked}, answered ${p.answered}`,
  ),
  ALREADY_REFUNDED: say(
    p => `这笔交易七天内已退过 ${p.amount} 元(流水号 ${p.req_seq_id});确要再退一次请加 --again`,
    p =>
      `${p.amount} yuan of this payment were refunded within seven days (number ${p.req_seq_id}); to refund again add --again`,
  ),
  REFUND_EXCEEDS: say(
    p => `要退 ${p.amount} 元,最多还能退 ${p.left} 元;什么都没有发送`,
    p => `${p.amount} yuan asked, at most ${p.left} left to refund; nothing was sent`,
  ),
  REFUND_NOTHING_LEFT: say(
    p => `已没有可退金额(已退或在途 ${p.held} 元);什么都没有发送`,
    p => `nothing is left to refund (${p.held} yuan refunded or under way); nothing was sent`,
  ),
  REFUND_LIMIT: say(
    p => `超过配置的限额 ${p.name} = ${p.limit} 元;什么都没有发送`,
    p => `above the profile's limit ${p.name} = ${p.limit} yuan; nothing was sent`,
  ),
  SPLIT_NEEDED: say(
    () => '这是分账交易:用 -d acct_split_bunch=… 说明各方退多少,或加 --default-split',
    () => 'this payment was divided: say who gives back what with -d acct_split_bunch=…, or add --default-split',
  ),
  SPLIT_INVALID: say(
    p => `acct_split_bunch 不对:${p.reason}`,
    p => `acct_split_bunch is wrong: ${p.reason}`,
  ),
  LOOKUP_IMPOSSIBLE: say(
    p => `商户单号 ${p.value} 无法查询,本机记录里也没有;改用 --hf-seq-id,或 --no-lookup`,
    p => `the order number ${p.value} cannot be queried and is not in the journal; use --hf-seq-id, or --no-lookup`,
  ),
  RESEND_NOTHING: say(
    p => `退款 ${p.req_seq_id} 的状态是 ${p.state},不能重发`,
    p => `refund ${p.req_seq_id} is ${p.state}; there is nothing to send again`,
  ),
  RESOLVE_ENDED: say(
    p => `${p.req_seq_id} 已了结(${p.state}),没有改动`,
    p => `${p.req_seq_id} has ended (${p.state}) and was left alone`,
  ),
  INTENT_AMBIGUOUS: say(
    p => `${p.id} 在流水中不止一笔:${p.ids};请用其中一个 id`,
    p => `${p.id} names more than one request of the journal: ${p.ids}; give one of these ids`,
  ),
  INTENT_UNKNOWN: say(
    p => `本机没有记录 ${p.id}`,
    p => `this machine has no record ${p.id}`,
  ),
  NUMBER_TAKEN: say(
    p => `流水号 ${p.req_seq_id} 在 ${p.req_date} 已用于另一笔请求`,
    p => `number ${p.req_seq_id} was used on ${p.req_date} for another request`,
  ),
  CLOSE_PAID: say(
    p => `订单 ${p.req_seq_id} 已支付,不能关单:发货,或退款`,
    p => `order ${p.req_seq_id} is paid and cannot be closed: ship it or refund it`,
  ),
  CLOSE_TOO_EARLY: say(
    p => `下单不到一分钟不能关单,请在 ${p.seconds} 秒后再试(--wait 会等)`,
    p => `an order cannot be closed within its first minute; try again in ${p.seconds} s (--wait waits)`,
  ),
  CLOSE_UNSUPPORTED: say(
    p => `只有微信和支付宝的订单能关单,这笔是 ${p.trade_type}`,
    p => `only WeChat and Alipay orders can be closed, this one is ${p.trade_type}`,
  ),
  CLOSE_DONE: say(
    p => `订单 ${p.req_seq_id} 已经关闭或失败`,
    p => `order ${p.req_seq_id} is already closed or failed`,
  ),
  OPENID_RULE: say(
    p => `${p.trade_type} 需要 --openid,或 --sub-appid 加 --sub-openid,二选一`,
    p => `${p.trade_type} needs either --openid, or --sub-appid with --sub-openid`,
  ),
  NOTIFY_URL_INVALID: say(
    p => `--notify-url 不合规则(${p.rules}),汇付不会通知它`,
    p => `--notify-url breaks the rules (${p.rules}); Huifu would not call it`,
  ),
  FIELD_INVALID: say(
    p => `${p.field} 不对:${p.value}`,
    p => `${p.field} is wrong: ${p.value}`,
  ),

  JOURNAL_LOCKED: say(
    p => `记录被另一进程占用:${p.file};什么都没有发送`,
    p => `another process holds the journal: ${p.file}; nothing was sent`,
  ),
  JOURNAL_UNWRITABLE: say(
    p => `记录写不了:${p.file}(${p.reason});什么都没有发送`,
    p => `the journal cannot be written: ${p.file} (${p.reason}); nothing was sent`,
  ),
  JOURNAL_CORRUPT: say(
    p => `记录文件损坏:${p.file};什么都没有发送`,
    p => `the journal is damaged: ${p.file}; nothing was sent`,
  ),
  JOURNAL_NEWER: say(
    p => `记录由更新的版本写成(${p.version}):${p.file};请升级 dougong`,
    p => `a newer dougong wrote the journal (${p.version}): ${p.file}; upgrade`,
  ),
  JOURNAL_NETWORK_FS: say(
    p => `记录不能放在网络文件系统上:${p.file};用 DOUGONG_JOURNAL 指到本地磁盘`,
    p => `the journal must not lie on a network file system: ${p.file}; point DOUGONG_JOURNAL to a local disk`,
  ),
  FILE_UNREADABLE: say(
    p => `读不了文件:${p.file}(${p.reason})`,
    p => `cannot read ${p.file} (${p.reason})`,
  ),
  FILE_UNWRITABLE: say(
    p => `写不了文件:${p.file}(${p.reason})`,
    p => `cannot write ${p.file} (${p.reason})`,
  ),
  FILE_EXISTS: say(
    p => `文件已存在,没有覆盖:${p.file}`,
    p => `${p.file} exists and was not overwritten`,
  ),
  PORT_IN_USE: say(
    p => `端口 ${p.port} 已被占用;换一个 --port`,
    p => `port ${p.port} is in use; choose another --port`,
  ),
  SANDBOX_NOT_RUNNING: say(
    () => '沙箱没有运行;先运行 dougong sandbox start',
    () => 'the sandbox is not running; start it with dougong sandbox start',
  ),
  SANDBOX_REFUSED: say(
    p => `沙箱拒绝:${p.reason}`,
    p => `the sandbox refused: ${p.reason}`,
  ),
  SANDBOX_DATA: say(
    p => `沙箱数据有问题:${p.file ?? ''}(${p.reason})`,
    p => `the sandbox's data is in trouble: ${p.file ?? ''} (${p.reason})`,
  ),
  ROWS_EMPTY: say(
    () => '文件是空的,至少要有表头',
    () => 'the file is empty; it needs a heading line',
  ),
  ROWS_COLUMN: say(
    p => `文件缺少列 ${p.name}${p.aliases ? `(${p.aliases})` : ''},现有:${p.found};可用 --map ${p.name}=列名`,
    p =>
      `the file lacks the column ${p.name}${p.aliases ? ` (${p.aliases})` : ''}; it has: ${p.found}; say --map ${p.name}=HEADING`,
  ),
  ROWS_TWICE: say(
    p => `有两列都是 ${p.name}:${p.headings}`,
    p => `two columns mean ${p.name}: ${p.headings}`,
  ),
  ROWS_BROKEN: say(
    p => `文件第 ${p.line} 行读不懂(${p.reason})`,
    p => `line ${p.line} of the file is not CSV (${p.reason})`,
  ),
  ROWS_MAP: say(
    p => `--map ${p.name}=${p.heading}:没有这一列,现有:${p.found}`,
    p => `--map ${p.name}=${p.heading}: no such heading; the file has: ${p.found}`,
  ),
};

/** What a person reads for each code: what, where, what to do. One line each. */
export const errors: Record<ErrorCode, Sentence<P>> = {
  ...own,
  ...batchErrors,
  ...checkErrors,
  ...billErrors,
  ...tableErrors,
  ...listenErrors,
};
