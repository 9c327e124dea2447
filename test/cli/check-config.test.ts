import assert from 'node:assert/strict';
import {chmodSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import {CHECKS, type CheckId} from '../../src/operations/check-config.ts';
import {type APPLYMENT, SANDBOX_APPID, SCENARIOS} from '../../src/sandbox/merchants.ts';
import {type Bench, bench, errorOf, keys, type Result, tempDir, writeProfile} from '../helpers/cli.ts';

type Verdict = 'pass' | 'warn' | 'fail' | 'skip';
interface Shown {
  id: CheckId;
  verdict: Verdict;
  code: string;
  waiting?: boolean;
  gateway?: {resp_code?: string; verified: boolean};
  who?: string;
  remedy?: string;
  qrcode_data?: string;
  sources?: Record<string, string>;
}

const resultOf = ({out}: Result) => JSON.parse(out).result as {state: string; first?: string; checks: Shown[]};

/** The ids by verdict, without those that pass: every id that is not named passes. */
function odd({checks}: {checks: Shown[]}): Partial<Record<Verdict, string[]>> {
  const found: Partial<Record<Verdict, string[]>> = {};
  for (const {id, verdict} of checks) if (verdict !== 'pass') found[verdict] = [...(found[verdict] ?? []), id];
  return found;
}

async function check(on: Bench, words = ''): Promise<Result & ReturnType<typeof resultOf>> {
  const result = await on.dougong(`check-config --json --notify-url https://shop.example.com/notify ${words}`);
  return {...result, ...resultOf(result)};
}

/** The sandbox cannot be reached from outside, so the URL of these tests never answers. */
const URL_WARNS = {warn: ['notify.redirect']};
const MERCHANT: string[] = [
  'wechat.business.opened',
  'wechat.fee.present',
  'wechat.appid.bound',
  'realname.applyment',
  'realname.authorized',
];
const NONE = {fail: [] as string[], skip: [] as string[], warn: [] as string[]};

/** Scenario, words, exit code, what does not pass, the code of the first check. */
const cases: [string, string, number, Partial<typeof NONE>, string?][] = [
  ['healthy', '', 0, {}],
  ['lists-as-arrays', '', 0, {}],
  ['lists-as-objects', '', 0, {}],
  ['unknown-fields', '', 0, {}],
  ['slow', '', 0, {}],
  [
    'wrong-product',
    '',
    4,
    {fail: ['relation.product'], skip: ['relation.merchant', ...MERCHANT, 'bill.generation']},
    'PRODUCT_WRONG',
  ],
  [
    'foreign-merchant',
    '',
    4,
    {warn: ['relation.product'], fail: ['relation.merchant'], skip: [...MERCHANT, 'bill.generation']},
    'MERCHANT_FOREIGN',
  ],
  ['abnormal-merchant', '', 4, {fail: ['relation.merchant'], skip: [...MERCHANT, 'bill.generation']}, 'MERCHANT_WRONG'],
  ['api-closed', '', 4, {skip: [...MERCHANT, 'bill.generation']}, 'API_REFUSED'],
  [
    'not-opened',
    '',
    4,
    {fail: ['wechat.business.opened', 'wechat.appid.bound'], skip: ['wechat.fee.present']},
    'BUSINESS_CLOSED',
  ],
  ['appid-unbound', '', 4, {fail: ['wechat.appid.bound']}, 'APPID_UNBOUND'],
  ['appid-other', '', 4, {fail: ['wechat.appid.bound']}, 'APPID_OTHER'],
  ['appid-processing', '', 8, {fail: ['wechat.appid.bound']}, 'APPID_PROCESSING'],
  ['appid-failed', '', 4, {fail: ['wechat.appid.bound']}, 'APPID_FAILED'],
  ['wrong-fee-type', '--fee-type 01', 4, {fail: ['wechat.fee.present']}, 'FEE_OTHER'],
  ['wrong-fee-type', '--fee-type 02', 0, {}],
  ['two-channels', '', 0, {warn: ['wechat.appid.bound']}],
  ['not-ready', '', 4, {fail: ['wechat.appid.bound', 'realname.authorized']}, 'APPID_UNBOUND'],
  ['audit-passes', '', 8, {fail: ['realname.applyment'], skip: ['realname.authorized']}, 'APPLYMENT_AUDIT'],
  ['no-bills', '', 0, {warn: ['bill.generation']}],
  [
    'unsigned',
    '',
    4,
    {
      fail: ['sign.answer'],
      skip: [
        'sign.request',
        'relation.sys-id',
        'relation.permission',
        'relation.product',
        'relation.merchant',
        ...MERCHANT,
        'bill.generation',
      ],
    },
    'ANSWER_UNSIGNED',
  ],
  [
    'wrongly-signed',
    '',
    4,
    {
      fail: ['sign.answer'],
      skip: [
        'sign.request',
        'relation.sys-id',
        'relation.permission',
        'relation.product',
        'relation.merchant',
        ...MERCHANT,
        'bill.generation',
      ],
    },
    'ANSWER_OTHER_KEY',
  ],
];
const applyments: Record<(typeof APPLYMENT)[number], [number, string]> = {
  EDITTING: [4, 'APPLYMENT_EDITTING'],
  WAITTING_FOR_AUDIT: [8, 'APPLYMENT_AUDIT'],
  WAITTING_FOR_CONFIRM_CONTACT: [4, 'APPLYMENT_CONTACT'],
  WAITTING_FOR_CONFIRM_LEGALPERSON: [4, 'APPLYMENT_LEGALPERSON'],
  PASSED: [4, 'UNAUTHORIZED'],
  REJECTED: [4, 'APPLYMENT_REJECTED'],
  FREEZED: [4, 'APPLYMENT_FREEZED'],
  CANCELED: [4, 'APPLYMENT_CANCELED'],
  NOAPPLY: [4, 'APPLYMENT_NOAPPLY'],
};
for (const [state, [code, finding]] of Object.entries(applyments)) {
  const name = `realname-${state.toLowerCase().replaceAll('_', '-')}`;
  const found =
    state === 'PASSED'
      ? {fail: ['realname.authorized']}
      : {fail: ['realname.applyment'], skip: ['realname.authorized']};
  cases.push([name, '', code, found, finding]);
  cases.push([`${name}-authorized`, '', 0, state === 'PASSED' ? {} : {warn: ['realname.applyment']}]);
}

for (const [scenario, words, code, found, first] of cases) {
  test(`${scenario} ${words}: exit ${code}, ${first ?? 'ready'}`, async t => {
    const on = await bench(t, {scenario});
    const {code: exit, checks, ...rest} = await check(on, words);
    const warn = [...(found.warn ?? []), ...URL_WARNS.warn].sort(byOrder);
    const wanted = {...found, warn};
    assert.deepEqual(odd({checks}), Object.fromEntries(Object.entries(wanted).filter(([, ids]) => ids.length > 0)));
    assert.deepEqual(
      checks.map(({id}) => id),
      CHECKS.map(({id}) => id),
    );
    assert.equal(exit, code);
    assert.equal(rest.state, {0: 'ready', 4: 'not-ready', 8: 'waiting'}[code]);
    if (first) assert.equal(checks.find(({id}) => id === rest.first)?.code, first);
    if (code !== 0) assert.equal(errorOf({...rest, code}).kind, code === 8 ? 'pending' : 'refused');
  });
}

function byOrder(a: string, b: string): number {
  const order = CHECKS.map(({id}) => id as string);
  return order.indexOf(a) - order.indexOf(b);
}

test('every scenario of the sandbox has a case above, but the one that closes every call', () => {
  const tried = new Set(cases.map(([name]) => name));
  assert.deepEqual(
    SCENARIOS.filter(name => !tried.has(name)),
    ['all-apis-closed'],
  );
});

test('with every call closed it says so, names the sys_id and calls nobody a liar', async t => {
  const on = await bench(t, {scenario: 'all-apis-closed'});
  on.sandbox.ledger();
  const {code, checks} = await check(on);
  const permission = checks.find(({id}) => id === 'relation.permission')!;
  // balance is still open in this scenario: the read that works proves keys and ids.
  assert.deepEqual([permission.verdict, permission.code], ['warn', 'PERMISSION_SOME']);
  assert.equal(code, 4);
});

test('only reads leave, and none of them writes', async t => {
  const on = await bench(t);
  await check(on);
  assert.deepEqual(
    on.sandbox
      .calls()
      .map(({endpoint}) => endpoint)
      .sort(),
    ['application-query', 'bill-query', 'merchant-query', 'query', 'realname-query', 'wx-config-query'],
  );
});

test('a line, its evidence, cause, remedy and who acts; and one sentence at the end', async t => {
  const on = await bench(t, {scenario: 'wrong-product'});
  const {code, out, err} = await on.dougong('check-config');
  assert.equal(code, 4);
  assert.match(out, /✗ relation\.product {2}product_id SANDBOX is unknown/);
  assert.match(out, /the gateway said: 22000000 产品号不存在或状态异常/);
  assert.match(out, /remedy: .*product_id \(now SANDBOX\)/);
  assert.match(out, /who acts: you/);
  assert.match(out, /– relation\.merchant {2}not checked: relation\.product/);
  assert.equal(err.trim().split('\n').length, 1);
  const zh = await on.dougong('check-config --lang zh');
  assert.match(zh.out, /谁来做: 你/);
  assert.match(zh.err, /还不能收款/);
});

test('a merchant that is ready is told so, and exit 0', async t => {
  const on = await bench(t);
  const {code, err} = await on.dougong('check-config');
  assert.equal(code, 0);
  assert.match(err, /ready to take payments: 6666000100000001/);
});

test('no appid known: it is not called ready', async t => {
  const on = await bench(t);
  writeProfile(on.home, 'sandbox', on.sandbox.profile, {sub_appid: undefined});
  const {code, checks} = await check(on);
  assert.equal(code, 4);
  assert.equal(checks.find(({id}) => id === 'wechat.appid.bound')?.code, 'APPID_NOT_GIVEN');
});

test("the request's signature: 40002, the words and HTTP 922 are one finding; a wrong answer key is another", async t => {
  const on = await bench(t);
  for (const status of [undefined, 922]) {
    // The gateway knows another public key than the half of this private key.
    writeProfile(on.home, 'sandbox', {
      ...on.sandbox.profile,
      private_key: keys.huifu,
      huifu_public_keys: [keys.merchantPublic],
    });
    if (status) on.sandbox.fault({kind: 'status', status, endpoint: 'query'});
    const {code, checks, first} = await check(on);
    assert.deepEqual([code, first], [4, 'sign.request']);
    const request = checks.find(({id}) => id === 'sign.request')!;
    assert.deepEqual([request.verdict, request.code, request.gateway?.verified], ['fail', 'REQUEST_SIGNATURE', false]);
    assert.equal(checks.find(({id}) => id === 'sign.answer')?.verdict, 'skip');
  }
  writeProfile(on.home, 'sandbox', {...on.sandbox.profile, huifu_public_keys: [otherKey]});
  const wrong = await check(on);
  assert.deepEqual([wrong.code, wrong.first], [4, 'sign.answer']);
  assert.equal(wrong.checks.find(({id}) => id === 'sign.answer')?.code, 'ANSWER_OTHER_KEY');
  assert.equal(wrong.checks.find(({id}) => id === 'sign.request')?.verdict, 'skip');
});

const {publicKey} = await import('node:crypto').then(({generateKeyPairSync}) =>
  generateKeyPairSync('rsa', {modulusLength: 2048}),
);
const otherKey = publicKey.export({type: 'spki', format: 'der'}).toString('base64');

test('keys: own public key, cut off, halves swapped; each is named, nothing is sent, exit 3', async t => {
  const on = await bench(t);
  const tries: [Partial<typeof on.sandbox.profile>, string, string][] = [
    [{huifu_public_keys: [keys.merchantPublic]}, 'key.huifu.not-own', 'KEY_OWN'],
    [{huifu_public_keys: [keys.huifuPublic.slice(0, 200)]}, 'key.huifu.parse', 'KEY_BAD'],
    [{private_key: keys.merchant.slice(0, 300)}, 'key.private.parse', 'KEY_BAD'],
    [{private_key: keys.merchantPublic}, 'key.private.parse', 'KEY_BAD'],
    [{huifu_public_keys: [keys.huifu]}, 'key.huifu.parse', 'KEY_BAD'],
  ];
  for (const [wrong, id, finding] of tries) {
    writeProfile(on.home, 'sandbox', {...on.sandbox.profile, ...wrong});
    const {code, first, checks, out, err} = await check(on);
    assert.deepEqual([code, first], [3, id], id);
    assert.equal(checks.find(one => one.id === id)?.code, finding);
    assert.equal(checks.find(one => one.id === 'sign.request')?.verdict, 'skip');
    for (const text of [out, err]) assert.ok(!text.includes(keys.merchant.slice(40, 80)));
  }
  assert.equal(on.sandbox.calls().length, 0);
});

test('files that others can read are a warning, with the command that mends it', async t => {
  const on = await bench(t);
  chmodSync(join(on.home, 'keys', 'sandbox.key'), 0o644);
  const {checks, code} = await check(on);
  const found = checks.find(({id}) => id === 'profile.permissions')!;
  assert.equal(code, 0);
  assert.deepEqual([found.verdict, found.remedy?.startsWith('chmod 600 ')], ['warn', true]);
});

test('a clock that is off is a warning; another Beijing day is a failure', async t => {
  const on = await bench(t);
  on.sandbox.fault({kind: 'skew', ms: 90_000, endpoint: 'query'});
  const off = await check(on);
  assert.equal(off.checks.find(({id}) => id === 'clock.gateway')?.verdict, 'warn');
  on.sandbox.fault({kind: 'skew', ms: 13 * 3_600_000, endpoint: 'query'});
  const day = await check(on);
  assert.equal(day.checks.find(({id}) => id === 'clock.gateway')?.verdict, 'fail');
  assert.deepEqual([day.code, day.first], [4, 'clock.gateway']);
});

test('a gateway that cannot be reached is exit 6, and so is a proxy', async t => {
  const on = await bench(t);
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise(done => closed.once('listening', done));
  const {port} = closed.address() as AddressInfo;
  await new Promise(done => closed.close(done));
  writeProfile(on.home, 'sandbox', {...on.sandbox.profile, base_url: `http://127.0.0.1:${port}`});
  const gone = await check(on);
  assert.deepEqual([gone.code, gone.first], [6, 'network.tcp']);
  assert.equal(gone.checks.find(({id}) => id === 'sign.request')?.verdict, 'skip');
  writeProfile(on.home, 'sandbox', {...on.sandbox.profile, base_url: 'https://api.huifu.com'});
  const env = {HTTPS_PROXY: `http://127.0.0.1:${port}`};
  const proxied = await on.dougong('check-config --json', {env});
  assert.deepEqual([proxied.code, resultOf(proxied).first], [6, 'network.proxy']);
  const tls = resultOf(proxied).checks.find(({id}) => id === 'network.tls')!;
  assert.deepEqual([tls.verdict, tls.code], ['skip', 'BY_PROXY']);
});

test('no profile is exit 3 with nothing on stdout', async t => {
  const on = await bench(t);
  const {code, out} = await on.dougong('check-config', {env: {DOUGONG_HOME: tempDir(t)}});
  assert.deepEqual([code, out], [3, '']);
});

test('the notify_url: each rule, a redirect, one that answers', async t => {
  const on = await bench(t);
  const server = createServer((req, res) => res.writeHead(req.url === '/moved' ? 302 : 200, {location: '/x'}).end());
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const port = (server.address() as AddressInfo).port;
  const one = async (url: string, id: CheckId) => {
    const {checks} = resultOf(await on.dougong(['check-config', '--json', '--notify-url', url]));
    return checks.find(found => found.id === id)!;
  };
  for (const url of [
    'virgo://http://a.example/x',
    'ftp://a.example',
    'http://a.example:7000/',
    'https://a.example/?a=1',
    'x',
  ])
    assert.equal((await one(url, 'notify.url')).code, 'URL_RULES', url);
  assert.equal((await one('http://10.0.0.1/x', 'notify.url')).code, 'URL_WARNED');
  // Loopback ports are outside the range, so the rules stop them; the probe itself is tried through a name of the URL.
  assert.equal((await one(`http://127.0.0.1:${port}/moved`, 'notify.redirect')).code, 'NEED_FAILED');
  const {makeProbes} = await import('../../src/cli/probes.ts');
  const {fakeWorld} = await import('../helpers/cli.ts');
  const probes = makeProbes(fakeWorld(on.home, on.clock), undefined);
  assert.deepEqual(await probes.head(`http://127.0.0.1:${port}/moved`), {status: 302, location: '/x'});
  assert.equal((await probes.head(`http://127.0.0.1:${port}/`)).status, 200);
});

test('--qr saves the code that WeChat wants scanned; a path that cannot be written is exit 9', async t => {
  const on = await bench(t, {scenario: 'not-ready'});
  const file = join(on.home, 'code.svg');
  const {code, err} = await on.dougong(['check-config', '--qr', file]);
  assert.equal(code, 4);
  assert.match(err, /QR code saved/);
  assert.match(readFileSync(file, 'utf8'), /^<svg/);
  const bad = await on.dougong(['check-config', '--json', '--qr', join(on.home, 'no', 'code.svg')]);
  assert.deepEqual([bad.code, errorOf(bad).code], [9, 'FILE_UNWRITABLE']);
});

test('--wait asks until the audit has passed, and prints only what changed', async t => {
  const on = await bench(t, {scenario: 'audit-passes'});
  const {code, out, err} = await on.dougong('check-config --wait --until authorized --interval 60s');
  assert.equal(code, 0);
  assert.equal(out.match(/realname\.authorized/g)?.length, 2);
  assert.equal(out.match(/wechat\.appid\.bound/g)?.length, 1);
  assert.match(err, /is reached/);
  assert.equal(on.sandbox.calls('realname-query').length, 4);
  assert.equal(on.sandbox.calls('query').length, 1);
});

test('--wait ends with 8 at its time-out, and at once where nothing mends by waiting', async t => {
  const on = await bench(t, {scenario: 'realname-waitting-for-audit'});
  const late = await on.dougong('check-config --wait --interval 10m --wait-timeout 1h --json');
  assert.equal(late.code, 8);
  assert.equal(on.sandbox.calls('realname-query').length, 7);
  on.sandbox.merchant('realname-rejected');
  const rejected = await on.dougong('check-config --wait --json');
  assert.equal(rejected.code, 4);
  on.sandbox.merchant('appid-processing');
  const bound = await on.dougong('check-config --wait --until bound --json');
  assert.equal(bound.code, 0);
  const changes = bound.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    changes.slice(0, -1).map(({check: one}) => [one.id, one.verdict]),
    [['wechat.appid.bound', 'pass']],
  );
});

