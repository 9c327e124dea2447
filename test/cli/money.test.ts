import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {FaultKind} from '../../src/sandbox/index.ts';
import {bench, errorOf, keys, ORDER, paid, writeProfile} from '../helpers/cli.ts';

const A1 = '--req-seq-id a1 --req-date 20261124';

test('an order is placed once, prints pay_info taken apart, and says that it is not yet paid', async t => {
  const on = await bench(t);
  const {code, out, err} = await on.dougong(`${ORDER} --req-seq-id a1`);
  assert.equal(code, 0);
  assert.match(out, /P not finished/);
  assert.match(out, /signType {2}RSA/);
  assert.match(err, /accepted, not finished.*a1/);
  assert.match(err, /dougong query --req-seq-id a1 --req-date 20261124/);
  const [call] = on.sandbox.calls('pay');
  assert.equal(call?.path, '/v4/trade/payment/create');
  assert.equal(call?.data.trans_amt, '100.00');
});

test('--snippet passes signType on and leaves appId out', async t => {
  const on = await bench(t);
  const {out} = await on.dougong(`${ORDER} --snippet`);
  assert.match(out, /^wx\.requestPayment\(\{\n {2}timeStamp: "\d+",/);
  assert.match(out, /signType: "RSA"/);
  assert.doesNotMatch(out, /appId/);
});

test('the same number on the same day gives the kept answer and no second order', async t => {
  const on = await bench(t);
  const first = await on.json(`${ORDER} --req-seq-id a1`);
  const second = await on.json(`${ORDER} --req-seq-id a1`);
  assert.deepEqual(second, first);
  assert.equal(on.sandbox.calls('pay').length, 1);
  const other = await on.dougong(`${ORDER.replace('100.00', '99.00')} --req-seq-id a1 --json`);
  assert.deepEqual([other.code, errorOf(other).code, on.sandbox.calls('pay').length], [2, 'NUMBER_TAKEN', 1]);
});

test('openid stands alone or sub_appid with sub_openid; anything else sends nothing', async t => {
  const on = await bench(t);
  const base = 'pay --amount 1.00 --goods-desc tea --yes';
  writeProfile(on.home, 'sandbox', on.sandbox.profile, {sub_appid: undefined});
  for (const wrong of ['', '--sub-openid o1', '--sub-appid wx1', '--openid o1 --sub-openid o2 --sub-appid wx1']) {
    const {code} = await on.dougong(`${base} ${wrong}`);
    assert.equal(code, 2, wrong);
  }
  assert.equal(on.sandbox.calls().length, 0);
  assert.equal((await on.dougong(`${base} --openid o1`)).code, 0);
});

test('a query shows the state in words first and every field of the answer', async t => {
  const on = await bench(t);
  await paid(on);
  const {code, out, err} = await on.dougong(`query ${A1}`);
  assert.equal(code, 0);
  assert.match(out.split('\n')[0]!, /state\s+S paid/);
  assert.match(out, /WeChat transaction\s+4200/);
  assert.match(out, /div_flag\s+0/);
  assert.equal(err, '');
  const zh = await on.dougong(`query ${A1} --lang zh`);
  assert.match(zh.out, /状态\s+S 已支付/);
});

test('--json prints the data of the gateway and nothing else', async t => {
  const on = await bench(t);
  await paid(on);
  const {out, err} = await on.dougong(`query ${A1} --json`);
  assert.equal(JSON.parse(out).trans_stat, 'S');
  assert.deepEqual(Object.keys(JSON.parse(out)), Object.keys(JSON.parse(out)).sort());
  assert.equal(err, '');
});

test('versions 2 and 3 ask under their own names and read the same', async t => {
  const on = await bench(t);
  await paid(on);
  for (const version of ['v2', 'v3', 'v4']) {
    const answer = await on.json(`query ${A1} --api-version ${version}`);
    assert.equal(answer.trans_stat, 'S', version);
  }
  assert.deepEqual(
    on.sandbox.calls('query').map(call => [call.path.slice(1, 3), call.data.org_req_seq_id ?? call.data.req_seq_id]),
    [
      ['v2', 'a1'],
      ['v3', 'a1'],
      ['v4', 'a1'],
    ],
  );
  const refunded = await on.json(`refund ${A1} --amount 1.00 --yes --api-version v2`);
  assert.equal(refunded.ord_amt, '1.00');
});

test('--wait asks until the end and exits 8 when there is none in time', async t => {
  const on = await bench(t);
  await on.json(`${ORDER} --req-seq-id a1`);
  const waited = await on.dougong(`query ${A1} --wait --wait-timeout 20s`);
  assert.equal(waited.code, 8);
  const asked = on.sandbox.calls('query').length;
  assert.ok(asked > 3 && asked < 20, String(asked));
  on.sandbox.pay();
  assert.equal((await on.dougong(`query ${A1} --wait`)).code, 0);
});

test('--exit-status tells F and P by the exit code, a plain query does not', async t => {
  const on = await bench(t);
  await on.json(`${ORDER} --req-seq-id a1`);
  assert.equal((await on.dougong(`query ${A1}`)).code, 0);
  assert.equal((await on.dougong(`query ${A1} --exit-status`)).code, 8);
  on.sandbox.expire();
  assert.equal((await on.dougong(`query ${A1}`)).code, 0);
  assert.equal((await on.dougong(`query ${A1} --exit-status`)).code, 4);
});

test('paid but not booked is a loud warning and no error', async t => {
  const on = await bench(t);
  await on.json(`${ORDER} --req-seq-id a1`);
  on.sandbox.pay({booking_fails: true});
  on.clock.now += 5000;
  const {code, err} = await on.dougong(`query ${A1}`);
  assert.equal(code, 0);
  assert.match(err, /not booked/);
});

test('an unknown payment is refused in the words of the gateway', async t => {
  const on = await bench(t);
  const {code, out, err} = await on.dougong(`query ${A1}`);
  assert.deepEqual([code, out], [4, '']);
  assert.match(err, /23000001 原交易不存在/);
});

test('a refund looks the payment up, sends once and names the next question', async t => {
  const on = await bench(t);
  const order = await paid(on);
  const {code, out, err} = await on.dougong(`refund --hf-seq-id ${order.hf_seq_id} --amount 30.00 --yes --remark 缺货`);
  assert.equal(code, 0);
  assert.match(out, /refund amount\s+30\.00/);
  assert.match(err, /100\.00 yuan, 0\.00 refunded or under way, 100\.00 left/);
  assert.match(err, /dougong refund query --refund-req-seq-id \S+ --refund-req-date 20261124/);
  const [call] = on.sandbox.calls('refund');
  assert.deepEqual([call?.data.org_req_date, call?.data.ord_amt, call?.data.remark], ['20261124', '30.00', '缺货']);
});

test('several partial refunds never exceed the payment, and one too many sends nothing', async t => {
  const on = await bench(t);
  await paid(on);
  for (const amount of ['30.00', '20.00', '50.00'])
    assert.equal((await on.dougong(`refund ${A1} --amount ${amount} --yes`)).code, 0);
  const many = await on.dougong(`refund ${A1} --amount 0.01 --yes --json`);
  assert.deepEqual([many.code, errorOf(many).code], [4, 'REFUND_EXCEEDS']);
  const all = await on.dougong(`refund ${A1} --all --again --yes --json`);
  assert.equal(all.out, '');
  assert.equal(on.sandbox.calls('refund').length, 3);
});

test('without a terminal an amount or --all is needed, and consent', async t => {
  const on = await bench(t);
  await paid(on);
  assert.equal((await on.dougong(`refund ${A1} --yes`)).code, 2);
  const unasked = await on.dougong(`refund ${A1} --all --json`);
  assert.deepEqual([unasked.code, errorOf(unasked).code], [2, 'ANSWER_NEEDED']);
  assert.equal(on.sandbox.calls('refund').length, 0);
});

test('the same refund typed again: pending is shown with exit 8, done is stopped with exit 2, --again sends', async t => {
  const on = await bench(t);
  await paid(on);
  const first = await on.json(`refund ${A1} --amount 10.00 --yes`);
  const pending = await on.dougong(`refund ${A1} --amount 10.00 --yes --json`);
  assert.deepEqual([pending.code, errorOf(pending).code], [8, 'STILL_PENDING']);
  on.clock.now += 5000;
  const settled = await on.json(`refund ${A1} --amount 10.00 --yes`);
  assert.deepEqual([settled.trans_stat, settled.org_req_seq_id], ['S', first.req_seq_id]);
  const stopped = await on.dougong(`refund ${A1} --amount 10.00 --yes --json`);
  assert.deepEqual([stopped.code, errorOf(stopped).code], [2, 'ALREADY_REFUNDED']);
  assert.equal(on.sandbox.calls('refund').length, 1);
  assert.equal((await on.dougong(`refund ${A1} --amount 10.00 --yes --again`)).code, 0);
  assert.equal(on.sandbox.calls('refund').length, 2);
  on.clock.now += 8 * 86_400_000;
  await on.dougong(`refund query ${A1}`);
  assert.equal(
    (await on.dougong(`refund ${A1} --amount 10.00 --yes`)).code,
    2,
    'eight days after the first, but the second was settled today',
  );
});

test('a refund that fails exits 4 where it is waited for, and frees its amount', async t => {
  const on = await bench(t);
  await paid(on);
  on.sandbox.fault({kind: 'refund-fails', endpoint: 'refund'});
  const {code} = await on.dougong(`refund ${A1} --all --yes --wait`);
  assert.equal(code, 4);
  assert.equal((await on.dougong(`refund ${A1} --all --yes --wait`)).code, 0);
  assert.equal(on.sandbox.calls('refund').length, 2);
});

const lost: FaultKind[] = [
  'reset-before-commit',
  'drop-after-commit',
  'half-answer',
  'bad-signature',
  'unsigned',
  'html',
  'empty',
  'huge',
  'status',
];
for (const kind of lost) {
  test(`a refund met by ${kind} exits 7, is sent once, and is settled by a question when it is typed again`, async t => {
    const on = await bench(t);
    await paid(on);
    on.sandbox.fault({kind, endpoint: 'refund'});
    const {code, out, err} = await on.dougong(`refund ${A1} --all --yes`);
    assert.deepEqual([code, out], [7, '']);
    assert.match(err, /do not send it again/);
    assert.match(err, /dougong journal resume/);
    on.clock.now += 5000;
    const again = await on.dougong(`refund ${A1} --all --yes --again`);
    const committed = kind !== 'reset-before-commit';
    assert.equal(again.code, committed ? 0 : 7, again.err);
    assert.equal(on.sandbox.ledger().refunds.length, committed ? 1 : 0);
    assert.equal(on.sandbox.calls('refund').length, committed ? 1 : 0);
    const status = await on.dougong('journal status');
    assert.equal(status.code, 8, 'the order itself is still pending in the journal');
  });
}

test('a signed refusal of the closed list exits 4 and frees the amount; an unlisted code does not', async t => {
  const on = await bench(t);
  await paid(on);
  on.sandbox.fault({kind: 'code', endpoint: 'refund', resp_code: '23000003', resp_desc: '可用余额不足'});
  const refused = await on.dougong(`refund ${A1} --all --yes`);
  assert.equal(refused.code, 4);
  assert.match(refused.err, /23000003 可用余额不足/);
  on.sandbox.fault({kind: 'code', endpoint: 'refund', resp_code: '98888888', resp_desc: '系统错误'});
  assert.equal((await on.dougong(`refund ${A1} --all --yes`)).code, 7);
  assert.equal((await on.dougong(`refund ${A1} --all --yes`)).code, 7, 'not sent again');
  assert.equal(on.sandbox.calls('refund').length, 2);
});

test('an answer later than --http-timeout is unknown', async t => {
  const on = await bench(t);
  await paid(on);
  on.sandbox.fault({kind: 'delay', endpoint: 'refund', ms: 2000});
  const {code} = await on.dougong(`refund ${A1} --all --yes --http-timeout 200ms`);
  assert.equal(code, 7);
  assert.equal(on.sandbox.ledger().refunds.length, 1);
});

test('a gateway that is not there is exit 6, and the same command later sends under the same number', async t => {
  const on = await bench(t);
  await paid(on);
  const {url} = on.sandbox;
  await on
    .dougong(`refund ${A1} --no-lookup --amount 5.00 --yes`, {env: {DOUGONG_BASE_URL: 'http://127.0.0.1:9'}})
    .then(result => {
      assert.equal(result.code, 6);
      assert.match(result.err, /nothing was sent/);
    });
  assert.equal(on.sandbox.calls('refund').length, 0);
  const [intent] = (await on.dougong('journal list --json --state intended')).out.trim().split('\n');
  assert.equal(JSON.parse(intent!).sends, 0);
  assert.ok(url);
});

test('wrong keys are told apart: the gateway rejects ours, or its answer does not hold', async t => {
  const on = await bench(t);
  writeProfile(on.home, 'sandbox', {
    ...on.sandbox.profile,
    private_key: keys.huifu,
    huifu_public_keys: [keys.merchantPublic],
  });
  const mine = await on.dougong('balance --json');
  assert.deepEqual([mine.code, errorOf(mine).code], [4, 'ENVELOPE_REJECTED']);
  assert.deepEqual(errorOf(mine).gateway, {
    verified: false,
    http_status: 200,
    resp_code: '40002',
    resp_desc: '验签失败',
  });
  writeProfile(on.home, 'sandbox', {...on.sandbox.profile, huifu_public_keys: [keys.merchantPublic]});
  const own = await on.dougong('balance --json');
  assert.deepEqual([own.code, errorOf(own).code], [3, 'KEY_IS_OWN']);
  writeProfile(on.home, 'sandbox', on.sandbox.profile);
  on.sandbox.fault({kind: 'bad-signature', endpoint: 'balance'});
  const theirs = await on.dougong('balance');
  assert.deepEqual([theirs.code, theirs.out], [5, '']);
});

test('a service provider has no default merchant for money, and any merchant by --huifu-id', async t => {
  const on = await bench(t, {merchants: ['6666000100000002']});
  writeProfile(on.home, 'sandbox', on.sandbox.profile, {huifu_id: undefined});
  const none = await on.dougong(`${ORDER} --json`);
  assert.deepEqual([none.code, errorOf(none).code], [2, 'MERCHANT_NEEDED']);
  const order = await on.json(`${ORDER} --huifu-id 6666000100000002`);
  assert.equal(order.huifu_id, '6666000100000002');
});

test('live money without a terminal needs --yes and --live', async t => {
  const on = await bench(t);
  const env = {DOUGONG_BASE_URL: 'https://gateway.invalid'};
  const one = await on.dougong(`${ORDER} --json`, {env});
  assert.deepEqual([one.code, errorOf(one).code], [2, 'LIVE_NEEDED']);
  const both = await on.dougong(`${ORDER} --live --json`, {env});
  assert.equal(both.code, 6, 'only then the network is touched');
});

test('a divided payment is refunded only with its parts, which must add up', async t => {
  const on = await bench(t, {merchants: ['6666000100000002']});
  const bunch = (a: string, b: string, who = '6666000100000002') =>
    JSON.stringify({
      acct_infos: [
        {huifu_id: '6666000100000001', div_amt: a},
        {huifu_id: who, div_amt: b},
      ],
    });
  await on.dougong([...`${ORDER} --req-seq-id a1 -d`.split(' '), `acct_split_bunch=${bunch('60.00', '40.00')}`]);
  on.sandbox.pay();
  const refund = (more: string[]) => on.dougong([...`refund ${A1} --amount 10.00 --yes --json`.split(' '), ...more]);
  assert.equal(errorOf(await refund([])).code, 'SPLIT_NEEDED');
  assert.equal(errorOf(await refund(['-d', `acct_split_bunch=${bunch('6.00', '4.01')}`])).code, 'SPLIT_INVALID');
  assert.equal(
    errorOf(await refund(['-d', `acct_split_bunch=${bunch('6.00', '4.00', '6666000100000003')}`])).code,
    'SPLIT_INVALID',
  );
  assert.equal(on.sandbox.calls('refund').length, 0);
  assert.equal((await refund(['-d', `acct_split_bunch=${bunch('6.00', '4.00')}`])).code, 0);
});

test("a profile's limits on refunds hold for one and for a day", async t => {
  const on = await bench(t);
  writeProfile(on.home, 'sandbox', on.sandbox.profile, {max_refund: '20.00', max_refund_day: '30.00'});
  await paid(on);
  assert.equal(errorOf(await on.dougong(`refund ${A1} --amount 20.01 --yes --json`)).code, 'REFUND_LIMIT');
  assert.equal((await on.dougong(`refund ${A1} --amount 20.00 --yes`)).code, 0);
  assert.equal(errorOf(await on.dougong(`refund ${A1} --amount 10.01 --yes --json`)).code, 'REFUND_LIMIT');
  on.clock.now += 86_400_000;
  assert.equal((await on.dougong(`refund ${A1} --amount 10.01 --yes`)).code, 0);
});

test('a close waits out the first minute, is believed only after a query, and cannot undo a payment', async t => {
  const on = await bench(t);
  await on.json(`${ORDER} --req-seq-id a1`);
  const early = await on.dougong(`close ${A1} --yes --json`);
  assert.deepEqual([early.code, errorOf(early).code, on.sandbox.calls('close').length], [4, 'CLOSE_TOO_EARLY', 0]);
  const closed = await on.dougong(`close ${A1} --yes --wait`);
  assert.equal(closed.code, 0, closed.err);
  assert.match(closed.err, /a query of the payment says F/);
  assert.equal(on.sandbox.ledger().payments[0]?.trans_stat, 'F');
  assert.equal(errorOf(await on.dougong(`close ${A1} --yes --json`)).code, 'CLOSE_DONE');
  await paid(on, 'a2');
  const late = await on.dougong('close --req-seq-id a2 --req-date 20261124 --yes --json');
  assert.deepEqual([late.code, errorOf(late).code], [4, 'CLOSE_PAID']);
  assert.equal(on.sandbox.calls('close').length, 1);
});

test('the customer who pays while the close runs wins, loudly', async t => {
  const on = await bench(t, {switches: {closeMs: 10_000}});
  await on.json(`${ORDER} --req-seq-id a1`);
  on.clock.now += 61_000;
  const running = await on.dougong(`close ${A1} --yes`);
  assert.equal(running.code, 0);
  assert.match(running.err, /not finished/);
  on.sandbox.pay();
  on.clock.now += 11_000;
  const {code, err} = await on.dougong(`close ${A1} --yes --json`);
  assert.deepEqual([code, errorOf({code, err, out: ''}).code], [4, 'CLOSE_PAID']);
  assert.equal((await on.json(`close query ${A1}`)).org_trans_stat, 'S');
});

test('a gateway clock that is off by more than a minute is said before money moves', async t => {
  const on = await bench(t);
  await paid(on);
  on.sandbox.fault({kind: 'skew', endpoint: 'query', ms: 90_000});
  assert.match((await on.dougong(`refund ${A1} --amount 1.00 --yes`)).err, /clock is 90 s off/);
  on.sandbox.fault({kind: 'skew', endpoint: 'query', ms: 30_000});
  assert.doesNotMatch((await on.dougong(`refund ${A1} --amount 2.00 --yes`)).err, /clock is/);
});

test('journal resume asks about what is open and sends nothing that moves money', async t => {
  const on = await bench(t);
  await paid(on);
  on.sandbox.fault({kind: 'drop-after-commit', endpoint: 'refund'});
  await on.dougong(`refund ${A1} --all --yes`);
  on.clock.now += 5000;
  const {code, out} = await on.dougong('journal resume --json');
  assert.equal(code, 0);
  const states = out
    .trim()
    .split('\n')
    .map(line => [JSON.parse(line).kind, JSON.parse(line).state]);
  assert.deepEqual(states, [
    ['pay', 'done'],
    ['refund', 'done'],
  ]);
  assert.deepEqual([on.sandbox.calls('refund').length, on.sandbox.calls('pay').length], [1, 1]);
  assert.equal((await on.dougong('journal status')).code, 0);
});

test('journal show tells the whole story of one request', async t => {
  const on = await bench(t);
  await paid(on);
  const {out} = await on.dougong('journal show a1');
  assert.match(out, /intended\n.*sent {2}test:1:.*\n.*answered {2}00000100/);
  assert.equal((await on.dougong('journal show nothing')).code, 4);
});

test('--verbose shows what was signed and how the answer verified, without keys and with openid masked', async t => {
  const on = await bench(t);
  const {err} = await on.dougong(`${ORDER} --verbose`);
  assert.match(err, /> pay POST http.*\/v4\/trade\/payment\/create/);
  assert.match(err, /signature ok \(raw\)/);
  assert.doesNotMatch(err, /o1234567/);
  assert.ok(!err.includes(keys.merchant.slice(40, 80)));
});

test('a trailing command of another payment never settles this one', async t => {
  const on = await bench(t);
  await paid(on, 'a1');
  await paid(on, 'b1');
  assert.equal((await on.dougong(`refund ${A1} --amount 10.00 --yes`)).code, 0);
  assert.equal((await on.dougong('refund --req-seq-id b1 --req-date 20261124 --amount 10.00 --yes')).code, 0);
  assert.equal(on.sandbox.ledger().refunds.length, 2);
});
