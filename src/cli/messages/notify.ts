import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Words of notify. */
export const notify = {
  list: {zh: '列出保存的通知', en: 'list the kept notifications'},
  show: {zh: '显示一条通知的全部(含原文和签名原文)', en: 'everything about one, its body and the signed text included'},
  resend: {zh: '把保存的通知原样再发到一个地址', en: 'send kept notifications again, byte for byte, to any URL'},
  verify: {
    zh: '用现在的密钥重新验签(更正密钥之后)',
    en: "verify kept notifications again with today's keys, after one was corrected",
  },
  export: {zh: '导出为 CSV、JSON 或 NDJSON', en: 'write them as CSV, JSON or NDJSON'},
  stats: {zh: '统计', en: 'count them'},
  prune: {zh: '按期限删除原文和旧记录', en: 'erase bodies and old rows whose time is over'},
  kind: {
    zh: '类别,逗号分隔:payment, trade, booked, refund, close, thaw, config, event',
    en: 'kinds, comma-separated: payment, trade, booked, refund, close, thaw, config, event',
  },
  state: {zh: '交易状态 trans_stat', en: 'trans_stat'},
  since: {zh: '最近多久,如 2h', en: 'how far back, e.g. 2h'},
  verdict: {zh: '验签结果', en: 'verdict'},
  limit: {zh: '最多几条(最新的)', en: 'at most this many, the newest'},
  showPersonal: {zh: '不遮盖个人信息', en: 'do not mask personal fields'},
  to: {zh: '发往的地址', en: 'where to send'},
  dryRun: {zh: '只显示会做什么', en: 'only show what would be done'},
  max: {zh: '一次最多几条,默认 100', en: 'at most this many at once, 100 by default'},
  all: {zh: '全部保存的通知', en: 'all kept notifications'},
  out: {zh: '写入的文件(0600);默认标准输出', en: 'file to write (0600); stdout by default'},
  format: {zh: '格式', en: 'format'},
  forwardTo: {zh: '把改为通过的转发到这里', en: 'forward those that verify now to this URL'},
  askForward: say(
    p => `${p.count} 条现在验签通过。转发到哪个地址?(留空不转发)`,
    p => `${p.count} verify now. Forward them to which URL? (empty: not at all)`,
  ),
  bodiesAfter: {zh: '多久以前的原文删除,默认 90d', en: 'erase bodies older than this, 90d by default'},
  rowsAfter: {zh: '多久以前的记录删除,默认 400d', en: 'erase rows older than this, 400d by default'},
  empty: {zh: '没有这样的通知', en: 'no such notifications'},
  confirm: say(
    p => `把 ${p.count} 条通知再次发到 ${p.target}?`,
    p => `send ${p.count} notifications again to ${p.target}?`,
  ),
  sent: say(
    p => `#${p.id}  ${p.status}  ${p.ms} ms  ${p.ack}`,
    p => `#${p.id}  ${p.status}  ${p.ms} ms  ${p.ack}`,
  ),
  would: say(
    p => `#${p.id}  ${p.kind}  ${p.number} → ${p.target}`,
    p => `#${p.id}  ${p.kind}  ${p.number} → ${p.target}`,
  ),
  reverified: say(
    p => `#${p.id}  ${p.before} → ${p.after}`,
    p => `#${p.id}  ${p.before} → ${p.after}`,
  ),
  verified: say(
    p => `${p.ok} 条验签通过(其中 ${p.changed} 条刚刚改变),${p.bad} 条不通过,${p.erased} 条原文已删除`,
    p => `${p.ok} verify (${p.changed} of them only now), ${p.bad} do not, ${p.erased} have no body any more`,
  ),
  pruned: say(
    p => `原文 ${p.bodies} 条,记录 ${p.rows} 条`,
    p => `${p.bodies} bodies, ${p.rows} rows`,
  ),
  exported: say(
    p => `${p.count} 条已写入 ${p.file}`,
    p => `${p.count} written to ${p.file}`,
  ),
  erased: {zh: '原文已按期限删除', en: 'the body was erased after its time'},
  head: {
    id: {zh: '编号', en: 'id'},
    when: {zh: '时间', en: 'time'},
    kind: {zh: '类别', en: 'kind'},
    amount: {zh: '金额', en: 'amount'},
    state: {zh: '状态', en: 'state'},
    number: {zh: '流水号', en: 'number'},
    verdict: {zh: '验签', en: 'verdict'},
    times: {zh: '次数', en: 'times'},
    body: {zh: '原文', en: 'body'},
    text: {zh: '签名原文', en: 'signed text'},
    headers: {zh: '请求头', en: 'headers'},
    forwards: {zh: '转发', en: 'forwards'},
    target: {zh: '地址', en: 'target'},
    count: {zh: '数量', en: 'count'},
    arrivals: {zh: '到达', en: 'arrivals'},
  },
  marks: {
    foreign: {zh: '非本商户', en: 'foreign'},
    conflict: {zh: '冲突', en: 'CONFLICT'},
  },
};
