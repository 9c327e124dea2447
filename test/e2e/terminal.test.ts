import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {type Sandbox, type SandboxOptions, startSandbox} from '../../src/sandbox/index.ts';
import {keys, tempDir, writeProfile} from '../helpers/cli.ts';

const BIN = new URL('../../bin/dougong.js', import.meta.url).pathname;
const missing = spawnSync('script', ['--version']).error
  ? 'script(1), which makes a terminal, is not installed'
  : false;

interface Terminal {
  home: string;
  sandbox: Sandbox;
  /** Runs the built binary at a terminal; types the answer once the question stands there. */
  run(words: string, question?: RegExp, answer?: string): Promise<{code: number; screen: string}>;
}

async function terminal(t: TestContext, options: SandboxOptions = {}): Promise<Terminal> {
  const home = tempDir(t);
  const sandbox = await startSandbox({keys, ...options});
  t.after(() => sandbox.close());
  writeProfile(home, 'sandbox', sandbox.profile);
  return {
    home,
    sandbox,
    async run(words, question, answer = '') {
      const env = {PATH: process.env.PATH, HOME: home, DOUGONG_HOME: home, DOUGONG_LANG: 'en', TERM: 'xterm'};
      const line = `${process.execPath} ${BIN} ${words}`;
      const child = spawn('script', ['-qec', line, '/dev/null'], {env, cwd: home, stdio: ['pipe', 'pipe', 'inherit']});
      t.after(() => child.kill());
      let screen = '';
      let typed = false;
      child.stdout.on('data', chunk => {
        screen += chunk;
        if (typed || !question?.test(screen)) return;
        typed = true;
        child.stdin.write(`${answer}\r`);
      });
      const [code] = await once(child, 'close');
      return {code, screen};
    },
  };
}

test('the code that WeChat wants scanned is drawn on a terminal', {skip: missing}, async t => {
  const {run} = await terminal(t, {scenario: 'not-ready'});
  const {code, screen} = await run('check-config');
  assert.equal(code, 4);
  assert.match(screen, /scan with WeChat:\s+█/);
  assert.ok((screen.match(/[▀▄█]/g) ?? []).length > 100);
});

test('many merchants show a bar with rate and remaining time, and a table at the end', {skip: missing}, async t => {
  const ids = Array.from({length: 12}, (_, at) => `66660001000100${String(at).padStart(2, '0')}`);
  const {home, run} = await terminal(t, {merchants: ids});
  writeFileSync(join(home, 'm.csv'), `huifu_id\n${ids.join('\n')}\n`);
  const {code, screen} = await run('check-config --batch m.csv --rate 1000');
  assert.equal(code, 0);
  assert.match(screen, /█+░* 12\/12 {2}[\d.]+\/s {2}0s/);
  assert.match(screen, /12 merchants: 12 ready/);
});

test('a batch of refunds asks once, with count and sum; no is no', {skip: missing}, async t => {
  const {home, sandbox, run} = await terminal(t);
  const order = 'pay --amount 5.00 --goods-desc tea --sub-openid o1234567 --yes --quiet --req-seq-id';
  await run(`${order} b1`);
  const {req_date} = sandbox.pay({req_seq_id: 'b1'});
  writeFileSync(join(home, 'r.csv'), `req_seq_id,req_date,ord_amt\nb1,${req_date},1.00\nb1,${req_date},2.00\n`);
  const question = /Refund 2 rows, 3\.00 yuan in all/;
  const no = await run('refund --batch r.csv --out o.csv', question, 'n');
  assert.deepEqual([no.code, sandbox.calls('refund').length], [130, 0], no.screen);
  const yes = await run('refund --batch r.csv --out o.csv', question, 'y');
  assert.deepEqual([yes.code, sandbox.calls('refund').length], [8, 2], yes.screen);
});
