import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Writable} from 'node:stream';
import {test} from 'node:test';
import {EXIT_CODES, makeProgram, run} from '../../src/cli/main.ts';
import {makeContext} from '../../src/cli/make-context.ts';
import {errors} from '../../src/cli/messages/errors.ts';
import {bench, errorOf, fakeWorld, NOON, ORDER, runIn, tempDir, writeProfile} from '../helpers/cli.ts';

const Q = 'query --req-seq-id a1 --req-date 20261124';
const wrong: [string, string | string[], string, RegExp, RegExp][] = [
  ['an unknown command', 'qurey', 'COMMAND_UNKNOWN', /query/, /query/],
  ['an unknown flag', 'query --hf-seq-ids x', 'FLAG_UNKNOWN', /--hf-seq-id\b/, /--hf-seq-id\b/],
  ['a flag without its value', 'query --hf-seq-id', 'FLAG_MISSING_VALUE', /needs a value/, /需要一个取值/],
  ['a flag given twice', 'query --hf-seq-id a --hf-seq-id b', 'FLAG_TWICE', /twice/, /两次/],
  ['an empty flag', ['query', '--hf-seq-id', ''], 'FLAG_EMPTY', /empty/, /空的/],
  ['a blank flag', ['query', '--hf-seq-id', '  '], 'FLAG_EMPTY', /empty/, /空的/],
  ['a flag that swallowed the next', 'query --hf-seq-id --wait', 'FLAG_SWALLOWED', /--wait follows/, /--wait/],
  ['no locator', 'query', 'LOCATOR_NONE', /name the payment/, /指明/],
  ['two locators', `${Q} --hf-seq-id x`, 'LOCATOR_SEVERAL', /one way only/, /一种方式/],
  ['a number without its date', 'query --req-seq-id a1', 'FLAG_REQUIRED', /--req-date/, /--req-date/],
  ['a day that does not exist', 'query --req-seq-id a1 --req-date 20260230', 'DATE_INVALID', /20260230/, /20260230/],
  ['an amount with three decimals', 'refund --hf-seq-id x --amount 1.234 --yes', 'AMOUNT_INVALID', /1\.234/, /1\.234/],
  ['an amount of zero', 'refund --hf-seq-id x --amount 0 --yes', 'AMOUNT_INVALID', /more than 0/, /大于 0/],
  ['a negative amount', 'refund --hf-seq-id x --amount=-1 --yes', 'AMOUNT_INVALID', /-1/, /-1/],
  ['an amount with an exponent', 'refund --hf-seq-id x --amount 1e3 --yes', 'AMOUNT_INVALID', /1e3/, /1e3/],
  ['a guarded field by -d', 'refund --hf-seq-id x --amount 1 -d ord_amt=2', 'DATA_GUARDED', /--amount/, /--amount/],
  [
    'an org_ field by -d',
    'refund --hf-seq-id x --amount 1 -d org_req_date=20260101',
    'DATA_GUARDED',
    /--req-date/,
    /--req-date/,
  ],
  ['a -d without a value', 'pay -d remark', 'DATA_INVALID', /field=value/, /字段=取值/],
  ['a wrong choice', 'query --hf-seq-id x --api-version v9', 'FLAG_INVALID', /v2, v3, v4/, /v2, v3, v4/],
  ['a wrong duration', 'query --hf-seq-id x --wait-timeout 5', 'DURATION_INVALID', /30s/, /30s/],
  ['an argument too many', 'query x', 'ARGUMENT_EXTRA', /"x"/, /x/],
  ['a missing argument', 'key inspect', 'ARGUMENT_MISSING', /file/, /file/],
  ['a mandatory flag left out', 'sandbox advance', 'FLAG_REQUIRED', /--by/, /--by/],
  ['a consent on a query', 'refund query --refund-hf-seq-id x --yes', 'FLAG_UNKNOWN', /--yes/, /--yes/],
  ['amount and all', 'refund --hf-seq-id x --amount 1 --all --yes', 'FLAG_CONFLICT', /--all/, /--all/],
  ['no profile', 'balance', 'PROFILE_NONE', /dougong init/, /dougong init/],
  ['an unknown profile', 'balance --profile nobody', 'PROFILE_UNKNOWN', /nobody/, /nobody/],
  ['a sandbox that does not run', 'sandbox pay', 'SANDBOX_NOT_RUNNING', /sandbox start/, /sandbox start/],
];
for (const [name, words, code, en, zh] of wrong) {
  test(`${name} ends in one clear line in both languages, and nothing on stdout`, async t => {
    const home = tempDir(t);
    const argv = Array.isArray(words) ? words : words.split(' ');
    // Where the last word is a flag that lacks its value, --json must not become that value.
    const words2 = code === 'FLAG_MISSING_VALUE' ? [argv[0]!, '--json', ...argv.slice(1)] : [...argv, '--json'];
    const json = await runIn(home, {now: NOON}, words2);
    assert.equal(errorOf(json).code, code, json.err);
    assert.equal(json.code, EXIT_CODES[errorOf(json).kind as 'usage']);
    for (const [lang, pattern] of [
      ['en', en],
      ['zh', zh],
    ] as const) {
      const result = await runIn(home, {now: NOON}, argv, {env: {DOUGONG_LANG: lang}});
      assert.deepEqual([result.code, result.out], [json.code, '']);
      assert.match(result.err, pattern);
      assert.equal(result.err.trim().split('\n').length, 1);
    }
  });
}

