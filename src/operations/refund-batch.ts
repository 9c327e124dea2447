import {createHash} from 'node:crypto';
import type {Fen} from '../core/amount.ts';
import {DougongError} from '../core/errors.ts';
import type {Intent, Payment} from '../journal/store.ts';
import type {Worked} from './batch.ts';
import type {RefundRow} from './batch-rows.ts';
import {planRefund, type RefundPlan, refund} from './refund.ts';
import type {MoneyTools} from './tools.ts';

/** A row whose payment is known: its number follows from it and never changes. */
export interface PlannedRow {
  row: RefundRow;
  huifu_id: string;
  plan?: RefundPlan;
  /** The refund's own number; absent where the payment could not be looked up. */
  number?: string;
  /** Why it could not be looked up, or would be refused. */
  error?: DougongError;
}

/** How one row ended. `busy`: another process holds it and has not ended in time. */
export type RowState = 'done' | 'pending' | 'failed' | 'refused' | 'unknown' | 'not-sent' | 'not-begun';

export interface RowResult {
  state: RowState;
  intent?: Intent;
  error?: DougongError;
  throttled: boolean;
}

/**
 * The number of a row: from the environment, the merchant, the canonical payment and what tells the row from others, so
 * that the same row has the same number in every run and every process.
 */
export function rowNumber(payment: Payment, key: string): string {
  const {environment, huifu_id, req_date, req_seq_id} = payment;
  const text = JSON.stringify([environment, huifu_id, req_date, req_seq_id, key]);
  return `b${createHash('sha256').update(text).digest('hex').slice(0, 31)}`;
}

/** Looks one row's payment up; what is wrong with it is a finding, not an exception. */
export async function planRow(tools: MoneyTools, row: RefundRow): Promise<PlannedRow> {
  const huifu_id = row.huifu_id ?? tools.huifuId;
  try {
    const plan = await planRefund({...tools, huifuId: huifu_id}, row.locator);
    const key = row.key ?? `amount ${row.amount}`;
    return {row, huifu_id, plan, number: row.number ?? rowNumber(plan.payment, key)};
  } catch (error) {
    if (!(error instanceof DougongError) || error.kind === 'local' || error.kind === 'interrupted') throw error;
    return {row, huifu_id, error};
  }
}

/** Lines that are the same refund twice: the same number (so the same payment and key, or payment and amount). */
export function sameRows(rows: readonly PlannedRow[]): [number, number][] {
  const seen = new Map<string, number>();
  const same: [number, number][] = [];
  for (const {huifu_id, number, row} of rows) {
    if (number === undefined) continue;
    const first = seen.get(`${huifu_id} ${number}`);
    if (first === undefined) seen.set(`${huifu_id} ${number}`, row.line);
    else same.push([first, row.line]);
  }
  return same;
}

/** Rows of one payment that together ask for more than is left; those the journal knows are counted there already. */
export function exceeding(rows: readonly PlannedRow[]): Map<PlannedRow, Fen> {
  const left = new Map<string, Fen>();
  const over = new Map<PlannedRow, Fen>();
  for (const planned of rows) {
    const {plan, number, row} = planned;
    if (!plan || plan.left === undefined || plan.intents.some(intent => intent.req_seq_id === number)) continue;
    const id = paymentId(plan.payment);
    const rest = left.get(id) ?? plan.left;
    if (row.amount > rest) over.set(planned, rest);
    else left.set(id, rest - row.amount);
  }
  return over;
}

export function paymentId({environment, huifu_id, req_date, req_seq_id}: Payment): string {
  return JSON.stringify([environment, huifu_id, req_date, req_seq_id]);
}

const THROTTLED_STATUS = new Set([911, 914]);
const LOOK_MS = 500;

/**
 * Refunds one row, once, whoever else works on the same file: the row's number decides.
 *
 * @param siblings the numbers of the other rows of the same payment.
 * @throws DougongError `local` where the journal cannot be trusted any more; everything else is a result.
 */
export async function refundRow(
  tools: MoneyTools,
  planned: PlannedRow,
  siblings: ReadonlySet<string>,
  options: {again?: boolean},
): Promise<Worked<RowResult>> {
  const {plan, row, number, huifu_id} = planned;
  if (!plan || number === undefined) {
    const network = planned.error?.kind === 'network' || planned.error?.kind === 'signature';
    return {result: {state: network ? 'not-sent' : 'refused', error: planned.error, throttled: false}};
  }
  const mine = {...tools, huifuId: huifu_id};
  const known = async () => {
    const found = await tools.journal.find({environment: tools.environment, huifu_id, req_seq_id: number});
    return found.findLast(one => one.state !== 'abandoned') ?? found.at(-1);
  };
  try {
    const {intent} = await refund(mine, plan, {
      amount: row.amount,
      refund_req_seq_id: number,
      remark: row.remark,
      again: options.again,
      siblings,
    });
    return {result: {state: intent.state === 'done' ? 'done' : 'pending', intent, throttled: false}};
  } catch (error) {
    if (!(error instanceof DougongError)) throw error;
    if (error.kind === 'local') throw error;
    const intent = await settledElsewhere(tools, await known(), known);
    const throttled = isThrottled(error);
    const state = stateOf(error, intent);
    return {result: {state, intent, error, throttled}, throttled, stop: isHopeless(error)};
  }
}

/** While another process sends this row, waits for what it records. */
async function settledElsewhere(
  tools: MoneyTools,
  intent: Intent | undefined,
  look: () => Promise<Intent | undefined>,
): Promise<Intent | undefined> {
  let now = intent;
  while (now?.state === 'sent' && now.owner !== tools.owner && (now.lease_until ?? 0) > tools.now()) {
    if (tools.signal?.aborted) return now;
    await tools.sleep(LOOK_MS, tools.signal);
    now = await look();
  }
  return now;
}

/** The journal has the last word; an error that never reached it speaks for itself. */
function stateOf(error: DougongError, intent: Intent | undefined): RowState {
  switch (intent?.state) {
    case 'done':
    case 'pending':
    case 'failed':
    case 'refused':
      return intent.state;
    case 'intended':
      return 'not-sent';
    case undefined:
    case 'abandoned':
      if (error.kind === 'network' || error.kind === 'signature') return 'not-sent';
      return error.kind === 'pending' ? 'pending' : error.kind === 'unknown-outcome' ? 'unknown' : 'refused';
    default:
      return 'unknown';
  }
}

function isThrottled({gateway}: DougongError): boolean {
  if (!gateway) return false;
  const {http_status = 0, resp_code, resp_desc = ''} = gateway;
  return THROTTLED_STATUS.has(http_status) || resp_code === '20000001' || /请求频率过高/.test(resp_desc);
}

/** What every further row would meet as well: no money on the account, or a frozen one. */
function isHopeless({gateway}: DougongError): boolean {
  const words = `${gateway?.resp_desc ?? ''} ${gateway?.bank_message ?? ''}`;
  return gateway?.resp_code === '20000003' || /可用余额不足|账户.*冻结/.test(words);
}
