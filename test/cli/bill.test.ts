import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {beijingTime} from '../../src/core/beijing.ts';
import type {SandboxOptions, Switches} from '../../src/sandbox/index.ts';
import {type Bench, bench, errorOf, NOON, type Result} from '../helpers/cli.ts';

const DAY_MS = 86_400_000;
/** NOON is 24 November 2026, so the statement of the 22nd was made yesterday and that of the 23rd today. */
const ZIP = '20261123_6666000100000001_order.zip';

interface Row {
  period: string;
  bill_type: string;
  state: string;
  file: string;
  bytes: number;
  sha256: string;
  parts: {file: string; form: string}[];
}

/** A sandbox with trades from the first of October to yesterday. */
async function withTrades(t: TestContext, switches: Partial<Switches> = {}, more: SandboxOptions = {}): Promise<Bench> {
  const on = await bench(t, {switches, ...more});
  on.sandbox.trades({from: '20261001', to: '20261123', per_day: 20});
  return on;
}

const rows = ({out}: Result): Row[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));
const asked = (on: Bench) => on.sandbox.calls('filequery').length;

/** Nothing that is not whole may lie under a final name, and nothing half-written at all once a run went well. */
function noParts(on: Bench): void {
  const left = readdirSync(join(on.home, 'bills'), {recursive: true}).filter(name => String(name).includes('.part'));
  assert.deepEqual(left, []);
}

test('a day is downloaded, unpacked, listed in the manifest, and not fetched or asked for a second time', async t => {
  const on = await withTrades(t);
  const first = await on.dougong('bill download --date 2026-11-22 --json');
  assert.equal(first.code, 0, first.err);
  const [row] = rows(first);
  assert.deepEqual([row!.period, row!.bill_type, row!.state], ['20261122', 'TRADE_BILL', 'fetched']);
  assert.equal(row!.file, join(on.home, 'bills', ZIP));
  const csv = readFileSync(row!.parts[0]!.file, 'utf8');
  assert.match(csv, /^商户号,请求日期,请求流水号,/);
  // 20 orders and two refunds; the order that was never paid is not on a statement.
  assert.equal(csv.trim().split('\r\n').length, 1 + 20 + 2);
  const manifest = JSON.parse(readFileSync(join(on.home, 'bills', 'manifest.jsonl'), 'utf8').trim());
  assert.equal(manifest.sha256, row!.sha256);
  noParts(on);
  assert.deepEqual(on.sandbox.calls('filequery')[0]!.data.bill_type, undefined);
  assert.equal(on.sandbox.calls('filequery')[0]!.data.file_date, '20261123');
  assert.equal('sys_id' in on.sandbox.downloads[0]!.headers, false);
  for (const words of ['--date 20261122', '--file-date 20261123']) {
    const again = await on.dougong(`bill download ${words} --json`);
    assert.deepEqual([again.code, rows(again)[0]!.state], [0, 'kept'], again.err);
  }
  assert.deepEqual([asked(on), on.sandbox.downloads.length], [1, 1]);
  // The twin: one byte changed, and the file is fetched again from the kept link.
  appendFileSync(row!.file, 'x');
  assert.equal(rows(await on.dougong('bill download --date 20261122 --json'))[0]!.state, 'fetched');
  assert.deepEqual([asked(on), on.sandbox.downloads.length], [1, 2]);
});

test('one query serves every kind: zips, an .xlsx, and days without records', async t => {
  const on = await withTrades(t);
  const result = await on.dougong('bill download --date 20261122 --type all --json');
  assert.equal(result.code, 0, result.err);
  const states = Object.fromEntries(rows(result).map(row => [row.bill_type, row.state]));
  assert.deepEqual(states, {
    TRADE_BILL: 'fetched',
    SETTLE_BILL: 'fetched',
    SETTLE_FUND_BILL: 'fetched',
    MERGE_BILL: 'fetched',
    SPLIT_BILL: 'none',
    WITHDRAWAL_BILL: 'none',
    SETTLE_USER_BILL: 'none',
  });
  const fund = rows(result).find(row => row.bill_type === 'SETTLE_FUND_BILL')!;
  assert.deepEqual([fund.parts[0]!.form, fund.file.endsWith('_settlefund.xlsx')], ['xlsx', true]);
  assert.equal(readFileSync(fund.file).toString('latin1', 0, 2), 'PK');
  assert.equal(asked(on), 1);
  const empty = await on.dougong('bill download --date 20261122 --type withdrawal');
  assert.deepEqual([empty.code, empty.out.trim()], [0, '20261122  withdrawal  no records that day']);
  const list = await on.dougong('bill list --json');
  assert.equal(list.out.trim().split('\n').length, 7);
});