test('--bind-appid writes once, after a consent, remembers before and after, and ends bound', async t => {
  const on = await bench(t, {scenario: 'appid-unbound'});
  const words = `check-config --bind-appid ${SANDBOX_APPID} --fee-type 01`;
  const asked = await on.dougong(words);
  assert.equal(asked.code, 2);
  assert.equal(on.sandbox.calls('wx-config').length, 0);
  const {code, out} = await on.dougong(`${words} --yes --json`);
  assert.equal(code, 0);
  const {result} = JSON.parse(out);
  assert.deepEqual([result.state, result.appid], ['bound', SANDBOX_APPID]);
  assert.ok(result.after.includes(SANDBOX_APPID) && !result.before.includes(SANDBOX_APPID));
  assert.equal(on.sandbox.calls('wx-config').length, 1);
  const again = await on.dougong(`${words} --yes`);
  assert.equal(again.code, 0);
  assert.equal(on.sandbox.calls('wx-config').length, 1);
  const story = await on.dougong(`journal show ${result.req_seq_id} --json`);
  const [{events}] = JSON.parse(story.out).result;
  assert.deepEqual(
    events.map(({what}: {what: string}) => what).filter((what: string) => what.startsWith('configuration')),
    ['configuration before', 'configuration after'],
  );
  assert.equal((await on.dougong('check-config')).code, 0);
});

