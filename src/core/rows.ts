import {DougongError} from './errors.ts';

/** A column of a file that people hand in: its name on the wire and the headings it may stand under. */
export interface ColumnSpec {
  name: string;
  /** Other headings, Chinese ones included; compared without blanks and case. */
  aliases?: readonly string[];
  required?: boolean;
}

export interface InputRow {
  /** The line of the file it begins on, from 1, the heading counted. */
  line: number;
  /** By wire name; a column that the file lacks is absent. Cells as `cleanCell` leaves them. */
  cells: Readonly<Record<string, string>>;
  /** The cells of columns that no spec names, by their own headings. */
  other: Readonly<Record<string, string>>;
}

export interface InputTable {
  encoding: 'utf-8' | 'gb18030';
  /** The file's own headings, as they stand. */
  headings: string[];
  /** Wire names that were found. */
  columns: string[];
  /** Headings that no spec names. */
  unknown: string[];
  /** Empty lines are left out. */
  rows: InputRow[];
}

/** UTF-8 (with or without a BOM) where the bytes are UTF-8, else GB18030, which Excel writes in China. */
export function decodeText(bytes: Uint8Array): {text: string; encoding: 'utf-8' | 'gb18030'} {
  try {
    return {text: new TextDecoder('utf-8', {fatal: true}).decode(bytes), encoding: 'utf-8'};
  } catch {
    return {text: new TextDecoder('gb18030').decode(bytes), encoding: 'gb18030'};
  }
}

/** A cell without what spreadsheets put around text: blanks, a leading tab, quote or backtick, `="…"`. */
export function cleanCell(cell: string): string {
  const text = cell.replace(/^\uFEFF/, '').trim();
  const formula = /^="(.*)"$/s.exec(text);
  return (formula ? formula[1]!.replaceAll('""', '"') : text.replace(/^['`]+|`+$/g, '')).trim();
}

/** How headings are compared: without blanks, brackets' content kept, case ignored. */
export function headingKey(heading: string): string {
  return cleanCell(heading)
    .replace(/[\s_]+/g, '')
    .toLowerCase();
}

/**
 * Reads a CSV by its heading line, never by position.
 *
 * @param bytes the whole file, UTF-8 or GB18030, comma-separated; CRLF or LF.
 * @param specs the columns that mean something.
 * @param map wire name -> heading, where a person says which column it is.
 * @throws DougongError `usage` ROWS_EMPTY, ROWS_COLUMN (a required column is missing), ROWS_TWICE (two columns are the
 * same), ROWS_BROKEN (not a CSV, with the line), ROWS_MAP (a mapped heading that is not there).
 */
export async function readRows(
  bytes: Uint8Array,
  specs: readonly ColumnSpec[],
  map: Readonly<Record<string, string>> = {},
): Promise<InputTable> {
  const {text, encoding} = decodeText(bytes);
  if (text.includes('\u0000')) throw new DougongError('usage', 'ROWS_BROKEN', {line: '1', reason: 'not a text file'});
  const {parse, CsvError} = await import('csv-parse/sync');
  let records: {record: string[]; info: {lines: number}}[];
  try {
    records = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      max_record_size: 1_000_000,
    }) as never;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = String((error as {lines?: number}).lines ?? 1);
    throw new DougongError('usage', 'ROWS_BROKEN', {line, reason: error.code}, {cause: error});
  }
  const [head, ...body] = records;
  if (!head) throw new DougongError('usage', 'ROWS_EMPTY');
  const headings = head.record.map(cleanCell);
  const names = nameColumns(headings, specs, map);
  const rows = body.map(({record, info}, at) => {
    if (record.length > headings.length && record.slice(headings.length).some(cell => cell.trim() !== ''))
      throw new DougongError('usage', 'ROWS_BROKEN', {
        line: String(info.lines),
        reason: `${record.length} > ${headings.length}`,
      });
    const cells: Record<string, string> = {};
    const other: Record<string, string> = {};
    headings.forEach((heading, column) => {
      const name = names[column];
      const cell = cleanCell(record[column] ?? '');
      if (name) cells[name] = cell;
      else if (heading !== '') other[heading] = cell;
    });
    const before = at === 0 ? head : body[at - 1]!;
    return {line: Math.min(info.lines, before.info.lines + 1), cells, other};
  });
  return {
    encoding,
    headings,
    columns: names.filter(name => name !== undefined),
    unknown: headings.filter((heading, column) => heading !== '' && !names[column]),
    rows,
  };
}

function nameColumns(
  headings: string[],
  specs: readonly ColumnSpec[],
  map: Readonly<Record<string, string>>,
): (string | undefined)[] {
  const mapped = new Map<string, string>();
  for (const [name, heading] of Object.entries(map)) {
    if (!headings.some(one => headingKey(one) === headingKey(heading)))
      throw new DougongError('usage', 'ROWS_MAP', {name, heading, found: headings.join(', ')});
    mapped.set(headingKey(heading), name);
  }
  const byHeading = new Map<string, string>();
  for (const {name, aliases = []} of specs) {
    if (name in map) continue;
    for (const alias of [name, ...aliases]) byHeading.set(headingKey(alias), name);
  }
  const names = headings.map(heading => mapped.get(headingKey(heading)) ?? byHeading.get(headingKey(heading)));
  for (const [column, name] of names.entries()) {
    if (name !== undefined && names.indexOf(name) !== column)
      throw new DougongError('usage', 'ROWS_TWICE', {
        name,
        headings: [headings[names.indexOf(name)], headings[column]].join(', '),
      });
  }
  for (const {name, aliases, required} of specs) {
    if (required && !names.includes(name))
      throw new DougongError('usage', 'ROWS_COLUMN', {
        name,
        aliases: aliases?.[0] ?? '',
        found: headings.filter(Boolean).join(', ').slice(0, 200),
      });
  }
  return names;
}

/** The first records of a text that may be cut off anywhere, with the number of the line each begins on, from 1. */
export async function firstRecords(text: string, most: number): Promise<{cells: string[]; line: number}[]> {
  const {parse, CsvError} = await import('csv-parse/sync');
  const options = {
    info: true,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    to: most,
  };
  const whole = text.slice(0, Math.max(text.lastIndexOf('\n'), 0) || text.length);
  let records: {record: string[]; info: {lines: number}}[];
  try {
    records = parse(whole, options) as never;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // A quote that the cut-off left open: what stood before it is enough.
    const lines = Math.max(1, Number((error as {lines?: number}).lines ?? 1) - 1);
    records = parse(whole.split('\n').slice(0, lines).join('\n'), {...options, to: lines}) as never;
  }
  let before = 0;
  return records.map(({record, info}) => {
    const line = before + 1;
    before = info.lines;
    return {cells: record, line: Math.max(line, info.lines - record.join('').split('\n').length + 1)};
  });
}

/**
 * Reads a CSV record by record, however long the file; for machines without DuckDB.
 *
 * @throws DougongError `usage` ROWS_BROKEN with the line.
 */
export async function* streamRecords(pieces: AsyncIterable<string>, fromLine = 1): AsyncGenerator<string[]> {
  const [{parse, CsvError}, {Readable}] = await Promise.all([import('csv-parse'), import('node:stream')]);
  const parser = Readable.from(pieces).pipe(
    parse({
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      from_line: fromLine,
      max_record_size: 8 * 1024 * 1024,
    }),
  );
  try {
    for await (const record of parser) yield record as string[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = String((error as {lines?: number}).lines ?? 1);
    throw new DougongError('usage', 'ROWS_BROKEN', {line, reason: error.code}, {cause: error});
  }
}
