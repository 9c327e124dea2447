import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {tempDir} from '../helpers/cli.ts';

async function start(t: TestContext, home: string, words: string[] = []) {
  const env = {PATH: process.env.PATH, HOME: home, DOUGONG_HOME: home, DOUGONG_LANG: 'en'};
  const child = spawn(process.execPath, ['bin/dougong.js', 'sandbox', 'start', '--port', '0', '--json', ...words], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {child, env, result: JSON.parse(line.toString()).result as {url: string}};
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends the sandbox with 0 and takes its run file away`, async t => {
    const home = tempDir(t);
    const {child} = await start(t, home);
    const file = join(home, 'sandbox.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.equal(existsSync(file), false);
  });
}

test('a sandbox that was killed is named as not running, and can be started again', async t => {
  const home = tempDir(t);
  const {child, env} = await start(t, home);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const {status, stderr} = spawnSync(process.execPath, ['bin/dougong.js', 'sandbox', 'pay'], {env, encoding: 'utf8'});
  assert.equal(status, 9);
  assert.match(stderr, /not running/);
  await start(t, home);
});

test("a reader that goes away early leaves no stack, and the exit code is the command's own", async t => {
  const home = tempDir(t);
  const {env} = await start(t, home);
  const line = 'node bin/dougong.js balance; echo "code $?" >&2';
  const {stderr} = spawnSync('bash', ['-c', `{ ${line}; } | true`], {env, encoding: 'utf8'});
  assert.equal(stderr, 'code 0\n');
});
