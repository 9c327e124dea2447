import assert from 'node:assert/strict';
import {test} from 'node:test';
import {classify, type MoneyCall} from '../../src/core/codes.ts';
import type {Data, Verdict} from '../../src/core/wire.ts';

const of = (data: Data | undefined, verdict: Verdict = 'ok', status = 200) => ({data, verdict, status});
const code = (resp_code: string, trans_stat?: string): Data => ({resp_code, ...(trans_stat && {trans_stat})});

const rows: [string, Data | undefined, string, MoneyCall?][] = [
  ['00000000 without a state', code('00000000'), 'accepted'],
  ['00000100 and P', code('00000100', 'P'), 'accepted'],
  ['S under an unlisted code', code('12345678', 'S'), 'accepted'],
  ['F under 00000000', code('00000000', 'F'), 'failed'],
  ...[
    '10000000',
    '10000001',
    '10000002',
    '10000009',
    '21000000',
    '22000000',
    '22000005',
    '23000001',
    '20000004',
    '23000002',
    '23000003',
    '23000004',
  ].map((one): [string, Data, string] => [one, code(one), 'final-refusal']),
  ['10000015 to a close', code('10000015'), 'final-refusal', 'close'],
  ['10000016 to a close', code('10000016'), 'final-refusal', 'close'],
  ['23000000 to a close', code('23000000'), 'final-refusal', 'close'],
  ['10000015 to a refund', code('10000015'), 'unknown', 'refund'],
  ['23000000 to a refund', code('23000000'), 'unknown', 'refund'],
  ['20000000', code('20000000'), 'exists'],
  ['20000000 with F beside it', code('20000000', 'F'), 'exists'],
  ...['20000001', '30000000', '90000000', '91111119', '98888888', '99999999', '55555555', ''].map(
    (one): [string, Data, string] => [`code "${one}"`, code(one), 'unknown'],
  ),
];
for (const [name, data, cls, call = 'refund'] of rows) {
  test(`a signed ${name} is ${cls}`, () => {
    assert.equal(classify(of(data), call).cls, cls);
    for (const verdict of ['unsigned', 'bad_signature', 'malformed'] as const) {
      assert.equal(classify(of(data, verdict), call).cls, 'unknown', `${verdict} must never count`);
    }
    for (const status of [500, 502, 911, 302])
      assert.equal(classify(of(data, 'ok', status), call).cls, 'unknown', String(status));
  });
}

test('an unsigned rejection of the envelope is a class of its own; the same code badly signed is unknown', () => {
  for (const one of ['40002', '20001', '20003']) {
    assert.equal(classify(of(code(one), 'unsigned'), 'refund').cls, 'envelope-rejected');
    assert.equal(classify(of(code(one), 'bad_signature'), 'refund').cls, 'unknown');
    assert.equal(classify(of(code(one), 'unsigned'), 'refund', {resend: true}).cls, 'unknown');
  }
  for (const status of [921, 922])
    assert.equal(classify(of(undefined, 'malformed', status), 'refund').cls, 'envelope-rejected');
});

test('a refusal or F of a repeated send says nothing about the first one', () => {
  for (const data of [code('10000002'), code('10000000'), code('00000000', 'F')]) {
    assert.equal(classify(of(data), 'refund', {resend: true}).cls, 'unknown');
    assert.notEqual(classify(of(data), 'refund').cls, 'unknown');
  }
});

test('a request for fewer calls is recognised in all its forms', () => {
  assert.equal(classify(of(undefined, 'malformed', 911), 'refund').throttled, true);
  assert.equal(classify(of(undefined, 'malformed', 914), 'refund').throttled, true);
  assert.equal(classify(of(code('20000001')), 'refund').throttled, true);
  assert.equal(
    classify(of({resp_code: '90000000', resp_desc: '请求频率过高，请于1分钟后重试'}), 'refund').throttled,
    true,
  );
  assert.equal(classify(of(code('90000000')), 'refund').throttled, false);
});
