import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import Database from 'libsql';
import {makeContext} from '../../src/cli/make-context.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {resendByHand} from '../../src/operations/resend.ts';
import {type Bench, bench, errorOf, fakeWorld, ORDER, paid, tempDir} from '../helpers/cli.ts';

const DAY = '20261124';
const REFUND = `refund --req-seq-id a1 --req-date ${DAY} --amount 10.00 --yes`;
const MINUTE = 60_000;

/** A refund whose bytes left and that the gateway never made. */
async function unknown(t: TestContext): Promise<{on: Bench; number: string}> {
  const on = await bench(t);
  await paid(on);
  await on.dougong('journal resume');
  on.sandbox.fault({kind: 'reset-before-commit', endpoint: 'refund'});
  const lost = await on.dougong(`${REFUND} --json`);
  assert.equal(lost.code, 7);
  return {on, number: String(errorOf(lost).req_seq_id)};
}

test('resolve ends an open request by a word with its evidence, once, and frees or keeps the amount', async t => {
  const {on, number} = await unknown(t);
  on.clock.now += 3 * MINUTE;
  const bare = await on.dougong(['journal', 'resolve', number, '--as', 'F', '--evidence', 'console', '--json']);
  assert.equal(bare.code, 2, 'no terminal and no --yes');
  const done = await on.dougong([
    'journal',
    'resolve',
    number,
    '--as',
    'abandoned',
    '--evidence',
    'console 12:40',
    '--yes',
  ]);
  assert.equal(done.code, 0);
  const show = await on.dougong(`journal show ${number}`);
  assert.match(show.out, /a person says abandoned {2}console 12:40/);
  assert.equal((await on.dougong('journal status')).code, 0);
  const twice = await on.dougong(['journal', 'resolve', number, '--as', 'S', '--evidence', 'x', '--yes', '--json']);
  assert.deepEqual([twice.code, errorOf(twice).code], [2, 'RESOLVE_ENDED']);
  const none = await on.dougong(['journal', 'resolve', 'nope', '--as', 'S', '--evidence', 'x', '--yes', '--json']);
  assert.deepEqual([none.code, errorOf(none).code], [4, 'INTENT_UNKNOWN']);
  // The amount is free again: all of it can be refunded.
  assert.equal((await on.dougong(`refund --req-seq-id a1 --req-date ${DAY} --amount 100.00 --yes`)).code, 0);
});

test('resolved as S the amount stays spent', async t => {
  const {on, number} = await unknown(t);
  on.clock.now += 3 * MINUTE;
  await on.dougong(['journal', 'resolve', number, '--as', 'S', '--evidence', 'statement', '--yes']);
  const more = await on.dougong(`refund --req-seq-id a1 --req-date ${DAY} --amount 95.00 --yes --json`);
  assert.deepEqual([more.code, errorOf(more).code], [4, 'REFUND_EXCEEDS']);
});

test('a request under way in another process is not resolved by hand', async t => {
  const on = await bench(t);
  await paid(on);
  const store = await openJournal(join(on.home, 'journal.db'), {now: () => on.clock.now});
  const [order] = await store.list({});
  const {intent} = await store.intend(order!.payment, () => ({
    ...order!,
    kind: 'refund',
    req_seq_id: 'r1',
    amount: 1n,
  }));
  await store.sent(intent.id, 'intended', 'other', on.clock.now + MINUTE);
  await store.close();
  const early = await on.dougong(['journal', 'resolve', 'r1', '--as', 'F', '--evidence', 'x', '--yes']);
  assert.equal(early.code, 2);
  on.clock.now += 2 * MINUTE;
  assert.equal((await on.dougong(['journal', 'resolve', 'r1', '--as', 'F', '--evidence', 'x', '--yes'])).code, 0);
});

test('show tells the story of the whole payment, by any of its numbers', async t => {
  const on = await bench(t);
  const order = await paid(on);
  const made = await on.json(REFUND);
  const byRefund = await on.dougong(`journal show ${made.req_seq_id}`);
  const byOrder = await on.dougong(`journal show ${order.hf_seq_id}`);
  assert.equal(byRefund.out, byOrder.out);
  assert.match(byRefund.out, /pay a1 .*intended/);
  assert.match(byRefund.out, /refund .*sent/);
  const masked = await on.dougong(`journal show a1 --json`);
  assert.ok(!masked.out.includes('o1234567'));
  assert.ok((await on.dougong('journal show a1 --json --show-personal')).out.includes('o1234567'));
});

