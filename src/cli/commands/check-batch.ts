import {readFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import {type ColumnSpec, readRows} from '../../core/rows.ts';
import {runBatch} from '../../operations/batch.ts';
import {type CheckInput, checkConfig, MERCHANT_LAYERS, standingOf} from '../../operations/check-config.ts';
import type {Context} from '../context.ts';
import {findingJson, sentenceOf} from '../io/findings.ts';
import {makeProgress} from '../io/progress.ts';
import {openResultFile} from '../io/result-file.ts';
import {check, findings as words} from '../messages/check.ts';
import {explanations, who} from '../messages/explanations.ts';
import type {CheckFlags} from './check-config.ts';
import {notReady} from './check-config.ts';

const COLUMNS: readonly ColumnSpec[] = [
  {name: 'huifu_id', aliases: ['商户号', '汇付商户号'], required: true},
  {name: 'sub_appid', aliases: ['appid', '小程序appid']},
];
const OUT = ['huifu_id', 'sub_appid', 'state', 'first', 'code', 'message', 'who'] as const;

interface Merchant {
  huifu_id: string;
  sub_appid: string;
}
type State = 'ready' | 'waiting' | 'not-ready' | 'error';
type Row = Record<(typeof OUT)[number], string>;

/** Many merchants: what holds for all is checked once, then each with bounded concurrency and rate. */
export async function checkBatch(ctx: Context, input: CheckInput, flags: CheckFlags): Promise<void> {
  const merchants = await readMerchants(ctx, input, flags);
  const keyOf = ({huifu_id, sub_appid}: Merchant) => `${huifu_id} ${sub_appid}`;
  const file =
    flags.out === undefined
      ? undefined
      : await openResultFile(resolve(ctx.world.cwd, flags.out), OUT, row => row.state !== 'error');
  try {
    const results = new Map((file?.kept ?? []).map(row => [keyOf(row as unknown as Merchant), row as Row]));
    const kept = merchants.filter(one => results.has(keyOf(one)));
    if (kept.length > 0) ctx.io.note(ctx.say(check.kept, {count: String(kept.length)}));
    const open = merchants.filter(one => !results.has(keyOf(one)));
    if (open.length > 0) {
      const shared = await checkConfig(
        {...input, huifuId: open[0]!.huifu_id},
        {layers: ['local', 'network', 'signature']},
      );
      const standing = standingOf(shared);
      if (standing.first) throw await notReady(ctx, standing.state, standing.first, false);
      const {read} = await ctx.session();
      const progress = makeProgress(ctx, open.length);
      const end = await runBatch<Merchant, Row>(
        ctx.world,
        open,
        async merchant => {
          const {huifu_id: huifuId, sub_appid} = merchant;
          const mine = {...input, huifuId, subAppid: sub_appid || undefined, open: async () => ({...read, huifuId})};
          const found = await checkConfig(mine, {layers: MERCHANT_LAYERS, before: shared});
          return {result: rowOf(ctx, merchant, found)};
        },
        {
          concurrency: flags.concurrency ?? 8,
          rate: flags.rate ?? 20,
          async onDone(merchant, row) {
            results.set(keyOf(merchant), row);
            await file?.append(row);
            progress.tick();
            if (ctx.io.json) ctx.io.row(row, () => '');
          },
        },
      ).finally(() => progress.end());
      if (end.stopped) throw new DougongError('interrupted', 'INTERRUPTED');
    }
    await report(
      ctx,
      merchants.map(one => results.get(keyOf(one))!),
    );
  } finally {
    file?.close();
  }
}

async function readMerchants(ctx: Context, input: CheckInput, flags: CheckFlags): Promise<Merchant[]> {
  const table = await readRows(await readInput(ctx, flags.batch!), COLUMNS, flags.map);
  const seen = new Map<string, number>();
  const merchants: Merchant[] = [];
  for (const {line, cells} of table.rows) {
    const huifu_id = cells.huifu_id ?? '';
    if (huifu_id === '') throw new DougongError('usage', 'ROW_EMPTY', {line: String(line), name: 'huifu_id'});
    const sub_appid = cells.sub_appid || input.subAppid || '';
    const first = seen.get(`${huifu_id} ${sub_appid}`);
    if (first === undefined) merchants.push({huifu_id, sub_appid});
    else ctx.io.warn(ctx.say(check.repeats, {line: String(line), first: String(first)}));
    seen.set(`${huifu_id} ${sub_appid}`, first ?? line);
  }
  if (merchants.length === 0) throw new DougongError('usage', 'ROWS_EMPTY');
  return merchants;
}

/** The bytes of a named file, or of stdin for "-". */
export async function readInput(ctx: Context, file: string): Promise<Uint8Array> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of ctx.world.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(resolve(ctx.world.cwd, file));
  } catch (cause) {
    throw new DougongError(
      'local',
      'FILE_UNREADABLE',
      {file, reason: String((cause as {code?: string}).code)},
      {cause},
    );
  }
}

function rowOf(ctx: Context, {huifu_id, sub_appid}: Merchant, found: Awaited<ReturnType<typeof checkConfig>>): Row {
  const {state, first} = standingOf(found);
  if (!first) return {huifu_id, sub_appid, state: 'ready', first: '', code: '', message: '', who: ''};
  const unanswered = found.find(({code}) => code === 'NO_ANSWER');
  const shown = unanswered ?? first;
  const json = findingJson(ctx, shown);
  const [key] = shown.explained ?? [];
  const actor = words[shown.code].who ?? (key && explanations[key].who);
  return {
    huifu_id,
    sub_appid,
    state: unanswered ? 'error' : state,
    first: shown.id,
    code: shown.code,
    message: [sentenceOf(ctx, shown), (json.gateway as {resp_desc?: string} | undefined)?.resp_desc]
      .filter(Boolean)
      .join(' | '),
    who: actor ? ctx.t(who[actor]) : '',
  };
}

async function report(ctx: Context, rows: Row[]): Promise<void> {
  const {head, states} = check;
  const of = (state: State) => rows.filter(row => row.state === state).length;
  if (!ctx.io.json) {
    const titles = [head.merchant, head.appid, head.state, head.first, head.what, head.who].map(ctx.t);
    const table = await ctx.io.table(
      titles,
      rows.map(row => [
        row.huifu_id,
        row.sub_appid,
        ctx.t(states[row.state as State]),
        row.first,
        row.message,
        row.who,
      ]),
    );
    ctx.io.data(rows, () => table);
  }
  const counts = {
    total: String(rows.length),
    ready: String(of('ready')),
    waiting: String(of('waiting')),
    notReady: String(of('not-ready')),
    errors: String(of('error')),
  };
  ctx.io.note(ctx.say(check.summary, counts));
  if (of('error') > 0) throw new DougongError('network', 'BATCH_UNANSWERED', {count: counts.errors});
  if (of('not-ready') > 0) throw new DougongError('refused', 'BATCH_NOT_READY', {count: counts.notReady});
  if (of('waiting') > 0) throw new DougongError('pending', 'BATCH_WAITING', {count: counts.waiting});
}
