import assert from 'node:assert/strict';
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {readRows} from '../../src/core/rows.ts';
import {type Bench, bench, errorOf, ORDER, paid, type Result, runIn, writeProfile} from '../helpers/cli.ts';

const DAY = '20261124';

async function result(on: Bench, name = 'r.csv'): Promise<Record<string, string>[]> {
  const bytes = readFileSync(join(on.home, name));
  const heading = bytes.toString().slice(1).split('\n')[0]!.split(',');
  const {rows} = await readRows(
    bytes,
    heading.map(one => ({name: one})),
  );
  return rows.map(({cells}) => ({...cells}));
}

const summaryOf = ({out}: Result) => JSON.parse(out.trim().split('\n').at(-1)!).result;
const file = (on: Bench, text: string, name = 'in.csv') => writeFileSync(join(on.home, name), text);
const RUN = 'refund --batch in.csv --out r.csv --yes --json';

test('a batch refunds each row once, its summary adds up, and the same command again sends nothing', async t => {
  const on = await bench(t);
  for (const name of ['a1', 'a2', 'a3']) await paid(on, name);
  file(
    on,
    `商户订单号,原请求日期,退款金额,备注\na1,${DAY},1.00,x\na2,2026-11-24,2.5,\na3,${DAY},100,\na1,${DAY},3.00,\n`,
  );
  const first = await on.dougong(RUN);
  assert.equal(first.code, 8);
  assert.deepEqual(summaryOf(first), {rows: 4, sum: '106.50', states: {pending: {rows: 4, sum: '106.50'}}});
  assert.equal(on.sandbox.calls('refund').length, 4);
  on.sandbox.advance(5000);
  const second = await on.dougong(RUN);
  assert.equal(second.code, 0);
  assert.deepEqual(summaryOf(second).states, {done: {rows: 4, sum: '106.50'}});
  assert.equal(on.sandbox.calls('refund').length, 4);
  const rows = await result(on);
  assert.deepEqual(
    rows.map(row => [row.line, row.ord_amt, row.state, row.trans_stat]),
    [
      ['2', '1.00', 'done', 'S'],
      ['3', '2.50', 'done', 'S'],
      ['4', '100.00', 'done', 'S'],
      ['5', '3.00', 'done', 'S'],
    ],
  );
  assert.equal(statSync(join(on.home, 'r.csv')).mode & 0o777, 0o600);
  const ledger = on.sandbox.ledger().refunds;
  assert.equal(
    ledger.reduce((sum, refund) => sum + refund.ord_fen, 0n),
    10_650n,
  );
});

test('--dry-run checks every row against the gateway and sends nothing', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  await on.json(`${ORDER} --req-seq-id unpaid`);
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},60.00\na1,${DAY},50.00\nunpaid,${DAY},1.00\nnone,${DAY},1.00\n`);
  const {code, out, err} = await on.dougong('refund --batch in.csv --dry-run');
  assert.equal(code, 4);
  assert.match(out, /60\.00.*ok/);
  assert.match(out, /only 40\.00 yuan are left/);
  assert.match(err, /1 rows can be refunded, 60\.00 yuan; 3 would be refused/);
  assert.match(err, /merchant 6666000100000001: 4 rows, 112\.00 yuan, available balance/);
  assert.equal(on.sandbox.calls('refund').length, 0);
  assert.ok(!(await on.dougong('journal list --json')).out.includes('"kind":"refund"'));
});

test('rows that a spreadsheet broke are refused with their line, and nothing is sent', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  const tries: [string, RegExp][] = [
    [`a1,${DAY},"1,234.50"`, /line 2: the amount "1,234\.50"/],
    [`a1,${DAY},￥12`, /amount "￥12"/],
    [`a1,${DAY},0.00`, /amount/],
    [`a1,${DAY},1.001`, /amount/],
    [`a1,11/24/2026,1.00`, /req_date "11\/24\/2026"/],
    [`2.02611E+19,${DAY},1.00`, /scientific notation/],
    [`202611241234567000,${DAY},1.00`, /zeros after the 15th digit/],
    [`,${DAY},1.00`, /neither hf_seq_id nor req_seq_id/],
    ['a1,,1.00', /req_seq_id needs req_date/],
  ];
  for (const [row, words] of tries) {
    file(on, `req_seq_id,req_date,ord_amt\n${row}\n`);
    const {code, err} = await on.dougong('refund --batch in.csv --out r.csv --yes');
    assert.equal(code, 2, row);
    assert.match(err, words);
  }
  assert.equal(on.sandbox.calls('refund').length + on.sandbox.calls('query').length, 0);
});

test('two equal rows need a key; with one they are two refunds, also while the first is not finished', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  file(on, `req_seq_id,req_date,ord_amt,item\na1,${DAY},10.00,cup\na1,${DAY},10.00,lid\n`);
  const same = await on.dougong(RUN);
  assert.deepEqual([same.code, errorOf(same).code], [2, 'BATCH_ROWS']);
  assert.equal(on.sandbox.calls('refund').length, 0);
  const keyed = await on.dougong(`${RUN} --row-key item`);
  assert.equal(keyed.code, 8);
  assert.equal(on.sandbox.calls('refund').length, 2);
  await on.dougong(`${RUN} --row-key item`);
  assert.equal(on.sandbox.calls('refund').length, 2);
  file(on, `req_seq_id,req_date,ord_amt,item\na1,${DAY},10.00,cup\na1,${DAY},10.00,cup\n`);
  assert.equal((await on.dougong(`${RUN} --row-key item`)).code, 2);
});

test('the same payment by hf_seq_id in one row and by req_seq_id in another is seen as one', async t => {
  const on = await bench(t);
  const {hf_seq_id} = await paid(on, 'a1');
  file(on, `hf_seq_id,req_seq_id,req_date,ord_amt\n${hf_seq_id},,,10.00\n,a1,${DAY},10.00\n`);
  const {code, err} = await on.dougong('refund --batch in.csv --out r.csv --yes');
  assert.equal(code, 2);
  assert.match(err, /the same refund as line 2/);
});

test('a refund by hand and a batch row of the same payment and amount: one goes out', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  await on.json(`refund --req-seq-id a1 --req-date ${DAY} --amount 10.00 --yes`);
  on.sandbox.advance(5000);
  await on.dougong('journal resume');
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},10.00\n`);
  const stopped = await on.dougong(RUN);
  assert.equal(stopped.code, 4);
  assert.equal((await result(on))[0]!.code, 'ALREADY_REFUNDED');
  assert.equal(on.sandbox.calls('refund').length, 1);
  const again = await on.dougong(`${RUN} --again`);
  assert.equal(again.code, 8);
  assert.equal(on.sandbox.calls('refund').length, 2);
});