test('every error has a sentence in both languages that differs', () => {
  for (const [code, {en, zh}] of Object.entries(errors)) {
    const params = new Proxy({}, {get: () => 'x'}) as Record<string, string>;
    assert.ok(en(params).length > 5 && zh(params).length > 3, code);
    assert.notEqual(en(params), zh(params), code);
    assert.match(zh(params), /[\u4e00-\u9fff]/, code);
    assert.doesNotMatch(en(params), /undefined|^$/, code);
  }
});

test('no flag has two placeholders, and every leaf takes every global', async t => {
  const ctx = makeContext([], fakeWorld(tempDir(t), {now: NOON}));
  const seen = new Map<string, string>();
  const leaves: string[] = [];
  const walk = (command: Awaited<ReturnType<typeof makeProgram>>, path: string) => {
    for (const option of command.options) {
      const long = option.long ?? '';
      const known = seen.get(long);
      assert.ok(known === undefined || known === option.flags, `${path} ${option.flags} against ${known}`);
      // The numbers name a payment or a refund; --to a day or a receiver, --kind a fault or messages.
      if (!['--req-seq-id', '--hf-seq-id', '--to', '--kind'].includes(long)) seen.set(long, option.flags);
    }
    if (command.commands.length === 0 || command.options.some(option => option.long === '--json')) {
      leaves.push(path);
      for (const flag of ['--profile', '--json', '--lang', '--verbose', '--no-input', '--no-color', '--http-timeout']) {
        assert.ok(
          command.options.some(option => option.long === flag),
          `${path} lacks ${flag}`,
        );
      }
    }
    for (const child of command.commands) walk(child as typeof command, `${path} ${child.name()}`);
  };
  walk(await makeProgram(ctx, 'all'), 'dougong');
  assert.ok(leaves.includes('dougong refund') && leaves.includes('dougong refund query'), leaves.join());
});

test('every flag of refund query reaches refund query', async t => {
  const on = await bench(t);
  const words = 'refund query --refund-req-seq-id r1 --refund-req-date 20261124 --json';
  const result = await on.dougong(words);
  assert.equal(result.code, 4);
  assert.equal(on.sandbox.calls('refund-query')[0]?.data.org_req_seq_id, 'r1');
  assert.equal(on.sandbox.calls('refund').length, 0);
});

test('help is in both languages and ends with an example', async t => {
  const home = tempDir(t);
  const en = await runIn(home, {now: NOON}, 'refund --help');
  const zh = await runIn(home, {now: NOON}, 'refund --help --lang zh');
  assert.deepEqual([en.code, zh.code], [0, 0]);
  assert.match(en.out, /Usage:[\s\S]*Options:[\s\S]*Commands:[\s\S]*Example:\n {2}dougong refund/);
  assert.match(zh.out, /用法:[\s\S]*选项:[\s\S]*命令:[\s\S]*示例:/);
});

test('the language comes from --lang, DOUGONG_LANG, then the locale', async t => {
  const home = tempDir(t);
  const err = async (words: string, env: Record<string, string>) =>
    (await runIn(home, {now: NOON}, words, {env: {DOUGONG_LANG: '', ...env}})).err;
  assert.match(await err('balance', {LANG: 'zh_CN.UTF-8'}), /还没有配置/);
  assert.match(await err('balance', {LANG: 'en_US.UTF-8'}), /no profile yet/);
  assert.match(await err('balance', {LANG: 'zh_CN', DOUGONG_LANG: 'en'}), /no profile yet/);
  assert.match(await err('balance --lang zh', {DOUGONG_LANG: 'en'}), /还没有配置/);
});

test('a broken configuration file is named, left alone, and its content not quoted', async t => {
  const home = tempDir(t);
  for (const text of ['{"profiles": {"a": {"sys_id": "SECRET', '{"profiles": 7}', '{"profiles":{"a":{"sys_id":1}}}']) {
    writeFileSync(join(home, 'config.json'), text);
    for (const words of ['balance', 'profile use a', 'profile list']) {
      const result = await runIn(home, {now: NOON}, `${words} --json`);
      assert.deepEqual([result.code, errorOf(result).code], [3, 'CONFIG_BROKEN'], words);
      assert.doesNotMatch(result.err, /SECRET/);
    }
    assert.equal(readFileSync(join(home, 'config.json'), 'utf8'), text);
  }
});

