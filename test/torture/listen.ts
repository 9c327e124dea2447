// `npm run torture:listen`: kills a listener at a random instant while messages arrive at full speed, again and again.
// Every message that was acknowledged must be in the store, none twice, and after the restart with the handler.
import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {Agent, createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {openNotices} from '../../src/journal/notices-sqlite.ts';
import {startSandbox} from '../../src/sandbox/index.ts';
import {keys, writeProfile} from '../helpers/cli.ts';
import {FORM, trade} from '../helpers/notices.ts';

export interface Tally {
  rounds: number;
  sent: number;
  acknowledged: number;
  /** Each of these must be 0. */
  lost: number;
  twice: number;
  undelivered: number;
  changed: number;
}

const CONNECTIONS = 32;

function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', chunk => {
      text += chunk;
      const line = text.split('\n').find(one => one.includes('"listening"'));
      if (line) resolve(JSON.parse(line).url);
    });
    child.on('exit', code => reject(new Error(`the listener ended with ${code}`)));
  });
}

function post(agent: Agent, url: string, body: string): Promise<string> {
  return new Promise(resolve => {
    const headers = {'content-type': FORM, 'content-length': Buffer.byteLength(body)};
    const call = request(url, {method: 'POST', agent, headers}, res => {
      let text = '';
      res.on('data', chunk => (text += chunk)).on('end', () => resolve(res.statusCode === 200 ? text : ''));
      res.on('error', () => resolve(''));
    });
    call.on('error', () => resolve(''));
    call.end(body);
  });
}

/** The whole proof; `log` hears of each round. */
export async function tortureListen(rounds: number, messages: number, log: (line: string) => void): Promise<Tally> {
  const home = mkdtempSync(join(tmpdir(), 'dougong-torture-'));
  const sandbox = await startSandbox({keys});
  writeProfile(home, 'sandbox', sandbox.profile);
  const delivered = new Map<string, string>();
  let changed = 0;
  const bodies = new Map<string, string>();
  const target = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req
      .on('data', chunk => chunks.push(chunk))
      .on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const number = /req_seq_id%22%3A%22(\w+)%22/.exec(body)?.[1] ?? '';
        if (bodies.get(number) !== body) changed += 1;
        delivered.set(number, body);
        res.end(`RECV_ORD_ID_${number}`);
      });
  });
  await new Promise<void>(done => target.listen(0, '127.0.0.1', done));
  const to = `http://127.0.0.1:${(target.address() as AddressInfo).port}/notify`;
  const env = {PATH: process.env.PATH, HOME: home, DOUGONG_HOME: home, DOUGONG_LANG: 'en'};
  const start = () =>
    spawn(process.execPath, ['bin/dougong.js', 'listen', '--json', '--port', '0', '--forward-to', to], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const acknowledged = new Set<string>();
  let sent = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const fresh = Array.from({length: messages}, (_, at) => `r${round}n${at}`);
      for (const number of fresh) bodies.set(number, trade(number));
      const child = start();
      const url = await ready(child);
      const ended = new Promise(done => child.on('close', done));
      const agent = new Agent({keepAlive: true, maxSockets: CONNECTIONS});
      let alive = true;
      // Somewhere in the load, never before it begins: a full round takes about messages / 2 ms here.
      const killAfter = 1 + Math.floor(Math.random() * messages);
      let done = 0;
      const queue = [...fresh];
      const sender = async () => {
        for (let number = queue.shift(); number !== undefined && alive; number = queue.shift()) {
          sent += 1;
          if ((await post(agent, url, bodies.get(number)!)) === `RECV_ORD_ID_${number}`) acknowledged.add(number);
          done += 1;
          if (done === killAfter) {
            alive = false;
            setTimeout(() => child.kill('SIGKILL'), Math.random() * 5);
          }
        }
      };
      await Promise.all(Array.from({length: CONNECTIONS}, sender));
      child.kill('SIGKILL');
      await ended;
      agent.destroy();
      log(`round ${round}: ${done} sent, ${acknowledged.size} acknowledged so far, ${delivered.size} delivered`);
    }
    const last = start();
    await ready(last);
    const ended = new Promise(done => last.on('close', done));
    for (let turn = 0; turn < 600 && [...acknowledged].some(number => !delivered.has(number)); turn += 1)
      await new Promise(done => setTimeout(done, 100));
    last.kill('SIGTERM');
    await ended;
    const store = openNotices(join(home, 'notices.db'));
    const times = new Map<string, number>();
    for (const {facts} of store.list({limit: 10_000_000})) {
      const number = facts.req_seq_id ?? '';
      times.set(number, (times.get(number) ?? 0) + 1);
    }
    store.close();
    const all = [...acknowledged];
    return {
      rounds,
      sent,
      acknowledged: acknowledged.size,
      lost: all.filter(number => !times.has(number)).length,
      twice: [...times.values()].filter(count => count > 1).length,
      undelivered: all.filter(number => !delivered.has(number)).length,
      changed,
    };
  } finally {
    target.closeAllConnections();
    target.close();
    await sandbox.close();
    rmSync(home, {recursive: true, force: true});
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rounds = Number(process.argv[2] ?? 20);
  const messages = Number(process.argv[3] ?? 2000);
  const tally = await tortureListen(rounds, messages, line => process.stdout.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  const {lost, twice, undelivered, changed} = tally;
  if (lost + twice + undelivered + changed > 0) process.exitCode = 1;
}
