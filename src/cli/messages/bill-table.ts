import type {DifferenceClass} from '../../bills/reconcile.ts';
import type {Sentence, Text} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** What each class of difference means. */
export const classWords: Record<DifferenceClass, Text> = {
  'paid-not-here': {zh: '账单已付,本地未付(可能漏发货)', en: 'paid on the statement, not here (delivered?)'},
  'not-booked': {zh: '已付但未入账(acct_stat F)', en: 'paid but not booked (acct_stat F)'},
  'missing-here': {zh: '账单有,本地没有', en: 'on the statement, missing here'},
  'missing-there': {zh: '本地已付,账单没有', en: 'paid here, missing on the statement'},
  'amount-differs': {zh: '金额不同', en: 'the amount differs'},
  'state-differs': {zh: '状态不同', en: 'the state differs'},
  'fee-differs': {zh: '手续费不同', en: 'the fee differs'},
  'refund-pending-here': {zh: '账单退款成功,本地仍处理中', en: 'refunded on the statement, still P here'},
  'kind-differs': {zh: '同键不同类(付款/退款)', en: 'the same key, payment on one side and refund on the other'},
  duplicate: {zh: '账单重复行', en: 'the same row twice on the statement'},
  'crosses-midnight': {zh: '跨零点退款(不算差异)', en: 'refund across midnight (no difference)'},
  coupon: {zh: '有优惠,结算金额小于交易金额(不算差异)', en: 'settled below its amount: a coupon (no difference)'},
};

/** Words of bill convert, summary and reconcile. */
export const table = {
  convert: {zh: '转换为 CSV、NDJSON 或 Parquet', en: 'convert to CSV, NDJSON or Parquet'},
  summary: {zh: '按日、类型、商户、状态汇总', en: 'sums by day, type, merchant and state'},
  reconcile: {zh: '与自己的订单对账', en: "reconcile with the shop's own orders"},
  files: {zh: '对账单:zip、csv、xlsx 或目录', en: 'statements: zip, csv, xlsx or a folder of them'},
  to: {zh: '输出文件(.csv .ndjson .parquet)', en: 'the file to write (.csv .ndjson .parquet)'},
  map: {zh: '列名对应,如 amount=交易金额,可重复', en: 'which column is what, e.g. amount=交易金额, repeatable'},
  bill: {zh: '对账单文件或目录,可重复', en: 'statement: a file or a folder, repeatable'},
  orders: {zh: '自己的订单文件,可重复', en: "the shop's orders, repeatable"},
  mapOrders: {zh: '订单文件的列名对应', en: 'which column of the orders is what'},
  mapState: {zh: '订单状态的词,如 已发货=S,可重复', en: "a word of the orders' state, e.g. SHIPPED=S, repeatable"},
  assumePaid: {zh: '订单文件没有状态列,全部视为已付', en: 'the orders have no state column: all of them are paid'},
  from: {zh: '对账的第一天(交易日),默认取账单', en: "first trade date, the statement's by default"},
  till: {zh: '对账的最后一天', en: 'last trade date'},
  window: {zh: '跨零点退款的天数,如 1d', en: 'days around the statement for refunds across midnight, e.g. 1d'},
  out: {zh: '把差异写入 CSV', en: 'write the differences to a CSV'},
  crossCheck: {zh: '对有差异的订单再问网关', en: 'ask the gateway about the orders that differ'},
  max: {zh: '最多问几笔,默认 200', en: 'how many to ask about at most, 200 by default'},
  written: say(
    p => `${p.rows} 行已写入 ${p.file}`,
    p => `${p.rows} rows written to ${p.file}`,
  ),
  unknown: say(
    p => `不认识的列(原样保留):${p.columns}`,
    p => `columns that are not recognised (kept as they are): ${p.columns}`,
  ),
  missing: say(
    p => `没有这些列,合计为 0:${p.columns}`,
    p => `columns that are not there, so their sums are 0: ${p.columns}`,
  ),
  skipped: say(
    p => `跳过 ${p.count} 行合计`,
    p => `${p.count} lines of sums were left out`,
  ),
  head: {
    zh: ['日期', '商户', '类型', '状态', '笔数', '金额', '退款', '手续费', '净额', ''],
    en: ['day', 'merchant', 'type', 'state', 'count', 'amount', 'refunds', 'fee', 'net', ''],
  },
  total: {zh: '合计', en: 'total'},
  classHead: {
    zh: ['差异', '行数', '账单金额', '本地金额'],
    en: ['difference', 'rows', 'statement', 'here'],
  },
  sides: say(
    p =>
      `${p.from} 至 ${p.to}:账单 ${p.billRows} 行净额 ${p.billNet},本地 ${p.orderRows} 行净额 ${p.orderNet},匹配 ${p.matched} 行`,
    p =>
      `${p.from} to ${p.to}: statement ${p.billRows} rows, net ${p.billNet}; here ${p.orderRows} rows, net ${p.orderNet}; ${p.matched} matched`,
  ),
  explained: say(
    p => `相差 ${p.apart},差异解释 ${p.explained}`,
    p => `${p.apart} apart, of which the differences explain ${p.explained}`,
  ),
  balanced: {zh: '账平', en: 'balanced'},
  gatewayAsked: say(
    p => `网关已核对 ${p.count} 笔${p.more === '0' ? '' : `,其余 ${p.more} 笔未问(--max)`}`,
    p => `the gateway was asked about ${p.count}${p.more === '0' ? '' : `; ${p.more} were not asked (--max)`}`,
  ),
} as const;