test('every shape of an answer is read, and every way the sandbox writes a file is unpacked', async t => {
  for (const switches of [
    {billShape: 'object'},
    {billShape: 'text', billNameField: 'file_Name'},
    {billEncoding: 'gb18030', billRowsPerPart: 10},
    {billEncoding: 'utf-8-bom', billStyle: 'finance'},
  ] as Partial<Switches>[]) {
    const on = await withTrades(t, switches);
    const result = await on.dougong('bill download --date 20261122 --json');
    assert.equal(result.code, 0, `${JSON.stringify(switches)} ${result.err}`);
    const {parts} = rows(result)[0]!;
    assert.equal(parts.length, switches.billRowsPerPart ? 3 : 1);
    const text = new TextDecoder(switches.billEncoding === 'gb18030' ? 'gb18030' : 'utf-8', {fatal: true});
    assert.match(text.decode(readFileSync(parts[0]!.file)), /商户号,请求日期/);
  }
});

test('a month is one query, by its own statement; --daily asks day by day and stops at the third with exit 8', async t => {
  const on = await withTrades(t);
  const month = await on.dougong('bill download --month 2026-10');
  assert.equal(month.code, 0, month.err);
  assert.match(month.err, /^1 statement dates \(1 of whole months\), 0 queries|^\s*$|./);
  assert.equal(asked(on), 1);
  const file = join(on.home, 'bills', '20261101_6666000100000001_ordermonth');
  const lines = readFileSync(join(file, readdirSync(file)[0]!), 'utf8')
    .trim()
    .split('\r\n');
  assert.equal(lines.length, 1 + 31 * 22);

  const range = 'bill download --from 20261101 --to 20261107 --json';
  const daily = await on.dougong(range);
  assert.deepEqual([daily.code, errorOf(daily).code, rows(daily).length], [8, 'BILL_QUOTA', 2]);
  assert.match(errorOf(daily).message, /5 dates are left; run the same command tomorrow/);
  assert.equal(asked(on), 3);
  assert.match(
    (await on.dougong('bill download --from 20261101 --to 20261107')).err,
    /7 statement dates .* 5 queries needed, 0 left today, 3 days/,
  );
  assert.equal(asked(on), 3);
  on.clock.now += DAY_MS;
  const next = await on.dougong(range);
  assert.deepEqual([next.code, rows(next).filter(row => row.state === 'fetched').length, asked(on)], [8, 3, 6]);
  on.clock.now += DAY_MS;
  const last = await on.dougong(range);
  assert.deepEqual([last.code, rows(last).length, asked(on)], [0, 7, 8], last.err);
  noParts(on);
});

test("the gateway's own limit uses the day up; the count is of one merchant, one environment, one Beijing day", async t => {
  const on = await withTrades(t, {billQueriesPerDay: 1});
  assert.equal((await on.dougong('bill download --date 20261122')).code, 0);
  const second = await on.dougong('bill download --date 20261121 --json');
  assert.deepEqual([second.code, errorOf(second).code], [8, 'BILL_QUOTA']);
  assert.equal((errorOf(second) as {gateway?: {resp_desc: string}}).gateway?.resp_desc, '当前huifuId请求过于频繁');
  assert.equal(asked(on), 2);
  assert.equal((await on.dougong('bill download --date 20261120')).code, 8);
  assert.equal(asked(on), 2);
  on.sandbox.set({billQueriesPerDay: 3});
  // 23:59:59 of the same Beijing day, and the first second of the next one.
  on.clock.now = NOON + 12 * 3_600_000 - 1000;
  assert.equal((await on.dougong('bill download --date 20261120')).code, 8);
  on.clock.now += 1000;
  assert.equal((await on.dougong('bill download --date 20261120')).code, 0);
});

