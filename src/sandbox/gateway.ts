import type {KeyObject} from 'node:crypto';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {type ApiVersion, type EndpointName, endpoints} from '../core/endpoints/index.ts';
import {members, parseValue} from '../core/json.ts';
import {signRsa, signText, verifyRsa} from '../core/sign.ts';
import type {Data} from '../core/wire.ts';
import type {Desk} from './desk.ts';
import type {Faults} from './faults.ts';
import {handlers} from './handlers.ts';
import type {Merchant} from './merchants.ts';
import {type RecordedCall, Refusal} from './types.ts';

/** What the HTTP face needs of the sandbox behind it. */
export interface Face {
  sysId: string;
  productId: string;
  merchantKey: KeyObject;
  huifuKey: KeyObject;
  otherKey: KeyObject;
  faults: Faults;
  requireSkillHeaders(): boolean;
  now(): number;
  tick(): void;
  desk(version: ApiVersion): Omit<Desk, 'refundFails' | 'forget' | 'billFault'>;
  record(call: RecordedCall): void;
  merchant(huifu_id: string): Merchant | undefined;
}

const MAX_BODY = 10 * 1024 * 1024;

interface Route {
  endpoint: EndpointName;
  version: ApiVersion;
}

const routes = new Map<string, Route>(
  Object.values(endpoints).flatMap(endpoint =>
    Object.entries(endpoint.paths).map(([version, path]): [string, Route] => [
      path,
      {endpoint: endpoint.name, version: version as ApiVersion},
    ]),
  ),
);

interface Reply {
  status: number;
  body: string;
  resp_code: string;
  data: Data;
}

/** One request of the gateway: envelope, signature, business, and whatever fault is armed for it. */
export async function serve(face: Face, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = new URL(req.url ?? '/', 'http://sandbox').pathname;
  const route = routes.get(path);
  const struck = face.faults.strike(route?.endpoint ?? 'unknown');
  if (struck.has('reset-before-body')) return void req.socket.resetAndDestroy();
  const body = await readBody(req);
  face.tick();
  if (struck.has('reset-before-commit')) return void req.socket.resetAndDestroy();
  if (struck.has('throttled')) {
    face.record({
      endpoint: route?.endpoint ?? 'unknown',
      path,
      data: {},
      status: 911,
      resp_code: '911',
      at: face.now(),
    });
    return void res.writeHead(911, {'content-type': 'text/plain'}).end('too many requests');
  }
  const reply = answer(face, route, req, body, struck);
  const delay = struck.get('delay');
  face.record({
    endpoint: route?.endpoint ?? 'unknown',
    path,
    data: reply.data,
    status: reply.status,
    resp_code: reply.resp_code,
    at: face.now(),
  });
  if (struck.has('drop-after-commit')) return void req.socket.resetAndDestroy();
  if (delay) await pause(delay.ms ?? 1000);
  if (res.destroyed) return;
  res.sendDate = false;
  res.setHeader('date', new Date(face.now() + (struck.get('skew')?.ms ?? 0)).toUTCString());
  res.setHeader('content-type', 'application/json;charset=UTF-8');
  const status = struck.get('status');
  if (status)
    return void res
      .writeHead(status.status ?? 502, {'content-type': 'text/html'})
      .end('<html><body>Bad Gateway</body></html>');
  if (struck.has('html'))
    return void res.writeHead(200, {'content-type': 'text/html'}).end('<html><body>maintenance</body></html>');
  if (struck.has('empty')) return void res.writeHead(200).end();
  if (struck.has('huge')) return void res.writeHead(200).end(Buffer.alloc(MAX_BODY, 0x20));
  if (struck.has('half-answer')) {
    res.writeHead(200, {'content-length': Buffer.byteLength(reply.body)});
    res.write(reply.body.slice(0, Math.floor(reply.body.length / 2)), () => req.socket.resetAndDestroy());
    return;
  }
  const slow = struck.get('slow-body');
  if (slow) {
    res.writeHead(200);
    res.write(reply.body.slice(0, 10));
    await pause(slow.ms ?? 1000);
    return void res.end(reply.body.slice(10));
  }
  res.writeHead(reply.status).end(reply.body);
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref());
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? Buffer.alloc(0) : Buffer.concat(chunks);
}