test('--bind-appid with a fee_type that is not opened is refused in the gateway words, exit 4', async t => {
  const on = await bench(t, {scenario: 'appid-unbound'});
  const result = await on.dougong(`check-config --bind-appid ${SANDBOX_APPID} --fee-type 05 --yes --json`);
  assert.equal(result.code, 4);
  const error = errorOf(result);
  assert.equal((error.gateway as {resp_desc: string}).resp_desc, '未入驻');
  assert.equal((await on.dougong('journal status')).code, 0);
});

test('--bind-appid whose answer is lost is exit 7, and resume settles it without a second request', async t => {
  const on = await bench(t, {scenario: 'appid-unbound'});
  on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'wx-config'});
  const words = `check-config --bind-appid ${SANDBOX_APPID} --fee-type 01 --yes --json`;
  const lost = await on.dougong(words);
  assert.deepEqual([lost.code, errorOf(lost).code], [7, 'UNKNOWN_OUTCOME']);
  assert.equal((await on.dougong('journal status')).code, 8);
  for (let turn = 0; turn < 3; turn += 1) await on.dougong('journal resume');
  assert.equal((await on.dougong('journal status')).code, 0);
  assert.equal(on.sandbox.calls('wx-config').length, 1);
});

test('--bind-appid writes nothing while ids are wrong, or to a word that is no appid', async t => {
  const on = await bench(t, {scenario: 'foreign-merchant'});
  const foreign = await on.dougong(`check-config --bind-appid ${SANDBOX_APPID} --fee-type 01 --yes --json`);
  assert.deepEqual([foreign.code, errorOf(foreign).code], [4, 'BIND_FIRST']);
  assert.equal((await on.dougong('check-config --bind-appid wx1 --fee-type 01 --yes')).code, 2);
  assert.equal((await on.dougong(`check-config --bind-appid ${SANDBOX_APPID} --yes`)).code, 2);
  assert.equal(on.sandbox.calls('wx-config').length, 0);
});

