import {createPrivateKey, createPublicKey} from 'node:crypto';
import {createServer, request as httpRequest} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {TestContext} from 'node:test';
import {buildNotice} from '../../src/core/notice.ts';
import type {NoticeStore} from '../../src/journal/notices.ts';
import {openNotices} from '../../src/journal/notices-sqlite.ts';
import {type Listener, type ListenOptions, type ListenTools, startListener} from '../../src/listen/engine.ts';
import type {ListenEvent} from '../../src/listen/events.ts';
import {keys, NOON} from './cli.ts';

export const signer = createPrivateKey({key: Buffer.from(keys.huifu, 'base64'), format: 'der', type: 'pkcs8'});
export const huifu = createPublicKey(signer);
export const MERCHANT = '6666000100000001';
export const FORM = 'application/x-www-form-urlencoded;charset=UTF-8';

/** A signed message as it travels. */
export function signed(fields: Record<string, unknown>): string {
  const text = JSON.stringify({huifu_id: MERCHANT, req_date: '20261124', trans_stat: 'S', ...fields});
  return buildNotice(text, signer, {resp_code: '00000000', resp_desc: '交易成功[000]'});
}

/** The first message of a payment, and the second. */
export const trade = (number: string, more: Record<string, unknown> = {}): string =>
  signed({req_seq_id: number, hf_seq_id: `H${number}`, trans_amt: '1.00', notify_type: 1, acct_stat: 'I', ...more});
export const booked = (number: string, more: Record<string, unknown> = {}): string =>
  trade(number, {notify_type: 2, acct_stat: 'S', ...more});

export interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
}

export function post(url: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      url,
      {
        method: 'POST',
        agent: false,
        headers: {'content-type': FORM, 'content-length': Buffer.byteLength(body), ...headers},
      },
      res => {
        let text = '';
        res.setEncoding('utf8').on('data', chunk => (text += chunk));
        res.on('end', () => resolve({status: res.statusCode!, body: text, headers: res.headers}));
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

export interface Got {
  method: string;
  url: string;
  headers: Record<string, unknown>;
  body: string;
}

/** A merchant's handler: remembers what it was sent, answers as told. */
export async function handler(
  t: TestContext,
  reply: (
    got: Got,
    turn: number,
  ) => {status?: number; body?: string} | Promise<{status?: number; body?: string}> = () => ({}),
): Promise<{url: string; got: Got[]}> {
  const got: Got[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req
      .on('data', chunk => chunks.push(chunk))
      .on('end', async () => {
        const one = {method: req.method!, url: req.url!, headers: req.headers, body: Buffer.concat(chunks).toString()};
        got.push(one);
        const {status = 200, body = 'success'} = await reply(one, got.length);
        res.writeHead(status).end(body);
      });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got};
}

export interface Rig {
  listener: Listener;
  store: NoticeStore;
  events: ListenEvent[];
  clock: {now: number};
  of<T extends ListenEvent['type']>(type: T): Extract<ListenEvent, {type: T}>[];
  send(body: string | Buffer, path?: string, headers?: Record<string, string>): Promise<Answer>;
}

/** A listener on a free port, its store in memory unless one is given. */
export async function rig(
  t: TestContext,
  options: Partial<ListenOptions> = {},
  tools: Partial<ListenTools> = {},
): Promise<Rig> {
  const clock = {now: NOON};
  const events: ListenEvent[] = [];
  const store = tools.store ?? openNotices(':memory:');
  const listener = await startListener(
    {
      host: '127.0.0.1',
      ports: [0],
      environment: 'sandbox',
      profile: 'p',
      merchants: new Set([MERCHANT]),
      keys: {huifu: [huifu], webhook: ['k'.repeat(32)]},
      webhookPath: '/webhook',
      acceptUnverified: false,
      targets: [],
      ack: 'auto',
      retry: 3,
      forwardTimeout: 2000,
      pairTimeout: 60_000,
      crossCheck: false,
      ...options,
    },
    {
      store,
      now: () => clock.now,
      sleep: async ms => {
        clock.now += ms;
      },
      emit: event => void events.push(event),
      ...tools,
    },
  );
  t.after(async () => {
    await listener.stop();
    store.close();
  });
  return {
    listener,
    store,
    events,
    clock,
    of: type => events.filter(event => event.type === type) as never,
    send: (body, path = '/any', headers) => post(`${listener.url}${path}`, body, headers),
  };
}
