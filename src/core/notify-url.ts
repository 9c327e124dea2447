import {isIP} from 'node:net';

export type UrlRule =
  | 'not-a-url'
  | 'scheme'
  | 'virgo'
  | 'port'
  | 'query'
  | 'fragment'
  | 'length'
  | 'credentials'
  | 'loopback'
  | 'private-address'
  | 'characters';

export interface UrlFinding {
  rule: UrlRule;
  /** An error keeps every notification away; a warning keeps them away unless something stands in between. */
  level: 'error' | 'warning';
}

/** The limits of the two calls that take a notify_url. */
export const NOTIFY_URL_MAX = {pay: 504, refund: 512} as const;

/**
 * The rules a notify_url has to keep, or Huifu will not call it.
 *
 * @see docs/gateway.md#notify_url
 */
export function checkNotifyUrl(text: string, maxLength: number = NOTIFY_URL_MAX.pay): UrlFinding[] {
  const findings: UrlFinding[] = [];
  const error = (rule: UrlRule) => findings.push({rule, level: 'error'});
  const warning = (rule: UrlRule) => findings.push({rule, level: 'warning'});
  if (/^virgo:\/\//i.test(text)) return [{rule: 'virgo', level: 'error'}];
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return [{rule: 'not-a-url', level: 'error'}];
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return [{rule: 'scheme', level: 'error'}];
  if (/[^\x21-\x7e]/.test(text)) error('characters');
  if (text.length > maxLength) error('length');
  if (text.includes('?')) error('query');
  if (text.includes('#')) error('fragment');
  if (url.username || url.password) error('credentials');
  const port = url.port === '' ? undefined : Number(url.port);
  const standard = port === undefined || port === 80 || port === 443;
  if (!standard && (port < 8000 || port > 9005)) error('port');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '::1') warning('loopback');
  else if (isPrivate(host)) warning('private-address');
  return findings;
}

function isPrivate(host: string): boolean {
  if (isIP(host) === 0) return !host.includes('.');
  return /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.|f[cd]|fe[89ab])/i.test(
    host,
  );
}
