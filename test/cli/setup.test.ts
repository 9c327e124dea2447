import assert from 'node:assert/strict';
import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {bench, errorOf, keys, NOON, type Result, runIn, tempDir} from '../helpers/cli.ts';

const clock = {now: NOON};
const IDS = '--env test --sys-id 6666000100000009 --product-id XLSISV --huifu-id 6666000100000010';

function files(home: string): void {
  writeFileSync(join(home, 'my.key'), keys.merchant);
  writeFileSync(join(home, 'my.pub'), keys.merchantPublic);
  writeFileSync(join(home, 'huifu.pub'), keys.huifuPublic);
  writeFileSync(join(home, 'huifu.key'), keys.huifu);
}

const noSecrets = ({out, err}: Result) => {
  for (const secret of [keys.merchant, keys.huifu])
    assert.ok(!(out + err).includes(secret.slice(60, 90)), 'a key was printed');
};

test('init writes a profile with its keys in files of 0600, and the profile works', async t => {
  const on = await bench(t);
  const home = tempDir(t);
  files(home);
  const {sys_id, product_id, huifu_id} = on.sandbox.profile;
  const line = `init --name shop --base-url ${on.sandbox.url} --sys-id ${sys_id} --product-id ${product_id} --huifu-id ${huifu_id}`;
  const result = await runIn(home, clock, `${line} --private-key-file my.key --huifu-public-key-file huifu.pub`);
  assert.equal(result.code, 0, result.err);
  noSecrets(result);
  assert.equal(statSync(join(home, 'config.json')).mode & 0o777, 0o600);
  for (const name of readdirSync(join(home, 'keys')))
    assert.equal(statSync(join(home, 'keys', name)).mode & 0o777, 0o600, name);
  assert.equal((await runIn(home, clock, 'balance')).code, 0);
});

test('a private key can come by stdin and by the environment', async t => {
  for (const [words, options] of [
    ['--private-key-stdin', {stdin: keys.merchant}],
    ['', {env: {DOUGONG_PRIVATE_KEY: keys.merchant}}],
  ] as const) {
    const home = tempDir(t);
    files(home);
    const result = await runIn(home, clock, `init ${IDS} ${words} --huifu-public-key-file huifu.pub --json`, options);
    assert.equal(result.code, 0, result.err);
    noSecrets(result);
  }
});

test('the common mistakes with keys are named before anything is written', async t => {
  const home = tempDir(t);
  files(home);
  const init = (mine: string, theirs: string) =>
    runIn(home, clock, `init ${IDS} --private-key-file ${mine} --huifu-public-key-file ${theirs} --json`);
  for (const [mine, theirs, code] of [
    ['my.pub', 'huifu.pub', 'KEY_WRONG_KIND'],
    ['my.key', 'my.pub', 'KEY_IS_OWN'],
    ['huifu.key', 'huifu.pub', 'KEY_IS_OWN'],
    ['my.key', 'huifu.key', 'KEY_WRONG_KIND'],
    ['nothing', 'huifu.pub', 'FILE_UNREADABLE'],
  ] as const) {
    const result = await init(mine, theirs);
    assert.equal(errorOf(result).code, code, `${mine} ${theirs}`);
    assert.ok([3, 9].includes(result.code));
  }
  assert.ok(!readdirSync(home).includes('config.json'));
  assert.equal((await init('my.key', 'huifu.pub')).code, 0);
});

test('init without a terminal names the flag it lacks, and never replaces a profile unasked', async t => {
  const home = tempDir(t);
  files(home);
  const full = `init ${IDS} --private-key-file my.key --huifu-public-key-file huifu.pub`;
  assert.match((await runIn(home, clock, full.replace('--sys-id 6666000100000009', ''))).err, /--sys-id is missing/);
  assert.equal((await runIn(home, clock, full)).code, 0);
  assert.equal(errorOf(await runIn(home, clock, `${full} --json`)).code, 'PROFILE_EXISTS');
  assert.equal((await runIn(home, clock, `${full} --force`)).code, 0);
  assert.equal(errorOf(await runIn(home, clock, `${full} --name A_b --json`)).code, 'PROFILE_NAME');
});