test('list and export give CSV that a spreadsheet neither rounds nor runs, and JSON lines', async t => {
  const on = await bench(t);
  await paid(on);
  await on.json(REFUND);
  const csv = await on.dougong('journal list --csv');
  assert.match(csv.out.split('\n')[0]!, /^created_at,kind,state/);
  assert.equal(csv.out.trim().split('\n').length, 3);
  assert.ok(csv.out.includes('\t6666000100000001'));
  assert.equal((await on.dougong('journal export')).out, csv.out);
  const lines = (await on.dougong('journal export --format json')).out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    lines.map(one => [one.kind, one.amount, one.events.length > 1, one.text]),
    [
      ['pay', '100.00', true, undefined],
      ['refund', '10.00', true, undefined],
    ],
  );
  const personal = await on.dougong('journal export --format json --show-personal');
  assert.match(personal.out, /o1234567/);
  assert.equal((await on.dougong('journal export --since 1s --format json')).out.trim().split('\n').length, 2);
  on.clock.now += MINUTE;
  assert.equal((await on.dougong('journal export --since 1s --format json')).out, '');
});

test('redact erases texts after 90 days and records after 400, never what is open, and nothing of it stays in the file', async t => {
  const on = await bench(t);
  await paid(on);
  await on.dougong('journal resume');
  await on.json(REFUND);
  on.clock.now += 91 * 86_400_000;
  const first = await on.dougong('journal redact --json');
  // The refund is still pending: it keeps its text.
  assert.deepEqual(JSON.parse(first.out).result, {erased: 1, removed: 0});
  const list = (await on.dougong('journal export --format json --show-personal')).out;
  assert.ok(!list.includes('o1234567') && list.includes('"amount":"100.00"') && list.includes('ord_amt'));
  for (const name of ['journal.db', 'journal.db-wal']) {
    const file = join(on.home, name);
    if (existsSync(file)) assert.ok(!readFileSync(file).includes('o1234567'), name);
  }
  on.clock.now += 310 * 86_400_000;
  assert.deepEqual(JSON.parse((await on.dougong('journal redact --json')).out).result, {erased: 0, removed: 1});
});

test('privacy erase takes an openid out of ended records and says what is still open', async t => {
  const on = await bench(t);
  await paid(on);
  await on.dougong('journal resume');
  on.sandbox.fault({kind: 'reset-before-commit', endpoint: 'pay'});
  await on.dougong(`${ORDER} --req-seq-id lost`);
  const {out} = await on.dougong('privacy erase --openid o1234567 --json');
  assert.deepEqual(JSON.parse(out).result, {erased: 1, kept: 1});
  assert.equal((await on.dougong('privacy erase --openid o --json')).code, 2);
  const rows = (await on.dougong('journal export --format json --show-personal')).out.trim().split('\n');
  assert.deepEqual(
    rows.map(row => row.includes('o1234567')),
    [false, true],
  );
});

test('a throttled refund is deferred, asked about, and goes out under its own number, three times at most', async t => {
  const on = await bench(t);
  await paid(on);
  await on.dougong('journal resume');
  on.sandbox.fault({kind: 'throttled', endpoint: 'refund', times: 2});
  const first = await on.dougong(`${REFUND} --json`);
  assert.equal(first.code, 7);
  const number = errorOf(first).req_seq_id;
  const state = async () => JSON.parse((await on.dougong('journal list --state deferred --json')).out || '{}').state;
  assert.equal(await state(), 'deferred');
  assert.equal((await on.dougong(REFUND)).code, 7, 'throttled again');
  assert.equal((await on.dougong(REFUND)).code, 0);
  const calls = on.sandbox.calls('refund').map(({status, data}) => [status, data.req_seq_id]);
  assert.deepEqual(calls, [
    [911, undefined],
    [911, undefined],
    [200, number],
  ]);
  // Before each further send its own number was asked for.
  assert.equal(on.sandbox.calls('refund-query').length, 2);
  assert.equal(on.sandbox.ledger().refunds.length, 1);
});

