import assert from 'node:assert/strict';
import {test} from 'node:test';
import {crowd, duel, lines, torture} from '../torture/money.ts';

const seed = Number(process.env.TORTURE_SEED ?? Date.now() % 1_000_000);

test('50 refunds and 12 orders killed and faulted at random: none twice, none lost, none settled wrongly', async t => {
  const report = await torture({refunds: 50, seed});
  for (const line of lines(report)) t.diagnostic(line);
  const {refundedTwice, intentsLost, settledWrongly, leftOpen, secondOrders, fenApart} = report;
  assert.deepEqual(
    {refundedTwice, intentsLost, settledWrongly, leftOpen, secondOrders, fenApart},
    {
      refundedTwice: 0,
      intentsLost: 0,
      settledWrongly: 0,
      leftOpen: 0,
      secondOrders: 0,
      fenApart: 0n,
    },
  );
  assert.equal(report.refunds, 52);
  assert.ok(report.runs > 100 && report.killed > 20 && report.faults > 20, 'the storm was no storm');
});

test('4 processes on one file, one of them killed: every row once', async t => {
  const report = await crowd({rows: 40, seed});
  t.diagnostic(`seed ${seed}, ${report.runs} runs`);
  assert.deepEqual([report.refundedTwice, report.missing, report.fenApart], [0, 0, 0n]);
});

test('two refunds of 60 on a payment of 100 from two processes: exactly one passes', async () => {
  assert.deepEqual(await duel(3), {both: 0, none: 0});
});
