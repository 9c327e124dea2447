import {type Fen, formatYuan} from '../core/amount.ts';
import {beijingDate} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import {REQ_SEQ_ID} from '../core/request-id.ts';
import {HOLDING, OPEN} from '../journal/states.ts';
import type {GuardView, Intent, NewIntent, Payment} from '../journal/store.ts';
import {deliver, factsOf, type Moved, nextFor} from './money.ts';
import {type Locator, lookUpPayment, type PaymentFacts} from './query.ts';
import {resendIfAllowed} from './resend.ts';
import {judge, settle} from './settle.ts';
import {checkSplit} from './split.ts';
import type {MoneyTools} from './tools.ts';

/** A refund of part ('all' for what is left) of one payment. */
export interface RefundRequest {
  /** Fen, or everything that is left. */
  amount: Fen | 'all';
  /** The refund's own number; made here where absent. */
  refund_req_seq_id?: string;
  remark?: string;
  notify_url?: string;
  /** Refund again although the same amount of the same payment was refunded within seven days. */
  again?: boolean;
  /** Refund a divided payment by the platform's own rule, without an acct_split_bunch. */
  defaultSplit?: boolean;
  /** Further fields by their wire names (acct_split_bunch, ...). */
  data?: Record<string, unknown>;
  /** Numbers of other rows of the same batch: known to be other refunds, whatever their amount. */
  siblings?: ReadonlySet<string>;
}

/** A payment and what is known of its refunds, before anything is sent. Amounts in fen. */
export interface RefundPlan {
  payment: Payment;
  /** Undefined with --no-lookup. */
  facts?: PaymentFacts;
  /** How the refund names the payment on the wire. */
  named: Record<string, string>;
  /** What the journal holds against the payment: refunded, accepted, or of unknown outcome. */
  held: Fen;
  /** What can still be refunded as far as this machine knows; undefined without a look-up. */
  left: Fen | undefined;
  intents: Intent[];
}

/**
 * Looks the payment up and says what can be refunded. Refunds made elsewhere are not visible to a query.
 *
 * @throws DougongError `refused` PAYMENT_NOT_FOUND, PAYMENT_NOT_PAID; `usage` LOOKUP_IMPOSSIBLE.
 */
export async function planRefund(tools: MoneyTools, locator: Locator): Promise<RefundPlan> {
  const facts = await lookUpPayment(tools, await withoutParty(tools, locator));
  const {payment, transStat, transAmt} = facts;
  if (transStat !== 'S' || transAmt === undefined) {
    throw new DougongError('refused', 'PAYMENT_NOT_PAID', {
      trans_stat: transStat || '-',
      req_seq_id: payment.req_seq_id,
    });
  }
  const named: Record<string, string> = {org_req_date: payment.req_date};
  if (payment.hf_seq_id) named.org_hf_seq_id = payment.hf_seq_id;
  else named.org_req_seq_id = payment.req_seq_id;
  const intents = await refundsOf(tools, payment);
  const held = sum(intents);
  return {payment, facts, named, held, left: leftOf(facts, held), intents};
}

/** A plan without asking the gateway: the payment as it was named, nothing known of it. */
export async function planBlind(tools: MoneyTools, locator: Locator & {req_date: string}): Promise<RefundPlan> {
  const {hf_seq_id, party_order_id, req_date} = locator;
  const known = await journalled(tools, locator);
  const req_seq_id =
    locator.req_seq_id ?? known?.req_seq_id ?? (hf_seq_id ? `hf:${hf_seq_id}` : `party:${party_order_id}`);
  const payment = known ?? {environment: tools.environment, huifu_id: tools.huifuId, req_date, req_seq_id, hf_seq_id};
  const named: Record<string, string> = {org_req_date: req_date};
  if (hf_seq_id) named.org_hf_seq_id = hf_seq_id;
  else if (party_order_id) named.org_party_order_id = party_order_id;
  else named.org_req_seq_id = req_seq_id;
  const intents = await refundsOf(tools, payment);
  return {payment, named, held: sum(intents), left: undefined, intents};
}

