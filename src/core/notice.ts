import type {KeyObject} from 'node:crypto';
import {parseValue} from './json.ts';
import {type NoticeFacts, noticeFacts} from './notice-facts.ts';
import {sameText, signRsa, verifyRsa, webhookMd5} from './sign.ts';
import type {Data, Value, Verdict} from './wire.ts';

/** Which of the two mechanisms brought a message; keys and acknowledgements are never mixed. */
export type Channel = 'notify' | 'webhook';

/** The likely reason why a message is not genuine, or cannot be read. */
export type NoticeReason =
  | 'empty'
  | 'encoding'
  | 'form'
  | 'twice'
  | 'no-content'
  | 'content'
  | 'number'
  | 'no-sign'
  | 'sign-shape'
  | 'decoded-twice'
  | 'other-key'
  | 'no-webhook-key'
  | 'webhook-elsewhere';

/** An asynchronous message, read once. Only a verdict of 'ok' makes its content a fact and gives an `ack`. */
export interface Notice {
  verdict: Verdict;
  /** Where the verdict is not ok. */
  reason?: NoticeReason;
  /** The body to answer with HTTP 200; only for a genuine message. */
  ack?: string;
  /** Which member carries the content: payments and refunds resp_data, merchant configuration data. */
  field?: 'resp_data' | 'data';
  /** The exact decoded text that was signed. */
  text?: string;
  data?: Data;
  /** The body was JSON, which the platform does not document for notify_url. */
  asJson: boolean;
  resp_code?: string;
  resp_desc?: string;
}

/**
 * Reads one notify_url message: decodes the form once, verifies over the decoded text, then parses.
 *
 * @param body the bytes as they arrived.
 * @see docs/gateway.md#notifications
 */
export function readNotice(body: Buffer, contentType: string | undefined, keys: readonly KeyObject[]): Notice {
  const asJson = /json/i.test(contentType ?? '') || body[0] === 0x7b;
  const fields = asJson ? jsonFields(body) : formFields(body);
  if (typeof fields === 'string') return {verdict: 'malformed', reason: fields, asJson};
  const field = fields.has('resp_data') ? 'resp_data' : 'data';
  const text = fields.get(field);
  if (text === undefined) return {verdict: 'malformed', reason: asJson ? 'webhook-elsewhere' : 'no-content', asJson};
  const data = objectOf(text);
  if (!data) return {verdict: 'malformed', reason: 'content', asJson, field, text};
  const base = {
    asJson,
    field,
    text,
    data,
    resp_code: fields.get('resp_code'),
    resp_desc: fields.get('resp_desc'),
  } as const;
  const sign = fields.get('sign');
  if (!sign) return {verdict: 'unsigned', reason: 'no-sign', ...base};
  // A proxy that did not encode the plus signs of base64 had them turned into blanks by the decoding.
  if (!verifyRsa(text, sign, keys) && !verifyRsa(text, sign.replaceAll(' ', '+'), keys))
    return {verdict: 'bad_signature', reason: whyNot(text, sign, keys), ...base};
  const number = data.req_seq_id;
  if (typeof number !== 'string' || number === '') return {verdict: 'ok', ...base};
  // What goes into the acknowledgement is what came in: nothing but plain characters may.
  if (!/^[\x21-\x7e]{1,128}$/.test(number)) return {...base, verdict: 'malformed', reason: 'number'};
  return {verdict: 'ok', ...base, ack: `RECV_ORD_ID_${number}`};
}

/** Never more than a hint: only the cheap and frequent mistakes are told apart. */
function whyNot(text: string, sign: string, keys: readonly KeyObject[]): NoticeReason {
  const plain = sign.replaceAll(' ', '+');
  if (!/^[A-Za-z0-9+/]{40,}={0,2}$/.test(plain)) return 'sign-shape';
  const encoded = text.replace(/@/g, '%40');
  return encoded !== text && verifyRsa(encoded, plain, keys) ? 'decoded-twice' : 'other-key';
}

/** What arrived, as a server or a file has it. */
export interface Arrival {
  body: Buffer;
  contentType?: string;
  /** Path and query as called; a console Webhook carries its `sign` in the query. */
  url?: string;
  /** Which mechanism the address belongs to; by default the query decides. */
  channel?: Channel;
}

export interface NoticeKeys {
  /** Huifu's public keys; any of them may have signed. */
  huifu: readonly KeyObject[];
  /** The keys of Webhook endpoints (终端密钥). */
  webhook?: readonly string[];
}

/** Any asynchronous message of the platform, with what it says in one shape. */
export interface Message extends Notice {
  channel: Channel;
  /** What the content says; a claim while `verdict` is not ok. */
  facts: NoticeFacts;
}

