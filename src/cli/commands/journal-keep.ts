import {formatYuan} from '../../core/amount.ts';
import {beijingClock} from '../../core/beijing.ts';
import {DougongError} from '../../core/errors.ts';
import {ENDED} from '../../journal/states.ts';
import type {Intent, IntentState, Store} from '../../journal/store.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {choice, duration, leaf, value} from '../flags.ts';
import {frame} from '../messages/frame.ts';
import {journal} from '../messages/money.ts';
import {summaries} from '../messages/summaries.ts';

const DAY_MS = 86_400_000;
const TEXTS_MS = 90 * DAY_MS;
const WHOLE_MS = 400 * DAY_MS;

interface ResolveFlags extends GlobalFlags {
  as: 'S' | 'F' | 'abandoned';
  evidence: string;
  yes?: boolean;
}
interface ExportFlags extends GlobalFlags {
  format?: 'csv' | 'json';
  since?: number;
  showPersonal?: boolean;
}
interface RedactFlags extends GlobalFlags {
  olderThan?: number;
}

/** Finds one intent by its id or any of its numbers. @throws DougongError `refused` INTENT_UNKNOWN. */
export async function findIntents(store: Store, id: string): Promise<Intent[]> {
  const all = await store.list({});
  const found = all.filter(one => one.id === id || one.req_seq_id === id || one.hf_seq_id === id);
  if (found.length === 0) throw new DougongError('refused', 'INTENT_UNKNOWN', {id});
  return found;
}

/** The subcommands that keep the journal: a person's word, an export, the end of what is kept. */
export function addKeeping(group: DougongCommand, ctx: Context, open: () => Promise<Store>): void {
  const {t} = ctx;
  const resolve = group.command('resolve').argument('<id>').description(t(journal.resolve)) as DougongCommand;
  resolve
    .addOption(choice('--as <end>', t(journal.as), ['S', 'F', 'abandoned']).makeOptionMandatory())
    .addOption(value('--evidence <text>', t(journal.evidence)).makeOptionMandatory())
    .option('--yes', t(frame.yes));
  const example = "dougong journal resolve 20261124… --as S --evidence 'seen in the console, 12:40' --yes";
  leaf<ResolveFlags>(resolve, ctx, example, async (flags, id = '') => {
    const store = await open();
    const found = await findIntents(store, id);
    const [intent] = found as [Intent];
    // A word that ends a request must never meet another one of the same number.
    if (found.length > 1)
      throw new DougongError('usage', 'INTENT_AMBIGUOUS', {id, ids: found.map(one => one.id).join(', ')});
    const leased = intent.state === 'sent' && (intent.lease_until ?? 0) > ctx.world.now();
    if (ENDED.includes(intent.state) || leased)
      throw new DougongError('usage', 'RESOLVE_ENDED', {req_seq_id: intent.req_seq_id, state: intent.state});
    const params = {req_seq_id: intent.req_seq_id, amount: formatYuan(intent.amount), as: flags.as};
    if (!flags.yes && !(await ctx.io.confirm(ctx.say(journal.confirmResolve, params))))
      throw new DougongError('interrupted', 'NOT_CONFIRMED');
    const state = ({S: 'done', F: 'failed', abandoned: 'abandoned'} as const)[flags.as] satisfies IntentState;
    await store.note(intent.id, `a person says ${flags.as}`, flags.evidence);
    const ended = await store.answer(intent.id, {state, what: 'resolved by a person'});
    const {intentJson} = await import('../io/intents.ts');
    ctx.io.data({result: intentJson(ended)}, () => ctx.say(journal.resolved, params));
  });

  const out = group.command('export').description(t(journal.export)) as DougongCommand;
  out
    .addOption(choice('--format <format>', t(journal.format), ['csv', 'json']))
    .addOption(duration('--since <time>', t(journal.since)))
    .option('--show-personal', t(journal.showPersonal));
  leaf<ExportFlags>(out, ctx, 'dougong journal export --format csv > journal.csv', async flags => {
    const store = await open();
    const since = flags.since === undefined ? undefined : ctx.world.now() - flags.since;
    const intents = await store.list({since, profile: flags.profile, huifu_id: flags.huifuId});
    if (flags.format === 'json' || ctx.io.json) return exportJson(ctx, store, intents, flags.showPersonal === true);
    const {csvLines} = await import('../io/csv.ts');
    const rows = intents.map(one => COLUMNS.map(([, of]) => of(one)));
    const text = await csvLines([COLUMNS.map(([name]) => name), ...rows]);
    ctx.io.data(intents, () => text.trimEnd());
  });

  const redact = group.command('redact').description(t(journal.redact)) as DougongCommand;
  redact.addOption(duration('--older-than <time>', t(journal.olderThan)));
  leaf<RedactFlags>(redact, ctx, 'dougong journal redact', async flags => {
    const now = ctx.world.now();
    const texts = flags.olderThan ?? TEXTS_MS;
    // Within its day an order typed again is known by its text.
    if (texts < DAY_MS)
      throw new DougongError('usage', 'FLAG_INVALID', {flag: '--older-than', value: `${texts} ms`, choices: '≥ 1d'});
    const result = await (await open()).redact({texts: now - texts, whole: now - Math.max(texts, WHOLE_MS)});
    ctx.io.data({result}, () =>
      ctx.say(journal.redacted, {erased: String(result.erased), removed: String(result.removed)}),
    );
  });
}

