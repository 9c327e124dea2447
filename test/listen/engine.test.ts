import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {parseKey} from '../../src/core/keys.ts';
import {webhookMd5} from '../../src/core/sign.ts';
import type {Data} from '../../src/core/wire.ts';
import {openNotices} from '../../src/journal/notices-sqlite.ts';
import {keys, tempDir} from '../helpers/cli.ts';
import {booked, handler, huifu, MERCHANT, post, rig, signed, trade} from '../helpers/notices.ts';

const vectors = JSON.parse(readFileSync(new URL('../vectors/notifications.json', import.meta.url), 'utf8'));

test('every vector is answered as it must be, and only what verifies is acknowledged', async t => {
  const key = parseKey(vectors.huifu_public_key).key;
  const {send, store} = await rig(t, {keys: {huifu: [key], webhook: [vectors.webhook_endpoint_key, 'test_key']}});
  for (const {body, content_type, expect, ack, name} of vectors.notify) {
    const answer = await send(body, '/n', {'content-type': content_type});
    const status = expect === 'ok' ? 200 : expect === 'malformed' ? 400 : 401;
    assert.deepEqual([answer.status, answer.body], [status, ack ?? ''], name);
  }
  for (const {body, url_query, expect, name} of vectors.webhook) {
    const answer = await send(body, `/webhook?${url_query}`, {'content-type': 'application/json'});
    assert.deepEqual([answer.status, answer.body], [expect === 'ok' ? 200 : 401, ''], name);
  }
  assert.ok(store.list({verdict: 'ok'}).length > 5);
  assert.ok(store.list({verdict: 'bad_signature'}).length >= 2);
});

test('a message is kept before it is answered; a store that fails gives 503 and nothing is acknowledged', async t => {
  const file = join(tempDir(t), 'notices.db');
  const store = openNotices(file, {busyTimeout: 50});
  const {send, of} = await rig(t, {}, {store});
  const other = openNotices(file);
  assert.equal((await send(trade('a1'))).body, 'RECV_ORD_ID_a1');
  assert.equal(other.list({}).length, 1);
  const {default: Database} = await import('libsql');
  const lock = new Database(file);
  lock.exec('BEGIN IMMEDIATE');
  const refused = await send(trade('a2'));
  assert.deepEqual([refused.status, refused.body], [503, '']);
  assert.equal(of('store-failed').length, 1);
  lock.exec('ROLLBACK');
  assert.equal((await send(trade('a2'))).status, 200);
  assert.equal(of('store-back').length, 1);
  assert.equal(other.list({}).length, 2);
  lock.close();
  other.close();
});

test('a repetition is counted, the same key with other content is a conflict that is forwarded', async t => {
  const target = await handler(t);
  const {send, of, listener, store} = await rig(t, {targets: [{url: `${target.url}/n?x=1`}]});
  for (const body of [trade('a1'), trade('a1'), trade('a1'), trade('a1', {trans_amt: '9.00'})]) {
    assert.equal((await send(body)).status, 200);
  }
  await listener.idle();
  const messages = of('message');
  assert.deepEqual(
    messages.map(({fresh, notice}) => [fresh, notice.times, notice.conflictOf]),
    [
      [true, 1, undefined],
      [false, 2, undefined],
      [false, 3, undefined],
      [true, 1, '1'],
    ],
  );
  assert.equal(store.list({}).length, 2);
  assert.deepEqual(
    target.got.map(({url, body}) => [url, body]),
    [
      ['/n?x=1', trade('a1')],
      ['/n?x=1', trade('a1', {trans_amt: '9.00'})],
    ],
  );
  assert.equal(of('forwarded')[0]!.ack, 'other-body');
});

test('a message of another merchant is kept and acknowledged, but not forwarded', async t => {
  const target = await handler(t);
  const {send, of, listener, store} = await rig(t, {targets: [{url: target.url}]});
  assert.equal((await send(trade('a1', {huifu_id: '6666000999999999'}))).status, 200);
  await listener.idle();
  assert.deepEqual([target.got.length, of('message')[0]!.notice.foreign], [0, true]);
  assert.equal(store.list({verdict: 'foreign'}).length, 1);
});

