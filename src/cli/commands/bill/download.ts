import {resolve} from 'node:path';
import type {Outcome} from '../../../bills/download.ts';
import {beijingClock} from '../../../core/beijing.ts';
import {billTypeOf, readBillTypes} from '../../../core/bill-types.ts';
import {DougongError} from '../../../core/errors.ts';
import type {DougongCommand} from '../../commander.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {day, duration, leaf, value} from '../../flags.ts';
import {plain} from '../../io/streams.ts';
import {bill} from '../../messages/bill.ts';
import {frame} from '../../messages/frame.ts';
import {billTools, month, tradeDay} from './session.ts';

interface DownloadFlags extends GlobalFlags {
  date?: string;
  fileDate?: string;
  from?: string;
  to?: string;
  month?: string;
  type?: string;
  out?: string;
  daily?: boolean;
  wait?: boolean;
  waitTimeout?: number;
  refresh?: boolean;
  unpack?: boolean;
  allowHttp?: boolean;
}

const WAIT_MS = 2 * 86_400_000;

export function addBillDownload(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = group.command('download').description(t(bill.download)) as DougongCommand;
  command
    .addOption(tradeDay('--date <yyyyMMdd>', t(bill.date), ctx))
    .addOption(day('--file-date <yyyyMMdd>', t(bill.fileDate)))
    .addOption(tradeDay('--from <yyyyMMdd>', t(bill.from), ctx))
    .addOption(tradeDay('--to <yyyyMMdd>', t(bill.to), ctx))
    .addOption(month('--month <yyyy-MM>', t(bill.month)))
    .addOption(value('--type <name>', t(bill.type)))
    .addOption(value('--out <path>', t(bill.out)))
    .option('--daily', t(bill.daily))
    .option('--wait', t(bill.wait))
    .addOption(duration('--wait-timeout <time>', t(frame.waitTimeout)))
    .option('--refresh', t(bill.refresh))
    .option('--no-unpack', t(bill.noUnpack))
    .option('--allow-http', t(bill.allowHttp));
  leaf<DownloadFlags>(command, ctx, 'dougong bill download --date yesterday --profile sandbox', async flags => {
    const word = flags.type ?? 'trade';
    const types = readBillTypes(word);
    const [{wantsOf, planBills}, {downloadBills}] = await Promise.all([
      import('../../../bills/query.ts'),
      import('../../../bills/download.ts'),
    ]);
    const wants = wantsOf({types, ...spanOf(flags), daily: flags.daily}, ctx.world.now());
    const tools = await billTools(ctx, await ctx.session());
    if (wants.length > 1) {
      const {dates, queries, left, days, months} = await planBills(tools, wants);
      const words = {dates, queries, left, days, months};
      ctx.io.note(ctx.say(bill.plan, Object.fromEntries(Object.entries(words).map(([name, n]) => [name, String(n)]))));
    }
    const {makeBytes} = await import('../../io/bytes.ts');
    const bar = makeBytes(ctx);
    const out = resolve(ctx.world.cwd, flags.out ?? 'bills');
    const {error} = await downloadBills(tools, {
      wants,
      out,
      everyKind: word === 'all',
      wait: flags.wait === true,
      waitTimeoutMs: flags.waitTimeout ?? WAIT_MS,
      refresh: flags.refresh === true,
      unpack: flags.unpack !== false,
      allowHttp: flags.allowHttp === true,
      progress: bar.show,
      done(outcome) {
        bar.clear();
        ctx.io.row(rowOf(outcome, out), () => lineOf(ctx, outcome, out));
      },
      waiting: until => ctx.io.note(ctx.say(bill.waiting, {at: beijingClock(until)})),
    }).finally(bar.clear);
    if (error) throw error;
  });
}

/** Exactly one way to say which days. */
function spanOf(flags: DownloadFlags): {from?: string; to?: string; file_date?: string; month?: string} {
  const {date, fileDate, from, to} = flags;
  const given = [
    ['--date', date],
    ['--file-date', fileDate],
    ['--from', from ?? to],
    ['--month', flags.month],
  ].filter(([, text]) => text !== undefined);
  if (given.length === 0) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--date'});
  if (given.length > 1) throw new DougongError('usage', 'FLAG_CONFLICT', {flag: given[0]![0]!, other: given[1]![0]!});
  if ((from === undefined) !== (to === undefined))
    throw new DougongError('usage', 'FLAG_REQUIRED', {flag: from === undefined ? '--from' : '--to'});
  if (fileDate) return {file_date: fileDate};
  return flags.month ? {month: flags.month} : {from: from ?? date, to: to ?? date};
}

function rowOf({period, file_date, bill_type, state, file}: Outcome, out: string) {
  const at = (name: string) => resolve(out, name);
  return {
    period,
    file_date,
    bill_type,
    state,
    ...(file && {
      file: at(file.file),
      bytes: file.bytes,
      sha256: file.sha256,
      parts: file.parts.map(part => ({...part, file: at(part.file)})),
    }),
  };
}

function lineOf(ctx: Context, {period, bill_type, state, file}: Outcome, out: string): string {
  const word = billTypeOf(bill_type)?.word ?? bill_type;
  const head = `${period}  ${plain(word)}  `;
  if (!file) return `${head}${ctx.t(bill.none)}`;
  const parts = file.parts.map(part => `\n  ${plain(resolve(out, part.file))}`);
  const kept = state === 'kept' ? `  ${ctx.t(bill.kept)}` : '';
  return `${head}${plain(resolve(out, file.file))}  ${file.bytes}${kept}${parts.join('')}`;
}
