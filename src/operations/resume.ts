import {beijingDate} from '../core/beijing.ts';
import {DougongError} from '../core/errors.ts';
import {OPEN} from '../journal/states.ts';
import type {Intent} from '../journal/store.ts';
import {resendIfAllowed} from './resend.ts';
import {settle} from './settle.ts';
import type {MoneyTools} from './tools.ts';

/** What the timeline says of an intent whose day ended before a byte of it left. */
const OVER = 'never sent, its day is over';

/** How one open intent stands after it was asked about. */
export interface Resumed {
  intent: Intent;
  before: Intent['state'];
  /** Why it could not be asked about; the intent is unchanged. */
  error?: DougongError;
}

/**
 * Asks the gateway about every open intent of this merchant and records what it says. Nothing is sent but a refund that
 * the gateway has not known for ten minutes, byte for byte under its own number (resend.ts).
 *
 * An intent whose `sent` mark is still leased belongs to the process that sends it and is left alone; one that was
 * never sent is given up once its day is over.
 */
export async function resumeOpen(tools: MoneyTools, filter: {id?: string} = {}): Promise<Resumed[]> {
  const {environment, huifuId: huifu_id} = tools;
  const open = await tools.journal.list({environment, huifu_id, states: [...OPEN]});
  const results: Resumed[] = [];
  for (const intent of open) {
    if (filter.id !== undefined && intent.id !== filter.id && intent.req_seq_id !== filter.id) continue;
    results.push({before: intent.state, ...(await resumeOne(tools, intent))});
  }
  return results;
}

async function resumeOne(tools: MoneyTools, intent: Intent): Promise<Omit<Resumed, 'before'>> {
  if (intent.state === 'sent' && (intent.lease_until ?? 0) > tools.now()) return {intent};
  if (intent.state === 'intended') {
    if (intent.req_date === beijingDate(tools.now())) return {intent};
    return {intent: await tools.journal.answer(intent.id, {state: 'abandoned', from: 'intended', what: OVER})};
  }
  try {
    const settled = (await settle(tools, intent)).intent;
    return {intent: (await resendIfAllowed(tools, settled))?.intent ?? settled};
  } catch (error) {
    if (error instanceof DougongError) return {intent: (await tools.journal.get(intent.id)) ?? intent, error};
    throw error;
  }
}
