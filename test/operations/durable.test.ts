import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {copyFileSync, existsSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {makeContext} from '../../src/cli/make-context.ts';
import {DougongError} from '../../src/core/errors.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import type {Store} from '../../src/journal/store.ts';
import {closePayment, planClose} from '../../src/operations/close.ts';
import {pay} from '../../src/operations/pay.ts';
import {planRefund, refund} from '../../src/operations/refund.ts';
import type {MoneyTools} from '../../src/operations/tools.ts';
import {type Bench, bench, fakeWorld, ORDER, paid, tempDir} from '../helpers/cli.ts';
import {dice} from '../torture/money.ts';

/** A Store that writes down when each of its methods had ended: what it returned from is durable. */
function recording(store: Store, lines: string[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const result = await method.apply(target, args);
        lines.push(`ended ${String(name)}`);
        return result;
      };
    },
  });
}

async function toolsOf(t: TestContext, on: Bench): Promise<MoneyTools> {
  const ctx = makeContext(['--profile', 'sandbox'], fakeWorld(on.home, on.clock));
  t.after(() => ctx.end());
  return (await ctx.session()).money();
}

test('of pay, refund and close the mark `sent` is committed before a byte is handed to the socket, the answer before it is returned', async t => {
  const on = await bench(t);
  await paid(on);
  await on.json(`${ORDER} --req-seq-id a2`);
  on.clock.now += 120_000;
  const plain = await toolsOf(t, on);
  const lines: string[] = [];
  const file = join(on.home, 'journal.db');
  const send: MoneyTools['send'] = {
    ...plain.send,
    async transmit(prepared) {
      // Another connection sees the mark: it is in the file, not only in this process.
      const other = await openJournal(file, {now: () => on.clock.now});
      const sent = await other.list({states: ['sent']});
      await other.close();
      lines.push(`socket ${sent.length} ${sent[0]?.text === prepared.text}`);
      return plain.send.transmit(prepared);
    },
  };
  const tools = {...plain, send, journal: recording(plain.journal, lines)};
  const writes = () => lines.splice(0).filter(line => /socket|intend|sent|answer/.test(line));
  const order = {amount: 100n, goods_desc: 'tea', trade_type: 'T_MINIAPP', openid: 'o1234567'};
  await pay(tools, order);
  assert.deepEqual(writes(), ['ended intend', 'ended sent', 'socket 1 true', 'ended answer']);
  const a1 = {req_seq_id: 'a1', req_date: '20261124'};
  await refund(tools, await planRefund(tools, a1), {amount: 100n});
  assert.deepEqual(writes(), ['ended intend', 'ended sent', 'socket 1 true', 'ended answer']);
  await closePayment(tools, await planClose(tools, {...a1, req_seq_id: 'a2'}));
  assert.deepEqual(writes().slice(0, 4), ['ended intend', 'ended sent', 'socket 1 true', 'ended answer']);
});

test('a commit that fails sends nothing', async t => {
  const on = await bench(t);
  await paid(on);
  const plain = await toolsOf(t, on);
  for (const broken of ['intend', 'sent'] as const) {
    const fail = async () => {
      throw new DougongError('local', 'JOURNAL_UNWRITABLE', {file: 'x', reason: 'disk full'});
    };
    const journal = new Proxy(plain.journal, {
      get: (target, name) => (name === broken ? fail : Reflect.get(target, name).bind(target)),
    });
    const tools = {...plain, journal};
    const plan = await planRefund(tools, {req_seq_id: 'a1', req_date: '20261124'});
    await assert.rejects(refund(tools, plan, {amount: 100n}), /JOURNAL_UNWRITABLE/);
  }
  assert.equal(on.sandbox.calls('refund').length, 0);
});

test('a journal that another process holds is refused before anything is sent', async t => {
  const on = await bench(t);
  await paid(on);
  const plain = await toolsOf(t, on);
  const file = join(on.home, 'journal.db');
  const journal = await openJournal(file, {now: () => on.clock.now, busyTimeout: 50});
  const tools = {...plain, journal};
  const plan = await planRefund(tools, {req_seq_id: 'a1', req_date: '20261124'});
  const {default: Database} = await import('libsql');
  const holder = new Database(file);
  holder.exec('BEGIN IMMEDIATE');
  await assert.rejects(refund(tools, plan, {amount: 100n}), /JOURNAL_LOCKED/);
  assert.equal(on.sandbox.calls('refund').length, 0);
  holder.exec('ROLLBACK');
  holder.close();
  assert.equal((await refund(tools, plan, {amount: 100n})).intent.state, 'pending');
  await journal.close();
});

test('the live connection says WAL and synchronous FULL, before and after it wrote', async t => {
  const on = await bench(t);
  await paid(on);
  const {journal} = await toolsOf(t, on);
  assert.deepEqual(await journal.durability(), {journal_mode: 'wal', synchronous: 2});
  await on.json('refund --req-seq-id a1 --req-date 20261124 --amount 1.00 --yes');
  const [order] = await journal.list({});
  await journal.note(order!.id, 'looked at');
  assert.deepEqual(await journal.durability(), {journal_mode: 'wal', synchronous: 2});
});

test('a network file system is refused, a local one is not', async t => {
  const home = tempDir(t);
  const open = (name: string, type: number) => openJournal(join(home, name), {now: () => 0, fileSystem: () => type});
  for (const type of [0x6969, 0x517b, 0xff534d42, 0xfe534d42]) {
    await assert.rejects(open('remote.db', type), /JOURNAL_NETWORK_FS/);
    assert.ok(!existsSync(join(home, 'remote.db')));
  }
  await (await open('local.db', 0xef53)).close();
});

test('copies of file and log, taken of a writer frozen at random instants, open and hold every record it had reported', async t => {
  const home = tempDir(t);
  const file = join(home, 'journal.db');
  const writer = new URL('../helpers/journal-writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', writer, file], {stdio: ['ignore', 'pipe', 'inherit']});
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', chunk => {
    said += chunk;
  });
  for (let turn = 0; said === '' && turn < 500; turn += 1) await pause(20);
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const random = dice(seed);
  const order = ['intended', 'sent', 'pending'];
  for (let turn = 0; turn < 25; turn += 1) {
    await pause(random() * 40);
    child.kill('SIGSTOP');
    // What it wrote into the pipe before it froze arrives now.
    await pause(15);
    const reported = new Map(
      said.split('\n').flatMap(line => (line.includes(' ') ? [line.split(' ')] : [])) as [string, string][],
    );
    const copy = join(home, `copy${turn}.db`);
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    child.kill('SIGCONT');
    const store = await openJournal(copy, {now: () => 0});
    const found = new Map((await store.list({})).map(one => [one.req_seq_id, one]));
    await store.close();
    for (const [number, state] of reported) {
      const held = found.get(number);
      assert.ok(held, `seed ${seed}: ${number} was reported and is not in the copy`);
      assert.ok(order.indexOf(held.state) >= order.indexOf(state), `seed ${seed}: ${number} ${held.state} < ${state}`);
    }
  }
  assert.ok(said.split('\n').length > 100, 'the writer wrote too little to prove anything');
});
