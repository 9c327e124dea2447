import {createWriteStream} from 'node:fs';
import {mkdir, open, rename, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {crc32} from 'node:zlib';
import type {Entry, ZipFile} from 'yauzl';
import {type BillCode, DougongError} from '../core/errors.ts';

/** One readable file of a statement. */
export interface Part {
  /** Its name without folders. */
  name: string;
  /** Where it lies now. */
  file: string;
  bytes: number;
  form: 'csv' | 'xlsx';
}

export interface UnpackLimits {
  /** Unpacked bytes for each packed one, once 16 MiB are unpacked; 250. Statements stay below 30. */
  ratio: number;
  /** Unpacked bytes of a whole file; 16 GiB. */
  total: number;
  entries: number;
}

const LIMITS: UnpackLimits = {ratio: 250, total: 16 * 2 ** 30, entries: 10_000};
const FREE_BYTES = 16 * 2 ** 20;
const ENCRYPTED = 0x1;
const UTF8 = 0x800;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const UNIX = 3;
const CONTROL = /[\u0000-\u001f\u007f]/g;

/**
 * Takes a downloaded statement apart: a zip of one or several CSV files; a plain CSV or .xlsx stays where it is.
 *
 * Every entry's CRC is checked; nothing appears under its own name before all of them are whole.
 *
 * @param into folder for the parts; made when there are any.
 * @param options.name what to call the file in messages, where it lies under a temporary name.
 * @throws DougongError `refused` BILL_ZIP_PATH (leads out of the folder), BILL_ZIP_LINK, BILL_ZIP_BOMB, BILL_ZIP_CRC,
 * BILL_ZIP_ENCRYPTED, BILL_ZIP_NESTED, BILL_ZIP_BROKEN, BILL_NOT_A_FILE (a page or nothing at all instead of a
 * statement); `local` FILE_UNREADABLE, FILE_UNWRITABLE; `interrupted`.
 */
export async function unpack(
  file: string,
  into: string,
  options: {limits?: Partial<UnpackLimits>; signal?: AbortSignal; name?: string} = {},
): Promise<Part[]> {
  const limits = {...LIMITS, ...options.limits};
  const shown = options.name ?? file;
  const {head, bytes} = await beginning(file);
  const form = formOf(head, shown);
  if (form === 'csv') return [{name: baseOf(shown), file, bytes, form}];
  const zip = await openZip(file, shown);
  const done: {part: Part; temp: string}[] = [];
  try {
    const entries = await list(zip, shown, limits);
    if (entries.some(({name}) => name === '[Content_Types].xml'))
      return [{name: baseOf(shown), file, bytes, form: 'xlsx'}];
    check(entries, shown, bytes, limits);
    await saving(into, () => mkdir(into, {recursive: true, mode: 0o700}));
    for (const {entry, name} of entries) {
      const final = join(into, name);
      const temp = `${final}.part`;
      const own: Part = {
        name,
        file: final,
        bytes: entry.uncompressedSize,
        form: /\.xlsx$/i.test(name) ? 'xlsx' : 'csv',
      };
      done.push({part: own, temp});
      await extract(zip, entry, temp, shown, name, options.signal);
    }
    for (const {part, temp} of done) await saving(part.file, () => rename(temp, part.file));
    return done.map(({part}) => part);
  } catch (error) {
    for (const {temp} of done) await rm(temp, {force: true});
    throw error;
  } finally {
    zip.close();
  }
}

interface Named {
  entry: Entry;
  /** Without folders. */
  name: string;
}

const no = (code: BillCode, file: string, entry = '', more: Record<string, string> = {}) =>
  new DougongError('refused', code, {file: baseOf(file), entry: entry.replace(CONTROL, '?'), ...more});

/** Reads the whole directory of the zip before a byte is unpacked. */
function list(zip: ZipFile, file: string, limits: UnpackLimits): Promise<Named[]> {
  if (zip.entryCount > limits.entries)
    return Promise.reject(no('BILL_ZIP_BOMB', file, '', {reason: `${zip.entryCount} entries`}));
  return new Promise((resolve, reject) => {
    const found: Named[] = [];
    zip.on('entry', (entry: Entry) => {
      try {
        const path = nameOf(entry);
        const name = safeName(path, file);
        const mode = entry.versionMadeBy >> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & FILE_TYPE : 0;
        if (mode !== 0 && mode !== REGULAR && mode !== FOLDER) throw no('BILL_ZIP_LINK', file, path);
        if (!path.endsWith('/') && mode !== FOLDER) found.push({entry, name});
        zip.readEntry();
      } catch (error) {
        reject(error);
      }
    });
    zip.on('end', () => resolve(found));
    zip.on('error', (cause: Error) => reject(broken(file, cause)));
    zip.readEntry();
  });
}

function check(entries: Named[], file: string, packed: number, limits: UnpackLimits): void {
  if (entries.length === 0) throw no('BILL_ZIP_BROKEN', file, '', {reason: 'no file inside'});
  const names = new Set<string>();
  let total = 0;
  for (const {entry, name} of entries) {
    if (entry.generalPurposeBitFlag & ENCRYPTED) throw no('BILL_ZIP_ENCRYPTED', file, name);
    if (/\.(zip|rar|7z|gz|tar|tgz)$/i.test(name)) throw no('BILL_ZIP_NESTED', file, name);
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
      throw no('BILL_ZIP_BROKEN', file, name, {reason: `method ${entry.compressionMethod}`});
    if (names.has(name.toLowerCase())) throw no('BILL_ZIP_BROKEN', file, name, {reason: 'two entries of one name'});
    names.add(name.toLowerCase());
    total += entry.uncompressedSize;
  }
  // Measured against the file itself: entries that share their packed bytes count each time they unpack.
  const ratio = Math.ceil(total / packed);
  if (total > limits.total || (total > FREE_BYTES && ratio > limits.ratio))
    throw no('BILL_ZIP_BOMB', file, '', {reason: `${total} bytes, ${ratio}:1`});
}

async function extract(
  zip: ZipFile,
  entry: Entry,
  temp: string,
  file: string,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const source = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(broken(file, error, name)) : resolve(stream)));
  });
  let crc = 0;
  let first = true;
  const watch = new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      if (first && /^PK\u0003\u0004$/.test(chunk.toString('latin1', 0, 4)) && !/\.xlsx$/i.test(name))
        return done(no('BILL_ZIP_NESTED', file, name));
      first = false;
      crc = crc32(chunk, crc);
      done(null, chunk);
    },
  });
  const target = createWriteStream(temp, {mode: 0o600, highWaterMark: 1 << 20});
  try {
    await pipeline(source, watch, target, {signal});
  } catch (cause) {
    if (cause instanceof DougongError) throw cause;
    if (signal?.aborted) throw new DougongError('interrupted', 'INTERRUPTED', {}, {cause});
    const {code, syscall} = cause as NodeJS.ErrnoException;
    // A pipeline hands one error to all its streams: only the system call tells the disk's from the zip's.
    if (syscall !== undefined && syscall !== 'read')
      throw new DougongError('local', 'FILE_UNWRITABLE', {file: temp, reason: String(code)}, {cause});
    throw broken(file, cause as Error, name);
  }
  if (crc >>> 0 !== entry.crc32 >>> 0) throw no('BILL_ZIP_CRC', file, name);
}