const many = (count: number, from = 2) =>
  Array.from({length: count}, (_, at) => `666600010000${String(at + from).padStart(4, '0')}`);

test('--batch tells each merchant with its first blocker, in the order of the file', async t => {
  const [a, b, c, d] = many(4) as [string, string, string, string];
  const on = await bench(t, {merchants: {[a]: 'healthy', [b]: 'appid-unbound', [c]: 'audit-passes'}});
  writeFileSync(join(on.home, 'm.csv'), `\uFEFF备注,商户号\r\nx,${a}\r\n\r\ny,${b}\r\nz,${c}\r\nz,${d}\r\nz,${a}\r\n`);
  const {code, out, err} = await on.dougong('check-config --batch m.csv --json');
  assert.equal(code, 4);
  const rows = out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const byId = new Map(rows.map(row => [row.huifu_id, row]));
  assert.deepEqual(
    [a, b, c, d].map(id => [byId.get(id).state, byId.get(id).first]),
    [
      ['ready', ''],
      ['not-ready', 'wechat.appid.bound'],
      ['waiting', 'realname.applyment'],
      ['not-ready', 'relation.merchant'],
    ],
  );
  assert.equal(rows.length, 4);
  assert.match(err, /line 7 repeats line 2/);
  const table = await on.dougong('check-config --batch m.csv');
  assert.deepEqual(
    [a, b, c, d].map(id => table.out.indexOf(id)),
    [a, b, c, d].map(id => table.out.indexOf(id)).sort((x, y) => x - y),
  );
  assert.match(table.err, /4 merchants: 1 ready, 1 waiting, 2 not ready/);
});

