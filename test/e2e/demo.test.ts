import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {test} from 'node:test';

test('npm run demo tells the whole story with the built binary and every amount holds', () => {
  const {status, stdout, stderr} = spawnSync(process.execPath, ['test/e2e/demo.mjs'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /3 refunds, 2\.00 yuan, each sent once/);
});
