import type {NoticeReason} from '../../core/notice.ts';
import type {NoticeKind} from '../../core/notice-facts.ts';
import type {AckVerdict} from '../../journal/notices.ts';
import type {Sentence, Text} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Words of listen and notify. */
export const listen = {
  port: {zh: '端口;默认取 8000-9005 中第一个空闲的', en: 'port; the first free one of 8000-9005 by default'},
  host: {zh: '监听地址,默认 127.0.0.1', en: 'address to bind, 127.0.0.1 by default'},
  webhookKeyFile: {
    zh: 'Webhook 终端密钥文件,可重复;默认取配置中的 webhook_key_file',
    en: "file with a Webhook endpoint's key (终端密钥), repeatable; the profile's webhook_key_file by default",
  },
  merchants: {
    zh: '其他也属于自己的商户号,逗号分隔,可重复',
    en: 'further merchants that are ours, comma-separated, repeatable',
  },
  acceptUnverified: {
    zh: '验签不通过的也保存并应答(仅调试)',
    en: 'keep and acknowledge what does not verify, too (debugging only)',
  },
  forwardTo: {
    zh: '转发到的地址,可重复;refund=http://… 只转发一类',
    en: 'where to forward, repeatable; refund=http://… for one kind',
  },
  forwardTimeout: {zh: '等待处理程序应答的时限,默认 10s', en: 'time for a handler to answer, 10s by default'},
  ack: {
    zh: 'auto:代处理程序应答(默认);relay:原样传回它的应答',
    en: 'auto: answer for the handler (default); relay: pass its answer on',
  },
  retry: {zh: '转发失败后重试次数,默认 3', en: 'further tries of a failed forward, 3 by default'},
  pairTimeout: {
    zh: '交易成功后等待入账通知多久,默认 2m',
    en: 'how long the booking may follow the trade before it is told, 2m by default',
  },
  crossCheck: {zh: '每个终态再向网关查询核对', en: 'ask the gateway about every final state as well'},
  expect: {
    zh: '应收到通知的订单 CSV(req_seq_id, req_date),到期未到则查询',
    en: 'CSV of orders that should be notified (req_seq_id, req_date); overdue ones are queried',
  },
  missedAfter: {
    zh: '多久没有通知即视为漏收并查询(默认 10m);也查本配置下的订单',
    en: 'after how long without a message an order is queried, 10m by default; watches the orders of this profile too',
  },
  exec: {
    zh: '每条通知运行一次的命令,通知 JSON 从标准输入给出',
    en: 'command to run for each message, its JSON on stdin',
  },
  once: {zh: '收到一条验签通过的通知后退出', en: 'exit after the first verified message'},
  printNotifyUrl: {
    zh: '只输出 notify_url(正在运行的监听的,或将会使用的)',
    en: 'only print the notify_url: of the listener that runs, or the one there would be',
  },
  listening: say(
    p => `正在监听 ${p.url}(notify_url 用任意路径,控台 Webhook 用 /webhook)。配置“${p.profile}”,环境 ${p.environment}`,
    p =>
      `listening on ${p.url} (notify_url: any path; console Webhooks: /webhook). Profile "${p.profile}", ${p.environment}`,
  ),
  localOnly: {
    zh: '这是本机地址:只有沙箱能通知到。真实网关需要 --tunnel 或 --public-url。',
    en: 'This address is local: only a sandbox can reach it. The real gateway needs --tunnel or --public-url.',
  },
  stopped: say(
    p => `已停止。收到 ${p.received},验签通过 ${p.verified},已转发 ${p.forwarded}`,
    p => `stopped. ${p.received} received, ${p.verified} verified, ${p.forwarded} forwarded`,
  ),
  held: say(
    p => `另有 ${p.count} 条等待转发到本次没有列出的地址;用 --forward-to 列出或 dougong notify resend`,
    p => `${p.count} more wait for targets that are not among --forward-to; name them or use dougong notify resend`,
  ),
  unverifiedWarning: {
    zh: '--accept-unverified:伪造的通知也会被应答;不要用于生产',
    en: '--accept-unverified: forged messages are acknowledged too; never do this in production',
  },
  again: say(
    p => `重复,第 ${p.times} 次`,
    p => `again, no. ${p.times}`,
  ),
  conflict: say(
    p => `冲突:与 #${p.id} 同号但内容不同`,
    p => `CONFLICT: same key as #${p.id}, other content`,
  ),
  foreign: say(
    p => `不是本商户(${p.huifu_id}),不转发;属于自己的话加 --merchants ${p.huifu_id}`,
    p => `foreign merchant (${p.huifu_id}), not forwarded; --merchants ${p.huifu_id} makes it ours`,
  ),
  unverified: {zh: '未验签', en: 'not verified'},
  json: {zh: '正文是 JSON', en: 'JSON body'},
  forwarded: say(
    p => `转发 ${p.target}:${p.status},${p.ms} ms,${p.ack}${p.again}`,
    p => `forwarded to ${p.target}: ${p.status}, ${p.ms} ms, ${p.ack}${p.again}`,
  ),
  retries: {zh: ';将重试', en: '; trying again'},
  noRetries: {zh: ';已放弃,可用 dougong notify resend', en: '; given up, dougong notify resend sends it again'},
  paired: say(
    p => `入账通知在交易后 ${p.seconds} s`,
    p => `booked ${p.seconds} s after trade`,
  ),
  pairedEarly: say(
    p => `入账通知比交易通知早到 ${p.seconds} s(正常)`,
    p => `booked message came ${p.seconds} s before the trade's (normal)`,
  ),
  notBooked: say(
    p => `入账失败 acct_stat=F:${p.number},已付款但没有入账,请联系汇付`,
    p => `NOT BOOKED, acct_stat F: ${p.number} was paid but not booked; ask Huifu's support`,
  ),
  unpaired: say(
    p => `${p.number} 交易成功 ${p.seconds} s 后仍没有入账通知`,
    p => `${p.number}: no booking message ${p.seconds} s after the trade`,
  ),
  amountDiffers: say(
    p => `金额不符:${p.number} 通知 ${p.got},本机记录 ${p.expected}`,
    p => `AMOUNT DIFFERS: ${p.number} says ${p.got}, the journal says ${p.expected}`,
  ),
  endedOtherwise: say(
    p => `状态矛盾:${p.number} 通知 ${p.got},本机记录 ${p.expected};以查询为准`,
    p => `CONTRADICTION: ${p.number} says ${p.got}, the journal says ${p.expected}; a query decides`,
  ),
  settled: say(
    p => `本机记录 ${p.number} → ${p.state}`,
    p => `journal: ${p.number} is ${p.state}`,
  ),
  agrees: say(
    p => `查询一致:${p.number} ${p.got}`,
    p => `cross-checked: ${p.number} ${p.got}`,
  ),
  contradicts: say(
    p => `查询不一致:${p.number} 通知 ${p.expected},网关 ${p.got}`,
    p => `CONTRADICTION: ${p.number}: the message says ${p.expected}, the gateway ${p.got}`,
  ),
  unchecked: say(
    p => `${p.number} 无法查询核对(${p.got})`,
    p => `${p.number} could not be cross-checked (${p.got})`,
  ),
  missed: say(
    p => `漏收:${p.number}(${p.date})没有通知;网关状态 ${p.state} ${p.amount}`,
    p => `MISSED: ${p.number} (${p.date}) was never notified; the gateway says ${p.state} ${p.amount}`,
  ),
  executed: say(
    p => `命令结束,退出码 ${p.code},${p.ms} ms`,
    p => `command ended with ${p.code}, ${p.ms} ms`,
  ),
  storeFailed: say(
    p => `保存失败,一律应答 503(汇付会重发):${p.reason}`,
    p => `CANNOT KEEP, answering 503 so that Huifu sends again: ${p.reason}`,
  ),
  storeBack: say(
    p => `恢复保存,中断 ${p.seconds} s`,
    p => `keeping again after ${p.seconds} s`,
  ),
  fault: say(
    p => `内部错误:${p.reason}`,
    p => `internal error: ${p.reason}`,
  ),
  refused: say(
    p => `拒绝 ${p.status}:${p.why}`,
    p => `refused with ${p.status}: ${p.why}`,
  ),
  status: say(
    p => `${p.url} 收到 ${p.received} 验签 ${p.verified} 转发 ${p.forwarded} 失败 ${p.failed}${p.tunnel}`,
    p =>
      `${p.url}  received ${p.received}  verified ${p.verified}  forwarded ${p.forwarded}  failed ${p.failed}${p.tunnel}`,
  ),
};

