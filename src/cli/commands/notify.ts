import {writeFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {beijingClock} from '../../core/beijing.ts';
import {DougongError} from '../../core/errors.ts';
import type {NoticeKind} from '../../core/notice-facts.ts';
import type {Verdict} from '../../core/wire.ts';
import type {Notice, NoticeFilter} from '../../journal/notices.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {choice, duration, leaf, value} from '../flags.ts';
import {plain} from '../io/streams.ts';
import {frame} from '../messages/frame.ts';
import {noticeKinds} from '../messages/listen.ts';
import {notify} from '../messages/notify.ts';
import {summaries} from '../messages/summaries.ts';
import {readKinds} from './listen-targets.ts';
import {openStore} from './notices-store.ts';
import {addResend, addVerify} from './notify-resend.ts';

export interface FilterFlags extends GlobalFlags {
  kind?: NoticeKind[];
  state?: string;
  since?: number;
  hfSeqId?: string;
  reqSeqId?: string;
  verdict?: Verdict | 'foreign' | 'conflict';
  limit?: number;
}

const VERDICTS = ['ok', 'bad_signature', 'unsigned', 'malformed', 'foreign', 'conflict'];
const DAY_MS = 86_400_000;

/** The flags that select kept messages. */
export function filters(command: DougongCommand, {t}: Context): DougongCommand {
  command
    .addOption(value('--kind <kind>', t(notify.kind), readKinds))
    .addOption(choice('--state <state>', t(notify.state), ['S', 'F', 'P', 'I']))
    .addOption(duration('--since <time>', t(notify.since)))
    .addOption(value('--hf-seq-id <id>', t(frame.hfSeqId)))
    .addOption(value('--req-seq-id <id>', t(frame.reqSeqId)))
    .addOption(choice('--verdict <verdict>', t(notify.verdict), VERDICTS))
    .addOption(value('--limit <n>', t(notify.limit), count));
  return command;
}

/** A whole number from 1. */
export function count(text: string, flag: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new DougongError('usage', 'FLAG_INVALID', {flag, value: text, choices: '1-9999999'});
  return Number(text);
}

export function toFilter(ctx: Context, flags: FilterFlags): NoticeFilter {
  return {
    kinds: flags.kind,
    trans_stat: flags.state,
    verdict: flags.verdict,
    hf_seq_id: flags.hfSeqId,
    req_seq_id: flags.reqSeqId,
    since: flags.since && ctx.world.now() - flags.since,
    profile: flags.profile,
    limit: flags.limit,
  };
}

export function addNotify(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const group = program.command('notify').description(t(summaries.notify)) as DougongCommand;

  const list = filters(group.command('list').description(t(notify.list)) as DougongCommand, ctx);
  leaf<FilterFlags>(list, ctx, 'dougong notify list --since 2h --kind refund', async flags => {
    const notices = (await openStore(ctx)).list(toFilter(ctx, flags));
    const {noticeJson} = await import('../io/notices.ts');
    if (ctx.io.json) for (const notice of notices) ctx.io.row(noticeJson(notice), () => '');
    else if (notices.length === 0) ctx.io.note(t(notify.empty));
    else ctx.io.data(notices, await tableOf(ctx, notices));
  });

  const show = group.command('show').argument('<id>').description(t(notify.show)) as DougongCommand;
  show.option('--show-personal', t(notify.showPersonal));
  leaf<GlobalFlags & {showPersonal?: boolean}>(show, ctx, 'dougong notify show 17', (flags, id = '') =>
    showOne(ctx, id, flags.showPersonal === true),
  );
  addResend(group, ctx);
  addVerify(group, ctx);

  const out = filters(group.command('export').description(t(notify.export)) as DougongCommand, ctx);
  out
    .addOption(value('--out <path>', t(notify.out)))
    .addOption(choice('--format <format>', t(notify.format), ['csv', 'json', 'ndjson']));
  leaf<FilterFlags & {out?: string; format?: string}>(
    out,
    ctx,
    'dougong notify export --since 7d --out week.csv',
    flags => exportAll(ctx, flags),
  );

  const stats = group.command('stats').description(t(notify.stats)) as DougongCommand;
  stats.addOption(duration('--since <time>', t(notify.since)));
  leaf<GlobalFlags & {since?: number}>(stats, ctx, 'dougong notify stats --since 1d', async flags => {
    const store = await openStore(ctx);
    const counts = store.counts(flags.since && ctx.world.now() - flags.since);
    const {elsewhere: _elsewhere, ...forwards} = store.outbox();
    const {head, marks} = notify;
    const rows = counts.map(one => [
      t(noticeKinds[one.kind as NoticeKind]),
      one.verdict,
      [one.foreign ? t(marks.foreign) : '', one.conflict ? t(marks.conflict) : ''].filter(Boolean).join(' '),
      String(one.count),
      String(one.arrivals),
    ]);
    const table = await ctx.io.table([t(head.kind), t(head.verdict), '', t(head.count), t(head.arrivals)], rows);
    const words = Object.entries(forwards).map(([state, number]) => `${state} ${number}`);
    ctx.io.data({result: {messages: counts, forwards}}, () => `${table}\n${t(head.forwards)}: ${words.join(', ')}`);
  });

  const prune = group.command('prune').description(t(notify.prune)) as DougongCommand;
  prune
    .addOption(duration('--bodies-after <time>', t(notify.bodiesAfter)))
    .addOption(duration('--rows-after <time>', t(notify.rowsAfter)))
    .option('--dry-run', t(notify.dryRun));
  leaf<GlobalFlags & {bodiesAfter?: number; rowsAfter?: number; dryRun?: boolean}>(
    prune,
    ctx,
    'dougong notify prune --dry-run',
    async flags => {
      const now = ctx.world.now();
      const before = {
        bodies: now - (flags.bodiesAfter ?? 90 * DAY_MS),
        rows: now - (flags.rowsAfter ?? 400 * DAY_MS),
      };
      const found = (await openStore(ctx)).prune(before, flags.dryRun === true);
      ctx.io.data({result: {...found, dry_run: flags.dryRun === true}}, () =>
        ctx.say(notify.pruned, {bodies: String(found.bodies), rows: String(found.rows)}),
      );
    },
  );
}

async function tableOf(ctx: Context, notices: readonly Notice[]): Promise<() => string> {
  const {t} = ctx;
  const {head, marks} = notify;
  const {numberOf} = await import('../io/notices.ts');
  const titles = [head.id, head.when, head.kind, head.amount, head.state, head.number, head.verdict, head.times].map(t);
  const rows = notices.map(notice => {
    const {kind, amount, trans_stat, acct_stat, event} = notice.facts;
    const mark = notice.foreign ? t(marks.foreign) : notice.conflictOf ? t(marks.conflict) : notice.verdict;
    return [
      notice.id,
      beijingClock(notice.at),
      kind === 'event' && event ? event : t(noticeKinds[kind]),
      amount ?? '',
      [trans_stat, acct_stat].filter(Boolean).join('/'),
      numberOf(notice),
      mark,
      String(notice.times),
    ];
  });
  const table = await ctx.io.table(titles, rows);
  return () => table;
}

async function showOne(ctx: Context, id: string, personal: boolean): Promise<void> {
  const store = await openStore(ctx);
  const named = store.get(id) ?? store.list({req_seq_id: id}).at(-1) ?? store.list({hf_seq_id: id}).at(-1);
  const notice = named && store.get(named.id);
  if (!notice) throw new DougongError('usage', 'NOTICE_UNKNOWN', {id});
  const [{noticeJson}, {readMessage}, {hideValues, personalValues}] = await Promise.all([
    import('../io/notices.ts'),
    import('../../core/notice.ts'),
    import('../io/personal.ts'),
  ]);
  const {body, url, channel, headers} = notice;
  const from = {contentType: headers['content-type'], url, channel};
  const read = body && readMessage({body, ...from}, {huifu: []});
  const hidden = personal || !read?.data ? [] : personalValues(read.data);
  const shown = (text: string | undefined) => (text === undefined ? undefined : hideValues(text, hidden));
  const facts = {
    ...noticeJson(notice),
    url,
    headers,
    body: shown(body?.toString('utf8')),
    text: shown(read?.text),
    forwards: store.forwards(notice.id).map(({notice_id: _notice, ...one}) => one),
  };
  const {t} = ctx;
  ctx.io.data({result: facts}, () => {
    const {body: bodyText, text, headers: head, forwards, ...rest} = facts;
    const word = (one: unknown) => plain(typeof one === 'string' ? one : JSON.stringify(one));
    const lines = Object.entries(rest)
      .filter(([, one]) => one !== undefined)
      .map(
        ([name, one]) =>
          `${name.padEnd(16)}${name === 'at' || name === 'last_at' ? beijingClock(Number(one)) : word(one)}`,
      );
    const sent = forwards.map(
      one => `  ${word(one.target)}  ${one.state}  ${one.status ?? '-'}  ${one.ack ?? '-'}  ${word(one.answer ?? '')}`,
    );
    return [
      ...lines,
      `\n${t(notify.head.headers)}\n${word(head)}`,
      `\n${t(notify.head.body)}\n${bodyText === undefined ? t(notify.erased) : plain(bodyText)}`,
      ...(text === undefined ? [] : [`\n${t(notify.head.text)}\n${plain(text)}`]),
      ...(sent.length > 0 ? [`\n${t(notify.head.forwards)}`, ...sent] : []),
    ].join('\n');
  });
}

const CSV_COLUMNS = [
  'id',
  'at',
  'kind',
  'channel',
  'verdict',
  'foreign',
  'conflict_of',
  'times',
  'huifu_id',
  'req_date',
  'req_seq_id',
  'hf_seq_id',
  'org_req_date',
  'org_req_seq_id',
  'amount',
  'trans_stat',
  'acct_stat',
  'notify_type',
  'event',
  'environment',
  'profile',
];

async function exportAll(ctx: Context, flags: FilterFlags & {out?: string; format?: string}): Promise<void> {
  const notices = (await openStore(ctx)).list(toFilter(ctx, flags));
  const {noticeJson} = await import('../io/notices.ts');
  const rows = notices.map(noticeJson);
  const format = flags.format ?? (ctx.io.json ? 'ndjson' : 'csv');
  let text: string;
  if (format === 'json') text = `${JSON.stringify(rows)}\n`;
  else if (format === 'ndjson') text = rows.map(row => `${JSON.stringify(row)}\n`).join('');
  else {
    const {csvLines} = await import('../io/csv.ts');
    const cell = (one: unknown) => (one === undefined ? '' : String(one));
    const lines = rows.map(row =>
      CSV_COLUMNS.map(name => (name === 'at' ? beijingClock(Number(row.at)) : cell(row[name]))),
    );
    text = await csvLines([CSV_COLUMNS, ...lines]);
  }
  if (flags.out === undefined) {
    if (!ctx.io.closed) ctx.world.stdout.write(text);
    return;
  }
  const file = resolve(ctx.world.cwd, flags.out);
  await writeFile(file, text, {mode: 0o600}).catch(cause => {
    throw new DougongError('local', 'FILE_UNWRITABLE', {file, reason: String(cause.code)}, {cause});
  });
  const said = {count: String(rows.length), file};
  ctx.io.data({result: {count: rows.length, file}}, () => ctx.say(notify.exported, said));
}
