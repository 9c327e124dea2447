import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {SandboxOptions} from '../../src/sandbox/index.ts';
import {type Bench, bench, NOON, paid} from '../helpers/cli.ts';

const MINUTE = 60_000;
const REFUND = 'refund --req-seq-id a1 --req-date 20261124 --all --yes';

/** Asks after so many minutes each; gives the exit code of each question. */
async function ask(on: Bench, minutes: number[]): Promise<number[]> {
  const codes: number[] = [];
  for (const wait of minutes) {
    on.clock.now += wait * MINUTE;
    codes.push((await on.dougong('journal resume')).code);
  }
  return codes;
}

async function lost(
  t: Parameters<typeof bench>[0],
  kind: 'reset-before-commit' | 'drop-after-commit',
  options: SandboxOptions = {},
): Promise<Bench> {
  const on = await bench(t, options);
  await paid(on);
  await on.dougong('journal resume');
  on.sandbox.fault({kind, endpoint: 'refund'});
  assert.equal((await on.dougong(REFUND)).code, 7);
  return on;
}

for (const uniqueBy of ['req_date', 'arrival'] as const) {
  for (const acceptOldReqDate of [true, false]) {
    const switches = {uniqueBy, acceptOldReqDate};
    test(`unique by ${uniqueBy}, old dates ${acceptOldReqDate ? 'taken' : 'refused'}: an unknown refund goes out again once the gateway has not known it for ten minutes`, async t => {
      const on = await lost(t, 'reset-before-commit', {switches});
      assert.deepEqual(await ask(on, [3, 5]), [7, 7]);
      assert.equal(on.sandbox.calls('refund').length, 0);
      assert.equal((await ask(on, [5]))[0], 8, 'sent again and accepted');
      assert.equal(on.sandbox.calls('refund').length, 1);
      assert.equal((await ask(on, [1]))[0], 0);
      const {refunds} = on.sandbox.ledger();
      assert.deepEqual(
        refunds.map(one => [one.ord_fen, one.req_date]),
        [[10_000n, '20261124']],
      );
    });

    test(`unique by ${uniqueBy}, old dates ${acceptOldReqDate ? 'taken' : 'refused'}: a refund that was made although its number was long not known is never made twice`, async t => {
      const on = await bench(t, {switches});
      await paid(on);
      await on.dougong('journal resume');
      on.sandbox.fault({kind: 'forget', endpoint: 'refund', ms: 3});
      on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'refund'});
      assert.equal((await on.dougong(REFUND)).code, 7);
      await ask(on, [3, 5, 5, 5, 5]);
      assert.equal(on.sandbox.ledger().refunds.length, 1);
      assert.equal((await ask(on, [1]))[0], 0, 'settled by a question');
    });
  }
}

test('questions within the lease, too few or too close together, send nothing', async t => {
  const on = await lost(t, 'reset-before-commit');
  assert.deepEqual(await ask(on, [1, 1, 0, 0, 0, 5, 4]), [7, 7, 7, 7, 7, 7, 7]);
  assert.equal(on.sandbox.calls('refund').length, 0);
  assert.equal((await ask(on, [1]))[0], 8, 'ten minutes after the first question behind the lease');
});

test('the same command typed again follows the same rule', async t => {
  const on = await lost(t, 'reset-before-commit');
  for (const wait of [3, 5]) {
    on.clock.now += wait * MINUTE;
    assert.equal((await on.dougong(REFUND)).code, 7);
  }
  on.clock.now += 5 * MINUTE;
  assert.equal((await on.dougong(`${REFUND} --again`)).code, 0);
  assert.deepEqual([on.sandbox.calls('refund').length, on.sandbox.ledger().refunds.length], [1, 1]);
});

test('after 23:55 and on another day nothing is sent by itself', async t => {
  for (const start of [NOON + 11 * 60 * MINUTE + 43 * MINUTE, NOON + 11 * 60 * MINUTE + 52 * MINUTE]) {
    const on = await bench(t);
    on.clock.now = start;
    await paid(on);
    on.sandbox.fault({kind: 'reset-before-commit', endpoint: 'refund'});
    assert.equal((await on.dougong(REFUND)).code, 7);
    await ask(on, [3, 5, 5, 5, 60]);
    assert.equal(on.sandbox.calls('refund').length, 0);
  }
});

test('a gateway whose clock is already on the next day stops it, whatever ours says', async t => {
  const on = await lost(t, 'reset-before-commit');
  await ask(on, [3, 5]);
  on.sandbox.fault({kind: 'skew', endpoint: 'refund-query', ms: 12 * 60 * MINUTE});
  assert.equal((await ask(on, [5]))[0], 7);
  assert.equal(on.sandbox.calls('refund').length, 0);
  assert.equal((await ask(on, [1]))[0], 8);
});

test('a refusal of the second send says nothing about the first: still unknown, amount still reserved', async t => {
  const on = await lost(t, 'reset-before-commit');
  await ask(on, [3, 5]);
  on.sandbox.fault({kind: 'code', endpoint: 'refund', resp_code: '10000002', resp_desc: '退款金额大于可退金额'});
  assert.equal((await ask(on, [5]))[0], 7);
  const {out} = await on.dougong('journal list --json --state unknown');
  assert.equal(JSON.parse(out).sends, 2);
  assert.equal((await on.dougong('refund --req-seq-id a1 --req-date 20261124 --amount 0.01 --yes')).code, 4);
});
