import {createHash, type KeyObject, sign as rsaSign, verify as rsaVerify, timingSafeEqual} from 'node:crypto';
import {DougongError} from './errors.ts';
import {compact, items, type Member, members, parseValue} from './json.ts';
import type {Data, Value, Verdict} from './wire.ts';

const byName = (a: {name: string}, b: {name: string}): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const absent = (value: unknown): boolean => value === undefined || value === null || value === '';

/**
 * The text that is signed: members in ASCII order at every level, absent and empty ones dropped, no white space.
 *
 * @see docs/gateway.md#signing
 */
export function signText(data: Record<string, unknown>): string {
  return textOf(data);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value)
    .filter(([, inner]) => !absent(inner))
    .map(([name, inner]) => ({name, text: `${JSON.stringify(name)}:${textOf(inner)}`}));
  return `{${parts
    .sort(byName)
    .map(({text}) => text)
    .join(',')}}`;
}

/**
 * Fields as they go out: nested values as JSON strings, scalars as strings, absent and empty ones dropped. Every rule
 * of sorting that the official SDKs know then gives one and the same text.
 *
 * @throws DougongError `usage` TEXT_UNSAFE for characters whose escape the two sides may write differently: control
 *   characters other than tab and line ends, U+2028, U+2029, half a surrogate pair.
 */
export function wireFields(fields: Record<string, unknown>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (absent(value)) continue;
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u2028\u2029]/.test(text) || !text.isWellFormed()) {
      throw new DougongError('usage', 'TEXT_UNSAFE', {field: name});
    }
    out[name] = text;
  }
  return out;
}

/** SHA256withRSA (PKCS#1 v1.5) over the UTF-8 bytes, base64. */
export function signRsa(text: string | Buffer, key: KeyObject): string {
  return rsaSign('sha256', typeof text === 'string' ? Buffer.from(text) : text, key).toString('base64');
}

/** Whether one of the keys made this signature; false for anything that is not plain base64. */
export function verifyRsa(text: string | Buffer, sign: string, keys: readonly KeyObject[]): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(sign) || sign.length % 4 !== 0) return false;
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const signature = Buffer.from(sign, 'base64');
  return keys.some(key => rsaVerify('sha256', bytes, key, signature));
}

/** The `sign` of a console Webhook: MD5 of the raw body and the endpoint's key, upper-case hex. */
export function webhookMd5(body: Buffer, key: string): string {
  return createHash('md5').update(body).update(key).digest('hex').toUpperCase();
}

/** Compares without telling by its time how much agreed. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export interface Verification {
  verdict: Verdict;
  /** Which text the signature holds over. */
  how?: 'raw' | 'sorted' | 'deep';
  /** The data member exactly as received. */
  raw?: string;
  /** Parsed even where the verdict is not ok: then it is a claim, not a fact. */
  data?: Data;
}

/**
 * Verifies an answer over its own bytes, else over its first level sorted, else with objects in arrays sorted too; in
 * all three every number keeps its text.
 *
 * @see docs/gateway.md#verification
 */
export function verifyAnswer(body: Buffer, keys: readonly KeyObject[]): Verification {
  let top: Member[];
  try {
    top = members(new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(body));
  } catch {
    return {verdict: 'malformed'};
  }
  const raw = top.find(member => member.name === 'data')?.raw;
  const sign = parsed(top.find(member => member.name === 'sign')?.raw);
  if (raw === undefined)
    return {verdict: 'unsigned', data: asData(Object.fromEntries(top.map(one => [one.name, parsed(one.raw) ?? null])))};
  const data = asData(parsed(raw));
  if (absent(sign)) return {verdict: 'unsigned', raw, data};
  if (data === undefined || typeof sign !== 'string') return {verdict: 'malformed', raw};
  for (const [how, text] of candidates(raw)) {
    if (verifyRsa(text(), sign, keys)) return {verdict: 'ok', how, raw, data};
  }
  return {verdict: 'bad_signature', raw, data};
}

function candidates(raw: string): ['raw' | 'sorted' | 'deep', () => string][] {
  return [
    ['raw', () => raw],
    ['sorted', () => sorted(raw, value => value)],
    ['deep', () => sorted(raw, sortInArrays)],
  ];
}

/** First level in ASCII order; `inner` writes each value. */
function sorted(raw: string, inner: (value: string) => string): string {
  const parts = members(compact(raw)).sort(byName);
  return `{${parts.map(({name, raw: value}) => `${JSON.stringify(name)}:${inner(value)}`).join(',')}}`;
}

function sortInArrays(value: string): string {
  if (value[0] === '{') {
    return `{${members(value)
      .map(one => `${JSON.stringify(one.name)}:${sortInArrays(one.raw)}`)
      .join(',')}}`;
  }
  if (value[0] !== '[') return value;
  return `[${items(value)
    .map(item => (item[0] === '{' ? sorted(item, sortInArrays) : sortInArrays(item)))
    .join(',')}]`;
}

function parsed(raw: string | undefined): Value | undefined {
  return raw === undefined ? undefined : parseValue(raw);
}

function asData(value: Value | undefined): Data | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}
