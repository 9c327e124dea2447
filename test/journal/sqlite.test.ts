import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import Database from 'libsql';
import {DougongError} from '../../src/core/errors.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import type {NewIntent, Payment, Store} from '../../src/journal/store.ts';

const NOW = Date.UTC(2026, 10, 24, 4);
const payment: Payment = {
  environment: 'sandbox',
  huifu_id: '6666',
  req_date: '20261124',
  req_seq_id: 'p1',
  hf_seq_id: 'hf1',
};

function fresh(number: string, amount = 100n): NewIntent {
  const {environment, huifu_id} = payment;
  return {
    kind: 'refund',
    environment,
    profile: 'a',
    huifu_id,
    req_date: '20261124',
    req_seq_id: number,
    payment,
    amount,
    text: '{}',
    path: '/x',
  };
}

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  t.after(() => rmSync(folder, {recursive: true, force: true}));
  return join(folder, 'journal.db');
}

async function open(t: TestContext, file = place(t)): Promise<Store> {
  const store = await openJournal(file, {now: () => NOW, busyTimeout: 50});
  t.after(() => store.close());
  return store;
}

const isCode = (code: string) => (error: unknown) =>
  error instanceof DougongError && error.kind === 'local' && error.code === code;

test('an intent survives closing and opening the file, amount exact beyond a double', async t => {
  const file = place(t);
  const first = await openJournal(file, {now: () => NOW});
  const {intent, created} = await first.intend(payment, () => fresh('r1', 9_007_199_254_740_993n));
  await first.close();
  const second = await open(t, file);
  const kept = await second.get(intent.id);
  assert.equal(created, true);
  assert.equal(kept?.amount, 9_007_199_254_740_993n);
  assert.deepEqual([kept?.state, kept?.sends, kept?.payment.hf_seq_id], ['intended', 0, 'hf1']);
});

test('the file and its companions are readable by the owner alone', async t => {
  const file = place(t);
  const store = await open(t, file);
  await store.intend(payment, () => fresh('r1'));
  for (const name of [file, `${file}-wal`, `${file}-shm`]) assert.equal(statSync(name).mode & 0o777, 0o600, name);
});

test('a guard that throws leaves nothing behind and the store usable', async t => {
  const store = await open(t);
  const refusal = new DougongError('refused', 'REFUND_EXCEEDS', {});
  await assert.rejects(
    store.intend(payment, () => {
      throw refusal;
    }),
    error => error === refusal,
  );
  assert.deepEqual(await store.list({}), []);
  assert.equal((await store.intend(payment, () => fresh('r1'))).created, true);
});

test('the guard sees the intents of the payment, found by either of its names, and no others', async t => {
  const store = await open(t);
  await store.intend(payment, () => fresh('r1', 60n));
  await store.intend({...payment, req_seq_id: 'other', hf_seq_id: 'hf2'}, () => ({
    ...fresh('r2', 5n),
    payment: {...payment, req_seq_id: 'other', hf_seq_id: 'hf2'},
  }));
  await store.intend({...payment, req_seq_id: 'hf:hf1'}, view => {
    assert.deepEqual(
      view.intents.map(intent => intent.req_seq_id),
      ['r1'],
    );
    assert.equal(view.refundedOn('20261124'), 65n);
    assert.equal(view.refundedOn('20261125'), 0n);
    return {existing: view.intents[0]!};
  });
});

test('a number is taken once a day and merchant, and free on another day', async t => {
  const store = await open(t);
  await store.intend(payment, () => fresh('r1'));
  await assert.rejects(
    store.intend(payment, () => fresh('r1')),
    error => error instanceof DougongError && error.code === 'NUMBER_TAKEN',
  );
  assert.equal((await store.intend(payment, () => ({...fresh('r1'), req_date: '20261125'}))).created, true);
});

test('only one of two senders gets the intent', async t => {
  const file = place(t);
  const [one, two] = [await open(t, file), await open(t, file)];
  const {intent} = await one.intend(payment, () => fresh('r1'));
  assert.equal(await one.sent(intent.id, 'intended', 'one', NOW + 1), true);
  assert.equal(await two.sent(intent.id, 'intended', 'two', NOW + 1), false);
  assert.deepEqual([(await two.get(intent.id))?.owner, (await two.get(intent.id))?.sends], ['one', 1]);
});

test('a first send that never left goes back to intended, a later one to unknown', async t => {
  const store = await open(t);
  const {intent} = await store.intend(payment, () => fresh('r1'));
  await store.sent(intent.id, 'intended', 'one', NOW);
  await store.neverSent(intent.id, 'ECONNREFUSED');
  assert.deepEqual([(await store.get(intent.id))?.state, (await store.get(intent.id))?.sends], ['intended', 0]);
  await store.sent(intent.id, 'intended', 'one', NOW);
  await store.answer(intent.id, {state: 'unknown', what: 'no answer'});
  await store.sent(intent.id, 'unknown', 'one', NOW);
  await store.neverSent(intent.id, 'ECONNREFUSED');
  assert.equal((await store.get(intent.id))?.state, 'unknown');
});

test('an end is not undone by a late answer, which the timeline still shows', async t => {
  const store = await open(t);
  const {intent} = await store.intend(payment, () => fresh('r1'));
  await store.sent(intent.id, 'intended', 'one', NOW);
  await store.answer(intent.id, {state: 'done', what: 'asked', trans_stat: 'S'});
  const after = await store.answer(intent.id, {state: 'unknown', what: 'no answer'});
  assert.equal(after.state, 'done');
  assert.match((await store.events(intent.id)).at(-1)!.what, /late.*no answer/);
});

test('the timeline keeps every step in order', async t => {
  const store = await open(t);
  const {intent} = await store.intend(payment, () => fresh('r1'));
  await store.sent(intent.id, 'intended', 'one', NOW);
  await store.answer(intent.id, {
    state: 'done',
    what: 'answered',
    resp_code: '00000000',
    trans_stat: 'S',
    answer: '{"a":0.00}',
  });
  assert.deepEqual(
    (await store.events(intent.id)).map(event => event.what),
    ['intended', 'sent', 'answered'],
  );
  assert.equal((await store.get(intent.id))?.answer, '{"a":0.00}');
});

test('a file of a newer version is refused and left as it was', async t => {
  const file = place(t);
  const db = new Database(file);
  db.exec('PRAGMA user_version = 99');
  db.close();
  const before = readFileSync(file);
  await assert.rejects(openJournal(file, {now: () => NOW}), isCode('JOURNAL_NEWER'));
  assert.deepEqual(readFileSync(file).subarray(60, 64), before.subarray(60, 64));
});

test('a file that is no database is refused', async t => {
  const file = place(t);
  writeFileSync(file, 'this is not a database, only a text of some length '.repeat(40));
  await assert.rejects(openJournal(file, {now: () => NOW}), isCode('JOURNAL_CORRUPT'));
});

test('a folder in the place of the file is refused', async t => {
  const file = place(t);
  await assert.rejects(openJournal(join(file, '..'), {now: () => NOW}), isCode('JOURNAL_UNWRITABLE'));
});

test('another process holding the write lock is named after the time-out', async t => {
  const file = place(t);
  const store = await open(t, file);
  const other = new Database(file);
  t.after(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  await assert.rejects(
    store.intend(payment, () => fresh('r1')),
    isCode('JOURNAL_LOCKED'),
  );
  other.exec('ROLLBACK');
  assert.equal((await store.intend(payment, () => fresh('r1'))).created, true);
});
