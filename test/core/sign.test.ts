import assert from 'node:assert/strict';
import {createPrivateKey, createPublicKey, type KeyObject} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import {members, parseValue} from '../../src/core/json.ts';
import {signRsa, signText, verifyAnswer, verifyRsa, webhookMd5, wireFields} from '../../src/core/sign.ts';

const load = (name: string) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const der = (text: string) => Buffer.from(text, 'base64');
const priv = (text: string): KeyObject => createPrivateKey({key: der(text), format: 'der', type: 'pkcs8'});
const pub = (text: string): KeyObject => createPublicKey({key: der(text), format: 'der', type: 'spki'});

const signing = load('request-signing');
for (const vector of signing.cases) {
  test(`request signing: ${vector.name} gives the text and the signature of the official SDKs`, () => {
    const text = signText(vector.data);
    assert.equal(text, vector.text);
    assert.equal(signRsa(text, priv(signing.merchant_private_key)), vector.sign);
    assert.equal(verifyRsa(text, vector.sign, [pub(signing.merchant_public_key)]), true);
    assert.equal(verifyRsa(`${text.slice(0, -1)} }`, vector.sign, [pub(signing.merchant_public_key)]), false);
  });
}

const answers = load('response-verification');
for (const vector of answers.cases) {
  test(`response verification: ${vector.name} is ${vector.expect}`, () => {
    const key = pub(vector.public_key ?? answers.huifu_public_key);
    const body = Buffer.from(vector.body);
    assert.equal(verifyAnswer(body, [key]).verdict, vector.expect);
    if (vector.expect !== 'ok') return;
    const {raw} = verifyAnswer(body, [key]);
    assert.ok(vector.body.includes(raw));
    // The twin: one digit of the data changed.
    const at = vector.body.search(/(?<=:"?)\d(?=\d*"?[,}])/);
    const other = vector.body[at] === '1' ? '2' : '1';
    const changed = vector.body.slice(0, at) + other + vector.body.slice(at + 1);
    assert.notEqual(verifyAnswer(Buffer.from(changed), [key]).verdict, 'ok');
  });
}

test('an answer is verified by any of several trusted keys, and by none that is missing', () => {
  const body = Buffer.from(answers.cases.find((one: {name: string}) => one.name === 'sorted-raw-text').body);
  assert.equal(verifyAnswer(body, [pub(signing.merchant_public_key), pub(answers.huifu_public_key)]).verdict, 'ok');
  assert.equal(verifyAnswer(body, [pub(signing.merchant_public_key)]).verdict, 'bad_signature');
  assert.equal(verifyAnswer(body, []).verdict, 'bad_signature');
});

test('bytes that are no UTF-8 are malformed', () => {
  assert.equal(verifyAnswer(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), []).verdict, 'malformed');
});

test('a member given twice is refused at every level', () => {
  for (const text of ['{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"a":[{"b":1,"\\u0062":1}]}']) {
    assert.throws(() => parseValue(text), SyntaxError, text);
  }
  assert.deepEqual(parseValue('{"a":1,"b":2}'), {a: '1', b: '2'});
});

test('numbers keep their text and a name like __proto__ is a member like any other', () => {
  assert.deepEqual(parseValue('[0.00, -1e3, 12345678901234567890]'), ['0.00', '-1e3', '12345678901234567890']);
  const value = parseValue('{"__proto__":{"x":1}}') as object;
  assert.deepEqual(Object.keys(value), ['__proto__']);
  assert.equal((value as {x?: unknown}).x, undefined);
});

test('the scanner accepts what JSON.parse accepts and refuses what it refuses', () => {
  const good = ['{}', '[]', '""', '"\\u00e9\\n"', ' [1, 2.5e-3 ,null] ', '{"a":{"b":[true,false]}}', '-0'];
  const bad = [
    '',
    '{',
    '{"a"}',
    '{"a":}',
    '[1,]',
    '{"a":1,}',
    '01',
    '1.',
    '+1',
    '"\t"',
    '"\\x"',
    '"\\u12g4"',
    'nul',
    '{} {}',
    "{'a':1}",
    '[1 2]',
  ];
  for (const text of good) {
    JSON.parse(text);
    parseValue(text);
  }
  for (const text of bad) {
    assert.throws(() => JSON.parse(text), text);
    assert.throws(() => parseValue(text), SyntaxError, text);
  }
});

test('nesting beyond 200 levels is refused instead of overflowing the stack', () => {
  assert.throws(() => parseValue('['.repeat(100_000)), SyntaxError);
  assert.ok(parseValue(`${'['.repeat(150)}${']'.repeat(150)}`));
});

test('raw members are the exact slices of the text', () => {
  assert.deepEqual(members('{ "a" : [1, 2] , "b":"x\\"}" }'), [
    {name: 'a', raw: '[1, 2]'},
    {name: 'b', raw: '"x\\"}"'},
  ]);
  assert.throws(() => members('[1]'), SyntaxError);
});

test('fields go out as strings, nested ones as JSON strings, absent ones not at all', () => {
  assert.deepEqual(wireFields({a: 1, b: null, c: '', d: undefined, e: {x: '1'}, f: ['y'], g: false}), {
    a: '1',
    e: '{"x":"1"}',
    f: '["y"]',
    g: 'false',
  });
});

test('characters that the two sides may escape differently are refused by the name of their field', () => {
  for (const value of ['a\u0000', 'a\u2028', 'a\u2029b', '\ud800', '\u001b[31m']) {
    assert.throws(
      () => wireFields({remark: value}),
      (error: unknown) =>
        error instanceof DougongError && error.code === 'TEXT_UNSAFE' && error.params.field === 'remark',
    );
  }
  assert.deepEqual(wireFields({remark: 'a\tb\n𠮷'}), {remark: 'a\tb\n𠮷'});
});

const notices = load('notifications');
test('a signature that is not plain base64 never verifies', () => {
  const {text, sign} = signing.cases[0];
  const keys = [pub(signing.merchant_public_key)];
  for (const wrong of [
    '',
    '@@@',
    `${sign} `,
    `${sign}\n`,
    sign.slice(1),
    sign.replaceAll('+', ' ').replaceAll('/', '_'),
  ]) {
    assert.equal(verifyRsa(text, wrong, keys), false, JSON.stringify(wrong));
  }
  assert.equal(verifyRsa(text, sign, keys), true);
});

test('the Webhook digest is over the raw body and the key', () => {
  assert.equal(webhookMd5(Buffer.from(''), 'abc'), '900150983CD24FB0D6963F7D28E17F72');
  assert.notEqual(
    webhookMd5(Buffer.from(' '), notices.webhook_endpoint_key),
    webhookMd5(Buffer.from(''), notices.webhook_endpoint_key),
  );
});
