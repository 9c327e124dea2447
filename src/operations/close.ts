import {beijingDate} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import {REQ_SEQ_ID} from '../core/request-id.ts';
import {OPEN} from '../journal/states.ts';
import type {GuardView, Intent, NewIntent} from '../journal/store.ts';
import {deliver, factsOf, type Moved, nextFor} from './money.ts';
import {type Locator, lookUpPayment, type PaymentFacts, queryPayment} from './query.ts';
import {keptAnswer, settle} from './settle.ts';
import {handled, type MoneyTools, type ReadTools, str, type Verified} from './tools.ts';

const MINUTE_MS = 60_000;

/** A close, decided and not yet sent. */
export interface ClosePlan {
  facts: PaymentFacts;
  /** Milliseconds until the platform accepts a close, as far as the journal knows when the order was made. */
  tooEarlyMs: number;
}

/**
 * Looks the order up and applies the platform's rules before anything is sent.
 *
 * @throws DougongError `refused` CLOSE_PAID (refund instead), CLOSE_DONE (already closed or failed), CLOSE_UNSUPPORTED
 *   (WeChat and Alipay only), PAYMENT_NOT_FOUND.
 */
export async function planClose(tools: MoneyTools, locator: Locator): Promise<ClosePlan> {
  const facts = await lookUpPayment(tools, locator);
  const {payment, transStat, tradeType} = facts;
  const named = {req_seq_id: payment.req_seq_id, req_date: payment.req_date};
  if (transStat === 'S') throw paid(facts.payment);
  if (transStat === 'F') {
    await settleOpen(tools, facts);
    throw new DougongError('refused', 'CLOSE_DONE', named);
  }
  if (tradeType && !/^[TA]_/.test(tradeType))
    throw new DougongError('refused', 'CLOSE_UNSUPPORTED', {trade_type: tradeType});
  const [order] = await tools.journal.list({kind: 'pay', payment});
  // The minute is the gateway's: where its clock is ahead of ours, it is over sooner.
  const now = tools.now() + Math.max(0, tools.send.clockSkew() ?? 0);
  const tooEarlyMs = order ? Math.max(0, order.created_at + MINUTE_MS - now) : 0;
  return {facts, tooEarlyMs};
}

async function settleOpen(tools: MoneyTools, facts: PaymentFacts): Promise<void> {
  for (const intent of await tools.journal.list({kind: 'close', payment: facts.payment, states: [...OPEN]})) {
    await settle(tools, intent);
  }
}

function paid(payment: {req_seq_id: string; req_date: string; hf_seq_id?: string}): DougongError {
  const {req_seq_id, req_date} = payment;
  return new DougongError(
    'refused',
    'CLOSE_PAID',
    {req_seq_id, req_date},
    {next: {verb: 'refund', flags: {req_seq_id, req_date}}},
  );
}

/**
 * Closes an unpaid order, and lets a query of the payment say what became of it: the customer can pay meanwhile.
 *
 * One open close a payment; typed again it settles that one.
 * @returns with `intent.state` done (closed) or pending (ask later); `verified` is the close's own answer.
 * @throws DougongError `refused` CLOSE_PAID (paid before the close), CLOSE_TOO_EARLY, REFUSED, FAILED;
 *   `unknown-outcome`; `network`.
 * @see docs/gateway.md#close
 */
