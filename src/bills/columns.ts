import type {BillTypeName} from '../core/bill-types.ts';
import {headingKey} from '../core/rows.ts';

/** What the cells of a column are: amounts are checked and exact, ids stay text whatever their digits. */
export type ColumnKind = 'id' | 'amount' | 'date' | 'word';

export interface BillColumn {
  /** The platform's term. */
  name: string;
  kind: ColumnKind;
  /** Headings it has been met under, or may be expected under. */
  aliases: readonly string[];
}

const id = (name: string, ...aliases: string[]): BillColumn => ({name, kind: 'id', aliases});
const amount = (name: string, ...aliases: string[]): BillColumn => ({name, kind: 'amount', aliases});
const date = (name: string, ...aliases: string[]): BillColumn => ({name, kind: 'date', aliases});
const word = (name: string, ...aliases: string[]): BillColumn => ({name, kind: 'word', aliases});

/** Columns that any statement may have. To teach a new heading, add it to the aliases of its term. */
const COMMON: readonly BillColumn[] = [
  id('huifu_id', '商户号', '汇付商户号', '商户编号'),
  date('req_date', '请求日期', '交易日期', '交易请求日期'),
  id('req_seq_id', '请求流水号', '交易流水号', '商户订单号', '商户流水号'),
  id('hf_seq_id', '全局流水号', '汇付流水号', '平台流水号'),
  date('trans_time', '交易时间', '完成时间', '交易完成时间'),
  word('trans_type', '交易类型', 'trade_type'),
  amount('trans_amt', '交易金额', '订单金额', 'amount'),
  amount('settlement_amt', '结算金额', '实付金额', '用户实付金额'),
  amount('fee_amt', '手续费', '手续费金额', '交易手续费', 'fee_amount', 'fee'),
  word('trans_stat', '交易状态', '状态'),
  word('acct_stat', '入账状态', '账务状态'),
  date('acct_date', '入账日期', '账务日期', '记账日期'),
  id('out_trans_id', '用户账单交易订单号', '微信交易单号', '渠道交易号'),
  id('party_order_id', '用户账单商户订单号', '渠道商户订单号'),
  date('org_req_date', '原交易请求日期', '原请求日期', '原交易日期'),
  id('org_req_seq_id', '原交易请求流水号', '原请求流水号', '原交易流水号'),
  id('org_hf_seq_id', '原全局流水号', '原交易全局流水号'),
  amount('ord_amt', '退款金额', '申请退款金额'),
  amount('actual_ref_amt', '实际退款金额'),
  word('remark', '备注'),
];

/** Columns of single kinds; they come before the common ones where a heading fits both. */
const OWN: Partial<Record<BillTypeName, readonly BillColumn[]>> = {
  SPLIT_BILL: [
    id('div_huifu_id', '分账接收方', '分账接收方商户号'),
    amount('div_amt', '分账金额'),
    word('trans_stat', '分账状态'),
  ],
  WITHDRAWAL_BILL: [
    date('req_date', '取现日期', '出金日期'),
    id('req_seq_id', '取现流水号', '出金流水号'),
    amount('cash_amt', '取现金额', '出金金额'),
    word('trans_stat', '取现状态', '出金状态'),
  ],
  SETTLE_BILL: [
    date('settle_date', '结算日期'),
    id('settle_seq_id', '结算流水号'),
    word('trans_count', '交易笔数'),
    word('trans_stat', '结算状态'),
  ],
  SETTLE_USER_BILL: [
    id('user_huifu_id', '用户号'),
    date('settle_date', '结算日期'),
    id('settle_seq_id', '结算流水号'),
    word('trans_stat', '结算状态'),
  ],
  SETTLE_FUND_BILL: [
    id('hf_seq_id', '账务流水号'),
    word('trans_type', '业务类型'),
    amount('income_amt', '收入'),
    amount('outgo_amt', '支出'),
    amount('balance_amt', '余额'),
  ],
};
const SAME_AS: Partial<Record<BillTypeName, BillTypeName>> = {
  SETTLE_BILL_MONTH: 'SETTLE_BILL',
  SETTLE_BILL_USER_MONTH: 'SETTLE_USER_BILL',
};

/** The columns of a kind, its own first; without a kind, those of all. */
export function columnsOf(type: BillTypeName | undefined): readonly BillColumn[] {
  if (type === undefined) return [...COMMON, ...Object.values(OWN).flat()];
  return [...(OWN[SAME_AS[type] ?? type] ?? []), ...COMMON];
}

/** Names that `--map` takes beside the platform's: `amount` stands for trans_amt. */
const SHORT: Record<string, string> = {amount: 'trans_amt', fee: 'fee_amt', state: 'trans_stat', refund: 'ord_amt'};

export function mapName(name: string): string {
  return SHORT[name] ?? name;
}

/** One heading as it is understood; `column` is absent where it is not recognised. */
export interface NamedHeading {
  heading: string;
  /** What the column is called from here on: the platform's term, else the heading itself. */
  name: string;
  column?: BillColumn;
}

/**
 * Gives each heading its term. A term is given once: a second heading for it keeps its own name, unrecognised.
 *
 * @param map term -> heading, where a person says which column it is; it wins over the table.
 */
export function nameHeadings(
  headings: readonly string[],
  type: BillTypeName | undefined,
  map: Readonly<Record<string, string>> = {},
): NamedHeading[] {
  const columns = columnsOf(type);
  const said = new Map(Object.entries(map).map(([name, heading]) => [headingKey(heading), mapName(name)]));
  const mapped = new Set(said.values());
  const byHeading = new Map<string, BillColumn>();
  for (const column of columns) {
    for (const alias of [column.name, ...column.aliases])
      if (!byHeading.has(headingKey(alias))) byHeading.set(headingKey(alias), column);
  }
  const taken = new Set<string>();
  const names = headings.map((heading): NamedHeading => {
    const wanted = said.get(headingKey(heading));
    const known = wanted === undefined ? byHeading.get(headingKey(heading)) : columns.find(one => one.name === wanted);
    const column = wanted === undefined && known && mapped.has(known.name) ? undefined : known;
    const name = wanted ?? column?.name;
    if (name === undefined || taken.has(name)) return {heading, name: heading};
    taken.add(name);
    return {heading, name, column: column ?? {name, kind: 'word', aliases: []}};
  });
  // Two headings of one name would be one column: the later ones get a number.
  const seen = new Map<string, number>();
  return names.map(one => {
    const count = (seen.get(one.name.toLowerCase()) ?? 0) + 1;
    seen.set(one.name.toLowerCase(), count);
    const name = one.name === '' ? `column_${count}` : one.name;
    return count === 1 ? {...one, name} : {...one, name: `${name}_${count}`};
  });
}
