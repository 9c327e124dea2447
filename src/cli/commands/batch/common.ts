import {resolve} from 'node:path';
import {DougongError} from '../../../core/errors.ts';
import {type ColumnSpec, type InputTable, readRows} from '../../../core/rows.ts';
import type {RowProblem} from '../../../operations/batch-rows.ts';
import type {DougongCommand} from '../../commander.ts';
import type {Context} from '../../context.ts';
import {count, mapping, value} from '../../flags.ts';
import {plain} from '../../io/streams.ts';
import {batch, problems as words} from '../../messages/batch.ts';

export interface BatchFlags {
  batch?: string;
  out?: string;
  map?: Record<string, string>;
  concurrency?: number;
  rate?: number;
}

/** Adds the flags that every batch has. */
export function batchFlags(command: DougongCommand, ctx: Context): DougongCommand {
  const {t} = ctx;
  return command
    .addOption(value('--batch <file>', t(batch.file)))
    .addOption(value('--out <path>', t(batch.out)))
    .addOption(mapping('--map <name=heading>', t(batch.map)))
    .addOption(count('--concurrency <n>', t(batch.concurrency), 1, 64))
    .addOption(count('--rate <n>', t(batch.rate), 1, 1000)) as DougongCommand;
}

/** Flags that only a batch has are refused without one; flags of a single call are refused beside one. */
export function checkBatchFlags(flags: object, only: readonly string[], never: readonly string[]): void {
  const given = flags as Record<string, unknown>;
  const flag = (name: string) => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
  const isBatch = given.batch !== undefined;
  for (const name of isBatch ? never : ['out', 'map', 'concurrency', 'rate', ...only]) {
    if (given[name] === undefined) continue;
    if (isBatch) throw new DougongError('usage', 'FLAG_CONFLICT', {flag: flag(name), other: '--batch'});
    throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--batch'});
  }
}

/** Reads the rows; the result file may never be the input. */
export async function readBatch(ctx: Context, flags: BatchFlags, columns: readonly ColumnSpec[]): Promise<InputTable> {
  const {cwd} = ctx.world;
  if (flags.out !== undefined && flags.batch !== '-' && resolve(cwd, flags.out) === resolve(cwd, flags.batch!))
    throw new DougongError('usage', 'BATCH_OUT_SAME', {file: flags.batch!});
  const {readInput} = await import('../check-batch.ts');
  const table = await readRows(await readInput(ctx, flags.batch!), columns, flags.map);
  if (table.rows.length === 0) throw new DougongError('usage', 'ROWS_EMPTY');
  return table;
}

const SHOWN = 20;

/** Rows that cannot be used end the command before anything is sent; the first twenty are told. */
export function refuseProblems(ctx: Context, problems: readonly RowProblem[]): void {
  const [first] = problems;
  if (!first) return;
  const sentence = ({problem, column, value: cell}: RowProblem) =>
    plain(ctx.say(words[problem], {column, value: cell.slice(0, 60)}));
  for (const one of problems.slice(1, SHOWN)) ctx.io.note(`${one.line}: ${sentence(one)}`);
  const lines = new Set(problems.map(({line}) => line)).size;
  const params = {count: String(lines), line: String(first.line), reason: sentence(first)};
  throw new DougongError('usage', 'BATCH_ROWS', params);
}
