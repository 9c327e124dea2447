// A batch of refunds against the ideal: rows x latency / concurrency, and the limit of signing on one core.
import {spawn} from 'node:child_process';
import {createPrivateKey, sign} from 'node:crypto';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {startSandbox} from '../../src/sandbox/index.ts';
import {keys, runIn, writeProfile} from '../helpers/cli.ts';

const ROWS = 200;
const LATENCY_MS = 50;
const CONCURRENCY = 16;
/** Calls a row: the look-up of its payment, then the refund. */
const CALLS = 2;

/** One row: `refund --batch` by the built binary, journal and result file on disk. */
export async function benchBatch(print: (line: string) => void): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'dougong-bench-'));
  const sandbox = await startSandbox({keys});
  writeProfile(home, 'sandbox', sandbox.profile);
  const clock = {now: Date.now()};
  const lines: string[] = [];
  for (let at = 0; at < ROWS; at += 1) {
    await runIn(
      home,
      clock,
      `pay --amount 1.00 --goods-desc t --sub-appid wx1 --sub-openid o1 --yes --req-seq-id b${at}`,
    );
    lines.push(`b${at},${sandbox.pay({req_seq_id: `b${at}`}).req_date},1.00`);
  }
  writeFileSync(join(home, 'in.csv'), `req_seq_id,req_date,ord_amt\n${lines.join('\n')}\n`);
  sandbox.fault({kind: 'delay', ms: LATENCY_MS, probability: 1});
  const words = ['refund', '--batch', 'in.csv', '--out', 'r.csv', '--yes', '--concurrency', String(CONCURRENCY)];
  const begun = performance.now();
  const code = await new Promise<number | null>(done =>
    spawn(process.execPath, [join(process.cwd(), 'bin/dougong.js'), ...words, '--rate', '1000'], {
      cwd: home,
      env: {...process.env, HOME: home, DOUGONG_HOME: home},
      stdio: 'ignore',
    }).on('close', done),
  );
  const ms = performance.now() - begun;
  const made = sandbox.ledger().refunds.length;
  await sandbox.close();
  rmSync(home, {recursive: true, force: true});
  if (code !== 8 || made !== ROWS) throw new Error(`refund --batch exited ${code} with ${made} refunds`);
  const ideal = (ROWS * CALLS * LATENCY_MS) / CONCURRENCY;
  const key = createPrivateKey({key: Buffer.from(keys.merchant, 'base64'), format: 'der', type: 'pkcs8'});
  const start = performance.now();
  for (let at = 0; at < 200; at += 1) sign('sha256', Buffer.from('x'), key);
  const signing = ((performance.now() - start) / 200) * ROWS * CALLS;
  print(
    `refund --batch, ${ROWS} rows, ${LATENCY_MS} ms latency, ${CONCURRENCY} at once: ${(ms / 1000).toFixed(2)} s, ${(ms / ideal).toFixed(2)}x of the ideal ${(ideal / 1000).toFixed(2)} s (${CALLS} calls a row); signing alone ${(signing / 1000).toFixed(2)} s`,
  );
}
