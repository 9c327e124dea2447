// `npm run bench:listen`: the listener against a bare node:http server that only verifies, side by side in this run.
import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {availableParallelism, tmpdir} from 'node:os';
import {join} from 'node:path';
import {startSandbox} from '../../src/sandbox/index.ts';
import {keys, writeProfile} from '../helpers/cli.ts';
import {FORM, trade} from '../helpers/notices.ts';

const CONNECTIONS = 32;
const BATCH = 5000;
const ROUNDS = 3;
const DISTINCT = BATCH * ROUNDS;
const TOTAL = Number(process.argv[2] ?? 200_000);

const home = mkdtempSync(join(tmpdir(), 'dougong-bench-'));
const sandbox = await startSandbox({keys});
writeProfile(home, 'sandbox', sandbox.profile);
const bare = join(home, 'bare.mjs');
writeFileSync(
  bare,
  `import {createPublicKey, verify} from 'node:crypto';
import {fdatasyncSync, openSync, readFileSync, writeSync} from 'node:fs';
import {createServer} from 'node:http';
const key = createPublicKey({key: Buffer.from(readFileSync(${JSON.stringify(join(home, 'keys', 'sandbox-0.pub'))}, 'utf8'), 'base64'), format: 'der', type: 'spki'});
const fd = process.argv[2] ? openSync(process.argv[2], 'w') : undefined;
let waiting = [];
const flush = () => {
  const batch = waiting;
  waiting = [];
  writeSync(fd, Buffer.concat(batch.map(one => one.body)));
  fdatasyncSync(fd);
  for (const one of batch) one.done();
};
const server = createServer((req, res) => {
  const chunks = [];
  req.on('data', chunk => chunks.push(chunk)).on('end', () => {
    const body = Buffer.concat(chunks);
    const fields = new URLSearchParams(body.toString());
    const text = fields.get('resp_data');
    const ok = verify('sha256', Buffer.from(text), key, Buffer.from(fields.get('sign'), 'base64'));
    const done = () => res.writeHead(ok ? 200 : 401).end(ok ? 'RECV_ORD_ID_' + JSON.parse(text).req_seq_id : '');
    if (fd === undefined) return done();
    if (waiting.push({body, done}) === 1) setImmediate(flush);
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({type: 'listening', url: 'http://127.0.0.1:' + server.address().port})));
`,
);
const env = {...process.env, HOME: home, DOUGONG_HOME: home, DOUGONG_LANG: 'en'};

async function start(words: string[]): Promise<{child: ChildProcess; port: number; ms: number}> {
  const begun = performance.now();
  const child = spawn(process.execPath, words, {env, stdio: ['ignore', 'pipe', 'ignore']});
  const url = await new Promise<string>(done => {
    let text = '';
    child.stdout!.on('data', chunk => {
      if (text === 'done') return;
      text += chunk;
      const line = text.split('\n').find(one => one.includes('"listening"'));
      if (!line) return;
      text = 'done';
      done(JSON.parse(line).url);
    });
  });
  return {child, port: Number(new URL(url).port), ms: performance.now() - begun};
}

const listen = ['bin/dougong.js', 'listen', '--json', '--port', '0'];
const requests = Array.from({length: DISTINCT}, (_, at) => {
  const body = trade(`n${at}`);
  return Buffer.from(
    `POST /n HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
});

/** Sends messages over so many connections, each with one under way; gives the times of the answers in ms. */
async function load(port: number, from: number, count: number, connections: number, paceMs = 0): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({length: connections}, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      for (let at = next++; at < count; at = next++) {
        const due = begun + at * paceMs;
        const early = due - performance.now();
        if (paceMs > 0 && early > 1) await new Promise(done => setTimeout(done, early));
        const sent = paceMs > 0 ? Math.min(performance.now(), due + 1) : performance.now();
        socket.write(requests[(from + at) % DISTINCT]!);
        const answer = await new Promise<string>(done =>
          socket.once('data', chunk => done(chunk.toString('latin1', 0, 15))),
        );
        if (!answer.startsWith('HTTP/1.1 200')) throw new Error(answer);
        times.push(performance.now() - sent);
      }
      socket.destroy();
    }),
  );
  return times;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const quantile = (values: number[], q: number) => [...values].sort((a, b) => a - b)[Math.floor(values.length * q)]!;
const rss = (child: ChildProcess) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;
const say = (line: string) => process.stdout.write(`${line}\n`);

say(
  `Node ${process.version}, ${availableParallelism()} cores, ${CONNECTIONS} connections, ${DISTINCT} distinct messages`,
);
const ours = await start(listen);
const reference = await start([bare]);
const appending = await start([bare, join(home, 'appended')]);
for (const {port} of [reference, appending]) await load(port, 0, 500, CONNECTIONS);
const rates = {ours: [] as number[], reference: [] as number[], appending: [] as number[]};
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, {port}] of [
    ['reference', reference],
    ['appending', appending],
    ['ours', ours],
  ] as const) {
    const begun = performance.now();
    await load(port, round * BATCH, BATCH, CONNECTIONS);
    rates[name].push(BATCH / ((performance.now() - begun) / 1000));
  }
}
const [mine, theirs, kept] = [median(rates.ours), median(rates.reference), median(rates.appending)];
say(
  `verify + keep + acknowledge     ${mine.toFixed(0)}/s  ${(mine / theirs).toFixed(2)}x of a bare server that only verifies (${theirs.toFixed(0)}/s)  aim 0.8x`,
);
say(
  `the same                        ${(mine / kept).toFixed(2)}x of a bare server that verifies and appends with fdatasync (${kept.toFixed(0)}/s)`,
);
reference.child.kill();
appending.child.kill();
const paced = await load(ours.port, 0, 10_000, CONNECTIONS, 1);
say(
  `answer at 1,000 a second        p50 ${quantile(paced, 0.5).toFixed(1)} ms  p99 ${quantile(paced, 0.99).toFixed(1)} ms  aim p99 100 ms`,
);
await load(ours.port, 0, Math.floor(TOTAL / 5), CONNECTIONS);
const early = rss(ours.child);
await load(ours.port, 0, Math.floor((TOTAL * 4) / 5), CONNECTIONS);
const late = rss(ours.child);
say(
  `memory over ${TOTAL} messages    ${early.toFixed(0)} MB after a fifth, ${late.toFixed(0)} MB at the end  aim flat`,
);
ours.child.kill('SIGTERM');
const firsts: number[] = [];
for (let turn = 0; turn < 9; turn += 1) {
  const begun = performance.now();
  const {child, port} = await start(listen);
  await load(port, turn, 1, 1);
  firsts.push(performance.now() - begun);
  child.kill('SIGKILL');
}
say(`start to first answer           ${median(firsts).toFixed(0)} ms  aim 300 ms on Node 22`);
await sandbox.close();
rmSync(home, {recursive: true, force: true});
