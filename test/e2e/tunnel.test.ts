import assert from 'node:assert/strict';
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {type AddressInfo, createServer as createTcp} from 'node:net';
import {userInfo} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {startSandbox} from '../../src/sandbox/index.ts';
import {keys, runIn, tempDir, writeProfile} from '../helpers/cli.ts';

const SSHD = '/usr/sbin/sshd';
const missing = existsSync(SSHD) ? false : 'no sshd here: install openssh-server (.ci/run does)';

async function freePort(from: number): Promise<number> {
  for (let port = from; port <= 9005; port += 1) {
    const free = await new Promise<boolean>(done => {
      const server = createTcp()
        .once('error', () => done(false))
        .listen(port, '127.0.0.1', () => server.close(() => done(true)));
    });
    if (free) return port;
  }
  throw new Error('no free port');
}

function keyPair(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
}

interface Server {
  port: number;
  /** Ends the server and every session of it. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** A real sshd on loopback with keys of its own, and the configuration by which our ssh reaches it. */
async function sshServer(t: TestContext, home: string): Promise<Server> {
  const folder = join(home, 'sshd');
  mkdirSync(folder, {mode: 0o700});
  mkdirSync('/run/sshd', {recursive: true});
  keyPair(join(folder, 'host'));
  keyPair(join(folder, 'user'));
  const port = await freePort(8600);
  writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'user.pub')), {mode: 0o600});
  writeFileSync(
    join(folder, 'config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'GatewayPorts clientspecified',
      'PidFile none',
    ].join('\n'),
  );
  const known = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${known}\n`);
  // The ssh of the test finds its configuration by a wrapper in PATH, as a user's does in ~/.ssh.
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'ssh'),
    `#!/bin/sh\nexec /usr/bin/ssh -F none -i ${join(folder, 'user')} -o IdentitiesOnly=yes -o UserKnownHostsFile=${join(folder, 'known_hosts')} "$@"\n`,
  );
  chmodSync(join(bin, 'ssh'), 0o755);
  let child: ChildProcess | undefined;
  const server: Server = {
    port,
    async start() {
      child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], {stdio: 'ignore', detached: true});
      for (let tries = 0; tries < 100; tries += 1) {
        const open = await new Promise<boolean>(done => {
          const probe = createTcp()
            .once('error', () => done(true))
            .listen(port, '127.0.0.1', () => probe.close(() => done(false)));
        });
        if (open) return;
        await new Promise(done => setTimeout(done, 50));
      }
      throw new Error('sshd did not start');
    },
    async kill() {
      if (!child) return;
      const ended = new Promise(done => child?.once('exit', done));
      // The sessions lead groups of their own: they are found by the configuration they were started with.
      try {
        execFileSync('pkill', ['-KILL', '-f', `sshd: ${userInfo().username}`]);
      } catch {
        // None was open.
      }
      child.kill('SIGKILL');
      await ended;
      child = undefined;
    },
  };
  t.after(() => server.kill());
  await server.start();
  return server;
}

interface Line {
  type: string;
  [more: string]: unknown;
}

/** The built listener with its events. */
function listen(t: TestContext, home: string, words: string[]) {
  const child = spawn(process.execPath, ['bin/dougong.js', 'listen', '--json', ...words], {
    env: {PATH: `${join(home, 'bin')}:${process.env.PATH}`, HOME: home, DOUGONG_HOME: home, DOUGONG_LANG: 'en'},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const events: Line[] = [];
  let rest = '';
  let err = '';
  child.stdout.on('data', piece => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) events.push(JSON.parse(line));
  });
  child.stderr.on('data', piece => {
    err += piece;
  });
  const exit = new Promise<number | null>(done => child.once('close', done));
  return {
    child,
    events,
    exit,
    err: () => err,
    async until(what: string, found: () => boolean, seconds = 40): Promise<void> {
      for (let tries = 0; tries < seconds * 20; tries += 1) {
        if (found()) return;
        await new Promise(done => setTimeout(done, 50));
      }
      throw new Error(`${what} did not come: ${JSON.stringify(events)} ${err}`);
    },
  };
}

