import {stat} from 'node:fs/promises';
import type {ConvertFormat} from '../../../bills/convert.ts';
import type {BillPart} from '../../../bills/read.ts';
import {DougongError} from '../../../core/errors.ts';
import type {DougongCommand} from '../../commander.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {leaf, mapping, value} from '../../flags.ts';
import {table} from '../../messages/bill-table.ts';
import {partsOf, refuseSame, withDuck, withTemp} from './table.ts';

interface ConvertFlags extends GlobalFlags {
  out: string;
  map?: Record<string, string>;
}

const FORMATS: Record<string, ConvertFormat> = {csv: 'csv', ndjson: 'ndjson', jsonl: 'ndjson', parquet: 'parquet'};

export function addBillConvert(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = group.command('convert').argument('<files...>').description(t(table.convert)) as DougongCommand;
  command
    .addOption(value('--out <path>', t(table.to)).makeOptionMandatory())
    .addOption(mapping('--map <name=heading>', t(table.map)));
  const example = 'dougong bill convert 20261123_6666000100000001_order.zip --out trades.parquet';
  leaf<ConvertFlags>(command, ctx, example, async (flags, ...files) => {
    const format = FORMATS[flags.out.toLowerCase().split('.').at(-1) ?? ''];
    if (!format)
      throw new DougongError('usage', 'FLAG_INVALID', {
        flag: '--out',
        value: flags.out,
        choices: '.csv, .ndjson, .parquet',
      });
    const out = refuseSame(ctx, flags.out, files);
    const {rows} = await withTemp(ctx, async folder => {
      const parts = await partsOf(ctx, files, flags.map, folder);
      const {convert, convertPlain} = await import('../../../bills/convert.ts');
      try {
        return await withDuck(ctx, folder, duck => convert(duck, parts, out, format), await limitsFor(parts));
      } catch (error) {
        if (!(error instanceof DougongError) || error.code !== 'DUCKDB_MISSING' || format === 'parquet') throw error;
        return convertPlain(parts, out, format);
      }
    });
    ctx.io.data({result: {file: out, rows}}, () => ctx.say(table.written, {rows, file: flags.out}));
  });
}

const LARGE_BYTES = 512 * 1024 * 1024;

/** Keeping the rows in order holds what threads read ahead: a large statement is read by one, within half a gigabyte. */
async function limitsFor(parts: readonly BillPart[]): Promise<{memoryMb: number; threads?: number}> {
  const sizes = await Promise.all(parts.map(async ({file}) => (await stat(file)).size));
  const large = sizes.reduce((sum, size) => sum + size, 0) > LARGE_BYTES;
  return large ? {memoryMb: 320, threads: 1} : {memoryMb: 512};
}
