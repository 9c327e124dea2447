#!/usr/bin/env node
import {readFileSync} from 'node:fs';

const [major, minor, patch] = process.versions.node.split('.').map(Number);
const flags = process.argv.slice(2);
if (major < 20 || (major === 20 && (minor < 18 || (minor === 18 && patch < 1)))) {
  process.stderr.write(`dougong needs Node.js 20.18.1 or later, this is ${process.versions.node}\n`);
  process.exitCode = 3;
} else if (flags.length === 1 && (flags[0] === '--version' || flags[0] === '-V')) {
  process.stdout.write(`${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`);
} else {
  // From Node 22.1 on the compiled code is kept between runs: half of a start's own time.
  (await import('node:module')).enableCompileCache?.();
  const {makeWorld} = await import('../dist/world.js');
  const {run} = await import('../dist/main.js');
  process.exitCode = await run(flags, makeWorld());
}
