// `npm run bench`: ratios against a named reference, measured side by side in this run. Prints; fails nothing.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {availableParallelism, tmpdir} from 'node:os';
import {join} from 'node:path';
import {startSandbox} from '../../src/sandbox/index.ts';
import {keys, writeProfile} from '../helpers/cli.ts';
import {benchBatch} from './batch.ts';
import {benchDownload} from './bill.ts';
import {benchBills} from './bills.ts';
import {benchCheck} from './check.ts';

const ROUNDS = 15;
const home = mkdtempSync(join(tmpdir(), 'dougong-bench-'));
const sandbox = await startSandbox({keys});
writeProfile(home, 'sandbox', sandbox.profile);

// The floor of one signed call: node's own http and crypto, nothing else.
const bare = join(home, 'bare.mjs');
writeFileSync(
  bare,
  `import {createPrivateKey, createPublicKey, sign, verify} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {request} from 'node:http';
const read = name => Buffer.from(readFileSync(${JSON.stringify(home)} + '/keys/sandbox' + name, 'utf8'), 'base64');
const key = createPrivateKey({key: read('.key'), format: 'der', type: 'pkcs8'});
const pub = createPublicKey({key: read('-0.pub'), format: 'der', type: 'spki'});
const text = '{"huifu_id":"6666000100000001","req_date":"20261124","req_seq_id":"b1"}';
const body = JSON.stringify({sys_id: '6666000100000001', product_id: 'SANDBOX', sign: sign('sha256', Buffer.from(text), key).toString('base64'), data: JSON.parse(text)});
const call = request(${JSON.stringify(sandbox.url)} + '/v2/trade/acctpayment/balance/query', {method: 'POST', headers: {'content-type': 'application/json'}}, answer => {
  let out = '';
  answer.on('data', chunk => (out += chunk)).on('end', () => {
    const {data, sign: given} = JSON.parse(out);
    if (!verify('sha256', Buffer.from(JSON.stringify(data)), pub, Buffer.from(given, 'base64'))) process.exit(1);
    process.stdout.write(JSON.stringify(data));
  });
});
call.end(body);
`,
);

// The same environment for both sides: variables such as NODE_EXTRA_CA_CERTS cost every start of node alike.
const env = {...process.env, HOME: home, DOUGONG_HOME: home};
const runs: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'dougong --version': ['bin/dougong.js', '--version'],
  'dougong --help': ['bin/dougong.js', '--help'],
  'one signed call, bare node:http': [bare],
  'dougong balance --json': ['bin/dougong.js', 'balance', '--json'],
};
const times = new Map(Object.keys(runs).map(name => [name, [] as number[]]));
for (let round = 0; round < ROUNDS + 1; round += 1) {
  for (const [name, words] of Object.entries(runs)) {
    const begun = performance.now();
    const code = await new Promise<number | null>(done =>
      spawn(process.execPath, words, {env, stdio: 'ignore'}).on('close', done),
    );
    if (code !== 0) throw new Error(`${name} exited ${code}`);
    // The first round warms the disk cache.
    if (round > 0) times.get(name)!.push(performance.now() - begun);
  }
}
await sandbox.close();
rmSync(home, {recursive: true, force: true});

const median = (name: string): number => [...times.get(name)!].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
const rows: [string, string, number][] = [
  ['dougong --version', 'node -e 0', 1.2],
  ['dougong --help', 'node -e 0', 1.45],
  ['dougong balance --json', 'one signed call, bare node:http', Number.NaN],
];
process.stdout.write(`Node ${process.version}, ${ROUNDS} interleaved runs, medians; ${availableParallelism()} cores\n`);
for (const [name, against, aim] of rows) {
  const ratio = median(name) / median(against);
  const goal = Number.isNaN(aim) ? '' : `  aim ${aim}x`;
  process.stdout.write(
    `${name.padEnd(26)} ${median(name).toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)}x of ${against} (${median(against).toFixed(0)} ms)${goal}\n`,
  );
}

const print = (line: string) => void process.stdout.write(`${line}\n`);
await benchCheck(print);
await benchBatch(print);
await benchDownload();
await benchBills(print);
