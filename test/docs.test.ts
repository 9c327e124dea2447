import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';
import {commandsPage, printTables, tables} from './docs.ts';

test('docs/commands.md is what --help prints', async () => {
  assert.equal(readFileSync('docs/commands.md', 'utf8'), await commandsPage());
});

test('the tables between markers are what the program says', () => {
  for (const [page, parts] of Object.entries(tables())) {
    const text = readFileSync(page, 'utf8');
    for (const name of Object.keys(parts)) assert.ok(text.includes(`<!-- ${name} -->`), `${page}: ${name}`);
    assert.equal(printTables(text, parts), text, page);
  }
});

test('every link between the documents leads to a file and a heading that exist', () => {
  const pages = [
    'README.md',
    'README.zh-CN.md',
    ...readdirSync('docs')
      .filter(name => name.endsWith('.md'))
      .map(name => `docs/${name}`),
  ];
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
  for (const page of pages) {
    for (const [, target] of readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [path, anchor] = target!.split('#') as [string, string | undefined];
      const file = path === '' ? page : new URL(path, `file:///${page}`).pathname.slice(1);
      const text = readFileSync(file, 'utf8');
      if (anchor === undefined) continue;
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)]
        .map(([, heading]) => slug(heading!))
        .concat([...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id!));
      assert.ok(anchors.includes(anchor), `${page}: ${target}`);
    }
  }
});

test('every @see of the source leads to an anchor of docs/', () => {
  const gateway = readFileSync('docs/gateway.md', 'utf8');
  const anchors = [...gateway.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id);
  const wanted = readdirSync('src', {recursive: true})
    .map(String)
    .filter(name => name.endsWith('.ts'))
    .flatMap(name =>
      [...readFileSync(`src/${name}`, 'utf8').matchAll(/docs\/gateway\.md#([\w-]+)/g)].map(([, id]) => id!),
    );
  assert.ok(wanted.length > 10);
  assert.deepEqual(
    [...new Set(wanted)].filter(id => !anchors.includes(id)),
    [],
  );
});
