import {mkdtempSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {DougongError} from '../core/errors.ts';

export type DuckRow = Record<string, string | null>;

/** The table engine: one connection, bounded memory, spilling to disk. Every value leaves as text. */
export interface Duck {
  run(sql: string): Promise<void>;
  /** Cast amounts to VARCHAR in the SQL: numbers of JavaScript are not exact. */
  rows(sql: string): Promise<DuckRow[]>;
  /** Rows in pieces, for results of any length. */
  pieces(sql: string): AsyncIterable<DuckRow[]>;
  close(): void;
}

export interface DuckOptions {
  /** Folder for what does not fit into memory; made inside, removed at the end. */
  tempDir: string;
  memoryMb?: number;
  threads?: number;
  /** Ends a statement that runs: it throws `interrupted`. */
  signal?: AbortSignal;
}

/** How the engine is got; an argument, so that a machine without it can be told from one with it. */
export type OpenDuck = (options: DuckOptions) => Promise<Duck>;

/**
 * Opens DuckDB in memory. Its extensions are never fetched from anywhere.
 *
 * @throws DougongError `local` DUCKDB_MISSING where the optional package is not installed.
 */
export async function openDuck({tempDir, memoryMb = 384, threads, signal}: DuckOptions): Promise<Duck> {
  const {DuckDBInstance} = await import('@duckdb/node-api').catch((cause: unknown) => {
    throw new DougongError('local', 'DUCKDB_MISSING', {}, {cause});
  });
  const spill = mkdtempSync(join(tempDir, 'dougong-duck-'));
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMb}MB`,
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(threads !== undefined && {threads: String(threads)}),
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const texts = (names: string[], row: unknown[]): DuckRow =>
    Object.fromEntries(names.map((name, at) => [name, row[at] === null ? null : String(row[at])]));
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt, {once: true});
  const tried = async <T>(work: () => Promise<T>): Promise<T> => {
    if (signal?.aborted) throw new DougongError('interrupted', 'INTERRUPTED');
    try {
      return await work();
    } catch (cause) {
      if (signal?.aborted) throw new DougongError('interrupted', 'INTERRUPTED', {}, {cause});
      throw cause;
    }
  };
  return {
    run: sql => tried(async () => void (await connection.run(sql))),
    async rows(sql) {
      const reader = await tried(() => connection.runAndReadAll(sql));
      const names = reader.columnNames();
      return reader.getRows().map(row => texts(names, row as unknown[]));
    },
    async *pieces(sql) {
      const result = await connection.stream(sql);
      const names = result.columnNames();
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
        yield chunk.getRows().map(row => texts(names, row as unknown[]));
    },
    close() {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
      rmSync(spill, {recursive: true, force: true});
    },
  };
}

/** A text of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name of SQL. */
export function named(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
