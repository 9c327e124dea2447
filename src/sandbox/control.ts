import {createServer, request, type Server} from 'node:http';
import {DougongError} from '../core/errors.ts';
import {sameText} from '../core/sign.ts';

/** What can be asked of a running sandbox. */
export type Action =
  | 'pay'
  | 'expire'
  | 'show'
  | 'reset'
  | 'advance'
  | 'fault'
  | 'merchant'
  | 'webhook'
  | 'set'
  | 'trades'
  | 'stop';
export type Act = (action: Action, body: Record<string, unknown>) => Promise<unknown>;

const ACTIONS: readonly string[] = [
  'pay',
  'expire',
  'show',
  'reset',
  'advance',
  'fault',
  'merchant',
  'webhook',
  'set',
  'trades',
  'stop',
];
const HEADER = 'x-sandbox-token';

/** The control port: loopback only, a token in every request, JSON in and out. */
export function controlServer(token: string, act: Act): Server {
  return createServer((req, res) => {
    const reply = (status: number, value: unknown) =>
      res
        .writeHead(status, {'content-type': 'application/json'})
        .end(JSON.stringify(value, (_name, one) => (typeof one === 'bigint' ? String(one) : one)));
    const action = (req.url ?? '').slice(1);
    if (!sameText(String(req.headers[HEADER] ?? ''), token)) return void reply(403, {error: 'token'});
    if (req.method !== 'POST' || !ACTIONS.includes(action)) return void reply(404, {error: 'action'});
    const chunks: Buffer[] = [];
    req.on('error', () => {});
    req.on('data', chunk => chunks.push(chunk));
    req.on('end', () => {
      Promise.resolve()
        .then(() => JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>)
        .then(body => act(action as Action, body))
        .then(value => reply(200, value ?? {}))
        .catch((error: Error) => reply(400, {error: error.message}));
    });
  });
}

/**
 * Asks a running sandbox to do something.
 *
 * @throws DougongError `local` SANDBOX_NOT_RUNNING, or SANDBOX_REFUSED with what it said.
 */
export function callControl(
  url: string,
  token: string,
  action: Action,
  body: Record<string, unknown> = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${url}/${action}`,
      {method: 'POST', agent: false, headers: {[HEADER]: token}, timeout: 10_000},
      res => {
        const chunks: Buffer[] = [];
        res.on('data', chunk => chunks.push(chunk));
        res.on('end', () => {
          const value = JSON.parse(Buffer.concat(chunks).toString() || '{}') as {error?: string};
          if (res.statusCode === 200) resolve(value);
          else reject(new DougongError('local', 'SANDBOX_REFUSED', {reason: value.error ?? String(res.statusCode)}));
        });
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', cause => reject(new DougongError('local', 'SANDBOX_NOT_RUNNING', {url}, {cause})));
    call.end(JSON.stringify(body));
  });
}
