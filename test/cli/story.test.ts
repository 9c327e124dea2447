import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {openNotices} from '../../src/journal/notices-sqlite.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {bench, errorOf, ORDER, paid} from '../helpers/cli.ts';
import {rig, trade} from '../helpers/notices.ts';

const DAY = '20261124';
const REFUND = `refund --req-seq-id a1 --req-date ${DAY} --amount 10.00 --yes`;
const MINUTE = 60_000;

test('an order that was refused or never answered for is refused or unknown when typed again, never a success', async t => {
  const on = await bench(t);
  on.sandbox.fault({kind: 'code', endpoint: 'pay', resp_code: '22000002', resp_desc: '商户号不存在'});
  for (const _ of [1, 2]) {
    const refused = await on.dougong(`${ORDER} --req-seq-id a1 --json`);
    assert.deepEqual([refused.code, refused.out], [4, '']);
  }
  on.sandbox.fault({kind: 'code', endpoint: 'pay', resp_code: '90000000'});
  for (const _ of [1, 2]) assert.equal((await on.dougong(`${ORDER} --req-seq-id a2`)).code, 7);
  assert.equal(on.sandbox.calls('pay').length, 2);
  assert.equal(on.sandbox.ledger().payments.length, 0);
});

test('the same command typed again takes over from a process that was killed while it sent', async t => {
  const on = await bench(t);
  const order = await paid(on);
  await on.dougong('journal resume');
  const text = JSON.stringify({req_seq_id: 'dead', req_date: DAY, ord_amt: '10.00'});
  const store = await openJournal(join(on.home, 'journal.db'), {now: () => on.clock.now});
  const [known] = await store.list({hf_seq_id: order.hf_seq_id});
  const {intent} = await store.intend(known!.payment, () => ({
    ...known!,
    kind: 'refund',
    req_seq_id: 'dead',
    amount: 1000n,
    text,
    path: '/v4/trade/payment/scanpay/refund',
  }));
  await store.sent(intent.id, 'intended', 'killed', on.clock.now + 2 * MINUTE);
  assert.equal((await on.dougong(REFUND)).code, 7, 'the lease still runs');
  assert.equal((await store.get(intent.id))!.state, 'sent');
  on.clock.now += 3 * MINUTE;
  assert.equal((await on.dougong(REFUND)).code, 7);
  const now = await store.get(intent.id);
  assert.deepEqual([now!.state, now!.owner], ['unknown', undefined]);
  assert.equal(on.sandbox.calls('refund').length, 0);
  await store.close();
});

test('a compare-and-set that comes too late changes nothing', async t => {
  const on = await bench(t);
  await paid(on);
  const store = await openJournal(join(on.home, 'journal.db'), {now: () => on.clock.now});
  const [order] = await store.list({});
  assert.equal(order!.state, 'pending');
  const before = await store.events(order!.id);
  const after = await store.answer(order!.id, {state: 'unknown', from: 'sent', what: 'its sender is gone'});
  assert.deepEqual([after.state, await store.events(order!.id)], ['pending', before]);
  await store.close();
});

test('resume says of an order whose first answer was lost that its pay_info is lost, and how to close it', async t => {
  const on = await bench(t);
  on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'pay'});
  assert.equal((await on.dougong(`${ORDER} --req-seq-id a1`)).code, 7);
  on.clock.now += 3 * MINUTE;
  const lost = await on.dougong('journal resume');
  assert.equal(lost.code, 8);
  assert.match(lost.err, /a1: pay_info .* is lost.*dougong close --req-seq-id a1/);
  // Closed, and the query says F: only now is there room for another order.
  assert.equal((await on.dougong(`close --req-seq-id a1 --req-date ${DAY} --yes`)).code, 0);
  await on.dougong('journal resume');
  assert.equal((await on.dougong('journal status')).code, 0);
  assert.equal((await on.dougong(`${ORDER} --req-seq-id a1`)).code, 4);
  assert.equal(on.sandbox.ledger().payments.length, 1);
  await on.json(`${ORDER} --req-seq-id a2`);
  assert.doesNotMatch((await on.dougong('journal resume')).err, /lost/);
});

test('show puts the kept notifications of a payment into its story, privacy erase takes a customer out of both', async t => {
  const on = await bench(t);
  const order = await paid(on);
  const {environment} = JSON.parse((await on.dougong('journal list --json')).out);
  const store = openNotices(join(on.home, 'notices.db'));
  const {send, listener} = await rig(t, {environment}, {store});
  const wx_response = '{"sub_openid":"o1234567"}';
  await send(trade('a1', {hf_seq_id: order.hf_seq_id, trans_amt: '100.00', wx_response}));
  await send(trade('zz', {hf_seq_id: 'other'}));
  await listener.stop();
  await on.json(REFUND);
  const {out} = await on.dougong('journal show a1');
  assert.match(out, /notification {2}trade {2}#1 S 100\.00/);
  assert.ok(!out.includes('other'));
  const shown = JSON.parse((await on.dougong('journal show a1 --json')).out);
  assert.deepEqual([shown.result.length, shown.notices.length, shown.notices[0].hf_seq_id], [2, 1, order.hf_seq_id]);
  await on.dougong('journal resume');
  const erased = await on.dougong('privacy erase --openid o1234567 --json');
  assert.deepEqual(JSON.parse(erased.out).result, {erased: 2, kept: 0});
  for (const name of ['notices.db', 'notices.db-wal', 'journal.db', 'journal.db-wal'])
    assert.ok(!readFileSync(join(on.home, name)).includes('o1234567'), name);
  const [first] = store.list({id: '1'});
  assert.deepEqual([first!.erased, first!.facts.hf_seq_id], [true, order.hf_seq_id]);
  assert.equal(store.get('2')!.erased, false);
});

test('a number that several requests share is not resolved before one of them is named by its id', async t => {
  const on = await bench(t);
  await on.json(`${ORDER} --req-seq-id a1`);
  on.clock.now += 24 * 3_600_000;
  await on.json(`${ORDER} --req-seq-id a1`);
  const both = ['journal', 'resolve', 'a1', '--as', 'F', '--evidence', 'x', '--yes', '--json'];
  const refused = await on.dougong(both);
  assert.deepEqual([refused.code, errorOf(refused).code], [2, 'INTENT_AMBIGUOUS']);
  const ids = (await on.dougong('journal list --json')).out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).id);
  assert.equal((await on.dougong(both.with(2, ids[0]))).code, 0);
  const states = (await on.dougong('journal list --json')).out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).state);
  assert.deepEqual(states, ['failed', 'pending']);
});

test('after 90 days the order at WeChat still names its payment; texts of the last day are never erased', async t => {
  const on = await bench(t);
  const order = await paid(on);
  await on.dougong('journal resume');
  assert.equal((await on.dougong('journal redact --older-than 1h')).code, 2);
  on.clock.now += 91 * 86_400_000;
  await on.dougong('journal redact');
  const words = `refund --party-order-id ${order.party_order_id} --all --yes`;
  assert.equal((await on.dougong(words)).code, 0);
  assert.deepEqual(JSON.parse((await on.dougong('journal redact --json')).out).result, {erased: 0, removed: 0});
});

test('armed faults are disarmed together', async t => {
  const on = await bench(t);
  on.sandbox.fault({kind: 'html', endpoint: 'pay', probability: 1});
  assert.equal((await on.dougong(`${ORDER} --req-seq-id a1`)).code, 7);
  on.sandbox.clearFaults();
  assert.equal((await on.dougong(`${ORDER} --req-seq-id a2`)).code, 0);
  assert.equal((await on.dougong('sandbox fault')).code, 2);
});
