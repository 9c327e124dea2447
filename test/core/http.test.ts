import assert from 'node:assert/strict';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo, createServer as createTcp, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import {createHttp, type HttpOptions} from '../../src/core/http.ts';
import type {HttpClient} from '../../src/core/wire.ts';

async function client(t: TestContext, options: HttpOptions = {}): Promise<HttpClient> {
  const http = await createHttp(options);
  t.after(() => http.close());
  return http;
}

async function web(t: TestContext, handler: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

async function tcp(t: TestContext, handler: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcp(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    handler(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

const fails = (kind: string, code: string, reason?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DougongError, String(error));
  assert.deepEqual([error.kind, error.code], [kind, code]);
  if (reason) assert.match(String(error.params.reason), reason);
  return true;
};

test('bytes go out as given and the answer comes back as bytes, whatever its status', async t => {
  let seen = '';
  const url = await web(t, (req, res) => {
    req.setEncoding('utf8').on('data', chunk => {
      seen += chunk;
    });
    req.on('end', () => res.writeHead(911, {'X-A': '1'}).end(Buffer.from([0xff, 0x00])));
  });
  const answer = await (await client(t)).post(url, '{"a":"中"}', {'content-type': 'application/json'});
  assert.equal(seen, '{"a":"中"}');
  assert.deepEqual([answer.status, answer.headers['x-a'], [...answer.body]], [911, '1', [0xff, 0x00]]);
});

test('a refused connection was never sent', async t => {
  const url = await tcp(t, () => {});
  const closed = new URL(url);
  const probe = createTcp();
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
  closed.port = String((probe.address() as AddressInfo).port);
  await new Promise(resolve => probe.close(resolve));
  await assert.rejects((await client(t)).post(closed.href, '{}', {}), fails('network', 'NOT_SENT', /ECONNREFUSED/));
});

test('a server that never answers leaves the outcome unknown', async t => {
  const url = await tcp(t, () => {});
  const http = await client(t, {headersTimeout: 100});
  await assert.rejects(http.post(url, '{}', {}), fails('unknown-outcome', 'NO_ANSWER'));
});

test('the whole call has a limit of its own, which a trickling body cannot stretch', async t => {
  const url = await web(t, (_req, res) => {
    res.writeHead(200);
    const timer = setInterval(() => res.write('x'), 20);
    res.on('close', () => clearInterval(timer));
  });
  const http = await client(t, {totalTimeout: 150});
  await assert.rejects(http.post(url, '{}', {}), fails('unknown-outcome', 'NO_ANSWER', /TOTAL_TIMEOUT/));
});

test('a reset before the headers and one in the middle of the body are both unknown', async t => {
  const early = await tcp(t, socket => socket.once('data', () => socket.resetAndDestroy()));
  const middle = await tcp(t, socket =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.resetAndDestroy());
    }),
  );
  const http = await client(t);
  await assert.rejects(http.post(early, '{}', {}), fails('unknown-outcome', 'NO_ANSWER'));
  await assert.rejects(http.post(middle, '{}', {}), fails('unknown-outcome', 'NO_ANSWER'));
});

test('a connection that died while it was kept alive is unknown, and nothing is sent twice by itself', async t => {
  let requests = 0;
  const url = await tcp(t, socket =>
    socket.on('data', () => {
      requests += 1;
      if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    }),
  );
  const http = await client(t);
  assert.equal((await http.post(url, '{}', {})).status, 200);
  await assert.rejects(http.post(url, '{}', {}), fails('unknown-outcome', 'NO_ANSWER'));
  assert.equal(requests, 2);
});

test('an answer beyond the limit is cut off, one within it is not', async t => {
  const url = await web(t, (_req, res) => res.end(Buffer.alloc(1000)));
  await assert.rejects(
    (await client(t, {maxBytes: 999})).post(url, '{}', {}),
    fails('unknown-outcome', 'ANSWER_TOO_LARGE'),
  );
  assert.equal((await (await client(t, {maxBytes: 1000})).post(url, '{}', {})).body.length, 1000);
});

test('Ctrl-C before the call sends nothing, during the call leaves it unknown', async t => {
  let requests = 0;
  const before = new AbortController();
  const during = new AbortController();
  const url = await tcp(t, socket =>
    socket.once('data', () => {
      requests += 1;
      during.abort();
    }),
  );
  const http = await client(t);
  before.abort();
  await assert.rejects(http.post(url, '{}', {}, before.signal), fails('network', 'NOT_SENT', /INTERRUPTED/));
  assert.equal(requests, 0);
  await assert.rejects(http.post(url, '{}', {}, during.signal), fails('unknown-outcome', 'NO_ANSWER', /INTERRUPTED/));
  assert.equal(requests, 1);
});

test('a redirect is an answer like any other and is not followed', async t => {
  let requests = 0;
  const url = await web(t, (_req, res) => {
    requests += 1;
    res.writeHead(302, {location: '/elsewhere'}).end();
  });
  assert.equal((await (await client(t)).post(url, '{}', {})).status, 302);
  assert.equal(requests, 1);
});

test('a plain server behind https is a TLS failure, and nothing was sent', async t => {
  let bytes = '';
  const url = await tcp(t, socket =>
    socket.on('data', data => {
      bytes += data.toString('latin1');
      socket.end('HTTP/1.1 400 no\r\n\r\n');
    }),
  );
  const http = await client(t);
  await assert.rejects(http.post(url.replace('http:', 'https:'), '{"secret":1}', {}), (error: unknown) => {
    assert.ok(error instanceof DougongError);
    return error.kind === 'network';
  });
  assert.doesNotMatch(bytes, /secret/);
});

test('a file of authorities without a certificate is refused', async () => {
  await assert.rejects(createHttp({caFile: 'nothing'}), fails('config', 'CA_FILE'));
});

test('loopback never goes through a proxy', async t => {
  const url = await web(t, (_req, res) => res.end('direct'));
  const http = await client(t, {proxyEnv: {HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9'}});
  assert.equal((await http.post(url, '{}', {})).body.toString(), 'direct');
  await assert.rejects(http.post('http://gateway.invalid/x', '{}', {}), fails('network', 'NOT_SENT', /ECONNREFUSED/));
});