/** What a message is about. */
export const noticeKinds: Record<NoticeKind, Text> = {
  trade: {zh: '支付交易', en: 'payment traded'},
  booked: {zh: '支付入账', en: 'payment booked'},
  refund: {zh: '退款', en: 'refund'},
  close: {zh: '关单', en: 'close'},
  thaw: {zh: '资金解冻', en: 'funds thawed'},
  config: {zh: '商户配置', en: 'merchant set-up'},
  event: {zh: 'Webhook 事件', en: 'Webhook event'},
};

/** Why a message is not taken as genuine; a guess, worded as one. */
export const noticeReasons: Record<NoticeReason, Text> = {
  empty: {zh: '正文为空', en: 'the body is empty'},
  encoding: {
    zh: '不是 UTF-8 或转义有误(可能被转码为 GBK)',
    en: 'not UTF-8, or a broken escape (re-encoded on the way?)',
  },
  form: {zh: '不是表单也不是 JSON', en: 'neither a form nor JSON'},
  twice: {zh: '同一字段出现两次', en: 'a field is given twice'},
  'no-content': {zh: '没有 resp_data 或 data', en: 'no resp_data and no data'},
  content: {zh: '内容不是 JSON', en: 'its content is no JSON'},
  number: {zh: 'req_seq_id 含有不可打印字符', en: 'its req_seq_id holds unprintable characters'},
  'no-sign': {zh: '没有签名', en: 'no signature'},
  'sign-shape': {zh: '签名不完整(可能被截断或改写)', en: 'the signature is cut or rewritten'},
  'decoded-twice': {zh: '中间层多解码了一次', en: 'something on the way decoded it twice'},
  'other-key': {
    zh: '签名不符:内容被改过,或配置的汇付公钥/终端密钥不是这个环境的',
    en: "signed by another key, or changed on the way: compare the profile's key with the console",
  },
  'no-webhook-key': {
    zh: '没有 Webhook 终端密钥;用 --webhook-key-file',
    en: 'no Webhook key is known; give --webhook-key-file',
  },
  'webhook-elsewhere': {
    zh: '像是控台 Webhook,应发到 /webhook',
    en: 'looks like a console Webhook, which belongs on /webhook',
  },
};

/** Would Huifu have counted the handler's answer? */
export const ackVerdicts: Record<AckVerdict, Text> = {
  exact: {zh: '汇付会视为已确认', en: 'Huifu would count it as acknowledged'},
  'other-body': {
    zh: '2xx,但正文不是 RECV_ORD_ID_<req_seq_id>',
    en: '2xx, but the body is not RECV_ORD_ID_<req_seq_id>',
  },
  slow: {zh: '超过 5 s,汇付会重发', en: 'over 5 s: Huifu would have sent again'},
  status: {zh: '不是 2xx,汇付会重发', en: 'not 2xx: Huifu would send again'},
  redirect: {zh: '重定向,汇付不会跟随', en: 'a redirect, which Huifu does not follow'},
  unreachable: {zh: '没有应答', en: 'no answer'},
};
