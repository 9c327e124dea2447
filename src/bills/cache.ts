import {mkdir, open, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DougongError} from '../core/errors.ts';
import type {BillItem} from './answer.ts';

/** An answer to a statement query as it is kept; `raw` is the gateway's own text. */
export interface BillAnswer {
  environment: string;
  huifu_id: string;
  file_date: string;
  /** Epoch ms. */
  asked_at: number;
  items: BillItem[];
  raw: string;
}

/** A place in today's count. */
export interface Slot {
  /** Gives it back: only where not a byte of the query left. */
  release(): Promise<void>;
}

/** The statements a merchant asked for, on disk, and how often it asked. Shared by every process of this machine. */
export interface BillCache {
  answer(file_date: string): Promise<BillAnswer | undefined>;
  keep(answer: BillAnswer): Promise<void>;
  /** Drops what is known of a day, so that the next download asks. */
  forget(file_date: string): Promise<void>;
  /** Takes a place in the count of a Beijing day before a query is sent; undefined when all are taken. */
  take(day: string, limit: number, about: string): Promise<Slot | undefined>;
  /** Marks the day as used up: the gateway said so. */
  exhaust(day: string, limit: number): Promise<void>;
  used(day: string): Promise<number>;
}

const ANSWERS = 'answers';
const QUERIES = 'queries';

/**
 * Opens the cache of one merchant in one environment; nothing is made until something is written.
 *
 * @param root the folder of all of them.
 * @throws DougongError `local` FILE_UNWRITABLE, FILE_UNREADABLE, from its methods.
 */
export function openBillCache(root: string, environment: string, huifu_id: string): BillCache {
  const folder = join(root, encodeURIComponent(environment), encodeURIComponent(huifu_id));
  const answers = join(folder, ANSWERS);
  const queries = join(folder, QUERIES);
  const slot = (day: string, n: number) => join(queries, `${day}-${n}`);
  return {
    answer: file_date => readAnswerFile(join(answers, `${file_date}.json`)),
    async keep(answer) {
      const file = join(answers, `${answer.file_date}.json`);
      const part = `${file}.${answer.asked_at}.part`;
      await writing(file, async () => {
        await mkdir(answers, {recursive: true, mode: 0o700});
        await writeFile(part, JSON.stringify(answer), {mode: 0o600, flush: true});
        await rename(part, file);
      });
    },
    forget: file_date => rm(join(answers, `${file_date}.json`), {force: true}),
    async take(day, limit, about) {
      await writing(queries, () => mkdir(queries, {recursive: true, mode: 0o700}));
      for (let n = 1; n <= limit; n += 1) {
        const file = slot(day, n);
        if (await claim(file, about)) return {release: () => rm(file, {force: true})};
      }
      return undefined;
    },
    async exhaust(day, limit) {
      await writing(queries, () => mkdir(queries, {recursive: true, mode: 0o700}));
      for (let n = 1; n <= limit; n += 1) await claim(slot(day, n), 'said by the gateway');
    },
    async used(day) {
      const names = await readdir(queries).catch(() => []);
      return names.filter(name => name.startsWith(`${day}-`)).length;
    },
  };
}

/** Every answer that is kept, of every merchant; files that do not read are left out. */
export async function allAnswers(root: string): Promise<BillAnswer[]> {
  const names = await readdir(root, {recursive: true}).catch(() => []);
  const files = names.map(String).filter(name => /[\\/]answers[\\/]\d{8}\.json$/.test(name));
  const found = await Promise.all(files.map(name => readAnswerFile(join(root, name))));
  const key = (one: BillAnswer) => `${one.environment} ${one.huifu_id} ${one.file_date}`;
  return found.filter(one => one !== undefined).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Makes a file that must not exist yet: the one step that only one of several processes can win. */
async function claim(file: string, about: string): Promise<boolean> {
  return writing(file, async () => {
    const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    if (!handle) return false;
    try {
      await handle.writeFile(about);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  });
}

/** A torn or foreign file counts as none: the day is asked for once more. */
async function readAnswerFile(file: string): Promise<BillAnswer | undefined> {
  try {
    const found = JSON.parse(await readFile(file, 'utf8')) as BillAnswer;
    return Array.isArray(found.items) && typeof found.asked_at === 'number' ? found : undefined;
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'ENOENT') return undefined;
    throw new DougongError('local', 'FILE_UNREADABLE', {file, reason: code}, {cause: error});
  }
}

async function writing<T>(file: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    if (cause instanceof DougongError) throw cause;
    const reason = String((cause as NodeJS.ErrnoException).code);
    throw new DougongError('local', 'FILE_UNWRITABLE', {file, reason}, {cause});
  }
}
