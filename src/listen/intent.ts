import {formatYuan, readYuan} from '../core/amount.ts';
import type {Notice} from '../journal/notices.ts';
import type {Intent, IntentState, Store} from '../journal/store.ts';
import type {Emit} from './events.ts';

/** States that a genuine message may end: the request left, and nobody is waiting for its answer. */
const ENDABLE: readonly IntentState[] = ['pending', 'unknown'];
const FAILED: readonly IntentState[] = ['failed', 'refused'];

/**
 * Compares a genuine message with what the money journal knows, and settles an open intent by it, only forward.
 *
 * S against a recorded F (or the other way round) changes nothing: a signed query decides, and the anomaly is told.
 * @see docs/reliability.md
 */
export async function compareWithJournal(
  journal: Store,
  notice: Notice,
  {now, emit}: {now(): number; emit: Emit},
): Promise<void> {
  const {kind, huifu_id, req_date, req_seq_id, trans_stat, hf_seq_id} = notice.facts;
  if (!['trade', 'booked', 'refund'].includes(kind) || !huifu_id || !req_seq_id) return;
  const wanted = kind === 'refund' ? 'refund' : 'pay';
  const found = await journal.find({environment: notice.environment, huifu_id, req_date, req_seq_id});
  const intent = found.find(one => one.kind === wanted);
  if (!intent) return;
  const amount = readYuan(notice.facts.amount);
  if (amount !== undefined && amount !== intent.amount) {
    const [expected, got] = [formatYuan(intent.amount), formatYuan(amount)];
    emit({type: 'anomaly', at: now(), notice, what: 'amount', expected, got});
    await journal.note(intent.id, 'notified: another amount', got);
    return;
  }
  const state = ({S: 'done', F: 'failed'} as const)[trans_stat ?? ''];
  if (state === undefined) return;
  if (contradicts(intent, state)) {
    emit({type: 'anomaly', at: now(), notice, what: 'ended-otherwise', expected: intent.state, got: trans_stat!});
    await journal.note(intent.id, 'notified: another end; a query decides', trans_stat);
    return;
  }
  if (!ENDABLE.includes(intent.state) || amount === undefined) return;
  await journal.answer(intent.id, {state, what: 'notified', trans_stat, ...(hf_seq_id && {hf_seq_id})});
  emit({type: 'settled', at: now(), notice, state});
}

function contradicts(intent: Intent, state: 'done' | 'failed'): boolean {
  return state === 'done' ? FAILED.includes(intent.state) : intent.state === 'done';
}
