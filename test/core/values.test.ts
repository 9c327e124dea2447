import assert from 'node:assert/strict';
import {test} from 'node:test';
import {formatYuan, parseYuan, readYuan} from '../../src/core/amount.ts';
import {beijingDate, beijingInstant, beijingTime, readDay} from '../../src/core/beijing.ts';
import {address, endpoints} from '../../src/core/endpoints/index.ts';
import {environmentOf, isLive} from '../../src/core/environments.ts';
import {DougongError} from '../../src/core/errors.ts';
import {checkNotifyUrl} from '../../src/core/notify-url.ts';
import {newRequestId, REQ_SEQ_ID} from '../../src/core/request-id.ts';

test('yuan become fen and come back with two decimals', () => {
  for (const [text, fen, back] of [
    ['12', 1200n, '12.00'],
    ['12.5', 1250n, '12.50'],
    ['0.01', 1n, '0.01'],
    ['90071992547.93', 9007199254793n, '90071992547.93'],
  ] as const) {
    assert.equal(parseYuan(text), fen);
    assert.equal(formatYuan(fen), back);
  }
});

test('anything else than plain yuan is refused', () => {
  for (const text of [
    '',
    ' 1',
    '1 ',
    '1.234',
    '-1',
    '+1',
    '1e3',
    '1,000',
    '￥1',
    '.5',
    '1.',
    '01',
    '0x1',
    '１',
    'NaN',
  ]) {
    assert.throws(
      () => parseYuan(text),
      (error: unknown) => error instanceof DougongError && error.code === 'AMOUNT_INVALID',
      text,
    );
    assert.equal(readYuan(text), undefined);
  }
  assert.throws(() => parseYuan('0.00', {positive: true}));
  assert.equal(parseYuan('0.00'), 0n);
});

test('dates are Beijing dates around midnight, whatever zone the machine is in', () => {
  assert.equal(beijingDate(Date.UTC(2026, 10, 23, 15, 59, 59)), '20261123');
  assert.equal(beijingDate(Date.UTC(2026, 10, 23, 16, 0, 0)), '20261124');
  assert.equal(beijingTime(Date.UTC(2026, 11, 31, 16, 0, 1)), '20270101000001');
  assert.equal(beijingInstant('20261124000000'), Date.UTC(2026, 10, 23, 16));
});

test('days that do not exist are refused', () => {
  assert.equal(readDay('2026-02-28'), '20260228');
  assert.equal(readDay('20240229'), '20240229');
  for (const text of ['20260229', '2026-02-30', '20261301', '2026-1-1', '202611', '2026/11/01', '20261124 ']) {
    assert.equal(readDay(text), undefined, text);
  }
  assert.equal(beijingInstant('20261124250000'), undefined);
});

test('a new number is 32 letters and digits, begins with Beijing time and differs each time', () => {
  const now = Date.UTC(2026, 10, 24, 0, 0, 0);
  const one = newRequestId(now);
  assert.match(one, /^20261124080000[0-9a-f]{18}$/);
  assert.match(one, REQ_SEQ_ID);
  assert.notEqual(one, newRequestId(now));
});

test('an environment is named by its URL, and only loopback and the two test hosts are not live', () => {
  assert.deepEqual([environmentOf('https://api.huifu.com'), isLive('https://api.huifu.com')], ['production', true]);
  assert.deepEqual(
    [environmentOf('https://opps-stbmertest.testpnr.com/'), isLive('https://opps-stbmertest.testpnr.com')],
    ['test', false],
  );
  assert.deepEqual(
    [environmentOf('http://127.0.0.1:8766'), isLive('http://127.0.0.1:8766')],
    ['sandbox 127.0.0.1:8766', false],
  );
  assert.equal(isLive('http://api.huifu.com'), true);
  assert.equal(isLive('https://127.0.0.1.example.com'), true);
  assert.equal(isLive('http://opps-stbmertest.testpnr.com'), true);
});

test('older versions get their own field names, and what exists once ignores the version', () => {
  const query = address(endpoints.query, {huifu_id: 'h', req_seq_id: 'a', req_date: 'd'}, 'v2');
  assert.deepEqual(query, {
    path: '/v2/trade/payment/scanpay/query',
    fields: {huifu_id: 'h', org_req_seq_id: 'a', org_req_date: 'd'},
  });
  assert.equal(address(endpoints.close, {}, 'v4').path, '/v2/trade/payment/scanpay/close');
  assert.equal(address(endpoints.pay, {method_expand: 'x'}).fields.method_expand, 'x');
});

const rules: [string, string[]][] = [
  ['https://pay.example.com/notify', []],
  ['http://pay.example.com:8000/n', []],
  ['https://pay.example.com:9005/n', []],
  ['https://pay.example.com:9006/n', ['port']],
  ['https://pay.example.com:7999/n', ['port']],
  ['https://pay.example.com/n?a=1', ['query']],
  ['https://pay.example.com/n#a', ['fragment']],
  ['virgo://http://pay.example.com/n', ['virgo']],
  ['ftp://pay.example.com/n', ['scheme']],
  ['pay.example.com', ['not-a-url']],
  ['https://u:p@pay.example.com/n', ['credentials']],
  ['http://localhost:8000/n', ['loopback']],
  ['http://192.168.1.2/n', ['private-address']],
  ['http://172.32.0.1/n', []],
  [`https://pay.example.com/${'a'.repeat(481)}`, ['length']],
  [`https://pay.example.com/${'a'.repeat(480)}`, []],
];
for (const [url, found] of rules) {
  test(`notify_url ${url.slice(0, 60)} breaks ${found.join(', ') || 'no rule'}`, () => {
    assert.deepEqual(
      checkNotifyUrl(url).map(finding => finding.rule),
      found,
    );
  });
}