test('a lost answer is exit 7; the same command settles it and the ledger shows one refund', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  await paid(on, 'a2');
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},1.00\na2,${DAY},2.00\n`);
  on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'refund'});
  const lost = await on.dougong(RUN);
  assert.deepEqual([lost.code, errorOf(lost).code], [7, 'BATCH_UNKNOWN']);
  assert.deepEqual((await result(on)).map(row => row.state).sort(), ['pending', 'unknown']);
  on.sandbox.advance(5000);
  assert.equal((await on.dougong(RUN)).code, 0);
  assert.equal(on.sandbox.ledger().refunds.length, 2);
});

test('three unknown outcomes in a row stop the batch, and so does an empty account', async t => {
  const on = await bench(t);
  const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
  for (const name of names) await paid(on, name);
  file(on, `req_seq_id,req_date,ord_amt\n${names.map(name => `${name},${DAY},1.00`).join('\n')}\n`);
  on.sandbox.fault({kind: 'code', resp_code: '99999999', resp_desc: '系统异常', endpoint: 'refund', times: 9});
  const stopped = await on.dougong(`${RUN} --concurrency 1`);
  assert.equal(stopped.code, 7);
  assert.equal(on.sandbox.calls('refund').length, 3);
  assert.deepEqual(
    (await result(on)).map(row => row.state),
    ['unknown', 'unknown', 'unknown', 'not-begun', 'not-begun', 'not-begun'],
  );
  const other = await bench(t);
  for (const name of names) await paid(other, name);
  file(other, `req_seq_id,req_date,ord_amt\n${names.map(name => `${name},${DAY},1.00`).join('\n')}\n`);
  other.sandbox.fault({kind: 'code', resp_code: '23000003', resp_desc: '可用余额不足', endpoint: 'refund', times: 9});
  const poor = await other.dougong(`${RUN} --concurrency 1`);
  assert.deepEqual([poor.code, errorOf(poor).code], [4, 'BATCH_STOPPED']);
  assert.equal(other.sandbox.calls('refund').length, 1);
});

test('Ctrl-C finishes what is in flight; the same command continues', async t => {
  const on = await bench(t);
  const names = Array.from({length: 12}, (_, at) => `n${at}`);
  for (const name of names) await paid(on, name);
  file(on, `req_seq_id,req_date,ord_amt\n${names.map(name => `${name},${DAY},1.00`).join('\n')}\n`);
  const stop = new AbortController();
  on.sandbox.fault({kind: 'delay', ms: 30, endpoint: 'refund', times: 4});
  const watch = setInterval(() => on.sandbox.calls('refund').length >= 3 && stop.abort(), 1);
  const stopped = await on.dougong(RUN, {signal: stop.signal});
  clearInterval(watch);
  assert.equal(stopped.code, 130);
  const sent = on.sandbox.calls('refund').length;
  assert.ok(sent >= 3 && sent < 12, String(sent));
  const states = (await result(on)).map(row => row.state);
  assert.deepEqual([...new Set(states)].sort(), ['not-begun', 'pending']);
  assert.equal(states.filter(state => state === 'pending').length, sent);
  on.sandbox.advance(5000);
  await on.dougong(RUN);
  on.sandbox.advance(5000);
  assert.equal((await on.dougong(RUN)).code, 0);
  assert.equal(on.sandbox.ledger().refunds.length, 12);
});

test('a file changed under a half-done batch is refused with what changed; added rows are fine', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  await paid(on, 'a2');
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},1.00\n`);
  assert.equal((await on.dougong(RUN)).code, 8);
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},2.00\n`);
  const changed = await on.dougong(RUN);
  assert.deepEqual([changed.code, errorOf(changed).code], [2, 'BATCH_CHANGED']);
  assert.match(errorOf(changed).message, /Line 2 was a1 1\.00 .* and is a1 2\.00/);
  assert.equal(on.sandbox.calls('refund').length, 1);
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},1.00\na2,${DAY},1.00\n`);
  assert.equal((await on.dougong(RUN)).code, 8);
  assert.equal(on.sandbox.calls('refund').length, 2);
});

