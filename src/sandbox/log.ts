import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
} from 'node:fs';
import {join} from 'node:path';
import {DougongError} from '../core/errors.ts';
import type {Change} from './ledger.ts';

const FILE = 'ledger.jsonl';
const FEN = /_fen$/;

/** An append-only file of changes, one JSON line each, synced before the answer that they cause leaves. */
export interface ChangeLog {
  append(change: Change): void;
  changes: Change[];
  clear(): void;
  close(): void;
}

/** A log that remembers nothing: the state lives as long as the process. */
export const noLog: ChangeLog = {append: () => {}, changes: [], clear: () => {}, close: () => {}};

/**
 * Opens the log of a data folder and reads it back. A torn last line (a killed process) is cut off.
 *
 * @throws DougongError `local` SANDBOX_DATA where a line before the last does not read, or the folder cannot be written.
 */
export function openLog(folder: string): ChangeLog {
  const file = join(folder, FILE);
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700});
    const changes = existsSync(file) ? readChanges(file) : [];
    const fd = openSync(file, 'a', 0o600);
    return {
      changes,
      append(change) {
        appendFileSync(fd, `${JSON.stringify(change, (name, value) => (FEN.test(name) ? String(value) : value))}\n`);
        fsyncSync(fd);
      },
      clear: () => truncateSync(file),
      close: () => closeSync(fd),
    };
  } catch (cause) {
    if (cause instanceof DougongError) throw cause;
    throw new DougongError('local', 'SANDBOX_DATA', {file, reason: (cause as Error).message}, {cause});
  }
}

function readChanges(file: string): Change[] {
  const text = readFileSync(file, 'utf8');
  const whole = text.lastIndexOf('\n') + 1;
  if (whole < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, whole)));
  return text
    .slice(0, whole)
    .split('\n')
    .filter(Boolean)
    .map((line, at) => {
      try {
        return JSON.parse(line, (name, value) => (FEN.test(name) ? BigInt(value) : value)) as Change;
      } catch (cause) {
        throw new DougongError('local', 'SANDBOX_DATA', {file, reason: `line ${at + 1}`}, {cause});
      }
    });
}
