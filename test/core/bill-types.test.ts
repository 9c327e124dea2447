import assert from 'node:assert/strict';
import {test} from 'node:test';
import {addDays, beijingTime, monthDays, readMonth} from '../../src/core/beijing.ts';
import {
  BILL_WORDS,
  billFileName,
  billPartName,
  billTypes,
  fileDateOf,
  readBillName,
  readBillTypes,
  readyAt,
  tradeDateOf,
} from '../../src/core/bill-types.ts';
import {DougongError} from '../../src/core/errors.ts';

const all = Object.values(billTypes);

test('every kind answers to its short word and to its own name in any case', () => {
  for (const type of all) {
    assert.deepEqual(readBillTypes(type.word), [type]);
    assert.deepEqual(readBillTypes(type.name.toLowerCase()), [type]);
  }
  assert.equal(readBillTypes('all').length, 10);
  assert.equal(new Set(BILL_WORDS).size, 11);
  assert.throws(
    () => readBillTypes('trades'),
    (error: unknown) => error instanceof DougongError && error.code === 'FLAG_INVALID',
  );
});

test('a statement is made the day after the trades, over the ends of months and years', () => {
  assert.equal(fileDateOf('20261231'), '20270101');
  assert.equal(fileDateOf('20280228'), '20280229');
  assert.equal(tradeDateOf('20260301'), '20260228');
  assert.equal(addDays('20261122', 365), '20271122');
  assert.deepEqual(monthDays('202802'), {first: '20280201', last: '20280229'});
  assert.deepEqual(monthDays('202612'), {first: '20261201', last: '20261231'});
  assert.equal(readMonth('2026-10'), '202610');
  assert.equal(readMonth('202613'), undefined);
  assert.equal(beijingTime(readyAt(billTypes.SETTLE_BILL, '20261123')), '20261123170000');
  assert.equal(beijingTime(readyAt(billTypes.TRADE_BILL, '20261123', 'advised')), '20261123120000');
});

test('the names of files are read back as they are written, wherever they lie', () => {
  for (const type of all) {
    const zip = readBillName(`some/where/${billFileName(type, '6666000100000001', '20261123')}`);
    assert.deepEqual(zip, {file_date: '20261123', huifu_id: '6666000100000001', type});
    const part = readBillName(`C:\\x\\${billPartName(type, '6666000100000001', '20261123', '002')}`);
    assert.equal(part?.type, type);
    assert.equal(part?.batch, '002');
  }
  for (const name of ['20261123_6666_orders.csv', '20260230_6666_order_1.csv', 'tmp123.zip', '20261123_6666_order.exe'])
    assert.equal(readBillName(name), undefined, name);
});
