// Before `npm test`, `npm run demo` and `npm run bench`: installs and builds what is missing or older than its source.
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const run = (...args) => execFileSync(npm, args, {stdio: ['ignore', 2, 2]});
const newest = folder =>
  Math.max(
    ...readdirSync(folder, {recursive: true, withFileTypes: true}).map(
      one => statSync(`${one.parentPath ?? one.path}/${one.name}`).mtimeMs,
    ),
  );

// Not `npm ci`: it refuses a lock file that lacks the optional packages of platforms a registry does not serve.
// What is installed may be older than package.json: a pinned version is compared, of a range only that it is there.
const {dependencies, devDependencies} = JSON.parse(readFileSync('package.json', 'utf8'));
const there = ([name, wanted]) => {
  const file = `node_modules/${name}/package.json`;
  return existsSync(file) && (!/^\d/.test(wanted) || JSON.parse(readFileSync(file, 'utf8')).version === wanted);
};
if (!Object.entries({...dependencies, ...devDependencies}).every(there))
  run('install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund');
if (process.argv.includes('--install')) process.exit(0);
const built = existsSync('dist/main.js') && existsSync('dist/types/index.d.ts') ? statSync('dist/main.js').mtimeMs : 0;
if (built < newest('src')) run('run', '--silent', 'build');
