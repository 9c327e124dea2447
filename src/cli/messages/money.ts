import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Words of pay, query, refund, close and balance. */
export const money = {
  exitStatus: {zh: '失败退出 4,未完成退出 8', en: 'exit 4 on F, 8 while not finished'},
  amount: {zh: '金额(元)', en: 'amount in yuan'},
  goodsDesc: {zh: '商品描述,出现在顾客账单上', en: "what is sold; stands on the customer's bill"},
  tradeType: {zh: '交易类型,默认 T_MINIAPP', en: 'trade_type, T_MINIAPP by default'},
  openid: {zh: '用户标识(与 sub_openid 二选一)', en: "the customer's openid (or sub_openid)"},
  subAppid: {zh: '小程序 appid', en: "the mini-program's appid"},
  subOpenid: {zh: '用户在该 appid 下的 openid', en: "the customer's openid under that appid"},
  timeExpire: {zh: '失效时间,yyyyMMddHHmmss 或 30m', en: 'when it expires, yyyyMMddHHmmss or 30m'},
  ownReqSeqId: {zh: '订单自己的流水号', en: "the order's own number"},
  snippet: {zh: '输出可直接用的 wx.requestPayment 调用', en: 'print the wx.requestPayment call'},
  refundAll: {zh: '退还剩余的全部', en: 'refund all that is left'},
  noLookup: {
    zh: '不先查询(需要 --req-date 和 --amount)',
    en: 'do not look the payment up first (needs --req-date and --amount)',
  },
  again: {zh: '七天内退过同样金额,仍再退一次', en: 'refund the same amount again within seven days'},
  resend: {
    zh: '结果未知的退款由人原号重发(需 --refund-req-seq-id,在终端输入金额)',
    en: 'send a refund of unknown outcome again, by a person at a terminal (needs --refund-req-seq-id)',
  },
  typeResend: say(
    p =>
      `${p.environment} 商户 ${p.huifu_id} 退款 ${p.req_seq_id}(${p.req_date})${p.amount} 元结果未知。若平台已经退过,重发可能再退一次。确认请输入金额`,
    p =>
      `Refund ${p.req_seq_id} (${p.req_date}) of ${p.amount} yuan, merchant ${p.huifu_id}, ${p.environment}, has an unknown outcome. If the platform has made it, this may make it again. Type the amount to send it`,
  ),
  defaultSplit: {zh: '分账交易按平台默认规则退', en: "divided payment: refund by the platform's own rule"},
  refundQuery: {
    zh: '查询退款;指明交易则列出本机记录的各笔',
    en: "ask for a refund; named by a payment, lists this machine's refunds of it",
  },
  refundHfSeqId: {zh: '退款的全局流水号', en: "the refund's hf_seq_id"},
  closeQuery: {zh: '查询关单', en: 'ask how a close stands'},
  closeReqSeqId: {zh: '关单自己的流水号', en: "the close's own number"},
  accepted: say(
    p => `已受理,尚未完成(trans_stat P)。流水号 ${p.req_seq_id}`,
    p => `accepted, not finished (trans_stat P). Number ${p.req_seq_id}`,
  ),
  payInfoLost: say(
    p =>
      `pay_info 只在第一次应答里有,已经丢失。一分钟后关闭:dougong close --req-seq-id ${p.req_seq_id} --req-date ${p.req_date};查询为 F 之后再下新单`,
    p =>
      `pay_info comes only in the first answer and is lost. After a minute close it: dougong close --req-seq-id ${p.req_seq_id} --req-date ${p.req_date}; place a new order only once a query says F`,
  ),
  kept: say(
    p => `这笔请求之前已发送(流水号 ${p.req_seq_id}),没有再发;以下是它的结果`,
    p => `this request was sent before (number ${p.req_seq_id}); nothing was sent again, this is its result`,
  ),
  closed: {zh: '已关闭:交易查询确认为 F', en: 'closed: a query of the payment says F'},
  acctFailed: {
    zh: '!!! 已支付但入账失败(acct_stat F):请联系汇付核实',
    en: '!!! paid but not booked (acct_stat F): ask Huifu to check',
  },
  skew: say(
    p => `本机时钟与网关相差 ${p.seconds} 秒;请先校时,请求日期按本机时间计算`,
    p => `this machine's clock is ${p.seconds} s off the gateway's; set it, request dates are made from it`,
  ),
  urlWarning: say(
    p => `notify_url 提醒:${p.rules}`,
    p => `notify_url warning: ${p.rules}`,
  ),
  elsewhere: {
    zh: '在别处发起的退款查询不到,不在下列金额内',
    en: 'refunds made elsewhere cannot be seen and are not counted here',
  },
  refundPlan: say(
    p =>
      `${p.environment} 商户 ${p.huifu_id} 交易 ${p.req_seq_id}(${p.req_date}):金额 ${p.trans_amt},已退或在途 ${p.held},剩余 ${p.left}`,
    p =>
      `${p.environment}, merchant ${p.huifu_id}, payment ${p.req_seq_id} (${p.req_date}): ${p.trans_amt} yuan, ${p.held} refunded or under way, ${p.left} left`,
  ),
  askAmount: {zh: '退多少(元)', en: 'how much to refund (yuan)'},
  confirm: {
    pay: say(
      p => `在 ${p.environment} 为商户 ${p.huifu_id} 下单 ${p.amount} 元?`,
      p => `Place an order of ${p.amount} yuan for merchant ${p.huifu_id} in ${p.environment}?`,
    ),
    refund: say(
      p => `在 ${p.environment} 退商户 ${p.huifu_id} 的交易 ${p.payment} ${p.amount} 元?`,
      p => `Refund ${p.amount} yuan of payment ${p.payment}, merchant ${p.huifu_id}, in ${p.environment}?`,
    ),
    close: say(
      p => `在 ${p.environment} 关闭商户 ${p.huifu_id} 的订单 ${p.payment}(${p.amount} 元)?`,
      p => `Close order ${p.payment} (${p.amount} yuan) of merchant ${p.huifu_id} in ${p.environment}?`,
    ),
  },
  noRefunds: {zh: '本机没有这笔交易的退款记录', en: 'this machine has no record of a refund of this payment'},
} as const;

