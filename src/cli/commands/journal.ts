import {DougongError} from '../../core/errors.ts';
import {OPEN} from '../../journal/states.ts';
import type {Intent, IntentFilter, IntentState, Store} from '../../journal/store.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {choice, duration, leaf, value} from '../flags.ts';
import {intentStates} from '../messages/fields.ts';
import {journal, money} from '../messages/money.ts';
import {summaries} from '../messages/summaries.ts';
import {addKeeping} from './journal-keep.ts';
import {addShow} from './journal-show.ts';

interface ListFlags extends GlobalFlags {
  state?: IntentState;
  since?: number;
  hfSeqId?: string;
  csv?: boolean;
}

export function addJournal(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const group = program.command('journal').description(t(summaries.journal)) as DougongCommand;
  const list = group.command('list').description(t(journal.list)) as DougongCommand;
  list
    .addOption(choice('--state <state>', t(journal.state), Object.keys(intentStates)))
    .addOption(duration('--since <time>', t(journal.since)))
    .addOption(value('--hf-seq-id <id>', t(journal.hf)))
    .option('--csv', t(journal.csv));
  leaf<ListFlags>(list, ctx, 'dougong journal list --since 2d', async flags => {
    const filter: IntentFilter = {
      profile: flags.profile,
      huifu_id: flags.huifuId,
      hf_seq_id: flags.hfSeqId,
      states: flags.state && [flags.state],
      since: flags.since && ctx.world.now() - flags.since,
    };
    const intents = await (await open(ctx)).list(filter);
    const {intentsTable, intentJson} = await import('../io/intents.ts');
    if (ctx.io.json) {
      for (const intent of intents) ctx.io.row(intentJson(intent), () => '');
      return;
    }
    if (flags.csv) {
      const text = await (await import('./journal-keep.ts')).intentsCsv(intents);
      return ctx.io.data(intents, () => text.trimEnd());
    }
    if (intents.length === 0) return ctx.io.note(t(journal.empty));
    ctx.io.data(intents, await intentsTable(ctx, intents));
  });

  addShow(group, ctx, () => open(ctx));
  const resume = group.command('resume').argument('[id]').description(t(journal.resume)) as DougongCommand;
  leaf<GlobalFlags>(resume, ctx, 'dougong journal resume --profile sandbox', async (_flags, id) => {
    const tools = await (await ctx.session()).money();
    const {resumeOpen} = await import('../../operations/resume.ts');
    const results = await resumeOpen(tools, {id});
    const {intentsTable, intentJson} = await import('../io/intents.ts');
    const intents = results.map(({intent}) => intent);
    if (ctx.io.json)
      for (const {intent, before, error} of results)
        ctx.io.row({...intentJson(intent), before, error: error?.code}, () => '');
    else if (intents.length > 0) ctx.io.data(intents, await intentsTable(ctx, intents));
    if (intents.length === 0) ctx.io.note(t(journal.nothingOpen));
    for (const {req_seq_id, req_date} of intents.filter(payInfoLost))
      ctx.io.warn(`${req_seq_id}: ${ctx.say(money.payInfoLost, {req_seq_id, req_date})}`);
    const left = intents.filter(({state}) => ['sent', 'unknown', 'deferred', 'intended'].includes(state));
    if (left.length > 0)
      throw new DougongError('unknown-outcome', 'UNKNOWN_OUTCOME', {
        ...named(left[0]!),
        reason: 'not known to the gateway yet',
      });
    const [waiting] = intents.filter(({state}) => state === 'pending');
    if (waiting) throw new DougongError('pending', 'STILL_PENDING', named(waiting));
  });

  const status = group.command('status').description(t(journal.status)) as DougongCommand;
  leaf<GlobalFlags>(status, ctx, 'dougong journal status || mail -s "open refunds" ops@example.com', async () => {
    const states: IntentState[] = [...OPEN];
    const intents = await (await open(ctx)).list({states, profile: ctx.flags.profile});
    const count = (state: IntentState) => intents.filter(intent => intent.state === state).length;
    const counts = Object.fromEntries(states.map(state => [state, count(state)]));
    ctx.io.data({result: counts}, () =>
      intents.length === 0 ? t(journal.nothingOpen) : ctx.say(journal.open, {count: String(intents.length)}),
    );
    if (intents[0])
      throw new DougongError('pending', 'STILL_PENDING', named(intents[0]), {next: {verb: 'journal resume'}});
  });
  addKeeping(group, ctx, () => open(ctx));
}

/** An order that waits to be paid and whose pay_info nobody has: only its first answer held it. */
function payInfoLost({kind, state, answer}: Intent): boolean {
  if (kind !== 'pay' || state !== 'pending') return false;
  const {pay_info, qr_code} = JSON.parse(answer ?? '{}') as Record<string, unknown>;
  return !pay_info && !qr_code;
}

function named(intent: {kind: string; req_seq_id: string; req_date: string}): Record<string, string> {
  return {kind: intent.kind, req_seq_id: intent.req_seq_id, req_date: intent.req_date};
}

async function open(ctx: Context): Promise<Store> {
  const {openJournal} = await import('../../journal/sqlite.ts');
  const store = await openJournal(ctx.journalFile, {now: ctx.world.now});
  ctx.atEnd(() => store.close());
  return store;
}
