import {beijingDate, beijingTime} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import type {Intent, JournalEvent} from '../journal/store.ts';
import {deliver, type Moved, unknownOutcome} from './money.ts';
import {NOT_KNOWN_NOTE, settle} from './settle.ts';
import type {MoneyTools} from './tools.ts';

/** A throttled refund goes out three more times at the most. */
const DEFERRED_SENDS = 4;
const ASKS = 3;
const SPAN_MS = 10 * 60_000;
const LAST_MINUTE = '2355';

/**
 * Whether a refund may be sent again by itself. A deferred one (the gateway asked for fewer calls): once its own number
 * was asked for since, and is not known, three times at the most. An unknown one: the gateway said at least three times over at least ten minutes
 * since the last send's lease ended that it does not know the number, and by the gateway's clock and by ours it is still
 * the refund's own day, before 23:55 (docs/reliability.md).
 */
export function mayResend(tools: MoneyTools, intent: Intent, events: readonly JournalEvent[]): boolean {
  if (intent.kind !== 'refund' || intent.sends === 0) return false;
  const skew = tools.send.clockSkew();
  if (skew === undefined || !onItsDay(tools, intent, skew)) return false;
  const sent = events.findLastIndex(event => event.what === 'sent');
  // The lease is over when it has run out, whatever was recorded meanwhile: a late packet may still be on its way.
  const free = (events[sent]?.at ?? Number.POSITIVE_INFINITY) + tools.leaseMs;
  const asks = events.slice(sent + 1).filter(event => event.what === NOT_KNOWN_NOTE && event.at >= free);
  // It once said that it knows the number: then only a query may settle this, never a send.
  const known = events.some(event => event.what === 'asked' || event.detail?.startsWith('20000000'));
  if (known) return false;
  if (intent.state === 'deferred') {
    const asked = events.slice(sent + 1).some(event => event.what === NOT_KNOWN_NOTE);
    return asked && intent.sends < DEFERRED_SENDS;
  }
  return intent.state === 'unknown' && asks.length >= ASKS && asks.at(-1)!.at - asks[0]!.at >= SPAN_MS;
}

/** By the gateway's clock and by ours it is still the refund's own day, before 23:55. */
function onItsDay(tools: MoneyTools, intent: Intent, skew: number): boolean {
  const now = tools.now();
  return [now, now + skew].every(
    time => beijingDate(time) === intent.req_date && beijingTime(time).slice(8, 12) < LAST_MINUTE,
  );
}

/**
 * Sends an unknown refund again, byte for byte under its own number and date, where the rules allow it; else undefined.
 *
 * @throws as deliver. A refusal of this send says nothing about the first one and leaves the intent unknown.
 */
export async function resendIfAllowed(tools: MoneyTools, intent: Intent): Promise<Moved | undefined> {
  const events = await tools.journal.events(intent.id);
  const current = await tools.journal.get(intent.id);
  if (!current || !mayResend(tools, current, events)) return undefined;
  const why = current.state === 'deferred' ? 'it was throttled' : 'the gateway has not known it for ten minutes';
  await tools.journal.note(intent.id, `sent again: ${why}`);
  return deliver(tools, current, endpoints.refund);
}

/**
 * Sends an unknown refund again because a person at a terminal said so, byte for byte under its own number and date,
 * whatever the day. Its own number is asked for first: it goes out only where the gateway, signed, does not know it.
 *
 * @throws as deliver; `usage` RESEND_NOTHING where the refund is not of unknown outcome.
 */
export async function resendByHand(tools: MoneyTools, intent: Intent): Promise<Moved> {
  const open = intent.state === 'unknown' || intent.state === 'deferred';
  const leased = intent.state === 'sent' && (intent.lease_until ?? 0) > tools.now();
  if (intent.kind !== 'refund' || leased || (!open && intent.state !== 'sent'))
    throw new DougongError('usage', 'RESEND_NOTHING', {req_seq_id: intent.req_seq_id, state: intent.state});
  const denials = async () =>
    (await tools.journal.events(intent.id)).filter(event => event.what === NOT_KNOWN_NOTE).length;
  const before = await denials();
  const settled = await settle(tools, intent);
  if (settled.verified) return settled;
  // An answer of any other kind (an error, another amount) is no word that the number is not known.
  if ((await denials()) === before)
    throw unknownOutcome(settled.intent, 'the gateway did not say that it is not known');
  await tools.journal.note(intent.id, 'sent again by a person');
  return deliver(tools, settled.intent, endpoints.refund);
}
