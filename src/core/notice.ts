import type {KeyObject} from 'node:crypto';
import {parseValue} from './json.ts';
import {sameText, signRsa, verifyRsa, webhookMd5} from './sign.ts';
import type {Data, Value, Verdict} from './wire.ts';

/** An asynchronous message, read once. Only a verdict of 'ok' makes its content a fact and gives an `ack`. */
export interface Notice {
  verdict: Verdict;
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
  if (!fields) return {verdict: 'malformed', asJson};
  const field = fields.has('resp_data') ? 'resp_data' : 'data';
  const text = fields.get(field);
  if (text === undefined) return {verdict: 'malformed', asJson};
  const data = objectOf(text);
  if (!data) return {verdict: 'malformed', asJson, field, text};
  const base = {
    asJson,
    field,
    text,
    data,
    resp_code: fields.get('resp_code'),
    resp_desc: fields.get('resp_desc'),
  } as const;
  const sign = fields.get('sign');
  if (!sign) return {verdict: 'unsigned', ...base};
  // A proxy that did not encode the plus signs of base64 had them turned into blanks by the decoding.
  if (!verifyRsa(text, sign, keys) && !verifyRsa(text, sign.replaceAll(' ', '+'), keys))
    return {verdict: 'bad_signature', ...base};
  const number = data.req_seq_id;
  if (typeof number !== 'string' || number === '') return {verdict: 'ok', ...base};
  // What goes into the acknowledgement is what came in: nothing but plain characters may.
  if (!/^[\x21-\x7e]{1,128}$/.test(number)) return {...base, verdict: 'malformed'};
  return {verdict: 'ok', ...base, ack: `RECV_ORD_ID_${number}`};
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

function jsonFields(body: Buffer): Map<string, string> | undefined {
  const top = objectOf(decode(body) ?? '');
  if (!top) return undefined;
  const text = (value: Value): string | undefined => (typeof value === 'string' ? value : undefined);
  return new Map(
    Object.entries(top).flatMap(([name, value]) => (text(value) === undefined ? [] : [[name, text(value)!]])),
  );
}

/** application/x-www-form-urlencoded, strictly: a broken escape or a field given twice makes the whole malformed. */
function formFields(body: Buffer): Map<string, string> | undefined {
  const raw = decode(body);
  if (raw === undefined || raw === '') return undefined;
  const fields = new Map<string, string>();
  for (const pair of raw.split('&')) {
    const at = pair.indexOf('=');
    if (at < 1) return undefined;
    try {
      const plain = (part: string) => decodeURIComponent(part.replaceAll('+', ' '));
      const name = plain(pair.slice(0, at));
      if (fields.has(name)) return undefined;
      fields.set(name, plain(pair.slice(at + 1)));
    } catch {
      return undefined;
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
  endpointKey: string,
): {verdict: Verdict; data?: Data} {
  const data = objectOf(decode(body) ?? '');
  if (!data) return {verdict: 'malformed'};
  if (!sign) return {verdict: 'unsigned', data};
  const ok = sameText(sign.toUpperCase(), webhookMd5(body, endpointKey));
  return {verdict: ok ? 'ok' : 'bad_signature', data};
}