/**
 * Refunds part or all of one payment, once.
 *
 * The guard, the reservation of the amount and the intent are one transaction; number and date are made inside it.
 * Typed again, an open intent of the same payment and amount is settled instead, and nothing new is sent.
 * @returns the gateway's `data`; `trans_stat` P is normal: most refunds finish later.
 * @throws DougongError `usage` ALREADY_REFUNDED, NUMBER_TAKEN, SPLIT_*; `refused` REFUND_EXCEEDS, REFUND_LIMIT, REFUSED,
 *   FAILED; `pending` STILL_PENDING; `unknown-outcome`; `network`.
 * @see docs/gateway.md#refund
 */
export async function refund(tools: MoneyTools, plan: RefundPlan, request: RefundRequest): Promise<Moved> {
  if (request.refund_req_seq_id !== undefined && !REQ_SEQ_ID.test(request.refund_req_seq_id)) {
    throw new DougongError('usage', 'FIELD_INVALID', {field: 'refund_req_seq_id', value: request.refund_req_seq_id});
  }
  const known = request.refund_req_seq_id === undefined ? [] : await byNumber(tools, request.refund_req_seq_id);
  const {intent, created} = await tools.journal.intend(plan.payment, view => guard(tools, plan, request, view, known));
  if (created) {
    if (!plan.facts) await tools.journal.note(intent.id, 'sent without a look-up of the payment (--no-lookup)');
    return {...(await deliver(tools, intent, endpoints.refund)), created: true};
  }
  return repeatRefund(tools, plan, request, intent);
}

async function repeatRefund(
  tools: MoneyTools,
  plan: RefundPlan,
  request: RefundRequest,
  intent: Intent,
): Promise<Moved> {
  if (intent.state === 'intended' && intent.sends === 0) {
    if (intent.req_date === beijingDate(tools.now())) {
      return {...(await deliver(tools, intent, endpoints.refund)), created: true};
    }
    // Not a byte of it ever left, and its day is over: give its amount back and begin anew under today's date.
    await tools.journal.answer(intent.id, {state: 'abandoned', from: 'intended', what: 'never sent, its day is over'});
    return refund(tools, plan, request);
  }
  const settled = await settle(tools, intent);
  return (await resendIfAllowed(tools, settled.intent)) ?? judge(settled);
}

async function byNumber(tools: MoneyTools, req_seq_id: string): Promise<Intent[]> {
  return tools.journal.find({environment: tools.environment, huifu_id: tools.huifuId, req_seq_id});
}

const WEEK_MS = 7 * 86_400_000;

function guard(
  tools: MoneyTools,
  plan: RefundPlan,
  request: RefundRequest,
  view: GuardView,
  known: Intent[],
): NewIntent | {existing: Intent} {
  const refunds = view.intents.filter(intent => intent.kind === 'refund');
  const left = plan.facts && leftOf(plan.facts, sum(refunds));
  const amount = request.amount === 'all' ? left : request.amount;
  if (amount === undefined) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--amount'});
  const number = request.refund_req_seq_id;
  const mine = [...known, ...view.intents.filter(intent => intent.kind === 'refund' && intent.req_seq_id === number)];
  const named = mine.find(intent => intent.state !== 'abandoned');
  if (named) return existingUnder(named, request, refunds);
  const same = refunds.filter(
    intent =>
      !request.siblings?.has(intent.req_seq_id) &&
      (intent.amount === amount || (request.amount === 'all' && amount === 0n)),
  );
  const open = same.findLast(intent => OPEN.includes(intent.state));
  if (open) return {existing: open};
  const done = same.findLast(intent => intent.state === 'done' && tools.now() - intent.updated_at < WEEK_MS);
  if (done && amount !== 0n && !request.again) {
    const params = {...factsOf(done), amount: formatYuan(done.amount)};
    throw new DougongError('usage', 'ALREADY_REFUNDED', params, {next: nextFor(done), facts: factsOf(done)});
  }
  if (amount === 0n) throw new DougongError('refused', 'REFUND_NOTHING_LEFT', {held: formatYuan(sum(refunds))});
  if (left !== undefined && amount > left) {
    throw new DougongError('refused', 'REFUND_EXCEEDS', {amount: formatYuan(amount), left: formatYuan(left)});
  }
  checkLimits(tools, amount, view);
  if (plan.facts) checkSplit(plan.facts, amount, request);
  return newRefund(tools, plan, request, amount);
}

