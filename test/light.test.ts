import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {tempDir} from './helpers/cli.ts';

const HEAVY = [
  'inquirer',
  'conf',
  'libsql',
  'node-forge',
  'valibot',
  'cli-table3',
  'csv-stringify',
  'csv-parse',
  'undici',
  'uqr',
  'yauzl',
  'yazl',
  'iconv-lite',
  'exceljs',
  '@duckdb',
];

/** The heavy packages that a command of the built binary loads. */
function loads(t: TestContext, words: string[]): string[] {
  const home = tempDir(t);
  const list = join(home, 'loads');
  const env = {PATH: process.env.PATH, HOME: home, DOUGONG_HOME: home, LOADS: list};
  try {
    execFileSync(process.execPath, ['--import', './test/helpers/loads.mjs', 'bin/dougong.js', ...words], {
      env,
      stdio: 'ignore',
    });
  } catch {
    // The exit code is another test's matter.
  }
  const urls = readFileSync(list, 'utf8').split('\n');
  const chunks = urls.filter(url => url.includes('/dist/')).map(url => readFileSync(new URL(url), 'utf8'));
  const found = HEAVY.filter(name => urls.some(url => url.includes(`/node_modules/${name}/`)));
  if (chunks.some(text => text.includes('node_modules/undici/lib/dispatcher/agent.js'))) found.push('undici');
  return found;
}

const light: [string, string[]][] = [
  ['--help', []],
  ['refund --help', []],
  ['explain 40002', []],
  ['query', []],
  ['profile list', ['valibot']],
  ['balance', ['valibot']],
];
for (const [words, allowed] of light) {
  test(`dougong ${words} loads ${allowed.length === 0 ? 'nothing heavy' : `no more than ${allowed.join(', ')}`}`, t => {
    // An empty configuration file makes the commands read it.
    assert.deepEqual(
      loads(t, words.split(' ')).filter(name => !allowed.includes(name)),
      [],
    );
  });
}

test('the list sees what is heavy where it is used', t => {
  assert.ok(loads(t, ['journal', 'list']).includes('libsql'));
});