test('through a real sshd: a payment is notified, verified, kept, acknowledged and forwarded; a killed session comes back', {
  skip: missing,
  timeout: 120_000,
}, async t => {
  const home = tempDir(t);
  const sandbox = await startSandbox({keys});
  t.after(() => sandbox.close());
  writeProfile(home, 'sandbox', sandbox.profile);
  const got: string[] = [];
  const shop = createServer((req, res) => {
    let body = '';
    req.on('data', piece => {
      body += piece;
    });
    req.on('end', () => {
      got.push(body);
      res.end('ok');
    });
  });
  await new Promise<void>(done => shop.listen(0, '127.0.0.1', done));
  t.after(() => shop.close());
  const server = await sshServer(t, home);
  const bind = await freePort(8700);
  const user = userInfo().username;
  const url = `ssh://${user}@127.0.0.1:${server.port}?bind=127.0.0.1:${bind}`;
  const to = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/n`;
  const {child, events, exit, until} = listen(t, home, ['--tunnel', url, '--forward-to', to, '--probe-every', '500ms']);
  const of = (type: string) => events.filter(event => event.type === type);
  await until('ready', () => of('tunnel-ready').length === 1);
  assert.equal(of('tunnel-ready')[0]!.url, `http://127.0.0.1:${bind}`);
  const printed = await runIn(home, {now: Date.now()}, 'listen --print-notify-url --json');
  assert.equal(JSON.parse(printed.out).result.notify_url, `http://127.0.0.1:${bind}/`);

  const order = async (number: string) => {
    const words = `pay --amount 1.00 --goods-desc t --sub-openid o1234567 --yes --req-seq-id ${number} --notify-url http://127.0.0.1:${bind}/notify`;
    const {code, err} = await runIn(home, {now: Date.now()}, words);
    assert.equal(code, 0, err);
    sandbox.pay({req_seq_id: number});
  };
  await order('t1');
  await until('both messages', () => of('message').length >= 2 && got.length >= 2);
  assert.ok(of('message').every(event => event.status === 200));
  await until(
    'the acknowledgement',
    () => sandbox.deliveries.filter(one => JSON.stringify(one).includes('t1')).length >= 2,
  );

  await server.kill();
  await until('the loss', () => of('tunnel-lost').length > 0);
  await server.start();
  await until('the return', () => of('tunnel-back').length > 0, 60);
  await order('t2');
  await until('the messages after the return', () => of('message').length >= 4);
  child.kill('SIGTERM');
  assert.equal(await exit, 0);
});

test('a host key that changed is refused, and in the end the listener exits 9', {
  skip: missing,
  timeout: 90_000,
}, async t => {
  const home = tempDir(t);
  const sandbox = await startSandbox({keys});
  t.after(() => sandbox.close());
  writeProfile(home, 'sandbox', sandbox.profile);
  const server = await sshServer(t, home);
  // Somebody else's key under the same address.
  keyPair(join(home, 'other'));
  const other = readFileSync(join(home, 'other.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(home, 'sshd', 'known_hosts'), `[127.0.0.1]:${server.port} ${other}\n`);
  const bind = await freePort(8800);
  const url = `ssh://${userInfo().username}@127.0.0.1:${server.port}?bind=127.0.0.1:${bind}`;
  const {events, exit, err} = listen(t, home, ['--tunnel', url, '--give-up-after', '6s']);
  assert.equal(await exit, 9);
  assert.ok(!events.some(({type}) => type === 'tunnel-ready'));
  assert.ok(
    events.some(event => event.type === 'tunnel-lost' && /[Hh]ost key/.test(String(event.reason))),
    JSON.stringify(events),
  );
  assert.equal(JSON.parse(err().trim().split('\n').at(-1)!).error.code, 'TUNNEL_LOST');
});

test('a command that prints no URL of its own is reached by --public-url, and ends with the listener', {
  timeout: 60_000,
}, async t => {
  const home = tempDir(t);
  const sandbox = await startSandbox({keys});
  t.after(() => sandbox.close());
  writeProfile(home, 'sandbox', sandbox.profile);
  const port = await freePort(8900);
  const script = join(home, 'relay.mjs');
  writeFileSync(
    script,
    `import {connect, createServer} from 'node:net';
createServer(from => { const to = connect(Number(process.argv[2]), '127.0.0.1'); from.pipe(to).pipe(from); for (const s of [from, to]) s.on('error', () => {}); }).listen(${port}, '127.0.0.1');
`,
  );
  const words = [
    '--tunnel-command',
    `${process.execPath} ${script} {port}`,
    '--public-url',
    `http://127.0.0.1:${port}`,
  ];
  const {child, events, exit, until} = listen(t, home, words);
  await until('ready', () => events.some(({type}) => type === 'tunnel-ready'));
  child.kill('SIGTERM');
  assert.equal(await exit, 0);
  assert.equal(await freePort(port), port, 'the relay has ended');
});