test('profiles are listed, shown without secrets, used and removed with their keys', async t => {
  const home = tempDir(t);
  files(home);
  for (const name of ['one', 'two'])
    await runIn(home, clock, `init ${IDS} --name ${name} --private-key-file my.key --huifu-public-key-file huifu.pub`);
  const list = JSON.parse((await runIn(home, clock, 'profile list --json')).out).result;
  assert.deepEqual(
    list.map((one: {name: string; current: boolean}) => [one.name, one.current]),
    [
      ['one', true],
      ['two', false],
    ],
  );
  const show = await runIn(home, clock, 'profile show two');
  noSecrets(show);
  assert.match(show.out, /sha256:[0-9a-f]{64}/);
  assert.equal((await runIn(home, clock, 'profile use two')).code, 0);
  assert.equal((await runIn(home, clock, 'profile remove one')).code, 0);
  assert.deepEqual(
    readdirSync(join(home, 'keys')).filter(name => name.startsWith('one')),
    [],
  );
  assert.equal((await runIn(home, clock, 'profile use one')).code, 3);
  assert.match((await runIn(home, clock, 'profile show')).out, /^name\s+two/);
});

test("an official SDK's configuration is imported and works", async t => {
  const on = await bench(t);
  const home = tempDir(t);
  const sdk = {
    sys_id: on.sandbox.profile.sys_id,
    product_id: 'SANDBOX',
    rsa_merch_private_key: keys.merchant,
    rsa_huifu_public_key: keys.huifuPublic,
  };
  writeFileSync(join(home, 'config-sdk.json'), JSON.stringify(sdk));
  const result = await runIn(home, clock, `profile import config-sdk.json --name sdk --base-url ${on.sandbox.url}`);
  assert.equal(result.code, 0, result.err);
  noSecrets(result);
  assert.equal((await runIn(home, clock, 'balance --profile sdk')).code, 0);
});

test("the local sandbox's export is imported with its headers, which are sent", async t => {
  const on = await bench(t, {switches: {requireSkillHeaders: true}});
  const home = tempDir(t);
  files(home);
  const {sys_id, product_id, huifu_id} = on.sandbox.profile;
  const flat = {
    gateway_url: on.sandbox.url,
    sys_id,
    product_id,
    huifu_id,
    skill_source: 'hfps/1.3.2',
    merchant_private_key: keys.merchant,
    merchant_public_key: keys.merchantPublic,
    webhook_endpoint_key: 'k'.repeat(32),
  };
  writeFileSync(join(home, 'export.json'), JSON.stringify(flat));
  assert.equal(
    (await runIn(home, clock, 'profile import export.json --name local --huifu-public-key-file huifu.pub')).code,
    0,
  );
  assert.equal((await runIn(home, clock, 'balance --profile local')).code, 0);
  assert.equal((await on.dougong('balance')).code, 5, 'without the headers this sandbox refuses, unsigned');
  assert.equal(readFileSync(join(home, 'keys', 'local-webhook.key'), 'utf8'), 'k'.repeat(32));
});

test('what is no configuration is refused', async t => {
  const home = tempDir(t);
  for (const text of ['', '[]', '{"sys_id":"1"}', 'sys_id=1']) {
    writeFileSync(join(home, 'x.json'), text);
    assert.equal(errorOf(await runIn(home, clock, 'profile import x.json --json')).code, 'IMPORT_UNKNOWN', text);
  }
});

test('a new pair is written once, inspected, and matches', async t => {
  const home = tempDir(t);
  assert.equal((await runIn(home, clock, 'key generate --out k')).code, 0);
  for (const name of readdirSync(join(home, 'k'))) assert.equal(statSync(join(home, 'k', name)).mode & 0o777, 0o600);
  assert.equal(errorOf(await runIn(home, clock, 'key generate --out k --json')).code, 'FILE_EXISTS');
  const info = JSON.parse((await runIn(home, clock, 'key inspect k/private-line.txt --json')).out).result;
  assert.deepEqual([info.kind, info.format, info.bits], ['private', 'PKCS#8', 2048]);
  assert.equal((await runIn(home, clock, 'key match k/private.pem k/public-line.txt')).code, 0);
  files(home);
  assert.equal((await runIn(home, clock, 'key match k/private.pem my.pub')).code, 4);
  assert.equal((await runIn(home, clock, 'key inspect -', {stdin: keys.huifuPublic})).code, 0);
});