test('--batch --out keeps what was done: an interrupted run is continued, not repeated', async t => {
  const ids = many(30);
  const on = await bench(t, {merchants: ids});
  writeFileSync(join(on.home, 'm.csv'), `huifu_id\n${ids.join('\n')}\n`);
  const stop = new AbortController();
  const calls = on.sandbox.calls;
  const watch = setInterval(() => calls('realname-query').length > 9 && stop.abort(), 1);
  const first = await on.dougong('check-config --batch m.csv --out r.csv --concurrency 2', {signal: stop.signal});
  clearInterval(watch);
  assert.equal(first.code, 130);
  const kept = readFileSync(join(on.home, 'r.csv'), 'utf8').trim().split('\n').length - 1;
  assert.ok(kept > 3 && kept < 30, String(kept));
  // A torn last line, as a killed process leaves it.
  writeFileSync(join(on.home, 'r.csv'), `${readFileSync(join(on.home, 'r.csv'), 'utf8')}\t66660001`);
  const before = calls('realname-query').length;
  const second = await on.dougong('check-config --batch m.csv --out r.csv');
  assert.equal(second.code, 0);
  assert.equal(calls('realname-query').length - before, 30 - kept);
  const lines = readFileSync(join(on.home, 'r.csv'), 'utf8').trim().split('\n');
  assert.equal(lines.length, 31);
  assert.match(second.err, new RegExp(`${kept} rows were done before`));
  const third = await on.dougong('check-config --batch m.csv --out r.csv --json');
  assert.equal(third.code, 0);
  assert.equal(calls('realname-query').length - before, 30 - kept);
});

