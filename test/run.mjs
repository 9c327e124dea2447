// Lists the test files itself (Node 20 finds no .ts), passes them to node's runner, and fails when there are none or
// when the summary counts fewer tests than files.
import {spawn} from 'node:child_process';
import {readdirSync} from 'node:fs';

const files = readdirSync('test', {recursive: true})
  .map(name => `test/${String(name).replaceAll('\\', '/')}`)
  .filter(name => name.endsWith('.test.ts'))
  .sort();
if (files.length === 0) {
  process.stderr.write('no test files\n');
  process.exit(1);
}
const child = spawn(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=2', ...files],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
let tail = '';
child.stdout.on('data', chunk => {
  process.stdout.write(chunk);
  tail = (tail + chunk).slice(-4000);
});
child.on('close', code => {
  const counted = Number(/tests (\d+)/.exec(tail)?.[1] ?? 0);
  if (counted < files.length) process.stderr.write(`${counted} tests for ${files.length} files\n`);
  process.exitCode = code === 0 && counted >= files.length ? 0 : 1;
});