function broken(file: string, cause: Error, entry = ''): DougongError {
  const params = {file: baseOf(file), entry, reason: cause.message.slice(0, 120)};
  return new DougongError('refused', 'BILL_ZIP_BROKEN', params, {cause});
}

async function openZip(file: string, shown: string): Promise<ZipFile> {
  const {open: openFile} = await import('yauzl');
  return new Promise((resolve, reject) => {
    openFile(file, {lazyEntries: true, autoClose: false, decodeStrings: false}, (error, zip) =>
      error ? reject(broken(shown, error)) : resolve(zip),
    );
  });
}

/** UTF-8 where the zip says so or the bytes are, else GBK, which Chinese Windows writes without saying. */
function nameOf(entry: Entry): string {
  const raw = entry.fileName as unknown as Buffer;
  if (entry.generalPurposeBitFlag & UTF8) return raw.toString('utf8');
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(raw);
  } catch {
    return new TextDecoder('gb18030').decode(raw);
  }
}

/** The last part of a path that stays inside; refuses the rest. */
function safeName(path: string, file: string): string {
  const steps = path.replaceAll('\\', '/').split('/');
  if (/^[\\/]|^[A-Za-z]:/.test(path) || steps.includes('..') || path.search(CONTROL) >= 0)
    throw no('BILL_ZIP_PATH', file, path);
  const name = steps.filter(Boolean).at(-1) ?? '';
  if (name === '' || name === '.') throw no('BILL_ZIP_PATH', file, path);
  return name;
}

/** Tells by the first bytes what was downloaded; the name is the server's and may say anything. */
function formOf(head: Buffer, file: string): 'zip' | 'csv' {
  const text = head.toString('latin1');
  if (/^PK(\u0003\u0004|\u0005\u0006)/.test(text)) return 'zip';
  const start = text.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (start === '') throw no('BILL_NOT_A_FILE', file, '', {reason: 'empty'});
  if (/^<(!doctype|html|\?xml|error)/i.test(start)) throw no('BILL_NOT_A_FILE', file, '', {reason: 'HTML'});
  if (start.startsWith('{')) throw no('BILL_NOT_A_FILE', file, '', {reason: 'JSON'});
  if (text.includes('\u0000') || text.startsWith('\u001f\u008b') || text.startsWith('Rar!') || text.startsWith('7z'))
    throw no('BILL_NOT_A_FILE', file, '', {reason: 'binary'});
  return 'csv';
}

async function beginning(file: string): Promise<{head: Buffer; bytes: number}> {
  try {
    const {size} = await stat(file);
    const handle = await open(file, 'r');
    try {
      const {buffer, bytesRead} = await handle.read(Buffer.alloc(512), 0, 512, 0);
      return {head: buffer.subarray(0, bytesRead), bytes: size};
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const reason = String((cause as NodeJS.ErrnoException).code);
    throw new DougongError('local', 'FILE_UNREADABLE', {file, reason}, {cause});
  }
}

async function saving(file: string, task: () => Promise<unknown>): Promise<void> {
  await task().catch((cause: NodeJS.ErrnoException) => {
    throw new DougongError('local', 'FILE_UNWRITABLE', {file, reason: String(cause.code)}, {cause});
  });
}

function baseOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
