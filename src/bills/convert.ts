import {createReadStream, createWriteStream} from 'node:fs';
import {chmod, rename, rm} from 'node:fs/promises';
import {pipeline} from 'node:stream/promises';
import {DougongError} from '../core/errors.ts';
import {streamRecords} from '../core/rows.ts';
import {type Duck, named, quoted} from './duck.ts';
import type {BillPart} from './read.ts';
import {partsSql, reading} from './sql.ts';

export type ConvertFormat = 'csv' | 'ndjson' | 'parquet';

/** The columns of a result: every term and heading of the parts, in their order. */
export function columnsOfParts(parts: readonly BillPart[]): {name: string; amount: boolean}[] {
  const all = new Map<string, boolean>();
  for (const {headings} of parts)
    for (const {name, column} of headings) if (!all.has(name)) all.set(name, column?.kind === 'amount');
  return [...all].map(([name, isAmount]) => ({name, amount: isAmount}));
}

/**
 * Writes statements as one file: CSV for a spreadsheet (UTF-8 with BOM, long digits kept as text, formulas made
 * harmless), NDJSON with amounts as text, or Parquet with amounts as DECIMAL(18,2). The file appears whole or not at all.
 *
 * @throws DougongError `usage` TABLE_AMOUNT, TABLE_BROKEN; `local` FILE_UNWRITABLE.
 */
export async function convert(
  duck: Duck,
  parts: readonly BillPart[],
  out: string,
  format: ConvertFormat,
): Promise<{rows: string}> {
  const temp = `${out}.part`;
  const columns = columnsOfParts(parts);
  const names = parts.map(({name}) => name).join(', ');
  try {
    const rows = await reading(names, async parallel => {
      const source = `(${partsSql(parts, parallel)})`;
      const formulas = parts.some(part => part.formulas || !part.tidy);
      const copied = await duck.rows(
        `COPY (SELECT ${selection(columns, format, formulas)} FROM ${source}) TO ${quoted(temp)} (${options(format)})`,
      );
      await chmod(temp, 0o600);
      return copied[0]?.Count ?? '0';
    });
    await rename(temp, out);
    return {rows};
  } catch (error) {
    await rm(temp, {force: true});
    throw error;
  }
}

function selection(
  columns: readonly {name: string; amount: boolean}[],
  format: ConvertFormat,
  formulas: boolean,
): string {
  return columns
    .map(({name, amount}, at) => {
      const cell = named(name);
      if (format === 'parquet') return cell;
      if (format === 'ndjson') return amount ? `CAST(${cell} AS VARCHAR) AS ${cell}` : cell;
      // The BOM stands before the first heading, so that a spreadsheet takes the file for UTF-8.
      const shown = at === 0 ? named(`\uFEFF${name}`) : cell;
      return amount ? `${cell} AS ${shown}` : `NULLIF(${safe(cell, formulas)}, '') AS ${shown}`;
    })
    .join(', ');
}

/** As cli/io/csv.ts does for small files: a quote before formulas, a tab before digits that would be rounded. */
function safe(cell: string, formulas: boolean): string {
  const formula = `WHEN substr(${cell}, 1, 1) IN ('=', '+', '-', '@') THEN '''' || ${cell}`;
  return `CASE ${formulas ? formula : ''}
    WHEN length(${cell}) >= 12 AND regexp_full_match(${cell}, '[0-9]+') THEN E'\\t' || ${cell} ELSE ${cell} END`;
}

function options(format: ConvertFormat): string {
  if (format === 'csv') return 'FORMAT csv, HEADER true';
  return format === 'ndjson' ? 'FORMAT json' : 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440';
}

const AMOUNT = /^-?\d{1,16}(\.\d{1,2})?$/;
const SUM_LINE = /^(合计|总计|小计|汇总|总笔数|总金额|total|sum)/i;

/**
 * The same for CSV and NDJSON where DuckDB is missing: slower, one record at a time, with flat memory.
 *
 * @throws as convert.
 */
export async function convertPlain(
  parts: readonly BillPart[],
  out: string,
  format: 'csv' | 'ndjson',
): Promise<{rows: string}> {
  const {stringify} = await import('csv-stringify/sync');
  const columns = columnsOfParts(parts);
  const temp = `${out}.part`;
  let rows = 0;
  async function* lines() {
    if (format === 'csv') yield `\uFEFF${stringify([columns.map(({name}) => name)])}`;
    for (const part of parts) {
      for await (const record of streamRecords(texts(part.file), part.skip + 1)) {
        const cells = record.map(cleaned);
        if (isSum(part, cells)) continue;
        const byName = new Map(
          part.headings.map(({name, column}, at) => [name, cellValue(part, column?.kind, name, cells[at] ?? '')]),
        );
        rows += 1;
        if (format === 'ndjson')
          yield `${JSON.stringify(Object.fromEntries(columns.map(({name}) => [name, byName.get(name) ?? null])))}\n`;
        else
          yield stringify([
            columns.map(({name, amount}) => (amount ? (byName.get(name) ?? '') : safeText(byName.get(name) ?? ''))),
          ]);
      }
    }
  }
  try {
    await pipeline(lines, createWriteStream(temp, {mode: 0o600}));
    await rename(temp, out);
    return {rows: String(rows)};
  } catch (error) {
    await rm(temp, {force: true});
    if (error instanceof DougongError) throw error;
    throw new DougongError(
      'local',
      'FILE_UNWRITABLE',
      {file: out, reason: String((error as {code?: string}).code)},
      {cause: error},
    );
  }
}

async function* texts(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of createReadStream(file, {highWaterMark: 1024 * 1024}) as AsyncIterable<Buffer>)
    yield decoder.decode(piece, {stream: true});
  yield decoder.decode();
}

function cleaned(cell: string): string {
  const formula = /^="([\s\S]*)"$/.exec(cell);
  return formula ? formula[1]! : cell.replace(/^[ \t\u00a0`']+|[ \t\r\u00a0`]+$/g, '');
}

function isSum({headings}: BillPart, cells: readonly string[]): boolean {
  if (SUM_LINE.test(cells[0] ?? '')) return true;
  const ids = headings.flatMap(({column}, at) =>
    column && /^(req_seq_id|hf_seq_id|settle_seq_id|out_trans_id|party_order_id)$/.test(column.name)
      ? [cells[at] ?? '']
      : [],
  );
  return ids.length > 0 && ids.join('') === '';
}

/** An amount as DECIMAL(18,2) writes it, a word as it stands. */
function cellValue(part: BillPart, kind: string | undefined, column: string, cell: string): string | null {
  if (kind !== 'amount') return cell;
  if (cell === '') return null;
  const bare = cell.replaceAll(',', '');
  if (!AMOUNT.test(bare))
    throw new DougongError('usage', 'TABLE_AMOUNT', {file: part.name, column, value: cell.slice(0, 60)});
  const [, sign = '', yuan = '', fen = ''] = /^(-?)0*(\d+)(?:\.(\d+))?$/.exec(bare) ?? [];
  return `${sign}${yuan}.${fen.padEnd(2, '0')}`;
}

function safeText(text: string): string {
  if (/^[=+\-@]/.test(text)) return `'${text}`;
  return /^\d{12,}$/.test(text) ? `\t${text}` : text;
}
