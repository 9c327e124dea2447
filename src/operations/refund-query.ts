import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import {OPEN} from '../journal/states.ts';
import type {Intent, Store} from '../journal/store.ts';
import {isFinal, type Locator} from './query.ts';
import {settle} from './settle.ts';
import {handled, type MoneyTools, poll, type ReadTools, str, type Verified} from './tools.ts';

/** Which refund is meant: its own hf_seq_id, or its own number with its own date (never the payment's). */
export interface RefundLocator {
  refund_hf_seq_id?: string;
  refund_req_seq_id?: string;
  /** yyyyMMdd, Beijing: the day of the refund. */
  refund_req_date?: string;
}

/**
 * Asks the gateway for one refund, and settles its intent where the journal holds one.
 *
 * @returns the verified `data`; `trans_stat` S money went back, F it did not, P not finished.
 * @throws DougongError `refused` REFUSED: 23000001 means no refund under this number, never that there is no refund.
 * @see docs/gateway.md#refund-query
 */
export async function queryRefund(
  tools: ReadTools & {journal?: Store; environment?: string},
  locator: RefundLocator,
): Promise<Verified> {
  const fields = {
    huifu_id: tools.huifuId,
    org_hf_seq_id: locator.refund_hf_seq_id,
    org_req_seq_id: locator.refund_req_seq_id,
    org_req_date: locator.refund_req_date,
  };
  const found = handled(await tools.send.read(endpoints['refund-query'], fields, tools.version), 'REFUSED');
  const intent = await intentOf(tools, locator, found);
  const state = ({S: 'done', F: 'failed', P: 'pending'} as const)[str(found.data, 'trans_stat') ?? ''];
  if (tools.journal && intent && state && OPEN.includes(intent.state)) {
    await tools.journal.answer(intent.id, {
      state,
      what: 'asked',
      resp_code: str(found.data, 'resp_code'),
      resp_desc: str(found.data, 'resp_desc'),
      trans_stat: str(found.data, 'trans_stat'),
      answer: found.raw,
    });
  }
  return found;
}

async function intentOf(
  {journal, environment, huifuId}: ReadTools & {journal?: Store; environment?: string},
  locator: RefundLocator,
  found: Verified,
): Promise<Intent | undefined> {
  if (!journal || !environment) return undefined;
  const req_seq_id = locator.refund_req_seq_id ?? str(found.data, 'org_req_seq_id', 'req_seq_id');
  const req_date = locator.refund_req_date ?? str(found.data, 'org_req_date', 'req_date');
  if (!req_seq_id || !req_date) return undefined;
  const intents = await journal.find({environment, huifu_id: huifuId, req_seq_id, req_date});
  return intents.find(intent => intent.kind === 'refund');
}

/** Asks until the refund has ended. */
export function waitForRefund(
  tools: ReadTools & {journal?: Store; environment?: string},
  locator: RefundLocator,
  options: {timeoutMs: number; intervalMs?: number},
): Promise<Verified> {
  return poll(tools, () => queryRefund(tools, locator), isFinal, options);
}

/** The date of a refund whose number the journal knows. */
export async function refundDate(tools: MoneyTools, refund_req_seq_id: string): Promise<string> {
  const {environment, huifuId: huifu_id} = tools;
  const intents = await tools.journal.find({environment, huifu_id, req_seq_id: refund_req_seq_id});
  const dates = new Set(intents.filter(intent => intent.kind === 'refund').map(intent => intent.req_date));
  if (dates.size !== 1) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--refund-req-date'});
  return [...dates][0]!;
}

/**
 * Every refund of one payment that the journal knows, each asked for while it is open.
 *
 * A refund made on another machine is not in this list, and no query of the platform would show it.
 */
export async function refundsOfPayment(tools: MoneyTools, locator: Locator): Promise<Intent[]> {
  const {environment, huifuId: huifu_id} = tools;
  const all = await tools.journal.list({kind: 'refund', environment, huifu_id});
  const of = all.filter(({payment}) =>
    locator.hf_seq_id
      ? payment.hf_seq_id === locator.hf_seq_id
      : payment.req_seq_id === locator.req_seq_id && payment.req_date === locator.req_date,
  );
  const now: Intent[] = [];
  for (const intent of of) now.push((await settle(tools, intent)).intent);
  return now;
}