test('several processes share the count: five at once send three', async t => {
  const on = await withTrades(t, {billQueriesPerDay: 0});
  const days = ['20261110', '20261111', '20261112', '20261113', '20261114'];
  const codes = await Promise.all(days.map(async one => (await on.dougong(`bill download --date ${one}`)).code));
  assert.deepEqual([codes.filter(code => code === 0).length, asked(on)], [3, 3]);
});

test('a query that never left gives its place back; one that may have left does not, and is not repeated', async t => {
  const on = await withTrades(t);
  on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'filequery'});
  assert.equal((await on.dougong('bill download --date 20261122')).code, 6);
  assert.equal(asked(on), 1);
  const away = {env: {DOUGONG_BASE_URL: 'http://127.0.0.1:1'}};
  for (let n = 0; n < 5; n += 1) assert.equal((await on.dougong('bill download --date 20261122', away)).code, 6);
  assert.equal((await on.dougong('bill download --date 20261122')).code, 0);
  assert.equal((await on.dougong('bill download --date 20261121')).code, 0);
  assert.equal((await on.dougong('bill download --date 20261120')).code, 8);
});

test('before its hour a statement costs no query; unfinished ones say when to come back, --wait asks then', async t => {
  const on = await withTrades(t);
  on.clock.now = NOON - 10 * 3_600_000;
  const early = await on.dougong('bill download --date yesterday --json');
  assert.deepEqual([early.code, errorOf(early).code, asked(on)], [8, 'BILL_NOT_READY', 0]);
  assert.match(errorOf(early).message, /2026-11-24 03:00/);
  const waited = await on.dougong('bill download --date yesterday --wait --json');
  assert.deepEqual([waited.code, rows(waited).length, asked(on)], [0, 1, 1], waited.err);
  assert.equal(beijingTime(on.clock.now), '20261124030000');

  for (const state of ['I', 'P', 'DP', 'FP'] as const) {
    const one = await withTrades(t);
    one.clock.now = NOON - 8 * 3_600_000;
    one.sandbox.fault({kind: 'bill-state', state, times: 9});
    const open = await one.dougong('bill download --date 20261123 --json');
    assert.deepEqual([open.code, errorOf(open).code], [8, 'BILL_NOT_READY']);
    assert.match(errorOf(open).message, new RegExp(`state ${state}.*2026-11-24 12:00`));
    // The same command right afterwards asks nothing.
    await one.dougong('bill download --date 20261123');
    assert.equal(asked(one), 1);
    const stuck = await one.dougong('bill download --date 20261123 --wait');
    assert.deepEqual([stuck.code, asked(one)], [8, 3]);
    assert.equal(beijingTime(one.clock.now), '20261124130000');
  }
});

test('a failed task names the replay, which asks first, and the next download asks again', async t => {
  const on = await withTrades(t);
  on.sandbox.fault({kind: 'bill-state', state: 'F', bill_type: 'TRADE_BILL', times: 9});
  const failed = await on.dougong('bill download --date 20261122');
  assert.equal(failed.code, 4);
  assert.match(failed.err, /dougong bill replay --date 20261122 --type trade/);
  assert.equal((await on.dougong('bill replay --date 20261122 --type trade')).code, 2);
  assert.equal(on.sandbox.calls('replay').length, 0);
  const replayed = await on.dougong('bill replay --date 20261122 --type trade --yes');
  assert.equal(replayed.code, 0, replayed.err);
  assert.deepEqual(on.sandbox.calls('replay')[0]!.data.file_type, '2');
  assert.equal((await on.dougong('bill download --date 20261122')).code, 0);
  const no = await on.dougong('bill replay --date 20261122 --type merge --yes --json');
  assert.deepEqual([no.code, errorOf(no).code], [2, 'BILL_NO_REPLAY']);
});

