import {type Fen, parseYuan} from '../core/amount.ts';
import {readDay} from '../core/beijing.ts';
import {DougongError} from '../core/errors.ts';
import {REQ_SEQ_ID} from '../core/request-id.ts';
import type {ColumnSpec, InputRow} from '../core/rows.ts';
import type {Locator} from './query.ts';

/** The numbers by which a row names its payment; several may stand side by side and are then compared. */
export const PAYMENT_COLUMNS: readonly ColumnSpec[] = [
  {name: 'huifu_id', aliases: ['商户号']},
  {name: 'hf_seq_id', aliases: ['org_hf_seq_id', '全局流水号', '原全局流水号', '原交易全局流水号']},
  {name: 'req_seq_id', aliases: ['org_req_seq_id', '请求流水号', '原请求流水号', '原交易请求流水号', '商户订单号']},
  {name: 'req_date', aliases: ['org_req_date', '请求日期', '原请求日期', '原交易请求日期']},
];

export const REFUND_COLUMNS: readonly ColumnSpec[] = [
  ...PAYMENT_COLUMNS,
  {name: 'ord_amt', aliases: ['amount', '退款金额', '申请退款金额'], required: true},
  {name: 'refund_req_seq_id', aliases: ['退款流水号', '退款请求流水号']},
  {name: 'remark', aliases: ['备注', '退款原因']},
];

/** One payment that a row names. */
export interface PaymentRow {
  line: number;
  huifu_id?: string;
  locator: Locator;
}

export interface RefundRow extends PaymentRow {
  /** Fen. */
  amount: Fen;
  /** What tells this row from another of the same payment and amount. */
  key?: string;
  /** The refund's own number, where the file gives one. */
  number?: string;
  remark?: string;
}

/** Why a row cannot be used: a key of cli/messages/batch.ts and the cell. */
export interface RowProblem {
  line: number;
  problem: 'scientific' | 'rounded' | 'date' | 'amount' | 'no-locator' | 'no-date' | 'number' | 'merchant' | 'no-key';
  column: string;
  value: string;
}

/**
 * What spreadsheets do to long ids: 6.66E+15, or zeros after the fifteenth digit. Such an id names another payment, or
 * none; it is never guessed back.
 */
export function damage(id: string): 'scientific' | 'rounded' | undefined {
  if (/^\d(\.\d+)?E\+?\d+$/i.test(id)) return 'scientific';
  return /^\d{15}0{2,}$/.test(id) ? 'rounded' : undefined;
}

/** Takes the rows apart that name payments; problems are collected, so that one run shows them all. */
export function paymentRows(rows: readonly InputRow[]): {rows: PaymentRow[]; problems: RowProblem[]} {
  const problems: RowProblem[] = [];
  const read = rows.map(row => paymentOf(row, problems));
  return {rows: read, problems};
}

function paymentOf({line, cells}: InputRow, problems: RowProblem[]): PaymentRow {
  const wrong = (problem: RowProblem['problem'], column: string) =>
    void problems.push({line, problem, column, value: cells[column] ?? ''});
  for (const column of ['huifu_id', 'hf_seq_id', 'req_seq_id', 'refund_req_seq_id']) {
    const found = damage(cells[column] ?? '');
    if (found) wrong(found, column);
  }
  const {hf_seq_id, req_seq_id, huifu_id} = cells;
  const req_date = cells.req_date ? dayOf(cells.req_date) : undefined;
  if (cells.req_date && !req_date) wrong('date', 'req_date');
  if (!hf_seq_id && !req_seq_id) wrong('no-locator', 'hf_seq_id');
  if (!hf_seq_id && req_seq_id && !cells.req_date) wrong('no-date', 'req_date');
  const locator = {
    ...(hf_seq_id && {hf_seq_id}),
    ...(req_seq_id && {req_seq_id}),
    ...(req_date && {req_date}),
  };
  return {line, ...(huifu_id && {huifu_id}), locator};
}

/** Only yyyyMMdd and yyyy-MM-dd: 3/4/2026 is two days in two countries. */
function dayOf(text: string): string | undefined {
  return /^\d{8}$|^\d{4}-\d{2}-\d{2}$/.test(text) ? readDay(text) : undefined;
}

/**
 * Takes the rows of a refund file apart.
 *
 * Amounts are digits with at most two decimals: separators, signs and currency marks are refused.
 * @param keyColumn heading of the column that tells rows of the same payment and amount apart.
 */
export function refundRows(
  rows: readonly InputRow[],
  keyColumn: string | undefined,
): {rows: RefundRow[]; problems: RowProblem[]} {
  const problems: RowProblem[] = [];
  const read = rows.map(row => {
    const {line, cells, other} = row;
    const base = paymentOf(row, problems);
    const number = cells.refund_req_seq_id || undefined;
    if (number !== undefined && !REQ_SEQ_ID.test(number))
      problems.push({line, problem: 'number', column: 'refund_req_seq_id', value: number});
    const key = keyColumn === undefined ? undefined : (cells[keyColumn] ?? other[keyColumn] ?? '');
    if (key === '') problems.push({line, problem: 'no-key', column: keyColumn ?? '', value: ''});
    return {
      ...base,
      amount: amountOf(line, cells.ord_amt ?? '', problems),
      key,
      number,
      remark: cells.remark || undefined,
    };
  });
  return {rows: read, problems};
}

function amountOf(line: number, value: string, problems: RowProblem[]): Fen {
  try {
    return parseYuan(value, {positive: true});
  } catch (error) {
    if (!(error instanceof DougongError)) throw error;
    problems.push({line, problem: 'amount', column: 'ord_amt', value});
    return 0n;
  }
}
