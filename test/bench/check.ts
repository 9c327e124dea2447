// Many merchants against the ideal: layers x latency x merchants / concurrency, all of one run.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {startSandbox} from '../../src/sandbox/index.ts';
import {keys, writeProfile} from '../helpers/cli.ts';

const MERCHANTS = 300;
const LATENCY_MS = 100;
const CONCURRENCY = 16;
/** The layers that ask the gateway about a merchant, one after another: relation, wechat, realname, bills. */
const TURNS = 4;

/** One row: `check-config --batch` of 300 merchants by the built binary. */
export async function benchCheck(print: (line: string) => void): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'dougong-bench-'));
  const ids = Array.from({length: MERCHANTS}, (_, at) => String(6666000100010000 + at));
  const sandbox = await startSandbox({keys, merchants: ids});
  sandbox.fault({kind: 'delay', ms: LATENCY_MS, probability: 1});
  writeProfile(home, 'sandbox', sandbox.profile);
  writeFileSync(join(home, 'm.csv'), `huifu_id\n${ids.join('\n')}\n`);
  const words = ['check-config', '--batch', 'm.csv', '--out', 'r.csv', '--concurrency', String(CONCURRENCY)];
  const begun = performance.now();
  const code = await new Promise<number | null>(done =>
    spawn(process.execPath, [join(process.cwd(), 'bin/dougong.js'), ...words, '--rate', '1000'], {
      cwd: home,
      env: {...process.env, HOME: home, DOUGONG_HOME: home},
      stdio: 'ignore',
    }).on('close', done),
  );
  const ms = performance.now() - begun;
  await sandbox.close();
  rmSync(home, {recursive: true, force: true});
  if (code !== 0) throw new Error(`check-config --batch exited ${code}`);
  const ideal = (MERCHANTS * TURNS * LATENCY_MS) / CONCURRENCY;
  const ratio = (ms / ideal).toFixed(2);
  print(
    `check-config --batch, ${MERCHANTS} merchants, ${LATENCY_MS} ms latency, ${CONCURRENCY} at once: ${(ms / 1000).toFixed(1)} s, ${ratio}x of the ideal ${(ideal / 1000).toFixed(1)} s (${TURNS} turns each)  aim 1.3x`,
  );
}
