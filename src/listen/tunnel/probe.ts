import {createHmac} from 'node:crypto';
import {DougongError} from '../../core/errors.ts';
import {checkNotifyUrl} from '../../core/notify-url.ts';
import {sameText} from '../../core/sign.ts';

/** Where the echo is asked for, below the public URL. */
export const ECHO_PATH = '/.well-known/dougong-echo/';

/** A GET that follows no redirects. */
export type Get = (url: string) => Promise<{status: number; headers: Record<string, string>; body: Buffer}>;

/** A question only this process can ask and only this process can answer. */
export interface Echo {
  ask(challenge: string): {path: string; answer: string};
  /** The answer to a question of ours; undefined for everything else. */
  intercept(request: {method: string; url: string}): string | undefined;
}

/** @param secret random bytes of this process; whoever lacks them can neither ask nor answer. */
export function makeEcho(secret: Buffer): Echo {
  const mac = (what: string, challenge: string) =>
    createHmac('sha256', secret).update(`${what} ${challenge}`).digest('hex');
  return {
    ask: challenge => ({
      path: `${ECHO_PATH}${challenge}.${mac('ask', challenge)}`,
      answer: `dougong-echo ${mac('answer', challenge)}`,
    }),
    intercept({method, url}) {
      const at = method === 'GET' ? url.indexOf(ECHO_PATH) : -1;
      const match = at < 0 ? null : /^([0-9a-f]{16,64})\.([0-9a-f]{64})$/.exec(url.slice(at + ECHO_PATH.length));
      if (!match || !sameText(mac('ask', match[1]!), match[2]!)) return undefined;
      return `dougong-echo ${mac('answer', match[1]!)}`;
    },
  };
}

/** Why an echo did not come back: a key of cli/messages/tunnel.ts, or a code of the network. */
export type ProbeReason = 'rules' | 'redirect' | 'reminder-page' | 'other-answer' | 'status' | 'unreached';
export type Probed = {ok: true} | {ok: false; reason: ProbeReason; detail: string};

/**
 * Sends a signed question out to the public URL and looks whether its answer comes back through it.
 *
 * @param url the public URL, with or without a path; Huifu's rules for a notify_url are held against it first.
 */
export async function probe(get: Get, echo: Echo, url: string, challenge: string): Promise<Probed> {
  const base = url.replace(/\/+$/, '');
  const broken = checkNotifyUrl(`${base}/`)
    .filter(({level}) => level === 'error')
    .map(({rule}) => rule);
  if (broken.length > 0) return {ok: false, reason: 'rules', detail: broken.join(', ')};
  const {path, answer} = echo.ask(challenge);
  try {
    const {status, headers, body} = await get(`${base}${path}`);
    const text = body.subarray(0, 4096).toString('utf8').trim();
    if (status === 200 && sameText(text, answer)) return {ok: true};
    if (status >= 300 && status < 400) return {ok: false, reason: 'redirect', detail: headers.location ?? ''};
    if (/html/i.test(headers['content-type'] ?? '') || text.startsWith('<'))
      return {ok: false, reason: 'reminder-page', detail: String(status)};
    return {ok: false, reason: status === 200 ? 'other-answer' : 'status', detail: String(status)};
  } catch (error) {
    const detail = error instanceof DougongError ? (error.params.reason ?? error.code) : String(error);
    return {ok: false, reason: 'unreached', detail};
  }
}