test('--batch takes GB18030 and 10,000 rows, and refuses what it cannot read', async t => {
  const on = await bench(t);
  const write = (text: string | Buffer) => writeFileSync(join(on.home, 'm.csv'), text);
  const run = async (words = '') => {
    const result = await on.dougong(`check-config --batch m.csv --json ${words}`);
    return [result.code, result.code === 0 ? '' : errorOf(result).code];
  };
  write(Buffer.concat([Buffer.from([0xc9, 0xcc, 0xbb, 0xa7, 0xba, 0xc5]), Buffer.from('\n6666000100000001\n')]));
  assert.deepEqual(await run(), [0, '']);
  write('id\n6666000100000001\n');
  assert.deepEqual(await run(), [2, 'ROWS_COLUMN']);
  assert.deepEqual(await run('--map huifu_id=id'), [0, '']);
  write('huifu_id,sub_appid\n,wx1\n');
  assert.deepEqual(await run(), [2, 'ROW_EMPTY']);
  write('huifu_id\n');
  assert.deepEqual(await run(), [2, 'ROWS_EMPTY']);
  write('huifu_id\n6666000100000001\n');
  writeFileSync(join(on.home, 'mine.csv'), 'a,b\n1,2\n');
  assert.deepEqual(await run('--out mine.csv'), [2, 'OUT_FOREIGN']);
  assert.equal(readFileSync(join(on.home, 'mine.csv'), 'utf8'), 'a,b\n1,2\n');
  const windows = await on.dougong(['check-config', '--batch', 'C:\\shop\\m.csv', '--json']);
  assert.deepEqual([windows.code, errorOf(windows).code], [9, 'FILE_UNREADABLE']);
  const calls = on.sandbox.calls().length;
  write(`huifu_id\n${many(10_000).join('\n')}\n`);
  const stop = new AbortController();
  const big = on.dougong('check-config --batch m.csv --json', {signal: stop.signal});
  const watch = setInterval(() => on.sandbox.calls().length > calls + 20 && stop.abort(), 1);
  assert.equal((await big).code, 130);
  clearInterval(watch);
  const stdin = await on.dougong('check-config --batch - --json', {stdin: 'huifu_id\n6666000100000001\n'});
  assert.equal(stdin.code, 0);
});

