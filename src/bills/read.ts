import {isUtf8} from 'node:buffer';
import {createReadStream, createWriteStream} from 'node:fs';
import {open, readdir, stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {type BillTypeName, billTypeOf, readBillName} from '../core/bill-types.ts';
import {DougongError} from '../core/errors.ts';
import {firstRecords} from '../core/rows.ts';
import {type NamedHeading, nameHeadings} from './columns.ts';
import {unpack} from './unpack.ts';

/** One CSV on disk, understood: where its rows begin and what its columns are. UTF-8. */
export interface BillPart {
  /** The name it had when it came, for messages. */
  name: string;
  file: string;
  encoding: 'utf-8' | 'gb18030';
  /** Lines before the first row: those above the heading, and the heading. */
  skip: number;
  delimiter: ',' | '\t';
  /** Whether no cell has anything around it that would have to be taken off. */
  tidy: boolean;
  /** Whether a cell may begin as a formula does. */
  formulas: boolean;
  headings: NamedHeading[];
  type?: BillTypeName;
}

export interface ReadOptions {
  /** term -> heading. */
  map?: Readonly<Record<string, string>>;
  /** Where zips are unpacked and other encodings rewritten; the caller removes it. */
  tempDir: string;
  signal?: AbortSignal;
}

const HEAD_BYTES = 512 * 1024;
const HEAD_RECORDS = 40;
const LINE_MB = 8;
const STATEMENT = /\.(zip|csv|xlsx|txt)$/i;

/**
 * Opens statements and order files of any form: CSV, zip, .xlsx, or a folder of them. Parts of one statement come in the
 * order of their names.
 *
 * @throws DougongError `usage` TABLE_HEADER, TABLE_EMPTY, TABLE_TEXT, TABLE_LINE; `local` FILE_UNREADABLE,
 *   EXCELJS_MISSING; as unpack.
 */
export async function openParts(paths: readonly string[], options: ReadOptions): Promise<BillPart[]> {
  const parts: BillPart[] = [];
  let number = 0;
  for (const path of (await Promise.all(paths.map(filesOf))).flat()) {
    number += 1;
    const unpacked = await unpack(path, join(options.tempDir, `parts-${number}`), {signal: options.signal});
    unpacked.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const {name, file, form} of unpacked) {
      const csv = form === 'xlsx' ? await fromExcel(file, join(options.tempDir, `sheet-${parts.length}.csv`)) : file;
      parts.push(await inspect(name, csv, options, parts.length));
    }
  }
  return parts;
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new DougongError('local', 'FILE_UNREADABLE', {file: path, reason: String(cause.code)}, {cause});
  });
  if (!found.isDirectory()) {
    if (found.size === 0) throw new DougongError('usage', 'TABLE_EMPTY', {file: path});
    return [path];
  }
  const names = (await readdir(path)).filter(name => STATEMENT.test(name)).sort();
  if (names.length === 0) throw new DougongError('usage', 'TABLE_EMPTY', {file: path});
  return names.map(name => join(path, name));
}

/** Finds encoding, heading and columns of one CSV. */
async function inspect(name: string, path: string, options: ReadOptions, number: number): Promise<BillPart> {
  const {encoding, tidy, formulas} = await look(name, path);
  const file = encoding === 'utf-8' ? path : await toUtf8(path, join(options.tempDir, `utf8-${number}.csv`));
  const head = await beginning(file);
  const type = readBillName(name)?.type.name;
  const records = await firstRecords(head, HEAD_RECORDS);
  if (records.length === 0) throw new DougongError('usage', 'TABLE_EMPTY', {file: name});
  const tabbed = records.every(({cells}) => cells.length === 1) && records.some(({cells}) => cells[0]?.includes('\t'));
  const split = tabbed ? records.map(one => ({...one, cells: (one.cells[0] ?? '').split('\t')})) : records;
  const scores = split.map(({cells}) => nameHeadings(cells, type, options.map).filter(one => one.column).length);
  const at = scores.indexOf(Math.max(...scores));
  const heading = split[at]!;
  if (scores[at]! < Math.min(2, heading.cells.length)) {
    const found = (split.find(({cells}) => cells.length > 1) ?? heading).cells.join(', ').slice(0, 160);
    throw new DougongError('usage', 'TABLE_HEADER', {file: name, found});
  }
  const next = split[at + 1];
  const skip = next ? next.line - 1 : heading.line + heading.cells.join('').split('\n').length - 1;
  return {
    name,
    file,
    encoding,
    skip,
    delimiter: tabbed ? '\t' : ',',
    tidy: tidy && !tabbed && encoding === 'utf-8',
    formulas,
    headings: nameHeadings(heading.cells, type, options.map),
    ...(type && {type}),
  };
}

