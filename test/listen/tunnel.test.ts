import assert from 'node:assert/strict';
import {test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import type {ListenEvent} from '../../src/listen/events.ts';
import {keepTunnel} from '../../src/listen/tunnel/keeper.ts';
import {type Get, makeEcho, probe} from '../../src/listen/tunnel/probe.ts';
import {
  type Child,
  commandWay,
  publicWay,
  readSshTarget,
  type Spawn,
  sshWords,
  type Way,
} from '../../src/listen/tunnel/ways.ts';
import {bench, errorOf} from '../helpers/cli.ts';

const SECRET = Buffer.alloc(32, 7);
const CHALLENGE = 'ab'.repeat(16);
const URL_A = 'https://a.example.com';
const LOCAL = {host: '127.0.0.1', port: 8000};
const turn = () => new Promise(resolve => setImmediate(resolve));

/** A public way that hands requests to the listener's echo, as a working tunnel does. */
function through(echo = makeEcho(SECRET), change: (body: string) => string = body => body): Get {
  return async url => {
    const body = echo.intercept({method: 'GET', url: new URL(url).pathname});
    return {status: body === undefined ? 404 : 200, headers: {}, body: Buffer.from(change(body ?? ''))};
  };
}

test('an echo that comes back through the URL proves it; one byte changed, asked or answered, does not', async () => {
  const echo = makeEcho(SECRET);
  assert.deepEqual(await probe(through(), echo, URL_A, CHALLENGE), {ok: true});
  assert.deepEqual(await probe(through(), echo, `${URL_A}/shop/`, CHALLENGE), {ok: true});
  const flip = (body: string) => body.replace(/.$/, last => (last === '0' ? '1' : '0'));
  assert.equal((await probe(through(echo, flip), echo, URL_A, CHALLENGE)).ok, false);
  const {path} = echo.ask(CHALLENGE);
  assert.equal(echo.intercept({method: 'GET', url: path.replace(/.$/, last => (last === '0' ? '1' : '0'))}), undefined);
  assert.equal(echo.intercept({method: 'POST', url: path}), undefined);
  assert.equal(makeEcho(Buffer.alloc(32, 8)).intercept({method: 'GET', url: path}), undefined);
  assert.equal((await probe(through(makeEcho(Buffer.alloc(32, 8))), echo, URL_A, CHALLENGE)).ok, false);
});

test('what comes back instead is told apart: a redirect, a page, another program, nothing, a URL Huifu would not call', async () => {
  const echo = makeEcho(SECRET);
  const reply =
    (status: number, headers: Record<string, string>, body: string): Get =>
    async () => ({
      status,
      headers,
      body: Buffer.from(body),
    });
  const reason = async (get: Get, url = URL_A) => {
    const found = await probe(get, echo, url, CHALLENGE);
    return found.ok ? 'ok' : found.reason;
  };
  assert.equal(await reason(reply(302, {location: '/x'}, '')), 'redirect');
  assert.equal(await reason(reply(200, {'content-type': 'text/html'}, '<html>')), 'reminder-page');
  assert.equal(await reason(reply(200, {}, 'hello')), 'other-answer');
  assert.equal(await reason(reply(502, {}, '')), 'status');
  const unreached: Get = async () => {
    throw new DougongError('network', 'NOT_SENT', {reason: 'ENOTFOUND'});
  };
  assert.equal(await reason(unreached), 'unreached');
  assert.equal(await reason(through(), 'https://a.example.com:7000'), 'rules');
});

/** A keeper on a clock of its own, with a way that the test opens and closes. */
function keeper(options: {restarts?: boolean; probeEvery?: number; giveUpAfter?: number} = {}) {
  const clock = {now: 1_000_000};
  const events: ListenEvent[] = [];
  const echo = makeEcho(SECRET);
  const state = {works: true, prints: false, starts: 0, stops: 0, asked: 0};
  let on: {url(url: string): void; end(reason: string): void} | undefined;
  const way: Way = {
    restarts: options.restarts ?? true,
    start(_local, given): Child {
      state.starts += 1;
      on = given;
      if (state.prints) queueMicrotask(() => given.url(URL_A));
      return {
        stop: async () => {
          state.stops += 1;
        },
      };
    },
  };
  let serial = 0;
  const kept = keepTunnel(
    way,
    {local: LOCAL, probeEvery: options.probeEvery ?? 30_000, giveUpAfter: options.giveUpAfter ?? 600_000},
    {
      now: () => clock.now,
      echo,
      get: async url => {
        state.asked += 1;
        if (!state.works) throw new DougongError('network', 'NOT_SENT', {reason: 'ECONNREFUSED'});
        return through(echo)(url);
      },
      challenge: () => (serial++).toString(16).padStart(32, '0'),
      emit: event => void events.push(event),
    },
  );
  const wait = async (ms: number, step = 200) => {
    for (let passed = 0; passed < ms; passed += step) {
      clock.now += step;
      kept.tick();
      await turn();
    }
  };
  const types = () => events.map(({type}) => type);
  return {kept, clock, events, state, wait, types, on: () => on!};
}

test('nothing is ready before the echo is back; then it is asked again every probe interval', async () => {
  const {kept, state, wait, types, on} = keeper();
  kept.tick();
  await wait(2000);
  assert.deepEqual([kept.url, types()], [undefined, []]);
  on().url(URL_A);
  await wait(400);
  assert.deepEqual([kept.url, types()], [URL_A, ['tunnel-ready']]);
  await wait(61_000);
  assert.equal(state.asked, 3);
  assert.deepEqual(types(), ['tunnel-ready']);
});

test('a tunnel whose echo stops is told at once, started again with growing pauses, and its return is told with the time away', async () => {
  const {kept, state, wait, types, events, on} = keeper({probeEvery: 5000});
  kept.tick();
  on().url(URL_A);
  await wait(400);
  state.works = false;
  state.prints = true;
  await wait(6000);
  assert.deepEqual([kept.url, types().at(-1)], [undefined, 'tunnel-lost']);
  await wait(40_000);
  assert.ok(state.starts >= 2 && state.stops >= 1, JSON.stringify(state));
  state.works = true;
  await wait(35_000);
  const back = events.at(-1)!;
  assert.ok(back.type === 'tunnel-back' && back.awayMs > 35_000 && kept.url === URL_A);
});

test('a program that ends is told with its last words and started again', async () => {
  const {kept, state, wait, events, on} = keeper();
  kept.tick();
  on().url(URL_A);
  await wait(400);
  on().end('ssh ended with 255: Host key verification failed.');
  const lost = events.at(-1)!;
  assert.ok(lost.type === 'tunnel-lost' && /Host key/.test(lost.reason));
  await wait(1400);
  assert.equal(state.starts, 2);
});

test('a changed URL is announced once it is proved', async () => {
  const {kept, wait, events, on} = keeper();
  kept.tick();
  on().url(URL_A);
  await wait(400);
  on().url('https://b.example.com');
  await wait(400);
  const moved = events.find(({type}) => type === 'tunnel-moved')!;
  assert.ok(moved.type === 'tunnel-moved' && moved.from === URL_A && moved.to === 'https://b.example.com');
  assert.equal(kept.url, 'https://b.example.com');
});

test('after sleep it is asked at once; a public URL of one’s own is never started again; in the end it is given up', async () => {
  const asleep = keeper({probeEvery: 3_600_000});
  asleep.kept.tick();
  asleep.on().url(URL_A);
  await asleep.wait(400);
  assert.equal(asleep.state.asked, 1);
  asleep.clock.now += 60_000;
  await asleep.wait(400);
  assert.equal(asleep.state.asked, 2);

  const own = keeper({restarts: false, giveUpAfter: 60_000});
  own.state.works = false;
  own.kept.tick();
  own.on().url(URL_A);
  await own.wait(50_000);
  assert.equal(own.state.starts, 1);
  assert.deepEqual(own.types(), ['tunnel-lost']);
  await own.wait(20_000);
  await assert.rejects(
    own.kept.lost,
    (error: unknown) => error instanceof DougongError && error.code === 'TUNNEL_LOST' && error.kind === 'local',
  );
});

test('a command is given the port, and the last URL that is not of this machine counts', () => {
  let line: (text: string) => void = () => {};
  let started = '';
  const spawn: Spawn = (program, words, on) => {
    started = program;
    line = on.line;
    assert.equal(words, undefined);
    return {stop: async () => {}};
  };
  const urls: string[] = [];
  commandWay(spawn, 'tunnel --to http://{host}:{port}', undefined).start(LOCAL, {
    url: url => void urls.push(url),
    end: () => {},
  });
  assert.equal(started, 'tunnel --to http://127.0.0.1:8000');
  line('forwarding http://127.0.0.1:8000 -> https://x1.example.app.');
  line('2026-11-24 INF |  https://quick-words.example.com  |');
  line('no url here');
  assert.deepEqual(urls, ['https://x1.example.app', 'https://quick-words.example.com']);
  const own: string[] = [];
  publicWay(URL_A).start(LOCAL, {url: url => void own.push(url), end: () => {}});
  assert.deepEqual(own, [URL_A]);
});

test('ssh is the system’s own, asks nothing, and no part of the URL becomes a flag', () => {
  const words = sshWords(readSshTarget('ssh://shop@vps.example.com:2222?bind=0.0.0.0:8010'), LOCAL);
  assert.deepEqual(words.slice(-6), ['-p', '2222', '-R', '0.0.0.0:8010:127.0.0.1:8000', '--', 'shop@vps.example.com']);
  assert.ok(words.includes('ExitOnForwardFailure=yes') && words.includes('BatchMode=yes'));
  assert.ok(!words.some(word => /StrictHostKeyChecking|UserKnownHosts/.test(word)));
  for (const wrong of ['http://a', 'ssh://-oProxyCommand=x', 'ssh://u:p@h', 'ssh://h?bind=x y:1', 'ssh://a%20b@h', 'h'])
    assert.throws(() => readSshTarget(wrong), /TUNNEL_INVALID/, wrong);
});

test('a public URL that Huifu would not call is exit 2, and so is a wrong --tunnel', async t => {
  const on = await bench(t);
  const rules = await on.dougong('listen --public-url https://a.example.com:7000 --json');
  assert.deepEqual([rules.code, errorOf(rules).code], [2, 'NOTIFY_URL_INVALID']);
  const wrong = await on.dougong('listen --tunnel vps.example.com --json');
  assert.deepEqual([wrong.code, errorOf(wrong).code], [2, 'TUNNEL_INVALID']);
});