test('a merchant without an answer is exit 6, and is asked again by the same command', async t => {
  const on = await bench(t);
  writeFileSync(join(on.home, 'm.csv'), 'huifu_id\n6666000100000001\n');
  on.sandbox.fault({kind: 'reset-before-commit', endpoint: 'realname-query', times: 3});
  const lost = await on.dougong('check-config --batch m.csv --out r.jsonl --json');
  assert.deepEqual([lost.code, errorOf(lost).code], [6, 'BATCH_UNANSWERED']);
  assert.equal((await on.dougong('check-config --batch m.csv --out r.jsonl')).code, 0);
});

test('user-id sends a payment code once and shows who it is; a used one is refused', async t => {
  const on = await bench(t);
  const found = await on.json('user-id --auth-code 130000000000000001');
  assert.deepEqual([found.openid, found.sub_appid], ['oSBX00000001', SANDBOX_APPID]);
  const used = await on.dougong('user-id --auth-code 130000000000000001 --json');
  assert.equal(used.code, 4);
  const login = await on.dougong('user-id --auth-code 0a1b2c --json');
  assert.equal(login.code, 4);
  on.sandbox.fault({kind: 'reset-before-body', endpoint: 'user-id'});
  const lost = await on.dougong('user-id --auth-code 130000000000000002 --json');
  assert.equal(lost.code, 6);
  assert.equal(on.sandbox.calls('user-id').length, 3);
});