test('what does not verify is kept apart, answered 401 and never forwarded, even when it is accepted', async t => {
  const target = await handler(t);
  const forged = trade('a1').replace('a1', 'a2');
  const strict = await rig(t, {targets: [{url: target.url}]});
  assert.deepEqual([(await strict.send(forged)).status], [401]);
  await strict.listener.idle();
  assert.equal(strict.store.list({verdict: 'bad_signature'}).length, 1);
  assert.equal(strict.of('refused')[0]!.reason, 'other-key');
  const lax = await rig(t, {targets: [{url: target.url}], acceptUnverified: true});
  const answer = await lax.send(forged);
  assert.equal(answer.status, 200);
  await lax.listener.idle();
  assert.equal(lax.store.list({verdict: 'bad_signature'}).length, 1);
  assert.equal(target.got.length, 0);
});

test('the two messages of a payment are paired in either order, and a booking that fails or stays away is told', async t => {
  const {send, of, listener, clock} = await rig(t);
  await send(trade('a1'));
  clock.now += 2100;
  await send(booked('a1'));
  await send(booked('b1'));
  clock.now += 500;
  await send(trade('b1'));
  await send(trade('c1'));
  await send(trade('d1', {is_delay_acct: '1'}));
  await send(booked('e1', {acct_stat: 'F'}));
  await listener.idle();
  assert.deepEqual(
    of('paired').map(({apartMs, order}) => [apartMs, order]),
    [
      [2100, 'trade-first'],
      [500, 'booked-first'],
    ],
  );
  assert.equal(of('not-booked').length, 1);
  clock.now += 60_001;
  listener.tick();
  assert.deepEqual(
    of('unpaired').map(({notice}) => notice.facts.req_seq_id),
    ['c1'],
  );
});

test('a forward that fails is tried three times more, then kept for resend; a new arrival tries again', async t => {
  const target = await handler(t, (_got, turn) => ({status: turn <= 4 ? 500 : 200, body: 'RECV_ORD_ID_a1'}));
  const {send, of, listener, clock, store} = await rig(t, {targets: [{url: target.url}]});
  await send(trade('a1'));
  for (let turn = 0; turn < 6; turn += 1) {
    await listener.idle();
    clock.now += 10_000;
    listener.tick();
  }
  await listener.idle();
  assert.equal(target.got.length, 4);
  assert.deepEqual(
    store.forwards('1').map(({state, tries, ack}) => [state, tries, ack]),
    [['failed', 4, 'status']],
  );
  await send(trade('a1'));
  await listener.idle();
  assert.equal(store.forwards('1')[0]!.state, 'done');
  assert.equal(of('forwarded').at(-1)!.ack, 'exact');
});

test('kinds go to their own targets; a Webhook takes its sign along', async t => {
  const [refunds, rest] = [await handler(t), await handler(t)];
  const targets = [{url: rest.url}, {url: `${refunds.url}/r`, kinds: ['refund'] as const}];
  const {send, listener} = await rig(t, {targets});
  await send(trade('a1'));
  await send(signed({req_seq_id: 'r1', hf_seq_id: 'R1', trans_type: 'TRANS_REFUND', ord_amt: '1.00'}));
  const event = JSON.stringify({
    namespace: 'opps-webhook',
    event_define_no: 'refund.standard',
    huifu_id: MERCHANT,
    mer_ord_id: 'r1',
  });
  const sign = webhookMd5(Buffer.from(event), 'k'.repeat(32));
  assert.deepEqual(await send(event, `/webhook?sign=${sign}`).then(({status, body}) => [status, body]), [200, '']);
  await listener.idle();
  assert.equal(rest.got.length, 1);
  assert.deepEqual(refunds.got.map(({url}) => url).sort(), ['/r', `/r?sign=${sign}`]);
});

test("--ack relay passes the handler's answer on; a repetition waits for the try under way", async t => {
  let open: () => void = () => {};
  const gate = new Promise<void>(done => {
    open = done;
  });
  const target = await handler(t, async (_got, turn) => {
    if (turn > 1) return {status: 200, body: 'done'};
    await gate;
    return {status: 500, body: 'later'};
  });
  const {send, listener} = await rig(t, {targets: [{url: target.url}], ack: 'relay'});
  const both = [send(trade('a1')), send(trade('a1'))];
  while (target.got.length === 0) await pause(5);
  await pause(30);
  assert.equal(target.got.length, 1);
  open();
  const answers = await Promise.all(both);
  assert.deepEqual(
    answers.map(({status, body}) => [status, body]),
    [
      [500, 'later'],
      [500, 'later'],
    ],
  );
  await listener.idle();
  assert.deepEqual(await send(trade('a1')).then(({status, body}) => [status, body]), [200, 'done']);
  await listener.idle();
  assert.deepEqual(await send(trade('a1')).then(({status, body}) => [status, body]), [200, 'done']);
  assert.equal(target.got.length, 2);
});