test('a deferred refund gives up after three more sends, and never goes out past 23:55', async t => {
  const on = await bench(t);
  await paid(on);
  await on.dougong('journal resume');
  on.sandbox.fault({kind: 'throttled', endpoint: 'refund', times: 99});
  for (let turn = 0; turn < 8; turn += 1) assert.equal((await on.dougong(REFUND)).code, 7);
  assert.equal(on.sandbox.calls('refund').length, 4);
  const late = await bench(t);
  await paid(late);
  await late.dougong('journal resume');
  late.clock.now += 11 * 3_600_000 + 50 * MINUTE;
  late.sandbox.fault({kind: 'throttled', endpoint: 'refund'});
  await late.dougong(REFUND);
  late.clock.now += 6 * MINUTE;
  assert.equal((await late.dougong('journal resume')).code, 7);
  assert.equal(late.sandbox.calls('refund').length, 1);
});

test('a throttled refund that was made all the same is settled, not sent', async t => {
  const on = await bench(t);
  await paid(on);
  await on.dougong('journal resume');
  on.sandbox.fault({kind: 'status', status: 911, endpoint: 'refund'});
  assert.equal((await on.dougong(REFUND)).code, 7);
  on.sandbox.advance(5000);
  assert.equal((await on.dougong(REFUND)).code, 0);
  assert.equal(on.sandbox.calls('refund').length, 1);
});

test('--resend needs a terminal and never --yes; by hand the same body goes out, and what is known is settled', async t => {
  const {on, number} = await unknown(t);
  const words = `refund --resend --refund-req-seq-id ${number}`;
  assert.equal((await on.dougong(`${words} --yes`)).code, 2);
  assert.equal((await on.dougong(words)).code, 2);
  assert.equal((await on.dougong(`refund --resend --batch x.csv --out y.csv --refund-req-seq-id ${number}`)).code, 2);
  assert.equal(on.sandbox.calls('refund').length, 0);
  // Another day: by itself nothing goes out any more.
  on.clock.now += 24 * 3_600_000;
  const ctx = makeContext(['--profile', 'sandbox'], fakeWorld(on.home, on.clock));
  t.after(() => ctx.end());
  const tools = await (await ctx.session()).money();
  const [intent] = await tools.journal.list({kind: 'refund'});
  const moved = await resendByHand(tools, intent!);
  assert.equal(moved.intent.state, 'pending');
  const [sent] = on.sandbox.calls('refund');
  assert.deepEqual([sent!.data.req_seq_id, sent!.data.req_date], [number, DAY]);
  await assert.rejects(resendByHand(tools, moved.intent), /RESEND_NOTHING/);
});

test('by hand too, nothing goes out unless the gateway itself says that it does not know the number', async t => {
  const {on} = await unknown(t);
  const ctx = makeContext(['--profile', 'sandbox'], fakeWorld(on.home, on.clock));
  t.after(() => ctx.end());
  const tools = await (await ctx.session()).money();
  const [intent] = await tools.journal.list({kind: 'refund'});
  on.sandbox.fault({kind: 'code', endpoint: 'refund-query', resp_code: '90000000', times: 9});
  await assert.rejects(resendByHand(tools, intent!), /UNKNOWN_OUTCOME/);
  assert.equal(on.sandbox.calls('refund').length, 0);
});

test('pay_info that was lost is said, with the way out', async t => {
  const on = await bench(t);
  on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'pay'});
  assert.equal((await on.dougong(`${ORDER} --req-seq-id a1`)).code, 7);
  const again = await on.dougong(`${ORDER} --req-seq-id a1`);
  assert.match(again.err, /pay_info comes only in the first answer and is lost/);
  assert.equal(on.sandbox.calls('pay').length, 1);
});

const MONEY = [`${ORDER} --req-seq-id b1`, REFUND, `close --req-seq-id a2 --req-date ${DAY} --yes`];

/** Every money command is refused with this code before anything that moves money is sent. */
async function refused(on: Bench, code: string, env: Record<string, string> = {}): Promise<void> {
  const before = ['pay', 'refund', 'close'].map(name => on.sandbox.calls(name as 'pay').length);
  for (const words of MONEY) {
    const result = await on.dougong(`${words} --json`, {env});
    assert.deepEqual([result.code, errorOf(result).code], [9, code], words);
  }
  assert.deepEqual(
    ['pay', 'refund', 'close'].map(name => on.sandbox.calls(name as 'pay').length),
    before,
  );
}