test('openid exchanges a login code, keeps the secret out of sight and never shows the session key', async t => {
  const on = await bench(t);
  const seen: string[] = [];
  const server = createServer((req, res) => {
    seen.push(req.url!);
    const url = new URL(req.url!, 'http://wx');
    const good = url.searchParams.get('js_code') === 'good' && url.searchParams.get('secret') === 'S3CRET';
    res.end(
      JSON.stringify(
        good
          ? {openid: 'oABC', session_key: 'KEEP', unionid: 'u1'}
          : {errcode: 40029, errmsg: 'invalid code, secret S3CRET'},
      ),
    );
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const env = {
    DOUGONG_WX_SECRET: 'S3CRET',
    DOUGONG_WX_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const good = await on.dougong('openid --js-code good --json', {env});
  assert.deepEqual(JSON.parse(good.out).result, {appid: SANDBOX_APPID, openid: 'oABC', unionid: 'u1'});
  assert.equal(new URL(seen[0]!, 'http://wx').searchParams.get('grant_type'), 'authorization_code');
  const bad = await on.dougong('openid --js-code bad --json', {env});
  assert.deepEqual([bad.code, errorOf(bad).code], [4, 'WX_REFUSED']);
  for (const {out, err} of [good, bad]) assert.ok(!/S3CRET|KEEP/.test(out + err));
  assert.equal((await on.dougong('openid --js-code good', {env: {DOUGONG_WX_URL: env.DOUGONG_WX_URL}})).code, 3);
  const plain = await on.dougong('openid --js-code good --wx-url http://wx.example.com', {env});
  assert.equal(plain.code, 2);
  const file = join(on.home, 'secret');
  writeFileSync(file, 'S3CRET\n');
  assert.equal(
    (await on.dougong(['openid', '--js-code', 'good', '--secret-file', file, '--wx-url', env.DOUGONG_WX_URL])).code,
    0,
  );
});