/** A number that the journal knows always means its own intent; anything else under it is a mistake. */
function existingUnder(named: Intent, request: RefundRequest, refunds: Intent[]): {existing: Intent} {
  const same = named.kind === 'refund' && refunds.some(intent => intent.id === named.id);
  if (!same || (request.amount !== 'all' && request.amount !== named.amount)) {
    throw new DougongError(
      'usage',
      'NUMBER_TAKEN',
      {req_seq_id: named.req_seq_id, req_date: named.req_date},
      {facts: factsOf(named)},
    );
  }
  return {existing: named};
}

function checkLimits(tools: MoneyTools, amount: Fen, view: GuardView): void {
  if (tools.maxRefund !== undefined && amount > tools.maxRefund) {
    throw new DougongError('refused', 'REFUND_LIMIT', {limit: formatYuan(tools.maxRefund), name: 'max_refund'});
  }
  if (tools.maxRefundDay === undefined) return;
  if (view.refundedOn(beijingDate(tools.now())) + amount > tools.maxRefundDay) {
    throw new DougongError('refused', 'REFUND_LIMIT', {limit: formatYuan(tools.maxRefundDay), name: 'max_refund_day'});
  }
}

function newRefund(tools: MoneyTools, plan: RefundPlan, request: RefundRequest, amount: Fen): NewIntent {
  const now = tools.now();
  const req_date = beijingDate(now);
  const req_seq_id = request.refund_req_seq_id ?? tools.newId(now);
  const fields = {
    ...request.data,
    ...plan.named,
    req_date,
    req_seq_id,
    huifu_id: tools.huifuId,
    ord_amt: formatYuan(amount),
    remark: request.remark,
    notify_url: request.notify_url,
  };
  const {text, path} = tools.send.prepare(endpoints.refund, fields, tools.version);
  const {environment, profile, huifuId: huifu_id} = tools;
  return {
    kind: 'refund',
    environment,
    profile,
    huifu_id,
    req_date,
    req_seq_id,
    payment: plan.payment,
    amount,
    text,
    path,
  };
}

function leftOf(facts: PaymentFacts, held: Fen): Fen {
  const limit =
    facts.delayed && facts.unconfirmAmt !== undefined ? min(facts.unconfirmAmt, facts.transAmt!) : facts.transAmt!;
  return held >= limit ? 0n : limit - held;
}

const min = (a: Fen, b: Fen): Fen => (a < b ? a : b);

function sum(intents: Intent[]): Fen {
  return intents
    .filter(intent => intent.kind === 'refund' && HOLDING.includes(intent.state))
    .reduce((total, intent) => total + intent.amount, 0n);
}

async function refundsOf(tools: MoneyTools, payment: Payment): Promise<Intent[]> {
  return tools.journal.list({kind: 'refund', payment});
}

/** A merchant's order number at WeChat cannot be queried; the journal may know the payment by it. */
async function withoutParty(tools: MoneyTools, locator: Locator): Promise<Locator> {
  if (!locator.party_order_id) return locator;
  const known = await journalled(tools, locator);
  if (!known) throw new DougongError('usage', 'LOOKUP_IMPOSSIBLE', {value: locator.party_order_id});
  return {req_seq_id: known.req_seq_id, req_date: known.req_date};
}

async function journalled(tools: MoneyTools, locator: Locator): Promise<Payment | undefined> {
  const scope = {environment: tools.environment, huifu_id: tools.huifuId};
  if (locator.hf_seq_id) return (await tools.journal.list({...scope, hf_seq_id: locator.hf_seq_id}))[0]?.payment;
  if (!locator.party_order_id) return undefined;
  const orders = await tools.journal.list({...scope, kind: 'pay'});
  return orders.find(order => order.answer?.includes(`"party_order_id":"${locator.party_order_id}"`))?.payment;
}
