import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {test} from 'node:test';
import {beijingDate} from '../../src/core/beijing.ts';
import {startSandbox} from '../../src/sandbox/index.ts';
import {errorOf, keys, runIn, tempDir, writeProfile} from '../helpers/cli.ts';

const BIN = new URL('../../bin/dougong.js', import.meta.url).pathname;

test('at a terminal --resend sends again only after the very amount was typed', async t => {
  if (spawnSync('script', ['--version']).error) return t.skip('script(1), which makes a terminal, is not installed');
  const home = tempDir(t);
  const sandbox = await startSandbox({keys});
  t.after(() => sandbox.close());
  writeProfile(home, 'sandbox', sandbox.profile);
  const run = (words: string) =>
    runIn(home, {now: Date.now()}, words, {world: {sleep: () => new Promise(done => setTimeout(done, 5))}});
  const day = beijingDate(Date.now());
  await run('pay --amount 10.00 --goods-desc tea --sub-appid wx1 --sub-openid o1234567 --yes --req-seq-id a1');
  sandbox.pay({req_seq_id: 'a1'});
  sandbox.fault({kind: 'reset-before-commit', endpoint: 'refund'});
  const lost = await run(`refund --req-seq-id a1 --req-date ${day} --amount 7.00 --yes --json`);
  const number = String(errorOf(lost).req_seq_id);

  const typed = async (answer: string) => {
    const words = `${process.execPath} ${BIN} refund --resend --refund-req-seq-id ${number}`;
    const env = {PATH: process.env.PATH, HOME: home, DOUGONG_HOME: home, DOUGONG_LANG: 'en', TERM: 'xterm'};
    const child = spawn('script', ['-qec', words, '/dev/null'], {env, stdio: ['pipe', 'pipe', 'inherit']});
    t.after(() => child.kill());
    let screen = '';
    child.stdout.on('data', chunk => {
      const before = screen.includes(number);
      screen += chunk;
      if (!before && screen.includes(number)) child.stdin.write(`${answer}\r`);
    });
    const [code] = await once(child, 'close');
    return {code, screen};
  };
  const wrong = await typed('7.01');
  assert.deepEqual([wrong.code, sandbox.calls('refund').length], [130, 0], wrong.screen);
  const right = await typed('7.00');
  assert.deepEqual([right.code, sandbox.calls('refund').length], [0, 1], right.screen);
  assert.deepEqual(
    sandbox.ledger().refunds.map(one => [one.req_seq_id, one.ord_fen]),
    [[number, 700n]],
  );
});
