// Downloading a statement, against curl fetching the same file from the same server.
import {spawn} from 'node:child_process';
import {createHash, randomFillSync} from 'node:crypto';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beijingDate} from '../../src/core/beijing.ts';
import {billFileName, billTypes, tradeDateOf} from '../../src/core/bill-types.ts';
import {startSandbox} from '../../src/sandbox/index.ts';
import {keys, writeProfile} from '../helpers/cli.ts';

const MIB = 512;
const ROUNDS = 5;

/** Prints one row: medians of interleaved runs, and the peak memory of ours. */
export async function benchDownload(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dougong-bench-bill-'));
  const file_date = beijingDate(Date.now() - 86_400_000);
  const sandbox = await startSandbox({keys, billsDir: folder, switches: {billQueriesPerDay: 0, billReady: 'at-once'}});
  try {
    const {huifu_id} = sandbox.profile;
    const name = billFileName(billTypes.TRADE_BILL, huifu_id, file_date);
    const block = Buffer.alloc(2 ** 20);
    const fd = openSync(join(folder, name), 'w');
    for (let n = 0; n < MIB; n += 1) writeSync(fd, randomFillSync(block));
    closeSync(fd);
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
    const times: Record<'curl' | 'dougong', number[]> = {curl: [], dougong: []};
    let peak = 0;
    for (let round = 0; round <= ROUNDS; round += 1) {
      const home = mkdtempSync(join(tmpdir(), 'dougong-bench-home-'));
      writeProfile(home, 'sandbox', sandbox.profile);
      const env = {...process.env, DOUGONG_HOME: home};
      const words = ['bill', 'download', '--date', tradeDateOf(file_date), '--no-unpack', '--json', '--out', home];
      const ours = await timed(process.execPath, ['bin/dougong.js', ...words], env);
      if (JSON.parse(ours.out).sha256 !== sum) throw new Error('the download is not the file');
      const link = sandbox.downloads.at(-1)!.path;
      const theirs = await timed('curl', ['-sS', '-f', '-o', join(home, 'curl.zip'), sandbox.url + link], env);
      rmSync(home, {recursive: true, force: true});
      peak = Math.max(peak, ours.peak);
      if (round === 0) continue;
      times.dougong.push(ours.ms);
      times.curl.push(theirs.ms);
    }
    const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
    const [mine, ref] = [median(times.dougong), median(times.curl)];
    process.stdout.write(
      `bill download, ${MIB} MiB      ${mine.toFixed(0).padStart(5)} ms  ${(mine / ref).toFixed(2)}x of curl (${ref.toFixed(0)} ms)  aim 1.2x; peak ${peak.toFixed(0)} MiB\n`,
    );
  } finally {
    await sandbox.close();
    rmSync(folder, {recursive: true, force: true});
  }
}

function timed(
  command: string,
  words: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ms: number; peak: number; out: string}> {
  const begun = performance.now();
  const child = spawn(command, words, {env, stdio: ['ignore', 'pipe', 'inherit']});
  let out = '';
  let peak = 0;
  child.stdout.on('data', chunk => {
    out += chunk;
  });
  const look = setInterval(() => {
    try {
      const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024 || peak;
    } catch {
      // Ended, or not Linux.
    }
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('close', code => {
      clearInterval(look);
      if (code === 0) resolve({ms: performance.now() - begun, peak, out});
      else reject(new Error(`${command} exited ${code}`));
    });
  });
}
