import {resolve} from 'node:path';
import {DougongError} from '../../../core/errors.ts';
import {runBatch} from '../../../operations/batch.ts';
import {PAYMENT_COLUMNS, type PaymentRow, paymentRows} from '../../../operations/batch-rows.ts';
import {queryPayment} from '../../../operations/query.ts';
import {type ReadTools, str} from '../../../operations/tools.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {makeProgress} from '../../io/progress.ts';
import {openResultFile} from '../../io/result-file.ts';
import {check} from '../../messages/check.ts';
import {errors} from '../../messages/errors.ts';
import {type BatchFlags, readBatch, refuseProblems} from './common.ts';

const OUT = [
  'line',
  'huifu_id',
  'req_date',
  'req_seq_id',
  'hf_seq_id',
  'trans_amt',
  'trans_stat',
  'acct_stat',
  'resp_code',
  'resp_desc',
  'code',
  'message',
] as const;
type Row = Record<(typeof OUT)[number], string>;

/** Many payments asked for, one row each; with --out the same command asks only for what had not ended. */
export async function queryBatch(ctx: Context, flags: GlobalFlags & BatchFlags): Promise<void> {
  const table = await readBatch(ctx, flags, PAYMENT_COLUMNS);
  const {rows, problems} = paymentRows(table.rows);
  refuseProblems(ctx, problems);
  const {read} = await ctx.session();
  const ended = (row: Partial<Row>) => row.trans_stat === 'S' || row.trans_stat === 'F';
  const file =
    flags.out === undefined ? undefined : await openResultFile(resolve(ctx.world.cwd, flags.out), OUT, ended);
  const progress = makeProgress(ctx, rows.length);
  try {
    const results = new Map<number, Row>();
    for (const kept of (file?.kept ?? []) as Row[]) {
      const row = rows.find(one => String(one.line) === kept.line);
      if (row && sameAs(row, kept)) results.set(row.line, kept);
    }
    if (results.size > 0) ctx.io.note(ctx.say(check.kept, {count: String(results.size)}));
    const end = await runBatch<PaymentRow, Row>(
      ctx.world,
      rows.filter(({line}) => !results.has(line)),
      async row => {
        const result = await ask(ctx, read, row);
        return {result, throttled: /^9(11|14)$/.test(result.resp_code)};
      },
      {
        concurrency: flags.concurrency ?? 4,
        rate: flags.rate ?? 10,
        async onDone(row, result) {
          results.set(row.line, result);
          await file?.append(result);
          progress.tick();
          if (ctx.io.json) ctx.io.row(result, () => '');
        },
      },
    );
    if (end.stopped) throw new DougongError('interrupted', 'INTERRUPTED');
    const all = rows.map(({line}) => results.get(line)!);
    await file?.rewrite(all);
    await show(ctx, all);
  } finally {
    progress.end();
    file?.close();
  }
}

function sameAs({locator}: PaymentRow, kept: Row): boolean {
  return Object.entries(locator).every(([name, id]) => kept[name as keyof Row] === id);
}

async function ask(ctx: Context, read: ReadTools, {line, huifu_id = read.huifuId, locator}: PaymentRow): Promise<Row> {
  const base = {...Object.fromEntries(OUT.map(name => [name, ''])), ...locator, line: String(line), huifu_id} as Row;
  try {
    const {data} = await queryPayment({...read, huifuId: huifu_id}, locator);
    const of = (...names: string[]) => str(data, ...names) ?? '';
    return {
      ...base,
      req_date: of('req_date', 'org_req_date') || base.req_date,
      req_seq_id: of('req_seq_id', 'org_req_seq_id') || base.req_seq_id,
      hf_seq_id: of('hf_seq_id', 'org_hf_seq_id') || base.hf_seq_id,
      trans_amt: of('trans_amt'),
      trans_stat: of('trans_stat'),
      acct_stat: of('acct_stat'),
      resp_code: of('resp_code'),
      resp_desc: of('resp_desc'),
    };
  } catch (error) {
    if (!(error instanceof DougongError) || error.kind === 'interrupted') throw error;
    const {resp_code, resp_desc = '', http_status} = error.gateway ?? {};
    const status = http_status !== undefined && http_status !== 200 ? String(http_status) : '';
    return {
      ...base,
      resp_code: resp_code ?? status,
      resp_desc,
      code: error.code,
      message: ctx.say(errors[error.code], error.params),
    };
  }
}

async function show(ctx: Context, rows: Row[]): Promise<void> {
  if (!ctx.io.json) {
    const columns = ['line', 'req_date', 'req_seq_id', 'hf_seq_id', 'trans_amt', 'trans_stat', 'message'] as const;
    const table = await ctx.io.table(
      [...columns],
      rows.map(row => columns.map(name => row[name])),
    );
    ctx.io.data(rows, () => table);
  }
  const unanswered = rows.filter(({code, resp_code}) => code !== '' && resp_code === '');
  const refused = rows.filter(({code, resp_code}) => code !== '' && resp_code !== '');
  if (unanswered.length > 0) throw new DougongError('network', 'BATCH_NOT_SENT', {count: String(unanswered.length)});
  if (refused.length > 0) throw new DougongError('refused', 'BATCH_REFUSED', {count: String(refused.length)});
}
