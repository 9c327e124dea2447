import assert from 'node:assert/strict';
import {test} from 'node:test';
import {runBatch} from '../../src/operations/batch.ts';

/** A clock that moves only by sleeping, for one lane at a time. */
function clock() {
  const at = {now: 0};
  return {
    at,
    now: () => at.now,
    sleep: async (ms: number) => {
      at.now += ms;
    },
  };
}
const tick = () => new Promise(resolve => setImmediate(resolve));

test('every row is worked once and no more than the bound run at once', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const items = Array.from({length: 50}, (_, at) => at);
  const end = await runBatch(
    clock(),
    items,
    async item => {
      running += 1;
      most = Math.max(most, running);
      await tick();
      running -= 1;
      return {result: item};
    },
    {concurrency: 4, onDone: item => void seen.push(item)},
  );
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    items,
  );
  assert.deepEqual([most, end.done, end.stopped], [4, 50, undefined]);
});

test('rows of one key run one after another, in their order', async () => {
  const order: string[] = [];
  const items = ['a1', 'a2', 'b1', 'a3', 'b2', 'c1'];
  const running = new Set<string>();
  await runBatch(
    clock(),
    items,
    async item => {
      assert.ok(!running.has(item[0]!));
      running.add(item[0]!);
      await tick();
      await tick();
      running.delete(item[0]!);
      order.push(item);
      return {result: item};
    },
    {concurrency: 5, keyOf: item => item[0]!, onDone: () => {}},
  );
  assert.equal(order.length, 6);
  assert.deepEqual(
    order.filter(item => item.startsWith('a')),
    ['a1', 'a2', 'a3'],
  );
});

test('the rate holds, a throttled row halves it, and calm rows raise it again', async () => {
  const tools = clock();
  const starts: number[] = [];
  const items = Array.from({length: 60}, (_, at) => at);
  await runBatch(
    tools,
    items,
    async item => {
      starts.push(tools.at.now);
      return {result: item, throttled: item === 0};
    },
    {concurrency: 1, rate: 10, onDone: () => {}},
  );
  const gaps = starts.slice(1).map((at, index) => Math.round(at - starts[index]!));
  assert.equal(gaps[1], 200);
  assert.equal(gaps[22], 160);
  assert.equal(gaps.at(-1), 128);
});

test('a stop begins nothing new and finishes what is in flight', async () => {
  const seen: number[] = [];
  const end = await runBatch(
    clock(),
    [0, 1, 2, 3, 4, 5],
    async item => {
      await tick();
      return {result: item, stop: item === 0};
    },
    {concurrency: 2, onDone: item => void seen.push(item)},
  );
  assert.deepEqual([seen, end], [[0, 1], {done: 2, stopped: 'stopped'}]);
});

test('Ctrl-C finishes what is in flight, and an error is thrown after it', async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  const end = await runBatch(
    {...clock(), signal: stop.signal},
    [0, 1, 2, 3],
    async item => {
      if (item === 1) stop.abort();
      await tick();
      return {result: item};
    },
    {concurrency: 2, onDone: item => void seen.push(item)},
  );
  assert.deepEqual([seen, end.stopped], [[0, 1], 'interrupted']);
  const ended: number[] = [];
  const broken = runBatch(
    clock(),
    [0, 1, 2],
    async item => {
      if (item === 0) throw new Error('disk');
      await tick();
      ended.push(item);
      return {result: item};
    },
    {concurrency: 2, onDone: () => {}},
  );
  await assert.rejects(broken, /disk/);
  assert.deepEqual(ended, [1]);
});
