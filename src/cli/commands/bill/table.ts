import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import type {Duck} from '../../../bills/duck.ts';
import type {BillPart} from '../../../bills/read.ts';
import {DougongError} from '../../../core/errors.ts';
import type {Context} from '../../context.ts';
import {plain} from '../../io/streams.ts';
import {table} from '../../messages/bill-table.ts';

/** Runs work with a folder of its own, gone afterwards whatever happens. */
export async function withTemp<T>(ctx: Context, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(ctx.world.env.TMPDIR || tmpdir(), 'dougong-bill-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** The table engine, closed at the end. */
export async function withDuck<T>(
  ctx: Context,
  folder: string,
  work: (duck: Duck) => Promise<T>,
  limits: {memoryMb?: number; threads?: number} = {},
): Promise<T> {
  const {openDuck} = await import('../../../bills/duck.ts');
  const duck = await openDuck({tempDir: folder, ...limits, signal: ctx.world.signal});
  try {
    return await work(duck);
  } finally {
    duck.close();
  }
}

/** Statements or orders as given on the command line, understood; what is not recognised is said. */
export async function partsOf(
  ctx: Context,
  paths: readonly string[],
  map: Record<string, string> | undefined,
  tempDir: string,
): Promise<BillPart[]> {
  const {openParts} = await import('../../../bills/read.ts');
  const files = paths.map(path => resolve(ctx.world.cwd, path));
  // A folder of its own: statement and orders are opened side by side.
  const folder = await mkdtemp(join(tempDir, 'open-'));
  const parts = await openParts(files, {map, tempDir: folder, signal: ctx.world.signal});
  const unknown = new Set(
    parts.flatMap(({headings}) => headings.filter(one => !one.column).map(({heading}) => heading)),
  );
  if (unknown.size > 0) ctx.io.note(ctx.say(table.unknown, {columns: plain([...unknown].join(', '))}));
  return parts;
}

/** An output must never be one of the inputs. */
export function refuseSame(ctx: Context, out: string, inputs: readonly string[]): string {
  const file = resolve(ctx.world.cwd, out);
  if (inputs.some(path => resolve(ctx.world.cwd, path) === file))
    throw new DougongError('usage', 'TABLE_OUT_SAME', {file: out});
  return file;
}
