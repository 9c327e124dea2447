import assert from 'node:assert/strict';
import {test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import {signText, wireFields} from '../../src/core/sign.ts';
import type {Answer, Data, Send} from '../../src/core/wire.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import type {Intent, Store} from '../../src/journal/store.ts';
import {planRefund, refund} from '../../src/operations/refund.ts';
import type {MoneyTools} from '../../src/operations/tools.ts';
import {NOON} from '../helpers/cli.ts';

const payment: Data = {
  resp_code: '00000000',
  huifu_id: 'm1',
  req_date: '20261124',
  req_seq_id: 'a1',
  hf_seq_id: 'hf1',
  trans_stat: 'S',
  trans_amt: '100.00',
};

function answered(data: Data): Answer & {data: Data; raw: string} {
  const raw = JSON.stringify(data);
  return {status: 200, headers: {}, body: Buffer.from(raw), verdict: 'ok', how: 'raw', raw, data, ms: 1};
}

/** Tools over an in-memory journal; `transmit` is what each test makes of it. */
async function tools(
  transmit: (journal: Store, text: string) => Promise<Answer>,
): Promise<MoneyTools & {sent: string[]}> {
  const journal = await openJournal(':memory:', {now: () => NOON});
  const sent: string[] = [];
  const send: Send = {
    prepare: (endpoint, fields) => ({endpoint, path: endpoint.paths.v4 ?? '', text: signText(wireFields(fields))}),
    async transmit({text}) {
      sent.push(text);
      return transmit(journal, text);
    },
    read: async endpoint => answered(endpoint.name === 'query' ? payment : {resp_code: '23000001'}),
    clockSkew: () => undefined,
  };
  let count = 0;
  const newId = () => {
    count += 1;
    return `r${count}`;
  };
  const sleep = async () => {};
  return {
    send,
    sent,
    journal,
    huifuId: 'm1',
    environment: 'test',
    profile: 'p',
    owner: 'o',
    leaseMs: 90_000,
    now: () => NOON,
    newId,
    sleep,
  };
}

test('the intent is in the journal as sent, with its exact text and a lease, before the call is made', async () => {
  let seen: Intent | undefined;
  const money = await tools(async (journal, text) => {
    [seen] = await journal.list({});
    assert.equal(seen?.text, text);
    return answered({resp_code: '00000100', trans_stat: 'P', ord_amt: '1.00'});
  });
  const {intent} = await refund(money, await planRefund(money, {hf_seq_id: 'hf1'}), {amount: 100n});
  assert.deepEqual([seen?.state, seen?.owner, seen?.lease_until, seen?.sends], ['sent', 'o', NOON + 90_000, 1]);
  assert.deepEqual([intent.state, money.sent.length], ['pending', 1]);
});

test('an error of our own after the bytes left is an unknown outcome too, and the amount stays reserved', async () => {
  const money = await tools(async () => {
    throw new TypeError('a bug');
  });
  const plan = await planRefund(money, {hf_seq_id: 'hf1'});
  await assert.rejects(
    refund(money, plan, {amount: 6000n}),
    (error: unknown) => error instanceof DougongError && error.kind === 'unknown-outcome',
  );
  await assert.rejects(
    refund(money, plan, {amount: 4001n}),
    (error: unknown) => error instanceof DougongError && error.code === 'REFUND_EXCEEDS',
  );
  assert.equal(money.sent.length, 1);
});

test('two refunds of 60 on a payment of 100 at once: exactly one passes', async () => {
  const money = await tools(async () => answered({resp_code: '00000100', trans_stat: 'P'}));
  const plan = await planRefund(money, {hf_seq_id: 'hf1'});
  const results = await Promise.allSettled([
    refund(money, plan, {amount: 6000n}),
    refund(money, plan, {amount: 6001n}),
  ]);
  assert.deepEqual(results.map(result => result.status).sort(), ['fulfilled', 'rejected']);
  assert.equal(money.sent.length, 1);
});

test('what was provably never sent goes out later under the same number', async () => {
  let up = false;
  const money = await tools(async () => {
    if (!up) throw new DougongError('network', 'NOT_SENT', {host: 'x', reason: 'ECONNREFUSED'});
    return answered({resp_code: '00000100', trans_stat: 'P'});
  });
  const plan = await planRefund(money, {hf_seq_id: 'hf1'});
  await assert.rejects(
    refund(money, plan, {amount: 100n}),
    (error: unknown) => error instanceof DougongError && error.kind === 'network',
  );
  up = true;
  const {intent} = await refund(money, plan, {amount: 100n});
  assert.equal(money.sent[0], money.sent[1]);
  assert.deepEqual([intent.sends, (await money.journal.list({})).length], [1, 1]);
});

test('a number that the journal knows always means its own refund', async () => {
  const money = await tools(async () => answered({resp_code: '00000100', trans_stat: 'S'}));
  const plan = await planRefund(money, {hf_seq_id: 'hf1'});
  await refund(money, plan, {amount: 100n, refund_req_seq_id: 'mine'});
  await assert.rejects(
    refund(money, plan, {amount: 200n, refund_req_seq_id: 'mine'}),
    (error: unknown) => error instanceof DougongError && error.code === 'NUMBER_TAKEN',
  );
  const again = await refund(money, plan, {amount: 100n, refund_req_seq_id: 'mine'});
  assert.deepEqual([again.created, money.sent.length], [false, 1]);
});
