import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';

/** Who may import whom; docs/architecture.md tells why. */
const ROOMS: Record<string, string[]> = {
  core: [],
  journal: ['core'],
  sandbox: ['core'],
  operations: ['core', 'journal'],
  bills: ['core', 'journal'],
  listen: ['core', 'journal'],
  cli: ['core', 'journal', 'operations', 'bills', 'listen', 'sandbox'],
  index: ['core', 'journal', 'operations', 'bills', 'listen', 'sandbox'],
};

/** The one door of each package. */
const DOORS: Record<string, RegExp> = {
  commander: /^cli\/(commander|flags|main)\.ts$|^cli\/commands\//,
  inquirer: /^cli\/io\//,
  chalk: /^cli\/io\//,
  'cli-table3': /^cli\/io\//,
  conf: /^cli\/profile\/store\.ts$/,
  valibot: /^cli\/|^sandbox\//,
  undici: /^core\/(http|undici\.d)\.ts$/,
  'node-forge': /^core\/keys\.ts$/,
  libsql: /^journal\//,
  uqr: /^cli\/io\//,
  'csv-parse': /^core\/rows\.ts$/,
  'csv-stringify': /^bills\/|^sandbox\/|^cli\/io\//,
  exceljs: /^bills\/|^sandbox\//,
  yauzl: /^bills\//,
  '@duckdb/node-api': /^bills\//,
  yazl: /^sandbox\//,
  'iconv-lite': /^sandbox\//,
};

interface Source {
  file: string;
  text: string;
}

/** Every breach of the house rules in one file. */
function breaches({file, text}: Source): string[] {
  const found: string[] = [];
  const room = file.includes('/') ? file.slice(0, file.indexOf('/')) : 'index';
  for (const [, name] of text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g)) {
    if (name!.startsWith('.')) {
      if (!name!.endsWith('.ts')) found.push(`${file}: ${name} does not end in .ts`);
      const target = new URL(name!, `file:///${file}`).pathname.slice(1);
      const other = target.includes('/') ? target.slice(0, target.indexOf('/')) : 'index';
      if (other !== room && !ROOMS[room]?.includes(other)) found.push(`${file}: ${room} imports ${other}`);
    } else if (!name!.startsWith('node:')) {
      const pack = name!.startsWith('@') ? name!.split('/').slice(0, 2).join('/') : name!.split('/')[0]!;
      if (!DOORS[pack]?.test(file)) found.push(`${file}: ${pack} has another door`);
    }
  }
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/'[^'\n]*'|`[^`]*`/g, '');
  if (/\bprocess\b/.test(code) && file !== 'cli/world.ts') found.push(`${file}: process`);
  if (/\bexport default\b/.test(code) && !file.endsWith('.d.ts')) found.push(`${file}: default export`);
  return found;
}

const sources = readdirSync('src', {recursive: true})
  .map(name => String(name).replaceAll('\\', '/'))
  .filter(name => name.endsWith('.ts'))
  .map(file => ({file, text: readFileSync(`src/${file}`, 'utf8')}));

test('the rooms import only whom they may, packages only at their doors, process only in cli/world.ts', () => {
  assert.ok(sources.length > 40);
  assert.deepEqual(sources.flatMap(breaches), []);
});

test('each planted breach is found', () => {
  const planted: [string, string][] = [
    ['core/x.ts', "import {a} from '../journal/store.ts';"],
    ['sandbox/x.ts', "import {a} from '../operations/pay.ts';"],
    ['operations/x.ts', "import {a} from '../cli/main.ts';"],
    ['operations/x.ts', "const a = await import('undici');"],
    ['journal/x.ts', "import {Command} from 'commander';"],
    ['core/x.ts', "import {a} from './y.js';"],
    ['core/x.ts', 'const a = process.env.A;'],
    ['core/x.ts', 'export default 1;'],
    ['index.ts', "import {a} from './cli/main.ts';"],
  ];
  for (const [file, text] of planted) assert.equal(breaches({file, text}).length, 1, `${file} ${text}`);
  assert.deepEqual(
    breaches({file: 'cli/commands/x.ts', text: "import {a} from '../../operations/pay.ts'; // process"}),
    [],
  );
});

test('nothing stands at the top beside what belongs there', () => {
  const folders = readdirSync('.', {withFileTypes: true})
    .filter(one => one.isDirectory() && !one.name.startsWith('.'))
    .map(one => one.name);
  assert.deepEqual(
    folders.filter(name => !['bin', 'src', 'test', 'docs', 'dist', 'node_modules'].includes(name)),
    [],
  );
});