export async function closePayment(
  tools: MoneyTools,
  plan: ClosePlan,
  options: {close_req_seq_id?: string} = {},
): Promise<Moved> {
  const {payment} = plan.facts;
  if (plan.tooEarlyMs > 0)
    throw new DougongError('refused', 'CLOSE_TOO_EARLY', {seconds: String(Math.ceil(plan.tooEarlyMs / 1000))});
  if (options.close_req_seq_id !== undefined && !REQ_SEQ_ID.test(options.close_req_seq_id)) {
    throw new DougongError('usage', 'FIELD_INVALID', {field: 'close_req_seq_id', value: options.close_req_seq_id});
  }
  const {intent, created} = await tools.journal.intend(payment, view =>
    guard(tools, plan, view, options.close_req_seq_id),
  );
  const unsent = intent.state === 'intended' && intent.sends === 0;
  if (unsent && intent.req_date !== beijingDate(tools.now())) {
    await tools.journal.answer(intent.id, {state: 'abandoned', from: 'intended', what: 'never sent, its day is over'});
    return closePayment(tools, plan, options);
  }
  const moved: Moved = created || unsent ? await send(tools, intent) : {intent, created: false};
  return {...(await outcome(tools, moved.intent)), verified: moved.verified ?? keptAnswer(moved.intent), created};
}

/** Sends the close; where it is refused or its answer is lost, the payment has the last word. */
async function send(tools: MoneyTools, intent: Intent): Promise<Moved> {
  try {
    return await deliver(tools, intent, endpoints.close);
  } catch (error) {
    if (!(error instanceof DougongError) || error.kind === 'network') throw error;
    const now = (await tools.journal.get(intent.id)) ?? intent;
    const {req_seq_id, req_date, hf_seq_id} = intent.payment;
    const asked = await queryPayment(tools, hf_seq_id ? {hf_seq_id} : {req_seq_id, req_date}).catch(() => undefined);
    const stat = str(asked?.data, 'trans_stat');
    if (OPEN.includes(now.state) && (stat === 'F' || stat === 'S')) {
      const settled = await settle(tools, now);
      if (settled.intent.state === 'done') return settled;
    }
    if (stat === 'S') throw paid(intent.payment);
    throw error;
  }
}

/** What the payment itself says; the close's own trans_stat settles nothing. */
async function outcome(tools: MoneyTools, intent: Intent): Promise<Moved> {
  const settled = await settle(tools, intent);
  if (settled.intent.state === 'failed') throw paid(intent.payment);
  if (settled.intent.state === 'unknown' || settled.intent.state === 'sent') {
    const params = {...factsOf(intent), kind: 'close', reason: 'the order is still open'};
    throw new DougongError('unknown-outcome', 'UNKNOWN_OUTCOME', params, {
      next: nextFor(intent),
      facts: factsOf(intent),
    });
  }
  return settled;
}

function guard(
  tools: MoneyTools,
  {facts}: ClosePlan,
  view: GuardView,
  number?: string,
): NewIntent | {existing: Intent} {
  const open = view.intents.find(intent => intent.kind === 'close' && OPEN.includes(intent.state));
  if (open) return {existing: open};
  const now = tools.now();
  const req_date = beijingDate(now);
  const req_seq_id = number ?? tools.newId(now);
  const {payment} = facts;
  const named = payment.hf_seq_id ? {org_hf_seq_id: payment.hf_seq_id} : {org_req_seq_id: payment.req_seq_id};
  const {environment, profile, huifuId: huifu_id} = tools;
  const fields = {req_date, req_seq_id, huifu_id, org_req_date: payment.req_date, ...named};
  const {text, path} = tools.send.prepare(endpoints.close, fields, tools.version);
  return {kind: 'close', environment, profile, huifu_id, req_date, req_seq_id, payment, amount: 0n, text, path};
}

/**
 * Asks the platform how the close of an order stands, by the order's own numbers.
 *
 * @returns the verified `data`: `trans_stat` is the close's, `org_trans_stat` the order's. Neither settles: query the order.
 */
export async function queryClose(tools: ReadTools, locator: Locator): Promise<Verified> {
  const now = tools.now();
  const fields = {
    req_date: beijingDate(now),
    req_seq_id: tools.newId(now),
    huifu_id: tools.huifuId,
    org_req_date: locator.req_date,
    org_hf_seq_id: locator.hf_seq_id,
    org_req_seq_id: locator.req_seq_id,
  };
  return handled(await tools.send.read(endpoints['close-query'], fields, tools.version), 'PAYMENT_NOT_FOUND');
}
