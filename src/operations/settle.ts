import {readYuan} from '../core/amount.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import type {Answer} from '../core/wire.ts';
import {OPEN} from '../journal/states.ts';
import type {Intent, IntentState} from '../journal/store.ts';
import {settleConfig} from './config-state.ts';
import {factsOf, type Moved, nextFor, unknownOutcome} from './money.ts';
import {type MoneyTools, NOT_KNOWN, str, type Verified, wordsOf} from './tools.ts';

/** How the journal notes that the gateway, signed, does not know a number. */
export const NOT_KNOWN_NOTE = 'asked: the gateway does not know this number';

/**
 * Asks the gateway how an open intent ended and records it; sends nothing that moves money.
 *
 * A refund is asked for by its own number and date; a payment by its number; a close by a query of the payment, since
 * only that says whether the customer was faster. "Not known" changes nothing here.
 * @returns the intent as it stands now, with the answer where one was verified.
 * @throws DougongError `network`, `signature` where the question itself found no answer.
 */
export async function settle(tools: MoneyTools, intent: Intent): Promise<Moved> {
  if (!OPEN.includes(intent.state)) return {intent, verified: keptAnswer(intent), created: false};
  if (intent.kind === 'config') return settleConfig(tools, intent);
  const answer = await ask(tools, intent);
  const verified = {data: answer.data, raw: answer.raw};
  if (NOT_KNOWN.has(str(answer.data, 'resp_code') ?? '')) {
    await tools.journal.note(intent.id, NOT_KNOWN_NOTE, wordsOf(answer).resp_desc);
    return {intent: await orphaned(tools, intent), created: false};
  }
  const stat = str(answer.data, 'trans_stat') ?? '';
  const state = endOf(intent, stat);
  if (!state || !sameAmount(intent, answer)) {
    await tools.journal.note(intent.id, 'asked: no usable answer', wordsOf(answer).resp_desc);
    return {intent: await orphaned(tools, intent), created: false};
  }
  // The first answer of a payment holds pay_info, which no query gives again: a later one must not overwrite it.
  const unaccepted = intent.kind === 'pay' && intent.state !== 'pending';
  const keep = intent.kind === 'refund' || intent.answer === undefined || unaccepted;
  const settled = await tools.journal.answer(intent.id, {
    state,
    what: 'asked',
    resp_code: str(answer.data, 'resp_code'),
    resp_desc: str(answer.data, 'resp_desc'),
    trans_stat: stat,
    ...(intent.kind !== 'close' && {hf_seq_id: str(answer.data, 'hf_seq_id', 'org_hf_seq_id')}),
    ...(keep && {answer: answer.raw}),
  });
  return {intent: settled, verified, created: false};
}

/** A `sent` mark whose lease has ended is claimed by compare-and-set and counts as unknown. */
async function orphaned(tools: MoneyTools, intent: Intent): Promise<Intent> {
  if (intent.state !== 'sent' || (intent.lease_until ?? 0) > tools.now()) return intent;
  return tools.journal.answer(intent.id, {state: 'unknown', from: 'sent', what: 'its sender is gone'});
}

function ask(tools: MoneyTools, intent: Intent): Promise<Answer & Verified> {
  const {huifu_id} = intent;
  if (intent.kind === 'refund') {
    const fields = {huifu_id, org_req_seq_id: intent.req_seq_id, org_req_date: intent.req_date};
    return tools.send.read(endpoints['refund-query'], fields, tools.version);
  }
  const {req_seq_id, req_date, hf_seq_id} = intent.payment;
  const fields = hf_seq_id ? {huifu_id, hf_seq_id} : {huifu_id, req_seq_id, req_date};
  return tools.send.read(endpoints.query, fields, tools.version);
}

function endOf(intent: Intent, stat: string): IntentState | undefined {
  if (intent.kind === 'close') return ({F: 'done', S: 'failed', P: intent.state, I: intent.state} as const)[stat];
  return ({S: 'done', F: 'failed', P: 'pending', I: 'pending'} as const)[stat];
}

function sameAmount(intent: Intent, answer: Verified): boolean {
  if (intent.kind === 'close') return true;
  const amount = readYuan(intent.kind === 'refund' ? answer.data.ord_amt : answer.data.trans_amt);
  return amount === undefined || amount === intent.amount;
}

/** The last verified answer that the journal holds. */
export function keptAnswer(intent: Intent): Verified | undefined {
  if (intent.answer === undefined) return undefined;
  return {data: JSON.parse(intent.answer) as Verified['data'], raw: intent.answer};
}

/** Ends a call that found its intent made before: by its result, never by sending again. */
export function judge(moved: Moved): Moved {
  const {intent} = moved;
  const details = {facts: factsOf(intent), next: nextFor(intent)};
  const words = {
    verified: true,
    ...(intent.resp_code && {resp_code: intent.resp_code}),
    ...(intent.resp_desc && {resp_desc: intent.resp_desc}),
    ...(intent.trans_stat && {trans_stat: intent.trans_stat}),
  };
  if (intent.state === 'done') return moved;
  if (intent.state === 'pending') {
    throw new DougongError(
      'pending',
      'STILL_PENDING',
      {...factsOf(intent), kind: intent.kind},
      {...details, gateway: words},
    );
  }
  if (intent.state === 'failed' || intent.state === 'refused') {
    throw new DougongError('refused', 'FAILED', {...factsOf(intent), kind: intent.kind}, {...details, gateway: words});
  }
  throw unknownOutcome(intent, 'the gateway has not said how it ended');
}