test('S without a file is a day without records; a kind the platform never names is not switched on', async t => {
  const on = await withTrades(t);
  on.sandbox.fault({kind: 'bill-state', state: 'S'});
  const none = await on.dougong('bill download --date 20261122 --json');
  assert.deepEqual([none.code, rows(none)[0]!.state], [0, 'none']);
  on.sandbox.set({billShape: 'object'});
  const absent = await on.dougong('bill download --date 20261121 --type settle --json');
  assert.deepEqual([absent.code, errorOf(absent).code], [4, 'BILL_ABSENT']);
  await on.dougong('bill download --date 20261121 --type settle');
  assert.equal(asked(on), 2);
});

test('an expired or forbidden link costs one more query; within the quota, and only once', async t => {
  const on = await withTrades(t);
  on.sandbox.fault({kind: 'link-expired', endpoint: 'download'});
  const expired = await on.dougong('bill download --date 20261122');
  assert.deepEqual([expired.code, asked(on)], [0, 2], expired.err);
  on.sandbox.fault({kind: 'link-forbidden', endpoint: 'download', times: 2});
  rmSync(join(on.home, 'bills'), {recursive: true});
  const dead = await on.dougong('bill download --date 20261122 --json');
  assert.deepEqual([dead.code, errorOf(dead).code, asked(on)], [4, 'BILL_LINK', 3]);
  // By the clock as well: a link kept overnight is renewed by the next day's count.
  on.clock.now += DAY_MS;
  assert.equal((await on.dougong('bill download --date 20261122')).code, 0);
  assert.equal(asked(on), 4);
  noParts(on);
});

test('a broken download goes on where it broke, or from the start where the server cannot', async t => {
  for (const billRange of [true, false]) {
    const on = await withTrades(t, {billRange});
    on.sandbox.fault({kind: 'download-break', endpoint: 'download', times: 2});
    const result = await on.dougong('bill download --date 20261122 --json');
    assert.equal(result.code, 0, result.err);
    const seen = on.sandbox.downloads.map(({status, range}) => [status, range !== '']);
    assert.deepEqual(
      seen,
      billRange
        ? [
            [200, false],
            [206, true],
            [206, true],
          ]
        : [
            [200, false],
            [200, true],
            [200, true],
          ],
    );
    noParts(on);
  }
});

test('a download given up is taken up by the next run, and what came damaged is thrown away', async t => {
  const on = await withTrades(t);
  on.sandbox.set({billRange: false});
  on.sandbox.fault({kind: 'download-break', endpoint: 'download', times: 60});
  const broken = await on.dougong('bill download --date 20261122 --json');
  assert.deepEqual([broken.code, errorOf(broken).code], [6, 'BILL_BROKEN_OFF']);
  assert.equal(existsSync(join(on.home, 'bills', ZIP)), false);
  assert.ok(existsSync(join(on.home, 'bills', `${ZIP}.part`)));
  on.sandbox.reset();
  on.sandbox.set({billRange: true});
  on.sandbox.trades({from: '20261001', to: '20261123', per_day: 20});
  const whole = await on.dougong('bill download --date 20261122 --json');
  assert.equal(whole.code, 0, whole.err);
  assert.equal(on.sandbox.downloads[0]!.status, 206);
  noParts(on);

  for (const [kind, code] of [
    ['download-corrupt', /BILL_ZIP_(CRC|BROKEN)/],
    ['download-page', /BILL_NOT_A_FILE/],
  ] as const) {
    const one = await withTrades(t);
    one.sandbox.fault({kind, endpoint: 'download'});
    const bad = await one.dougong('bill download --date 20261122 --json');
    assert.equal(bad.code, 4);
    assert.match(errorOf(bad).code, code);
    noParts(one);
    assert.equal(existsSync(join(one.home, 'bills', ZIP)), false);
    assert.equal((await one.dougong('bill download --date 20261122')).code, 0);
  }
});