/**
 * Reads a message of either mechanism: bytes in, verdict and facts out, nothing else touched.
 *
 * A Webhook's `ack` is an empty text: any 2xx acknowledges it.
 * @see docs/gateway.md#notifications
 */
export function readMessage({body, contentType, url = '/', channel}: Arrival, keys: NoticeKeys): Message {
  const sign = signOf(url);
  if ((channel ?? (sign === undefined ? 'notify' : 'webhook')) === 'notify') {
    const notice = readNotice(body, contentType, keys.huifu);
    return {...notice, channel: 'notify', facts: noticeFacts('notify', notice.data ?? {}, notice.field)};
  }
  const read = readWebhook(body, sign, keys.webhook ?? []);
  const text = decode(body);
  return {
    ...read,
    channel: 'webhook',
    asJson: true,
    ...(text !== undefined && {text}),
    ...(read.verdict === 'ok' && {ack: ''}),
    facts: noticeFacts('webhook', read.data ?? {}, undefined),
  };
}

/** The `sign` of a URL's query, as it was sent. */
export function signOf(url: string): string | undefined {
  const at = url.indexOf('?');
  return at < 0 ? undefined : (new URLSearchParams(url.slice(at + 1)).get('sign') ?? undefined);
}

function objectOf(text: string): Data | undefined {
  try {
    const value = parseValue(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

function jsonFields(body: Buffer): Map<string, string> | NoticeReason {
  const top = objectOf(decode(body) ?? '');
  if (!top) return 'form';
  const text = (value: Value): string | undefined => (typeof value === 'string' ? value : undefined);
  return new Map(
    Object.entries(top).flatMap(([name, value]) => (text(value) === undefined ? [] : [[name, text(value)!]])),
  );
}

/** Far more than any message of the platform has. */
const MAX_FIELDS = 100;

/** application/x-www-form-urlencoded, strictly: a broken escape or a field given twice makes the whole malformed. */
function formFields(body: Buffer): Map<string, string> | NoticeReason {
  if (body.length === 0) return 'empty';
  const raw = decode(body);
  if (raw === undefined) return 'encoding';
  const fields = new Map<string, string>();
  const pairs = raw.split('&', MAX_FIELDS + 1);
  if (pairs.length > MAX_FIELDS) return 'form';
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) return 'form';
    try {
      const plain = (part: string) => decodeURIComponent(part.replaceAll('+', ' '));
      const name = plain(pair.slice(0, at));
      if (fields.has(name)) return 'twice';
      fields.set(name, plain(pair.slice(at + 1)));
    } catch {
      return 'encoding';
    }
  }
  return fields;
}

/** A message as Huifu sends it: the form body with its signature over the exact text of resp_data. */
export function buildNotice(
  text: string,
  privateKey: KeyObject,
  outer: {resp_code: string; resp_desc: string},
): string {
  const fields = {
    resp_desc: outer.resp_desc,
    resp_code: outer.resp_code,
    sign: signRsa(text, privateKey),
    resp_data: text,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Reads a console Webhook: `sign` stands in the query of the URL it was sent to. Any 2xx acknowledges it. */
export function readWebhook(
  body: Buffer,
  sign: string | undefined,
  endpointKeys: string | readonly string[],
): {verdict: Verdict; reason?: NoticeReason; data?: Data} {
  if (body.length === 0) return {verdict: 'malformed', reason: 'empty'};
  const data = objectOf(decode(body) ?? '');
  if (!data) return {verdict: 'malformed', reason: 'content'};
  if (!sign) return {verdict: 'unsigned', reason: 'no-sign', data};
  const keys = typeof endpointKeys === 'string' ? [endpointKeys] : endpointKeys;
  if (keys.length === 0) return {verdict: 'bad_signature', reason: 'no-webhook-key', data};
  const wanted = sign.toUpperCase();
  // Every key is tried, so that the time does not tell which one fits.
  const fits = keys.filter(key => sameText(wanted, webhookMd5(body, key)));
  if (fits.length > 0) return {verdict: 'ok', data};
  return {verdict: 'bad_signature', reason: /^[0-9A-F]{32}$/.test(wanted) ? 'other-key' : 'sign-shape', data};
}

/** A console Webhook as the platform sends it: the body's bytes and the `sign` that goes into the query. */
export function buildWebhook(value: Record<string, unknown>, endpointKey: string): {body: Buffer; sign: string} {
  const body = Buffer.from(JSON.stringify(value));
  return {body, sign: webhookMd5(body, endpointKey)};
}
