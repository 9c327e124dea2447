import {beijingDate, beijingTime} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import type {Intent, JournalEvent} from '../journal/store.ts';
import {deliver, type Moved} from './money.ts';
import {NOT_KNOWN_NOTE} from './settle.ts';
import type {MoneyTools} from './tools.ts';

const ASKS = 3;
const SPAN_MS = 10 * 60_000;
const LAST_MINUTE = '2355';

/**
 * Whether an unknown refund may be sent again by itself: the gateway said at least three times over at least ten minutes
 * since the last send's lease ended that it does not know the number, and by the gateway's clock and by ours it is still
 * the refund's own day, before 23:55 (docs/reliability.md).
 */
export function mayResend(tools: MoneyTools, intent: Intent, events: readonly JournalEvent[]): boolean {
  if (intent.kind !== 'refund' || intent.state !== 'unknown' || intent.sends === 0) return false;
  const skew = tools.send.clockSkew();
  if (skew === undefined) return false;
  const sent = events.findLastIndex(event => event.what === 'sent');
  // The lease is over when it has run out, whatever was recorded meanwhile: a late packet may still be on its way.
  const free = (events[sent]?.at ?? Number.POSITIVE_INFINITY) + tools.leaseMs;
  const asks = events.slice(sent + 1).filter(event => event.what === NOT_KNOWN_NOTE && event.at >= free);
  // It once said that it knows the number: then only a query may settle this, never a send.
  const known = events.some(event => event.what === 'asked' || event.detail?.startsWith('20000000'));
  if (known || asks.length < ASKS || asks.at(-1)!.at - asks[0]!.at < SPAN_MS) return false;
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
  await tools.journal.note(intent.id, 'sent again: the gateway has not known it for ten minutes');
  return deliver(tools, current, endpoints.refund);
}
