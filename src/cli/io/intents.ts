import {formatYuan} from '../../core/amount.ts';
import {beijingClock} from '../../core/beijing.ts';
import type {Intent} from '../../journal/store.ts';
import type {Context} from '../context.ts';
import {intentStates} from '../messages/fields.ts';
import {journal} from '../messages/money.ts';

/** An intent as --json shows it: amounts in yuan as text, times as epoch ms, no signed text. */
export function intentJson(intent: Intent): Record<string, unknown> {
  const {text: _text, answer: _answer, path: _path, amount, ...rest} = intent;
  return {...rest, amount: formatYuan(amount)};
}

export async function intentsTable(ctx: Context, intents: Intent[]): Promise<() => string> {
  const {head} = journal;
  const titles = [head.when, head.kind, head.amount, head.state, head.number, head.payment, head.merchant].map(ctx.t);
  const rows = intents.map(intent => [
    beijingClock(intent.created_at),
    ctx.t(journal.kinds[intent.kind]),
    formatYuan(intent.amount),
    ctx.t(intentStates[intent.state]),
    intent.req_seq_id,
    intent.payment.req_seq_id,
    intent.huifu_id,
  ]);
  const table = await ctx.io.table(titles, rows);
  return () => table;
}