/** Words of the journal's commands. */
export const journal = {
  list: {zh: '列出', en: 'list them'},
  show: {zh: '一笔的全过程', en: 'the whole story of one'},
  resume: {
    zh: '向网关询问未了结的请求并记录结果;只有网关十分钟内一直不认识的退款才原样重发',
    en: 'ask the gateway about what is open; only a refund it has not known for ten minutes goes out again, unchanged',
  },
  resolve: {
    zh: '由人判定一笔未了结的请求,连同依据写入记录',
    en: "end an open request by a person's word, kept with its evidence",
  },
  as: {zh: 'S 成功,F 失败,abandoned 从未发生', en: 'S it happened, F it failed, abandoned it never happened'},
  evidence: {zh: '依据,如“控台 12:40 可见”', en: 'how you know, e.g. "seen in the console, 12:40"'},
  confirmResolve: say(
    p => `把 ${p.req_seq_id}(${p.amount} 元)判定为 ${p.as}?以后不能再改`,
    p => `End ${p.req_seq_id} (${p.amount} yuan) as ${p.as}? It cannot be changed later`,
  ),
  resolved: say(
    p => `${p.req_seq_id} 已判定为 ${p.as}`,
    p => `${p.req_seq_id} ended as ${p.as}`,
  ),
  export: {zh: '导出全部记录(CSV,或 JSON 每行一笔)', en: 'export every record (CSV, or JSON, one a line)'},
  format: {zh: '格式', en: 'format'},
  showPersonal: {zh: '连同签名正文与应答(含 openid)', en: 'with signed texts and answers (openids in them)'},
  redact: {
    zh: '清除 90 天前已了结请求的正文与应答,删除 400 天前的记录',
    en: 'erase texts and answers of requests that ended 90 days ago, remove records after 400 days',
  },
  olderThan: {zh: '早于多久,默认 90d', en: 'older than, 90d by default'},
  redacted: say(
    p => `清除正文 ${p.erased} 笔,删除记录 ${p.removed} 笔`,
    p => `${p.erased} texts erased, ${p.removed} records removed`,
  ),
  erase: {zh: '从本机记录中抹去一个顾客的标识', en: "erase a customer's id from this machine's records"},
  openid: {zh: '要抹去的 openid', en: 'the openid to erase'},
  erased: say(
    p => `已从 ${p.erased} 笔记录中抹去${p.kept === '0' ? '' : `;${p.kept} 笔尚未了结,了结后请再运行`}`,
    p =>
      `erased from ${p.erased} records${p.kept === '0' ? '' : `; ${p.kept} are still open, run it again once they have ended`}`,
  ),
  csv: {zh: '输出 CSV', en: 'print CSV'},
  status: {zh: '有未了结的请求时退出 8', en: 'exit 8 while anything is open'},
  state: {zh: '只看某种状态', en: 'only this state'},
  since: {zh: '只看最近一段时间,如 2d', en: 'only the last while, e.g. 2d'},
  hf: {zh: '只看这笔交易', en: 'only this payment'},
  empty: {zh: '没有记录', en: 'no records'},
  nothingOpen: {zh: '没有未了结的请求', en: 'nothing is open'},
  open: say(
    p => `未了结 ${p.count} 笔`,
    p => `${p.count} open`,
  ),
  head: {
    when: {zh: '时间(北京)', en: 'time (Beijing)'},
    kind: {zh: '类别', en: 'kind'},
    amount: {zh: '金额', en: 'amount'},
    state: {zh: '状态', en: 'state'},
    number: {zh: '流水号', en: 'number'},
    payment: {zh: '交易', en: 'payment'},
    merchant: {zh: '商户', en: 'merchant'},
  },
  notice: {zh: '通知', en: 'notification'},
  kinds: {
    pay: {zh: '下单', en: 'pay'},
    refund: {zh: '退款', en: 'refund'},
    close: {zh: '关单', en: 'close'},
    config: {zh: '绑定 appid', en: 'bind appid'},
  },
} as const;