const COLUMNS: [string, (intent: Intent) => string][] = [
  ['created_at', one => beijingClock(one.created_at)],
  ['kind', one => one.kind],
  ['state', one => one.state],
  ['environment', one => one.environment],
  ['profile', one => one.profile],
  ['huifu_id', one => one.huifu_id],
  ['req_date', one => one.req_date],
  ['req_seq_id', one => one.req_seq_id],
  ['hf_seq_id', one => one.hf_seq_id ?? ''],
  ['org_req_date', one => one.payment.req_date],
  ['org_req_seq_id', one => one.payment.req_seq_id],
  ['org_hf_seq_id', one => one.payment.hf_seq_id ?? ''],
  ['amount', one => formatYuan(one.amount)],
  ['trans_stat', one => one.trans_stat ?? ''],
  ['resp_code', one => one.resp_code ?? ''],
  ['resp_desc', one => one.resp_desc ?? ''],
  ['sends', one => String(one.sends)],
];

/** CSV lines of intents, for `list --csv` and `export`. */
export async function intentsCsv(intents: readonly Intent[]): Promise<string> {
  const {csvLines} = await import('../io/csv.ts');
  return csvLines([COLUMNS.map(([name]) => name), ...intents.map(one => COLUMNS.map(([, of]) => of(one)))]);
}

async function exportJson(ctx: Context, store: Store, intents: Intent[], personal: boolean): Promise<void> {
  const {intentJson} = await import('../io/intents.ts');
  for (const intent of intents) {
    const events = await store.events(intent.id);
    const row = {...intentJson(intent), ...(personal && {text: intent.text, answer: intent.answer}), events};
    ctx.world.stdout.write(`${JSON.stringify(row)}\n`);
  }
}

interface EraseFlags extends GlobalFlags {
  openid: string;
}

export function addPrivacy(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const group = program.command('privacy').description(t(summaries.privacy)) as DougongCommand;
  const erase = group.command('erase').description(t(journal.erase)) as DougongCommand;
  erase.addOption(value('--openid <openid>', t(journal.openid)).makeOptionMandatory());
  leaf<EraseFlags>(erase, ctx, 'dougong privacy erase --openid o8jhotzittQSetZ', async flags => {
    const {openJournal} = await import('../../journal/sqlite.ts');
    const store = await openJournal(ctx.journalFile, {now: ctx.world.now});
    ctx.atEnd(() => store.close());
    if (flags.openid.trim().length < 6)
      throw new DougongError('usage', 'FLAG_INVALID', {flag: '--openid', value: flags.openid, choices: '≥ 6'});
    const result = await store.erase(flags.openid.trim());
    const {noticesFile, openStore} = await import('./notices-store.ts');
    const {existsSync} = await import('node:fs');
    if (existsSync(noticesFile(ctx))) result.erased += (await openStore(ctx)).erase(flags.openid.trim());
    ctx.io.data({result}, () => ctx.say(journal.erased, {erased: String(result.erased), kept: String(result.kept)}));
  });
}
