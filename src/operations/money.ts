import {classify} from '../core/codes.ts';
import type {Endpoint} from '../core/endpoints/index.ts';
import {DougongError, type Next} from '../core/errors.ts';
import type {Answer} from '../core/wire.ts';
import type {Intent, IntentState} from '../journal/store.ts';
import {type MoneyTools, str, type Verified, wordsOf} from './tools.ts';

/** How a money call stands after it was made, or after it was found made before. */
export interface Moved {
  intent: Intent;
  /** The last verified answer, where there is one. */
  verified?: Verified;
  /** False where an earlier intent was found and settled, and nothing new was sent. */
  created: boolean;
}

/** What identifies a begun money request in every error about it. */
export function factsOf(intent: Intent): Record<string, string> {
  return {req_seq_id: intent.req_seq_id, req_date: intent.req_date, huifu_id: intent.huifu_id};
}

/** The command that asks how an intent stands. */
export function nextFor(intent: Intent): Next {
  if (intent.kind === 'refund') {
    return {verb: 'refund query', flags: {refund_req_seq_id: intent.req_seq_id, refund_req_date: intent.req_date}};
  }
  if (intent.kind === 'config') return {verb: 'check-config', flags: {sub_appid: intent.payment.req_seq_id}};
  const {req_seq_id, req_date, hf_seq_id} = intent.payment;
  const flags: Record<string, string> =
    /^(hf|party):/.test(req_seq_id) && hf_seq_id ? {hf_seq_id} : {req_seq_id, req_date};
  return {verb: intent.kind === 'pay' ? 'query' : 'close query', flags};
}

const RESUME: Next = {verb: 'journal resume'};

/** The error of an intent whose outcome is not known: exit 7, its number named. */
export function unknownOutcome(
  intent: Intent,
  reason: string,
  details: {gateway?: ReturnType<typeof wordsOf>; cause?: unknown} = {},
) {
  const params = {...factsOf(intent), kind: intent.kind, reason};
  return new DougongError('unknown-outcome', 'UNKNOWN_OUTCOME', params, {
    next: RESUME,
    facts: factsOf(intent),
    ...details,
  });
}

/**
 * Sends one intent: the `sent` mark with its lease is durable before the socket is touched, the answer before it is
 * returned.
 *
 * @throws DougongError `network` (never sent, the intent is back at intended), `unknown-outcome`, `refused` (F, a final
 *   refusal, or an unsigned rejection of the envelope whose intent stays open).
 */
export async function deliver(
  tools: MoneyTools,
  intent: Intent,
  endpoint: Endpoint,
): Promise<Moved & {verified: Verified}> {
  const resend = intent.sends > 0;
  if (!(await tools.journal.sent(intent.id, intent.state, tools.owner, tools.now() + tools.leaseMs))) {
    throw unknownOutcome(intent, 'another process is sending it');
  }
  const answer = await transmit(tools, intent, endpoint);
  const found = classify(answer, intent.kind, {resend});
  const signed = answer.verdict === 'ok' && answer.data !== undefined && answer.raw !== undefined;
  const words = wordsOf(answer);
  // Only a refund has a rule by which it goes out again under its own number.
  const deferred = found.cls === 'unknown' && found.throttled && intent.kind === 'refund';
  const state = deferred ? 'deferred' : stateOf(intent, found.cls, words.trans_stat);
  const kept = await tools.journal.answer(intent.id, {
    state,
    what: signed ? 'answered' : `answered, ${answer.verdict}`,
    resp_code: words.resp_code,
    resp_desc: words.resp_desc,
    ...(signed && {
      trans_stat: words.trans_stat,
      hf_seq_id: str(answer.data, 'hf_seq_id'),
      answer: answer.raw,
    }),
  });
  const details = {gateway: words, facts: factsOf(kept)};
  switch (found.cls) {
    case 'accepted':
      return {intent: kept, verified: {data: answer.data!, raw: answer.raw!}, created: true};
    case 'failed':
      throw new DougongError('refused', 'FAILED', {...factsOf(kept), kind: kept.kind}, details);
    case 'final-refusal':
      throw new DougongError('refused', 'REFUSED', {resp_code: words.resp_code ?? '', kind: kept.kind}, details);
    case 'envelope-rejected':
      throw new DougongError(
        'refused',
        'ENVELOPE_REJECTED',
        {resp_code: words.resp_code ?? String(answer.status)},
        {...details, next: RESUME},
      );
    case 'exists':
      throw new DougongError('unknown-outcome', 'EXISTS', factsOf(kept), {...details, next: RESUME});
    default:
      throw unknownOutcome(kept, deferred ? `${reasonOf(answer)}, throttled` : reasonOf(answer), {gateway: words});
  }
}

async function transmit(tools: MoneyTools, intent: Intent, endpoint: Endpoint): Promise<Answer> {
  try {
    return await tools.send.transmit({endpoint, path: intent.path, text: intent.text});
  } catch (error) {
    const reason = error instanceof DougongError ? (error.params.reason ?? error.code) : String(error);
    if (error instanceof DougongError && error.kind === 'network') {
      await tools.journal.neverSent(intent.id, reason);
      throw new DougongError('network', error.code, error.params, {cause: error.cause, facts: factsOf(intent)});
    }
    await tools.journal.answer(intent.id, {state: 'unknown', what: `no answer: ${reason}`});
    throw unknownOutcome(intent, reason, {cause: error});
  }
}

function stateOf(intent: Intent, cls: string, transStat: string | undefined): IntentState {
  // What a close says of itself settles nothing: the customer may have been faster.
  if (cls === 'accepted') return transStat === 'S' && intent.kind !== 'close' ? 'done' : 'pending';
  if (cls === 'failed') return 'failed';
  if (cls === 'final-refusal') return 'refused';
  return 'unknown';
}

function reasonOf(answer: Answer): string {
  if (answer.verdict === 'bad_signature') return 'the signature of the answer does not hold';
  if (answer.verdict === 'unsigned') return 'the answer is not signed';
  if (answer.verdict === 'malformed') return `HTTP ${answer.status} without a readable answer`;
  return `resp_code ${str(answer.data, 'resp_code') ?? '-'}`;
}