test('a closed pipe on stdout leaves no stack, and the refund is in the journal', async t => {
  const on = await bench(t);
  await on.json(`${ORDER} --req-seq-id a1`);
  on.sandbox.pay();
  const gone = Object.assign(new Error('write EPIPE'), {code: 'EPIPE'});
  const stdout = new Writable({write: (_chunk, _encoding, done) => done(gone)});
  const world = fakeWorld(on.home, on.clock, {stdout});
  const code = await run('refund --req-seq-id a1 --req-date 20261124 --all --yes'.split(' '), world);
  assert.equal(code, 0);
  const {out} = await on.dougong('journal list --json --state pending');
  assert.match(out, /"kind":"refund"/);
});

test('control characters of the gateway never reach the terminal', async t => {
  const on = await bench(t);
  on.sandbox.fault({kind: 'code', endpoint: 'balance', resp_code: '90000000', resp_desc: 'a\u001b[31mred\u202e'});
  const {err} = await on.dougong('balance');
  assert.match(err, /a\\x1b\[31mred\\x202e/);
  assert.ok(!err.includes('\u001b'));
});

test('a journal that cannot be written stops the refund before anything is sent', async t => {
  const on = await bench(t);
  await on.json(`${ORDER} --req-seq-id a1`);
  on.sandbox.pay();
  writeFileSync(join(on.home, 'other.db'), 'no database at all, only words '.repeat(50));
  const result = await on.dougong('refund --req-seq-id a1 --req-date 20261124 --all --yes --json', {
    env: {DOUGONG_JOURNAL: 'other.db'},
  });
  assert.deepEqual([result.code, errorOf(result).code], [9, 'JOURNAL_CORRUPT']);
  assert.equal(on.sandbox.calls('refund').length, 0);
});

test('Ctrl-C before sending is 130 and sends nothing', async t => {
  const on = await bench(t);
  const stop = new AbortController();
  stop.abort();
  const result = await on.dougong(`${ORDER}`, {signal: stop.signal});
  assert.equal(result.code, 6);
  assert.equal(on.sandbox.calls('pay').length, 0);
});

test('a notify_url that Huifu would not call is refused, one on loopback is taken', async t => {
  const on = await bench(t);
  const bad = await on.dougong(`${ORDER} --notify-url https://pay.example.com:9006/x?y=1 --json`);
  assert.deepEqual(
    [bad.code, errorOf(bad).code, errorOf(bad).message],
    [2, 'NOTIFY_URL_INVALID', errorOf(bad).message],
  );
  assert.match(errorOf(bad).message, /query, port/);
  assert.equal(on.sandbox.calls('pay').length, 0);
  assert.equal((await on.dougong(`${ORDER} --notify-url http://127.0.0.1:8001/x`)).code, 0);
});

test('answers that are no answers: HTML, nothing, ten megabytes, half, a wrong signature, each exit by its own code', async t => {
  const on = await bench(t);
  const expected = {html: 5, empty: 5, huge: 5, 'half-answer': 6, 'bad-signature': 5, unsigned: 5, status: 6} as const;
  for (const [kind, code] of Object.entries(expected)) {
    on.sandbox.fault({kind: kind as keyof typeof expected, endpoint: 'balance', times: 3});
    const result = await on.dougong('balance');
    assert.deepEqual([result.code, result.out], [code, ''], `${kind}: ${result.err}`);
    assert.ok(result.err.trim().split('\n').length <= 2, result.err);
    for (let left = 0; left < 3; left += 1) await on.dougong('balance');
  }
});

test('a read is asked again after a reset and a 502, money never', async t => {
  const on = await bench(t);
  on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'balance'});
  on.sandbox.fault({kind: 'status', status: 502, endpoint: 'balance'});
  assert.equal((await on.dougong('balance')).code, 0);
  assert.equal(on.sandbox.calls('balance').length, 2);
  on.sandbox.fault({kind: 'status', status: 502, endpoint: 'pay'});
  assert.equal((await on.dougong(ORDER)).code, 7);
  assert.equal(on.sandbox.calls('pay').length, 1);
});

test('a single field of the profile can come from the environment, a locator cannot', async t => {
  const on = await bench(t);
  writeProfile(on.home, 'sandbox', {...on.sandbox.profile, product_id: 'WRONG'});
  assert.equal((await on.dougong('balance')).code, 4);
  assert.equal((await on.dougong('balance', {env: {DOUGONG_PRODUCT_ID: 'SANDBOX'}})).code, 0);
  const env = {DOUGONG_HF_SEQ_ID: 'x', DOUGONG_YES: '1'};
  assert.equal(errorOf(await on.dougong('query --json', {env})).code, 'LOCATOR_NONE');
});