async function beginning(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** What exports put around cells: blanks, tabs, backticks, quotes, `="…"`. */
const AROUND: readonly (readonly [string, readonly string[]])[] = [
  ['\t', ['\t']],
  ['`', ['`']],
  ["'", ["'"]],
  ['\u00a0', ['\u00a0']],
  ['=', ['="']],
  [' ', [' ,', ', ', '" ', ' "', ' \r', ' \n', '\n ']],
];
const FORMULA = ['=', '+', '-', '@'].map(sign => [sign, [`,${sign}`, `\n${sign}`, `"${sign}`, `\t${sign}`]] as const);

/** Reads the whole file once: its encoding, whether it is lines of text at all, and what its cells may need. */
async function look(
  name: string,
  file: string,
): Promise<{encoding: 'utf-8' | 'gb18030'; tidy: boolean; formulas: boolean}> {
  let utf8 = true;
  let tidy = true;
  let formulas = false;
  let before = 10;
  let rest: Buffer = Buffer.alloc(0);
  let sinceLine = 0;
  for await (const piece of createReadStream(file, {highWaterMark: 1024 * 1024}) as AsyncIterable<Buffer>) {
    if (piece.includes(0)) throw new DougongError('usage', 'TABLE_TEXT', {file: name, reason: 'NUL'});
    // A mark of two bytes may be cut by the piece's end.
    const seam = Buffer.concat([Buffer.from([before]), piece.subarray(0, 1)]).toString('latin1');
    // Looking for one byte is many times quicker than for two: a mark is looked for only where its own byte occurs.
    const has = ([own, marks]: readonly [string, readonly string[]]) =>
      piece.includes(own) && marks.some(mark => piece.includes(mark) || seam === mark);
    if (tidy && AROUND.some(has)) tidy = false;
    if (!formulas && FORMULA.some(has)) formulas = true;
    before = piece.at(-1) ?? 10;
    const last = piece.lastIndexOf(10);
    sinceLine = last < 0 ? sinceLine + piece.length : piece.length - last - 1;
    if (sinceLine > LINE_MB * 1024 * 1024)
      throw new DougongError('usage', 'TABLE_LINE', {file: name, limit: String(LINE_MB)});
    if (!utf8) continue;
    // A character may be cut by the piece's end: whatever follows the last line end is judged with the next piece.
    const whole = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const cut = whole.lastIndexOf(10) + 1;
    utf8 = isUtf8(whole.subarray(0, cut));
    rest = Buffer.from(whole.subarray(cut));
  }
  if (utf8 && !isUtf8(rest)) utf8 = false;
  return {encoding: utf8 ? 'utf-8' : 'gb18030', tidy, formulas};
}

async function toUtf8(from: string, to: string): Promise<string> {
  const decoder = new TextDecoder('gb18030');
  await pipeline(
    createReadStream(from, {highWaterMark: 1024 * 1024}),
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) yield decoder.decode(piece, {stream: true});
      yield decoder.decode();
    },
    createWriteStream(to, {mode: 0o600}),
  );
  return to;
}

/** The first sheet of a workbook as CSV; cells as they are shown, dates as yyyy-MM-dd. */
async function fromExcel(from: string, to: string): Promise<string> {
  const {default: Excel} = await import('exceljs').catch((cause: unknown) => {
    throw new DougongError('local', 'EXCELJS_MISSING', {}, {cause});
  });
  const {stringify} = await import('csv-stringify/sync');
  const reader = new Excel.stream.xlsx.WorkbookReader(from, {
    sharedStrings: 'cache',
    worksheets: 'emit',
    styles: 'cache',
  });
  async function* lines() {
    for await (const sheet of reader) {
      for await (const row of sheet) {
        const cells = (row.values as unknown[]).slice(1);
        yield stringify([Array.from({length: row.cellCount}, (_, at) => cellText(cells[at]))]);
      }
      return;
    }
  }
  try {
    await pipeline(lines, createWriteStream(to, {mode: 0o600}));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DougongError('usage', 'TABLE_BROKEN', {file: basename(from), reason: reason.slice(0, 120)}, {cause});
  }
  return to;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value !== 'object') return String(value);
  const {result, text, richText} = value as {result?: unknown; text?: unknown; richText?: {text: string}[]};
  if (richText) return richText.map(part => part.text).join('');
  return cellText(result ?? text ?? '');
}

/** The kind of statement that a word or name means, where the file's name does not tell it. */
export function typeNamed(name: string | undefined): BillTypeName | undefined {
  return name === undefined ? undefined : billTypeOf(name)?.name;
}