test('pending forwards are delivered after a restart, only to targets that are named again', async t => {
  const file = join(tempDir(t), 'notices.db');
  const gone = 'http://127.0.0.1:9';
  const first = await rig(t, {targets: [{url: gone}]}, {store: openNotices(file)});
  await first.send(trade('a1'));
  await first.listener.idle();
  const target = await handler(t);
  const store = openNotices(file);
  store.enqueue('1', target.url, first.clock.now);
  const second = await rig(t, {targets: [{url: target.url}]}, {store});
  await second.listener.idle();
  assert.deepEqual(
    target.got.map(({body}) => body),
    [trade('a1')],
  );
  assert.equal(store.outbox({environment: 'sandbox', profile: 'p', targets: [target.url]}).elsewhere, 1);
});

test('limits: method, size, encoding and a sender that dawdles; no version and no echo in any answer', async t => {
  const {send, listener, of} = await rig(t, {maxBody: 10_000, requestTimeout: 300});
  assert.equal((await send('x'.repeat(20_000))).status, 413);
  assert.equal((await send(trade('a1'), '/n', {'content-encoding': 'gzip'})).status, 415);
  const got = await fetch(`${listener.url}/secret-path`);
  assert.deepEqual([got.status, await got.text(), got.headers.get('server')], [405, '', null]);
  const slow = connect(listener.port, '127.0.0.1');
  slow.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
  const said = await new Promise<string>(done => {
    let text = '';
    slow.on('data', chunk => (text += chunk)).on('close', () => done(text));
  });
  assert.match(said, /^HTTP\/1\.1 408 /);
  assert.ok(of('refused').some(({status}) => status === 408));
  assert.equal((await send(trade('a1'))).status, 200);
});

test('a thousand open connections that say nothing keep no message from being answered within a second', async t => {
  const {send, listener} = await rig(t, {requestTimeout: 5000});
  const idle = Array.from({length: 1000}, () => {
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => {}).write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
    return socket;
  });
  await Promise.all(
    idle.map(socket => new Promise(done => (socket.connecting ? socket.once('connect', done) : done(0)))),
  );
  const begun = performance.now();
  assert.equal((await send(trade('a1'))).status, 200);
  assert.ok(performance.now() - begun < 1000);
  for (const socket of idle) socket.destroy();
});

test('a final state is asked about until it is final there too, and a contradiction is told', async t => {
  const answers: Data[] = [
    {trans_stat: 'P'},
    {trans_stat: 'S', trans_amt: '1.00'},
    {trans_stat: 'S', trans_amt: '2.00'},
  ];
  const ask = {payment: async () => answers.shift()!, refund: async () => ({})};
  const {send, of, listener} = await rig(t, {crossCheck: true}, {ask});
  await send(trade('a1'));
  await listener.idle();
  await send(trade('a2'));
  await listener.idle();
  assert.deepEqual(
    of('checked').map(({agrees, expected, got}) => [agrees, expected, got]),
    [
      [true, 'S 1.00', 'S 1.00'],
      [false, 'S 1.00', 'S 2.00'],
    ],
  );
});

test('the second of two trusted keys is enough', async t => {
  const other = parseKey(keys.merchantPublic).key;
  const both = await rig(t, {keys: {huifu: [other, huifu]}});
  assert.equal((await both.send(trade('a1'))).status, 200);
  const one = await rig(t, {keys: {huifu: [other]}});
  assert.equal((await post(`${one.listener.url}/`, trade('a1'))).status, 401);
});

test('stopping answers what is under way and does not wait for connections that are merely kept alive', async t => {
  let open: () => void = () => {};
  const gate = new Promise<void>(done => {
    open = done;
  });
  const target = await handler(t, async () => {
    await gate;
    return {status: 200, body: 'RECV_ORD_ID_a1'};
  });
  const {listener} = await rig(t, {targets: [{url: target.url}], ack: 'relay'});
  const body = trade('a1');
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  while (target.got.length === 0) await pause(5);
  const begun = performance.now();
  const stopped = listener.stop();
  setTimeout(open, 50);
  const said = await new Promise<string>(done => {
    let text = '';
    socket.on('data', chunk => (text += chunk)).on('close', () => done(text));
  });
  await stopped;
  assert.match(said, /^HTTP\/1\.1 200 [\s\S]*RECV_ORD_ID_a1$/);
  assert.ok(performance.now() - begun < 3000);
});
