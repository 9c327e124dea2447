import assert from 'node:assert/strict';
import {createPrivateKey, createPublicKey} from 'node:crypto';
import {appendFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import {parseKey} from '../../src/core/keys.ts';
import {readNotice} from '../../src/core/notice.ts';
import {signRsa, signText, verifyAnswer} from '../../src/core/sign.ts';
import {callControl, type Sandbox, type SandboxOptions, startSandbox} from '../../src/sandbox/index.ts';
import {keys, NOON, tempDir} from '../helpers/cli.ts';

const mine = createPrivateKey({key: Buffer.from(keys.merchant, 'base64'), format: 'der', type: 'pkcs8'});
const huifu = createPublicKey({key: Buffer.from(keys.huifuPublic, 'base64'), format: 'der', type: 'spki'});

async function start(t: TestContext, options: SandboxOptions = {}): Promise<Sandbox & {clock: {now: number}}> {
  const clock = {now: NOON};
  const sandbox = await startSandbox({now: () => clock.now, keys, ...options});
  t.after(() => sandbox.close());
  return {...sandbox, clock};
}

async function post(sandbox: Sandbox, path: string, body: string) {
  const response = await fetch(sandbox.url + path, {
    method: 'POST',
    body,
    headers: {'content-type': 'application/json'},
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const {verdict, data} = verifyAnswer(bytes, [huifu]);
  return {status: response.status, verdict, data: data ?? {}};
}

function envelope(
  data: Record<string, unknown>,
  more: {sign?: string; sys_id?: string; product_id?: string} = {},
): string {
  const text = signText(data);
  const {sys_id = '6666000100000001', product_id = 'SANDBOX', sign = signRsa(text, mine)} = more;
  return `{"sys_id":"${sys_id}","product_id":"${product_id}","sign":"${sign}","data":${text}}`;
}

const merchant = {huifu_id: '6666000100000001'};
const order = (number: string, more: Record<string, string> = {}) => ({
  ...merchant,
  req_date: '20261124',
  req_seq_id: number,
  goods_desc: 'tea',
  trade_type: 'T_MINIAPP',
  trans_amt: '1.00',
  method_expand: '{"sub_appid":"wx1","sub_openid":"o1"}',
  ...more,
});
const PAY = '/v4/trade/payment/create';
const QUERY = '/v4/trade/payment/scanpay/query';
const REFUND = '/v4/trade/payment/scanpay/refund';

test('a signed request is answered signed; one byte of its data or its signature changed is not', async t => {
  const sandbox = await start(t);
  const body = envelope(order('a1'));
  const changed = await post(sandbox, PAY, body.replace('"1.00"', '"1.01"'));
  assert.deepEqual([changed.verdict, changed.data.resp_code], ['unsigned', '40002']);
  const sign = signRsa(signText(order('a1')), mine);
  const other = `${sign[0] === 'A' ? 'B' : 'A'}${sign.slice(1)}`;
  assert.equal((await post(sandbox, PAY, envelope(order('a1'), {sign: other}))).data.resp_code, '40002');
  assert.equal(sandbox.ledger().payments.length, 0);
  const good = await post(sandbox, PAY, body);
  assert.deepEqual([good.verdict, good.data.resp_code, good.data.trans_stat], ['ok', '00000100', 'P']);
});

test('data signed unsorted is refused although the bytes were signed as sent', async t => {
  const sandbox = await start(t);
  const text = '{"req_seq_id":"a1","huifu_id":"6666000100000001","req_date":"20261124"}';
  const body = `{"sys_id":"6666000100000001","product_id":"SANDBOX","sign":"${signRsa(text, mine)}","data":${text}}`;
  assert.equal((await post(sandbox, QUERY, body)).data.resp_code, '40002');
});

test('an amount sent as a number loses its text on the way and its signature with it', async t => {
  const sandbox = await start(t);
  const text = signText(order('a1')).replace('"trans_amt":"1.00"', '"trans_amt":1.00');
  const body = `{"sys_id":"6666000100000001","product_id":"SANDBOX","sign":"${signRsa(text, mine)}","data":${text}}`;
  assert.equal((await post(sandbox, PAY, body)).data.resp_code, '40002');
});

const bad: [string, Record<string, unknown>, string, RegExp][] = [
  ['no amount', {trans_amt: ''}, '10000000', /trans_amt不能为空/],
  ['an amount without decimals', {trans_amt: '1'}, '10000000', /trans_amt/],
  ['an amount of zero', {trans_amt: '0.00'}, '10000000', /trans_amt/],
  ['a date of seven digits', {req_date: '2026112'}, '10000000', /req_date长度固定8位/],
  ['30 February', {req_date: '20260230'}, '10000000', /req_date/],
  ['an unknown trade_type', {trade_type: 'X_PAY'}, '10000000', /X_PAY/],
  ['goods_desc too long', {goods_desc: '长'.repeat(129)}, '10000000', /goods_desc最大长度/],
  ['an expiry in the past', {time_expire: '20261124110000'}, '10000000', /订单已超时/],
  ['no payer', {method_expand: '{}'}, '10000000', /openid/],
  ['the older name of the payer field', {method_expand: '', wx_data: '{"openid":"o"}'}, '10000000', /openid/],
  ['an unknown merchant', {huifu_id: '6666999999999999'}, '22000002', /商户/],
];
for (const [name, change, code, words] of bad) {
  test(`an order with ${name} is refused, signed, in the platform's words`, async t => {
    const sandbox = await start(t);
    const {verdict, data} = await post(sandbox, PAY, envelope({...order('a1'), ...change}));
    assert.deepEqual([verdict, data.resp_code], ['ok', code]);
    assert.match(String(data.resp_desc), words);
    assert.equal(sandbox.ledger().payments.length, 0);
  });
}

test('envelopes: not JSON, data as text, an unknown sys_id, a wrong product', async t => {
  const sandbox = await start(t);
  assert.equal((await post(sandbox, PAY, 'hello')).data.resp_code, '40001');
  assert.equal(
    (await post(sandbox, PAY, '{"sys_id":"a","product_id":"b","sign":"c","data":"{}"}')).data.resp_code,
    '40001',
  );
  const stranger = await post(sandbox, PAY, envelope(order('a1'), {sys_id: '6666000100000009'}));
  assert.deepEqual([stranger.verdict, stranger.data.resp_code], ['unsigned', '20001']);
  const product = await post(sandbox, PAY, envelope(order('a1'), {product_id: 'OTHER'}));
  assert.deepEqual([product.verdict, product.data.resp_code], ['ok', '22000000']);
  assert.equal((await post(sandbox, '/v4/trade/payment/scanpay/close', envelope(merchant))).status, 404);
});

test('a number is taken once, by its date or by the day it arrives', async t => {
  for (const [uniqueBy, second] of [
    ['req_date', '00000100'],
    ['arrival', '20000000'],
  ] as const) {
    const sandbox = await start(t, {switches: {uniqueBy}});
    assert.equal((await post(sandbox, PAY, envelope(order('a1')))).data.resp_code, '00000100');
    assert.equal((await post(sandbox, PAY, envelope(order('a1')))).data.resp_code, '20000000');
    assert.equal((await post(sandbox, PAY, envelope(order('a1', {req_date: '20261123'})))).data.resp_code, second);
  }
  const strict = await start(t, {switches: {acceptOldReqDate: false}});
  assert.match(
    String((await post(strict, PAY, envelope(order('a1', {req_date: '20261123'})))).data.resp_desc),
    /请求日期必须是当前日期/,
  );
});

test('refunds: only of paid orders, never above, by the payment number they are not found', async t => {
  const sandbox = await start(t);
  await post(sandbox, PAY, envelope(order('a1')));
  const refund = (number: string, ord_amt: string) =>
    post(
      sandbox,
      REFUND,
      envelope({
        ...merchant,
        req_date: '20261124',
        req_seq_id: number,
        ord_amt,
        org_req_date: '20261124',
        org_req_seq_id: 'a1',
      }),
    );
  assert.equal((await refund('r0', '0.50')).data.resp_code, '10000001');
  sandbox.pay();
  assert.equal((await refund('r1', '0.60')).data.trans_stat, 'P');
  assert.equal((await refund('r2', '0.41')).data.resp_code, '10000002');
  assert.equal((await refund('r3', '0.40')).data.trans_stat, 'P');
  const ask = (number: string) =>
    post(sandbox, `${REFUND}query`, envelope({...merchant, org_req_date: '20261124', org_req_seq_id: number}));
  assert.equal((await ask('a1')).data.resp_code, '23000001');
  assert.equal((await ask('r1')).data.trans_stat, 'P');
  sandbox.advance(2000);
  assert.equal((await ask('r1')).data.trans_stat, 'S');
});

test('a payment is notified twice and verified by the reader, a refund once, expiry not at all', async t => {
  const got: {kind: string; ok: boolean}[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', chunk => chunks.push(chunk));
    req.on('end', () => {
      const notice = readNotice(Buffer.concat(chunks), req.headers['content-type'], [huifu]);
      got.push({
        kind: `${String(notice.data?.trans_type)} ${String(notice.data?.notify_type ?? '')}`.trim(),
        ok: notice.verdict === 'ok',
      });
      res.writeHead(got.length === 1 ? 500 : 200).end(notice.ack);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const sandbox = await start(t);
  const notify_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
  await post(sandbox, PAY, envelope(order('a1', {notify_url})));
  sandbox.pay();
  await sandbox.idle();
  sandbox.advance(500);
  await sandbox.idle();
  sandbox.advance(2000);
  await sandbox.idle();
  const refund = {
    ...merchant,
    req_date: '20261124',
    req_seq_id: 'r1',
    ord_amt: '1.00',
    org_req_date: '20261124',
    org_req_seq_id: 'a1',
  };
  await post(sandbox, REFUND, envelope(refund));
  sandbox.advance(3000);
  await sandbox.idle();
  await post(sandbox, PAY, envelope(order('a2', {notify_url})));
  sandbox.expire({req_seq_id: 'a2'});
  await sandbox.idle();
  assert.ok(got.every(one => one.ok));
  assert.deepEqual(got.map(one => one.kind).sort(), ['TRANS_REFUND', 'T_MINIAPP 1', 'T_MINIAPP 1', 'T_MINIAPP 2']);
  assert.equal(sandbox.deliveries.filter(one => one.exact).length, 3);
});

test('with a data folder the ledger, the clock and the keys outlive the process, and a torn last line is cut off', async t => {
  const dataDir = tempDir(t);
  const first = await startSandbox({dataDir, now: () => NOON, keys});
  await post(first, PAY, envelope(order('a1')));
  first.pay();
  first.advance(60_000);
  await first.close();
  appendFileSync(join(dataDir, 'ledger.jsonl'), '{"type":"payment","rec');
  const second = await startSandbox({dataDir, now: () => NOON, keys});
  t.after(() => second.close());
  const [payment] = second.ledger().payments;
  assert.deepEqual(
    [payment?.trans_stat, payment?.acct_stat, payment?.trans_fen, second.now()],
    ['S', 'S', 100n, NOON + 60_000],
  );
  assert.equal((await post(second, PAY, envelope(order('a1')))).data.resp_code, '20000000');
  appendFileSync(join(dataDir, 'ledger.jsonl'), 'nonsense\n{"type":"number","key":"x"}\n');
  await assert.rejects(
    startSandbox({dataDir, keys}),
    (error: unknown) => error instanceof DougongError && error.code === 'SANDBOX_DATA',
  );
});

test('keys are made at the first start and kept', async t => {
  const dataDir = tempDir(t);
  const first = await startSandbox({dataDir});
  await first.close();
  const second = await startSandbox({dataDir});
  await second.close();
  assert.equal(second.profile.private_key, first.profile.private_key);
  assert.equal(parseKey(first.profile.private_key).bits, 2048);
});

test('the control port obeys its token and nobody else', async t => {
  const sandbox = await start(t);
  await post(sandbox, PAY, envelope(order('a1')));
  const wrong = `${sandbox.controlToken.slice(0, -1)}${sandbox.controlToken.endsWith('x') ? 'y' : 'x'}`;
  await assert.rejects(
    callControl(sandbox.controlUrl, wrong, 'pay'),
    (error: unknown) => error instanceof DougongError && error.code === 'SANDBOX_REFUSED',
  );
  assert.equal(sandbox.ledger().payments[0]?.trans_stat, 'P');
  await callControl(sandbox.controlUrl, sandbox.controlToken, 'pay', {req_seq_id: 'a1'});
  assert.equal(sandbox.ledger().payments[0]?.trans_stat, 'S');
  await assert.rejects(callControl(sandbox.controlUrl, sandbox.controlToken, 'pay'), /no unpaid order/);
});

test('a port in use is named', async t => {
  const sandbox = await start(t);
  const port = Number(new URL(sandbox.url).port);
  await assert.rejects(
    startSandbox({port, keys}),
    (error: unknown) => error instanceof DougongError && error.code === 'PORT_IN_USE',
  );
});