async function twoOrders(t: TestContext): Promise<Bench> {
  const on = await bench(t);
  await paid(on);
  await on.json(`${ORDER} --req-seq-id a2`);
  on.clock.now += 2 * MINUTE;
  return on;
}

test('a corrupt journal, one of a newer version, one that is a folder: refused before anything is sent', async t => {
  const on = await twoOrders(t);
  const broken = join(on.home, 'broken.db');
  writeFileSync(broken, 'SQLite format 3\u0000 and then nonsense'.padEnd(8192, 'x'));
  await refused(on, 'JOURNAL_CORRUPT', {DOUGONG_JOURNAL: broken});
  const newer = join(on.home, 'newer.db');
  const db = new Database(newer);
  db.exec('PRAGMA user_version = 99');
  db.close();
  await refused(on, 'JOURNAL_NEWER', {DOUGONG_JOURNAL: newer});
  mkdirSync(join(on.home, 'folder.db'));
  await refused(on, 'JOURNAL_UNWRITABLE', {DOUGONG_JOURNAL: join(on.home, 'folder.db')});
});

test('a journal that may not be written is refused before anything is sent', async t => {
  const on = await twoOrders(t);
  if (process.getuid?.() === 0) {
    // Root may write whatever its modes say, but not to a disk mounted read-only.
    const disk = join(tempDir(t), 'still');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], {stdio: 'ignore'});
    } catch {
      return t.skip('a read-only disk cannot be mounted here');
    }
    try {
      copyFileSync(join(on.home, 'journal.db'), join(disk, 'journal.db'));
      execFileSync('mount', ['-o', 'remount,ro', disk], {stdio: 'ignore'});
      await refused(on, 'JOURNAL_UNWRITABLE', {DOUGONG_JOURNAL: join(disk, 'journal.db')});
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
    return;
  }
  chmodSync(on.home, 0o500);
  t.after(() => chmodSync(on.home, 0o700));
  await refused(on, 'JOURNAL_UNWRITABLE');
});

test('a locked journal is refused before anything is sent', async t => {
  const on = await twoOrders(t);
  const db = new Database(join(on.home, 'journal.db'));
  db.exec('BEGIN IMMEDIATE');
  t.after(() => db.close());
  const store = openJournal(join(on.home, 'journal.db'), {now: () => on.clock.now, busyTimeout: 50});
  const [order] = await (await store).list({});
  await assert.rejects(
    (await store).intend(order!.payment, () => ({...order!, req_seq_id: 'x'})),
    /JOURNAL_LOCKED/,
  );
  await (await store).close();
});

test('a full disk is refused before anything is sent', async t => {
  const on = await twoOrders(t);
  const disk = join(tempDir(t), 'small');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], {stdio: 'ignore'});
  } catch {
    return t.skip('a small disk cannot be mounted here (needs root)');
  }
  try {
    copyFileSync(join(on.home, 'journal.db'), join(disk, 'journal.db'));
    for (let size = 65_536; size >= 512; ) {
      try {
        writeFileSync(join(disk, 'filler'), Buffer.alloc(size), {flag: 'a'});
      } catch {
        size /= 2;
      }
    }
    await refused(on, 'JOURNAL_UNWRITABLE', {DOUGONG_JOURNAL: join(disk, 'journal.db')});
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

test('copies of the file and its log, taken at any instant, open and hold every record that was reported', async t => {
  const home = tempDir(t);
  const file = join(home, 'journal.db');
  let now = 1;
  const store = await openJournal(file, {now: () => now});
  const payment = {environment: 'x', huifu_id: '1', req_date: DAY, req_seq_id: 'p'};
  for (let at = 0; at < 120; at += 1) {
    now += 1;
    const {intent} = await store.intend(payment, () => ({
      kind: 'refund',
      environment: 'x',
      profile: 'p',
      huifu_id: '1',
      req_date: DAY,
      req_seq_id: `r${at}`,
      payment,
      amount: BigInt(at),
      text: 'x'.repeat(500),
      path: '/',
    }));
    if (at % 3 === 0) await store.sent(intent.id, 'intended', 'me', now + 1);
    if (at % 7 !== 0) continue;
    const copy = join(home, `copy${at}.db`);
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const read = await openJournal(copy, {now: () => now});
    const found = await read.list({});
    assert.equal(found.length, at + 1);
    assert.equal(found.filter(one => one.state === 'sent').length, Math.floor(at / 3) + 1);
    await read.close();
  }
  await store.close();
});