test('Ctrl-C in a slow download leaves nothing under its final name; the next run finishes it', async t => {
  const on = await withTrades(t);
  on.sandbox.fault({kind: 'download-slow', endpoint: 'download', ms: 1600});
  const stop = new AbortController();
  const running = on.dougong('bill download --date 20261122', {signal: stop.signal});
  while (on.sandbox.downloads.length === 0) await new Promise(resolve => setTimeout(resolve, 5));
  stop.abort();
  assert.equal((await running).code, 130);
  assert.equal(existsSync(join(on.home, 'bills', ZIP)), false);
  assert.equal((await on.dougong('bill download --date 20261122')).code, 0);
});

test('a link over plain http to another host is refused unless --allow-http agrees', async t => {
  const on = await withTrades(t);
  await on.dougong('bill download --date 20261122');
  rmSync(join(on.home, 'bills', 'manifest.jsonl'));
  const kept = readdirSync(join(on.home, 'bill-cache'), {recursive: true})
    .map(String)
    .find(name => name.endsWith('20261123.json'))!;
  const path = join(on.home, 'bill-cache', kept);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(on.sandbox.url, 'http://files.example.invalid'));
  const plain = await on.dougong('bill download --date 20261122 --json');
  assert.deepEqual([plain.code, errorOf(plain).code], [4, 'BILL_LINK_PLAIN']);
});

const bad: [string, string][] = [
  ['--date 20261124', 'BILL_DATE_FUTURE'],
  ['--date 20261231', 'BILL_DATE_FUTURE'],
  ['--file-date 20261125', 'BILL_DATE_FUTURE'],
  ['--date 20251122', 'BILL_DATE_OLD'],
  ['--date 20260230', 'DATE_INVALID'],
  ['--date 2026-2-3', 'DATE_INVALID'],
  ['--month 2026-11', 'BILL_MONTH_OPEN'],
  ['--month 2027-01', 'BILL_MONTH_OPEN'],
  ['--month 2026-13', 'DATE_INVALID'],
  ['--date 20261110 --type trade-month', 'BILL_MONTH_OPEN'],
  ['--from 20261110 --to 20261101', 'BILL_RANGE'],
  ['--from 20261110', 'FLAG_REQUIRED'],
  ['--type trade', 'FLAG_REQUIRED'],
  ['--date 20261122 --month 2026-10', 'FLAG_CONFLICT'],
  ['--date 20261122 --type trades', 'FLAG_INVALID'],
];
for (const [words, code] of bad) {
  test(`bill download ${words} is refused before anything is sent: ${code}`, async t => {
    const on = await bench(t);
    const result = await on.dougong(`bill download ${words} --json`);
    assert.deepEqual([result.code, errorOf(result).code, result.out, asked(on)], [2, code, '', 0]);
    // The twin: the first day that the limit of a year lets through.
    if (code === 'BILL_DATE_OLD') assert.equal((await on.dougong('bill download --date 20251123')).code, 0);
  });
}

test('a full disk in the middle ends in one line, leaves nothing under its final name, and room is all it takes', async t => {
  const on = await withTrades(t, {billRowsPerPart: 5000});
  on.sandbox.trades({from: '20261120', to: '20261120', per_day: 10_000});
  const small = join(on.home, 'small');
  mkdirSync(small);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', small], {stdio: 'ignore'});
  } catch {
    return t.skip('a tmpfs cannot be mounted here');
  }
  try {
    const full = await on.dougong(`bill download --date 20261120 --out ${small} --json`);
    assert.deepEqual([full.code, errorOf(full).code], [9, 'FILE_UNWRITABLE'], full.err);
    assert.match(errorOf(full).message, /ENOSPC/);
    assert.equal(existsSync(join(small, ZIP.replace('1123', '1121'))), false);
    execFileSync('mount', ['-o', 'remount,size=64m', small], {stdio: 'ignore'});
    const whole = await on.dougong(`bill download --date 20261120 --out ${small} --json`);
    assert.deepEqual([whole.code, rows(whole)[0]?.parts.length], [0, 3], whole.err);
  } finally {
    execFileSync('umount', [small]);
  }
});
