import assert from 'node:assert/strict';
import {createPrivateKey, createPublicKey} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {buildNotice, readNotice, readWebhook} from '../../src/core/notice.ts';

const vectors = JSON.parse(readFileSync(new URL('../vectors/notifications.json', import.meta.url), 'utf8'));
const huifu = createPublicKey({key: Buffer.from(vectors.huifu_public_key, 'base64'), format: 'der', type: 'spki'});
const signer = createPrivateKey({key: Buffer.from(vectors.huifu_private_key, 'base64'), format: 'der', type: 'pkcs8'});

for (const vector of vectors.notify) {
  test(`notification: ${vector.name} is ${vector.expect}`, () => {
    const notice = readNotice(Buffer.from(vector.body), vector.content_type, [huifu]);
    assert.deepEqual([notice.verdict, notice.ack ?? null], [vector.expect, vector.ack]);
  });
}

for (const vector of vectors.webhook) {
  test(`webhook: ${vector.name} is ${vector.expect}`, () => {
    const sign = new URLSearchParams(vector.url_query).get('sign') ?? undefined;
    const key = vector.endpoint_key ?? vectors.webhook_endpoint_key;
    assert.equal(readWebhook(Buffer.from(vector.body), sign, key).verdict, vector.expect);
    assert.notEqual(readWebhook(Buffer.from(`${vector.body} `), sign, key).verdict, 'ok');
  });
}

const text = '{"req_seq_id":"a1","trans_amt":0.10,"buyer_logon_id":"a%40b.c"}';
const body = () => buildNotice(text, signer, {resp_code: '10000', resp_desc: '成功'});

test('what is built is read back, percent signs inside the content untouched', () => {
  const notice = readNotice(Buffer.from(body()), 'application/x-www-form-urlencoded', [huifu]);
  assert.deepEqual([notice.verdict, notice.text, notice.ack], ['ok', text, 'RECV_ORD_ID_a1']);
  assert.equal(notice.data?.trans_amt, '0.10');
});

test('a changed byte of the content takes the acknowledgement away', () => {
  const notice = readNotice(Buffer.from(body().replace('a1', 'a2')), undefined, [huifu]);
  assert.deepEqual([notice.verdict, notice.ack], ['bad_signature', undefined]);
});

test('plus signs of the signature that a proxy turned into blanks are understood', () => {
  const spoiled = body().replaceAll('%2B', '+');
  assert.equal(readNotice(Buffer.from(spoiled), undefined, [huifu]).verdict, 'ok');
});

test('a field given twice, a broken escape or bytes that are no UTF-8 are malformed', () => {
  for (const wrong of [`${body()}&resp_data=x`, `${body()}&x=%zz`, `${body()}&=x`]) {
    assert.equal(readNotice(Buffer.from(wrong), undefined, [huifu]).verdict, 'malformed', wrong.slice(-20));
  }
  assert.equal(
    readNotice(Buffer.concat([Buffer.from(body()), Buffer.from([0x26, 0xff])]), undefined, [huifu]).verdict,
    'malformed',
  );
});
