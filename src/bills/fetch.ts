import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {
  appendFile,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import {basename, dirname, join, relative} from 'node:path';
import {billFileName, billTypeOf} from '../core/bill-types.ts';
import {isLoopback} from '../core/environments.ts';
import {DougongError} from '../core/errors.ts';
import type {Download} from '../core/wire.ts';
import type {BillItem} from './answer.ts';
import {type Part, unpack} from './unpack.ts';

/** What a download needs; `newId` names its temporary file. */
export interface FetchTools {
  download: Download;
  now(): number;
  newId(now: number): string;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  signal?: AbortSignal;
}

/** A statement on this disk; paths are relative to the folder of the manifest. */
export interface Fetched {
  file: string;
  file_date: string;
  bill_type: string;
  huifu_id: string;
  environment: string;
  file_id: string;
  bytes: number;
  sha256: string;
  /** Epoch ms. */
  at: number;
  parts: {file: string; bytes: number; form: 'csv' | 'xlsx'}[];
}

/** A link that the server does not honour (any more); `status` is its HTTP status. */
export class DeadLink extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

export interface FetchOptions {
  /** Folder for files, parts and manifest. */
  out: string;
  environment: string;
  huifu_id: string;
  unpack: boolean;
  /** Take a link that is not https from another host than this machine. */
  allowHttp: boolean;
  progress?(bytes: number, total: number | undefined): void;
}

export const MANIFEST = 'manifest.jsonl';
const TRIES = 5;
const PAUSE_MS = 500;
const BLOCK = 1 << 20;
const AHEAD = 8;
/** A temporary file that nobody wrote to for so long belongs to nobody. */
const ORPHAN_MS = 120_000;

/** What lies whole in a folder, the latest line of each file; a torn last line is left out. */
export async function readManifest(out: string): Promise<Fetched[]> {
  const text = await readFile(join(out, MANIFEST), 'utf8').catch(() => '');
  const found = new Map<string, Fetched>();
  for (const line of text.split('\n')) {
    try {
      const one = JSON.parse(line) as Fetched;
      found.set(one.file, one);
    } catch {
      // Torn by a killed process: its file is fetched again.
    }
  }
  return [...found.values()];
}

/** The manifest's entry of an item whose file and parts are still as they were written. */
export async function alreadyThere(out: string, item: BillItem, environment: string): Promise<Fetched | undefined> {
  const all = await readManifest(out);
  const found = all.find(
    one =>
      one.environment === environment &&
      one.file_date === item.file_date &&
      one.bill_type === item.bill_type &&
      one.file_id === item.file_id &&
      (item.huifu_id === '' || one.huifu_id === item.huifu_id),
  );
  if (!found || (await sizeOf(join(out, found.file))) !== found.bytes) return undefined;
  for (const part of found.parts) if ((await sizeOf(join(out, part.file))) !== part.bytes) return undefined;
  return (await sha256Of(join(out, found.file))) === found.sha256 ? found : undefined;
}

/**
 * Fetches one statement: streamed to a temporary file, taken up where it broke off, unpacked and checked, and only
 * then given its name; then a line in the manifest.
 *
 * @throws DeadLink where the link answers 401, 403, 404, 410; DougongError `network` BILL_BROKEN_OFF, NOT_SENT,
 * TLS_FAILED, `refused` BILL_LINK_PLAIN or what `unpack` refuses, `local` FILE_UNWRITABLE, `interrupted`.
 */
export async function fetchBill(tools: FetchTools, item: BillItem, options: FetchOptions): Promise<Fetched> {
  const {out, environment} = options;
  const name = nameOf(item, options.huifu_id);
  const url = new URL(item.download_url);
  if (url.protocol !== 'https:' && !isLoopback(url.href) && !options.allowHttp)
    throw new DougongError('refused', 'BILL_LINK_PLAIN', {file: name, host: url.host});
  const final = join(out, name);
  await saving(out, () => mkdir(out, {recursive: true, mode: 0o700}));
  const {temp, state} = await claim(final, tools);
  try {
    const sha256 = await receive(tools, item, temp, state, name, options);
    const into = final.replace(/\.[^./\\]*$/, '');
    const parts = options.unpack ? await unpack(temp, into, {signal: tools.signal, name}) : [];
    const {file, list} = settle(temp, final, parts, out);
    const bytes = (await stat(temp)).size;
    await saving(file, () => rename(temp, file));
    await rm(`${final}.part.json`, {force: true});
    const entry: Fetched = {
      file: relative(out, file),
      file_date: item.file_date,
      bill_type: item.bill_type,
      huifu_id: item.huifu_id || options.huifu_id,
      environment,
      file_id: item.file_id,
      bytes,
      sha256,
      at: tools.now(),
      parts: list,
    };
    await saving(out, () => appendFile(join(out, MANIFEST), `${JSON.stringify(entry)}\n`, {mode: 0o600}));
    return entry;
  } catch (error) {
    const damaged = error instanceof DougongError && /^BILL_(ZIP|NOT)/.test(error.code);
    if (damaged || error instanceof DeadLink) await rm(temp, {force: true});
    // What arrived stays for the next run, under the name that says it is not whole.
    else await rename(temp, `${final}.part`).catch(() => undefined);
    if (damaged) await rm(`${final}.part.json`, {force: true});
    throw error;
  }
}

/** A plain file keeps its bytes and gets the ending of what it is. */
function settle(temp: string, final: string, parts: Part[], out: string): {file: string; list: Fetched['parts']} {
  const [only] = parts;
  const plain = only?.file === temp;
  const file = plain ? final.replace(/\.(zip|csv|xlsx|txt)$/i, '').concat(`.${only.form}`) : final;
  const list = parts.map(part => ({file: relative(out, plain ? file : part.file), bytes: part.bytes, form: part.form}));
  return {file, list};
}

interface State {
  file_id: string;
  etag: string;
}

/** Takes over what an earlier run left, so that only one process writes to it. */
async function claim(final: string, tools: FetchTools): Promise<{temp: string; state: State | undefined}> {
  const temp = `${final}.part.${tools.newId(tools.now())}`;
  const names = await readdir(dirname(final)).catch(() => []);
  const prefix = `${basename(final)}.part`;
  for (const name of names.filter(one => one.startsWith(prefix) && !one.endsWith('.json'))) {
    const left = join(dirname(final), name);
    if (name !== prefix) {
      const age = await stat(left).then(
        ({mtimeMs}) => tools.now() - mtimeMs,
        () => 0,
      );
      if (age < ORPHAN_MS) continue;
    }
    const taken = await rename(left, temp).then(
      () => true,
      () => false,
    );
    if (!taken) continue;
    const text = await readFile(`${final}.part.json`, 'utf8').catch(() => '');
    try {
      return {temp, state: JSON.parse(text) as State};
    } catch {
      return {temp, state: undefined};
    }
  }
  return {temp, state: undefined};
}

/** Streams to the temporary file until it is whole; returns the sha256 of all of it. */
async function receive(
  tools: FetchTools,
  item: BillItem,
  temp: string,
  before: State | undefined,
  name: string,
  options: FetchOptions,
): Promise<string> {
  const file = await saving(temp, () => open(temp, 'a+', 0o600));
  try {
    const sink = new Sink(file, temp, options.progress);
    if (before && before.file_id === item.file_id && item.file_id !== '') {
      sink.etag = before.etag;
      await sink.reread();
    } else await sink.restart();
    for (let tries = 1; ; tries += 1) {
      const from = sink.size;
      try {
        await tools.download(item.download_url, sink.headers(), sink, tools.signal);
        await sink.flush();
        if (sink.whole) break;
        throw new DougongError('network', 'NO_ANSWER', {reason: 'SHORT'});
      } catch (error) {
        await sink.flush();
        const state: State = {file_id: item.file_id, etag: sink.etag};
        await writeFile(`${temp.replace(/\.part\.[^.]*$/, '')}.part.json`, JSON.stringify(state), {mode: 0o600}).catch(
          () => undefined,
        );
        const network = error instanceof DougongError && error.kind === 'network' && error.code !== 'TLS_FAILED';
        if (!network || tools.signal?.aborted) throw error;
        // A piece further is not a try lost.
        if (sink.size > from) tries = 1;
        if (tries >= TRIES) {
          if (error.code === 'NOT_SENT') throw error;
          throw new DougongError('network', 'BILL_BROKEN_OFF', {file: name, bytes: String(sink.size)}, {cause: error});
        }
        await tools.sleep(PAUSE_MS * tries, tools.signal);
        if (tools.signal?.aborted) throw new DougongError('interrupted', 'INTERRUPTED');
      }
    }
    return sink.digest();
  } finally {
    await file.close();
  }
}

/** Writes what arrives in blocks and hashes it; memory stays at a few blocks whatever the size. */
class Sink {
  size = 0;
  etag = '';
  total: number | undefined;
  #hash = createHash('sha256');
  #held: Buffer[] = [];
  #heldBytes = 0;
  #busy: Promise<void> | undefined;
  #failed: unknown;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #progress: FetchOptions['progress'];

  constructor(file: FileHandle, path: string, progress: FetchOptions['progress']) {
    this.#file = file;
    this.#path = path;
    this.#progress = progress;
  }

  get whole(): boolean {
    return this.total === undefined || this.size === this.total;
  }

  headers(): Record<string, string> {
    const plain = {accept: '*/*', 'accept-encoding': 'identity'};
    if (this.size === 0) return plain;
    return {...plain, range: `bytes=${this.size}-`, ...(this.etag && {'if-range': this.etag})};
  }

  async begin({status, headers}: {status: number; headers: Record<string, string>}): Promise<boolean> {
    const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers['content-range'] ?? '');
    if (status === 206 && range && Number(range[1]) === this.size) {
      this.total = Number(range[2]);
    } else if (status === 200) {
      if (this.size > 0) await this.restart();
      this.total = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
    } else if (status === 416 && range && Number(range[2]) === this.size) {
      this.total = this.size;
      return false;
    } else if (status === 416 || status === 206) {
      await this.restart();
      throw new DougongError('network', 'NO_ANSWER', {reason: `HTTP ${status}`});
    } else if ([401, 403, 404, 410].includes(status)) {
      throw new DeadLink(status);
    } else throw new DougongError('network', 'NO_ANSWER', {reason: `HTTP ${status}`});
    this.etag = headers.etag ?? '';
    this.#progress?.(this.size, this.total);
    return true;
  }

  data(chunk: Buffer): void | Promise<void> {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < BLOCK) return;
    this.#busy ??= this.#drain().finally(() => {
      this.#busy = undefined;
    });
    // While a block is on its way to the disk the sender goes on, for a few blocks.
    if (this.#heldBytes >= AHEAD * BLOCK) return this.#busy;
    this.#busy.catch(error => {
      this.#failed ??= error;
    });
    if (this.#failed) return Promise.reject(this.#failed);
  }

  /** Everything that arrived is in the file afterwards. */
  async flush(): Promise<void> {
    await this.#busy;
    if (this.#failed) throw this.#failed;
    await this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#heldBytes > 0) {
      const [pieces, bytes] = [this.#held, this.#heldBytes];
      this.#held = [];
      this.#heldBytes = 0;
      // The disk writes while this thread hashes.
      const written = saving(this.#path, () => this.#file.writev(pieces));
      for (const piece of pieces) this.#hash.update(piece);
      const {bytesWritten} = await written;
      if (bytesWritten < bytes) await this.#rest(Buffer.concat(pieces).subarray(bytesWritten));
      this.size += bytes;
      this.#progress?.(this.size, this.total);
    }
  }

  /** A disk that took only a part says at the next try why. */
  async #rest(left: Buffer): Promise<void> {
    for (let rest = left; rest.length > 0; ) {
      const {bytesWritten} = await saving(this.#path, () => this.#file.write(rest));
      rest = rest.subarray(bytesWritten);
    }
  }

  async restart(): Promise<void> {
    await this.flush();
    await saving(this.#path, () => this.#file.truncate(0));
    this.size = 0;
    this.etag = '';
    this.#hash = createHash('sha256');
  }

  /** Hashes what an earlier run left. */
  async reread(): Promise<void> {
    for await (const chunk of createReadStream(this.#path, {highWaterMark: BLOCK})) {
      this.#hash.update(chunk as Buffer);
      this.size += (chunk as Buffer).length;
    }
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** The platform's name where it is a plain one; the server never decides where a file goes. */
function nameOf(item: BillItem, huifu_id: string): string {
  if (/^[\p{L}\d_][\p{L}\d_.-]{0,120}\.(zip|xlsx|csv)$/u.test(item.file_name)) return item.file_name;
  const type = billTypeOf(item.bill_type);
  const owner = /^[0-9A-Za-z]{1,32}$/.test(item.huifu_id) ? item.huifu_id : huifu_id;
  if (type) return billFileName(type, owner, item.file_date);
  return `${item.file_date}_${owner}_${item.bill_type.replace(/[^\w-]/g, '') || 'bill'}.zip`;
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({size}) => size,
    () => -1,
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, {highWaterMark: BLOCK})) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function saving<T>(file: string, task: () => Promise<T>): Promise<T> {
  return task().catch((cause: NodeJS.ErrnoException) => {
    throw new DougongError('local', 'FILE_UNWRITABLE', {file, reason: String(cause.code)}, {cause});
  });
}