function answer(
  face: Face,
  route: Route | undefined,
  req: IncomingMessage,
  body: Buffer,
  struck: ReturnType<Faults['strike']>,
): Reply {
  if (!route)
    return {status: 404, body: '{"resp_code":"404","resp_desc":"service not found"}', resp_code: '404', data: {}};
  const envelope = open(body);
  if (!envelope || req.method !== 'POST') return unsigned('40001', '参数不合法', {});
  const {sys_id, product_id, sign, raw, data} = envelope;
  if (face.requireSkillHeaders()) {
    const named = req.headers['jpt-x-skill-huifu_id'];
    if (!req.headers['jpt-x-skill-source'] || named !== data.huifu_id)
      return unsigned('LS000002', 'missing skill headers', data);
  }
  if (sys_id !== face.sysId) return unsigned('20001', '权限不足', data);
  if (typeof sign !== 'string' || !verifyRsa(canonical(JSON.parse(raw)), sign, [face.merchantKey]))
    return unsigned('40002', '验签失败', data);
  const merchant = route.endpoint === 'pay' ? undefined : face.merchant(String(data.huifu_id));
  if (merchant?.closed.includes(route.endpoint)) return unsigned('20003', '接口权限认证失败', data);
  if (merchant?.fault === 'unsigned') struck.set('unsigned', {kind: 'unsigned'});
  if (merchant?.fault === 'bad-signature') struck.set('bad-signature', {kind: 'bad-signature'});
  if (merchant?.fault === 'slow') struck.set('delay', {kind: 'delay', ms: 200});
  const planted = struck.get('code');
  const words = planted
    ? {resp_code: planted.resp_code ?? '90000000', resp_desc: planted.resp_desc ?? '业务执行失败'}
    : business(face, route, product_id, data, struck);
  if (struck.has('duplicate')) return signed(face, {resp_code: '20000000', resp_desc: '重复交易'}, data, struck);
  return signed(face, words, data, struck);
}

function business(
  face: Face,
  {endpoint, version}: Route,
  product_id: unknown,
  data: Data,
  struck: ReturnType<Faults['strike']>,
): Record<string, unknown> {
  try {
    if (product_id !== face.productId) throw new Refusal('22000000', '产品号不存在或状态异常');
    const desk = {
      ...face.desk(version),
      refundFails: struck.has('refund-fails'),
      forget: struck.get('forget')?.ms ?? (struck.has('forget') ? 1 : 0),
      billFault: struck.get('bill-state'),
    };
    return {
      resp_code: '00000000',
      resp_desc: endpoint.endsWith('query') ? '查询成功' : '处理成功',
      ...handlers[endpoint](data, desk),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const names = ['req_date', 'req_seq_id', 'huifu_id'].filter(name => typeof data[name] === 'string');
    const echoed = Object.fromEntries(names.map(name => [name, String(data[name])]));
    return {...echoed, resp_code: error.resp_code, resp_desc: error.message, ...error.extra};
  }
}

function unsigned(resp_code: string, resp_desc: string, data: Data): Reply {
  return {status: 200, body: JSON.stringify({data: {resp_code, resp_desc}}), resp_code, data};
}

function signed(face: Face, words: Record<string, unknown>, data: Data, struck: ReturnType<Faults['strike']>): Reply {
  const text = signText(words);
  const sign = signRsa(text, struck.has('bad-signature') ? face.otherKey : face.huifuKey);
  const body = struck.has('unsigned') ? `{"data":${text}}` : `{"data":${text},"sign":"${sign}"}`;
  return {status: 200, body, resp_code: String(words.resp_code ?? ''), data};
}

function open(
  body: Buffer,
): {sys_id: unknown; product_id: unknown; sign: unknown; raw: string; data: Data} | undefined {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(body);
    const top = new Map(members(text).map(({name, raw}) => [name, raw]));
    const value = (name: string) => (top.has(name) ? parseValue(top.get(name)!) : undefined);
    const raw = top.get('data');
    const data = value('data');
    if (raw === undefined || typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
    return {sys_id: value('sys_id'), product_id: value('product_id'), sign: value('sign'), raw, data};
  } catch {
    return undefined;
  }
}

/** As the gateway verifies: the data parsed and written again in sorted order, so that 0.10 as a number is no longer 0.10. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return `{${names.map(name => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`;
}
