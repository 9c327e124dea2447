import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createServer as createWeb, type Server} from 'node:http';
import {createServer} from 'node:https';
import {type AddressInfo, connect} from 'node:net';
import {type TestContext, test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import {createHttp, type HttpOptions} from '../../src/core/http.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function client(t: TestContext, options: HttpOptions = {}) {
  const http = await createHttp(options);
  t.after(() => http.close());
  return http;
}

async function secure(t: TestContext): Promise<{port: number; requests: () => number}> {
  let count = 0;
  const options = {key: fixture('tls.key'), cert: fixture('tls.crt')};
  const server = createServer(options, (_req, res) => {
    count += 1;
    res.end('hello');
  });
  return {port: await listen(t, server as unknown as Server), requests: () => count};
}

const fails = (kind: string, code: string) => (error: unknown) =>
  error instanceof DougongError && error.kind === kind && error.code === code;

test('a certificate nobody vouches for is refused before anything is sent; --ca-file makes it trusted', async t => {
  const {port, requests} = await secure(t);
  const url = `https://127.0.0.1:${port}/x`;
  await assert.rejects((await client(t)).post(url, '{}', {}), fails('network', 'TLS_FAILED'));
  assert.equal(requests(), 0);
  const answer = await (await client(t, {caFile: fixture('tls.crt')})).post(url, '{}', {});
  assert.equal(answer.body.toString(), 'hello');
});

test('a trusted certificate for another name is refused', async t => {
  const {port, requests} = await secure(t);
  const http = await client(t, {caFile: fixture('tls.crt')});
  await assert.rejects(
    http.post(`https://127.0.0.2:${port}/x`, '{}', {}),
    (error: unknown) => error instanceof DougongError && error.kind === 'network',
  );
  assert.equal(requests(), 0);
});

test("a proxy carries the call, and its own refusal is not taken for the gateway's", async t => {
  const target = await listen(
    t,
    createWeb((_req, res) => res.end('through')),
  );
  const asked: string[] = [];
  const proxy = createWeb();
  let refuse = false;
  proxy.on('connect', (req, socket) => {
    asked.push(req.url ?? '');
    if (refuse) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const onward = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    for (const one of [onward, socket]) one.on('error', () => {});
    t.after(() => onward.destroy());
  });
  const proxyUrl = `http://127.0.0.1:${await listen(t, proxy)}`;
  const options = {proxyEnv: {HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, NO_PROXY: 'direct.invalid'}};
  const answer = await (await client(t, options)).post('http://gateway.invalid/x', '{}', {});
  assert.equal(answer.body.toString(), 'through');
  assert.deepEqual(asked, ['gateway.invalid:80']);
  refuse = true;
  await assert.rejects(
    (await client(t, options)).post('http://gateway.invalid/x', '{}', {}),
    fails('unknown-outcome', 'NO_ANSWER'),
  );
  await assert.rejects(
    (await client(t, options)).post('http://direct.invalid/x', '{}', {}),
    fails('network', 'NOT_SENT'),
  );
  assert.equal(asked.length, 2);
});
