import {closeSync, openSync, writeSync} from 'node:fs';
import {readFile, rename, writeFile} from 'node:fs/promises';
import {DougongError} from '../../core/errors.ts';
import {readRows} from '../../core/rows.ts';
import {csvLines} from './csv.ts';

type Row = Record<string, string>;

/** A file of results that grows a row at a time and is continued by the same command. */
export interface ResultFile {
  /** Rows that stand in it from before. */
  kept: Row[];
  append(row: Row): Promise<void>;
  /** Puts these rows in the place of all, by a new file under the old name. */
  rewrite(rows: readonly Row[]): Promise<void>;
  close(): void;
}

/**
 * Opens (or makes, 0600) a result file: CSV with a BOM for Excel, or one JSON object a line where it ends in .jsonl.
 *
 * A torn last line is cut off, and rows that `keep` turns down are taken out, by a new file under the old name.
 * @throws DougongError `usage` OUT_FOREIGN where the file has other columns; `local` FILE_UNREADABLE, FILE_UNWRITABLE.
 */
export async function openResultFile(
  file: string,
  columns: readonly string[],
  keep: (row: Row) => boolean,
): Promise<ResultFile> {
  const json = file.toLowerCase().endsWith('.jsonl');
  const line = async (row: Row): Promise<string> =>
    json ? `${JSON.stringify(row)}\n` : csvLines([columns.map(name => row[name] ?? '')]);
  const before = await readBefore(file);
  const kept = (before === undefined ? [] : await parse(file, before, columns, json)).filter(keep);
  const head = json ? '' : `\uFEFF${await csvLines([columns])}`;
  const text = async (rows: readonly Row[]) => head + (await Promise.all(rows.map(line))).join('');
  const replace = async (whole: string) => {
    await writeFile(`${file}.part`, whole, {mode: 0o600});
    await rename(`${file}.part`, file);
  };
  const tried = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (cause) {
      if (cause instanceof DougongError) throw cause;
      const reason = String((cause as {code?: string}).code);
      throw new DougongError('local', 'FILE_UNWRITABLE', {file, reason}, {cause});
    }
  };
  let fd = await tried(async () => {
    const whole = await text(kept);
    if (whole !== before) await replace(whole);
    return openSync(file, 'a', 0o600);
  });
  return {
    kept,
    append: row => tried(async () => void writeSync(fd, await line(row))),
    rewrite: rows =>
      tried(async () => {
        closeSync(fd);
        await replace(await text(rows));
        fd = openSync(file, 'a', 0o600);
      }),
    close: () => closeSync(fd),
  };
}

async function readBefore(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new DougongError('local', 'FILE_UNREADABLE', {file, reason: String(code)}, {cause});
  }
}

async function parse(file: string, text: string, columns: readonly string[], json: boolean): Promise<Row[]> {
  const foreign = (cause?: unknown) => new DougongError('usage', 'OUT_FOREIGN', {file}, {cause});
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole === '') {
    if (text.length > 0) throw foreign();
    return [];
  }
  try {
    if (json) {
      const rows = whole
        .split('\n')
        .filter(Boolean)
        .map(one => JSON.parse(one) as Row);
      if (rows.every(row => columns.every(name => name in row))) return rows;
    } else {
      const table = await readRows(
        new TextEncoder().encode(whole),
        columns.map(name => ({name})),
      );
      if (table.headings.join() === columns.join()) return table.rows.map(({cells}) => ({...cells}));
    }
  } catch (cause) {
    throw foreign(cause);
  }
  throw foreign();
}
