import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fuzzNotify} from '../fuzz/notify.ts';
import {tortureListen} from '../torture/listen.ts';

test('killed in the middle of the load, a listener has lost nothing it acknowledged', async () => {
  const tally = await tortureListen(3, 300, () => {});
  const {lost, twice, undelivered, changed} = tally;
  assert.deepEqual({lost, twice, undelivered, changed}, {lost: 0, twice: 0, undelivered: 0, changed: 0});
  assert.ok(tally.acknowledged > 0);
});

test('five thousand hostile bodies: none acknowledged, no fault, genuine ones answered within a second', async () => {
  const tally = await fuzzNotify(5000, 7);
  const {acknowledgedForged, faults, slow, unanswered, genuine} = tally;
  assert.deepEqual(
    {acknowledgedForged, faults, slow, unanswered, genuine},
    {acknowledgedForged: 0, faults: 0, slow: 0, unanswered: 0, genuine: 100},
  );
});