test('the result never overwrites the input or a foreign file; formulas in it are harmless', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},1.00\n`);
  const same = await on.dougong('refund --batch in.csv --out ./in.csv --yes --json');
  assert.deepEqual([same.code, errorOf(same).code], [2, 'BATCH_OUT_SAME']);
  file(on, 'my,own\n1,2\n', 'r.csv');
  assert.equal((await on.dougong(RUN)).code, 2);
  assert.equal(on.sandbox.calls('refund').length, 0);
  on.sandbox.fault({kind: 'code', resp_code: '10000000', resp_desc: '=HYPERLINK("x")', endpoint: 'refund'});
  await on.dougong('refund --batch in.csv --out s.csv --yes');
  const text = readFileSync(join(on.home, 's.csv'), 'utf8');
  assert.ok(text.includes(`'=HYPERLINK`) && text.includes('\t6666000100000001'));
});

test('counts and sums that were expected are checked, and flags of one refund do not mix with a file', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},1.10\na1,${DAY},2.20\n`);
  for (const words of ['--expect-count 3', '--expect-sum 3.31']) {
    const wrong = await on.dougong(`${RUN} ${words}`);
    assert.deepEqual([wrong.code, errorOf(wrong).code], [2, 'BATCH_EXPECT']);
  }
  assert.equal((await on.dougong('refund --batch in.csv --out r.csv')).code, 2);
  assert.equal(on.sandbox.calls('refund').length, 0);
  assert.equal((await on.dougong(`${RUN} --expect-count 2 --expect-sum 3.30`)).code, 8);
  assert.equal((await on.dougong('refund --batch in.csv --yes')).code, 2);
  assert.equal((await on.dougong('refund --batch in.csv --out r.csv --all --yes')).code, 2);
  assert.equal((await on.dougong('refund --out r.csv --all --yes')).code, 2);
});

test('a sum that no double holds is exact', async t => {
  const on = await bench(t);
  const lines = Array.from({length: 1000}, (_, at) => `x${at},${DAY},99999999999.99`);
  file(on, `req_seq_id,req_date,ord_amt\n${lines.join('\n')}\n`);
  const wrong = await on.dougong(`${RUN} --expect-sum 1.00`);
  assert.match(errorOf(wrong).message, /99999999999990\.00/);
});

test('100,000 rows are read and judged without a call', async t => {
  const on = await bench(t);
  const lines = Array.from({length: 100_000}, (_, at) => `x${at},${DAY},1.00`);
  file(on, `req_seq_id,req_date,ord_amt\n${lines.join('\n')}\ny,${DAY},bad\n`);
  const {code, err} = await on.dougong('refund --batch in.csv --out r.csv --yes');
  assert.equal(code, 2);
  assert.match(err, /line 100002: the amount "bad"/);
  assert.equal(on.sandbox.calls().length, 0);
});

test('a service provider names merchants in the rows; without them nothing is sent', async t => {
  const merchant = '6666000100000002';
  const on = await bench(t, {merchants: [merchant]});
  writeProfile(on.home, 'sandbox', on.sandbox.profile, {huifu_id: undefined});
  await on.json(`${ORDER} --req-seq-id m1 --huifu-id ${merchant}`);
  on.sandbox.pay({req_seq_id: 'm1'});
  file(on, `req_seq_id,req_date,ord_amt\nm1,${DAY},1.00\n`);
  const none = await on.dougong(RUN);
  assert.deepEqual([none.code, errorOf(none).code], [2, 'MERCHANT_NEEDED']);
  file(on, `huifu_id,req_seq_id,req_date,ord_amt\n${merchant},m1,${DAY},1.00\n`);
  assert.equal((await on.dougong(RUN)).code, 8);
  assert.equal(on.sandbox.calls('refund')[0]!.data.huifu_id, merchant);
});

test('two runs of one file at once send each row once', async t => {
  const on = await bench(t);
  const names = Array.from({length: 10}, (_, at) => `n${at}`);
  for (const name of names) await paid(on, name);
  file(on, `req_seq_id,req_date,ord_amt\n${names.map(name => `${name},${DAY},1.00`).join('\n')}\n`);
  const runs = await Promise.all(
    [1, 2, 3].map(pid =>
      // Processes of their own, on a clock that stands still while they wait for each other.
      runIn(on.home, on.clock, `refund --batch in.csv --out r${pid}.csv --yes --json`, {
        world: {pid, sleep: () => new Promise(done => setTimeout(done, 5))},
      }),
    ),
  );
  // Waiting for another run moves the clock, so that a refund may have ended meanwhile.
  for (const {code, err} of runs) assert.ok(code === 8 || code === 0, `${code} ${err}`);
  assert.equal(on.sandbox.calls('refund').length, 10);
  assert.equal(on.sandbox.ledger().refunds.length, 10);
});

test('query --batch asks for every row, and the same command asks only for what had not ended', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  await on.json(`${ORDER} --req-seq-id a2`);
  file(on, `req_seq_id,req_date\na1,${DAY}\na2,${DAY}\nnone,${DAY}\n`);
  const {code, out} = await on.dougong('query --batch in.csv --out q.csv --json');
  assert.equal(code, 4);
  const rows = out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const stat = new Map(rows.map(row => [row.req_seq_id, row.trans_stat || row.code]));
  assert.deepEqual([stat.get('a1'), stat.get('a2'), stat.get('none')], ['S', 'P', 'PAYMENT_NOT_FOUND']);
  const before = on.sandbox.calls('query').length;
  await on.dougong('query --batch in.csv --out q.csv');
  assert.equal(on.sandbox.calls('query').length - before, 2);
  on.sandbox.fault({kind: 'reset-before-commit', endpoint: 'query', times: 9});
  file(on, `req_seq_id,req_date\na1,${DAY}\n`, 'one.csv');
  assert.equal((await on.dougong('query --batch one.csv')).code, 6);
});

test('close --batch closes what is unpaid, counts what is closed, refuses what was paid', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  for (const name of ['a2', 'a3']) await on.json(`${ORDER} --req-seq-id ${name}`);
  on.clock.now += 61_000;
  file(on, `req_seq_id,req_date\na1,${DAY}\na2,${DAY}\na3,${DAY}\n`);
  const first = await on.dougong('close --batch in.csv --out c.csv --yes --json');
  assert.equal(first.code, 4);
  assert.deepEqual(summaryOf(first), {rows: 3, states: {done: 2, refused: 1}});
  assert.deepEqual(
    (await result(on, 'c.csv')).map(row => [row.req_seq_id, row.state, row.code]),
    [
      ['a1', 'refused', 'CLOSE_PAID'],
      ['a2', 'done', ''],
      ['a3', 'done', ''],
    ],
  );
  await on.dougong('close --batch in.csv --out c.csv --yes');
  assert.equal(on.sandbox.calls('close').length, 2);
});

test('throttled rows go under their own numbers and never twice', async t => {
  const on = await bench(t);
  for (const name of ['a1', 'a2', 'a3']) await paid(on, name);
  file(on, `req_seq_id,req_date,ord_amt\na1,${DAY},1.00\na2,${DAY},1.00\na3,${DAY},1.00\n`);
  on.sandbox.fault({
    kind: 'code',
    resp_code: '20000001',
    resp_desc: '请求频率过高，请于1分钟后重试',
    endpoint: 'refund',
  });
  await on.dougong(RUN);
  for (let turn = 0; turn < 4; turn += 1) {
    on.clock.now += 6 * 60_000;
    await on.dougong(RUN);
  }
  const last = await on.dougong(RUN);
  assert.equal(last.code, 0);
  const {refunds} = on.sandbox.ledger();
  assert.equal(refunds.length, 3);
  const numbers = on.sandbox.calls('refund').map(({data}) => data.req_seq_id);
  assert.equal(new Set(numbers).size, 3);
});
