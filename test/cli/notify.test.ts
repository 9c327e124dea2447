import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {notifyHandler, verifyNotification} from '../../src/index.ts';
import {openNotices} from '../../src/journal/notices-sqlite.ts';
import {type Bench, bench, errorOf, keys, ORDER, type Result, runIn} from '../helpers/cli.ts';
import {FORM, handler, post, signed, trade} from '../helpers/notices.ts';

interface Running {
  url: string;
  /** Waits until so many messages are kept. */
  until(number: number): Promise<void>;
  stop(): Promise<Result>;
}

/** A whole `listen --json` in process, on a free port. */
async function listening(t: TestContext, on: Bench, words = '', port = '--port 0'): Promise<Running> {
  const stop = new AbortController();
  const running = on.dougong(`listen --json ${port} ${words}`, {signal: stop.signal});
  const file = join(on.home, 'listen-sandbox.json');
  let url = '';
  for (let turn = 0; url === '' && turn < 400; turn += 1) {
    await pause(10);
    try {
      url = JSON.parse(readFileSync(file, 'utf8')).url ?? '';
    } catch {
      // Not yet written.
    }
  }
  t.after(async () => {
    stop.abort();
    await running;
  });
  const store = openNotices(join(on.home, 'notices.db'));
  t.after(() => store.close());
  return {
    url,
    async until(number) {
      for (let turn = 0; turn < 500 && store.list({}).length < number; turn += 1) await pause(10);
    },
    async stop() {
      stop.abort();
      return running;
    },
  };
}

const events = ({out}: Result) =>
  out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, never>);
const types = (result: Result) => events(result).map(({type}) => type);

test('a payment of the sandbox is received, verified, paired, forwarded and settles the journal', async t => {
  const on = await bench(t);
  const target = await handler(t, ({body}) => ({body: `RECV_ORD_ID_${/req_seq_id%22%3A%22(\w+)/.exec(body)?.[1]}`}));
  const running = await listening(t, on, `--forward-to ${target.url}/notify`, '');
  const printed = await on.dougong('listen --print-notify-url');
  assert.equal(printed.out, `${running.url}/\n`);
  await on.json(`${ORDER} --req-seq-id a1 --notify-url ${running.url}/n`);
  // The journal came with this order; the listener looks for it a few times a second.
  await pause(500);
  on.sandbox.pay({req_seq_id: 'a1'});
  await on.sandbox.idle();
  on.sandbox.advance(2000);
  await on.sandbox.idle();
  await running.until(2);
  const result = await running.stop();
  assert.equal(result.code, 0, result.err);
  assert.deepEqual(
    on.sandbox.deliveries.map(({notify_type, acknowledged, exact}) => [notify_type, acknowledged, exact]),
    [
      ['1', true, true],
      ['2', true, true],
    ],
  );
  const seen = types(result);
  for (const type of ['listening', 'message', 'paired', 'settled', 'forwarded'])
    assert.ok(seen.includes(type as never), type);
  assert.equal(target.got.length, 2);
  const status = await on.dougong('journal list --state done --json');
  assert.match(status.out, /"req_seq_id":"a1"/);
});

test('Webhooks of the sandbox arrive in all four shapes, and with another key none of them is taken', async t => {
  const on = await bench(t);
  writeFileSync(join(on.home, 'hook.key'), on.sandbox.webhookKey);
  writeFileSync(join(on.home, 'wrong.key'), 'w'.repeat(32));
  const running = await listening(t, on, '--webhook-key-file hook.key');
  for (const [at, shape] of (['flat', 'nested', 'camel', 'event'] as const).entries()) {
    on.sandbox.subscribe({url: `${running.url}/webhook`, shape});
    await on.json(`${ORDER} --req-seq-id w${at}`);
    on.sandbox.pay({req_seq_id: `w${at}`});
    await on.sandbox.idle();
  }
  const result = await running.stop();
  const messages = events(result).filter(({type}) => type === 'message') as unknown as {
    notice: Record<string, string>;
  }[];
  assert.deepEqual(
    messages.map(({notice}) => [notice.channel, notice.kind, notice.verdict, notice.foreign, notice.req_seq_id]),
    [0, 1, 2, 3].map(at => ['webhook', 'trade', 'ok', false, `w${at}`]),
  );
  const wrong = await listening(t, on, '--webhook-key-file wrong.key');
  on.sandbox.subscribe({url: `${wrong.url}/webhook`});
  await on.json(`${ORDER} --req-seq-id w9`);
  on.sandbox.pay({req_seq_id: 'w9'});
  await on.sandbox.idle();
  assert.equal(on.sandbox.deliveries.at(-1)!.status, 401);
});

/** A home with three kept messages: genuine, forged, and a refund. */
async function kept(t: TestContext): Promise<Bench & {forged: string}> {
  const on = await bench(t);
  const running = await listening(t, on);
  const forged = trade('f1').replace('f1', 'f2');
  await post(`${running.url}/n`, trade('a1', {buyer_logon_id: 'someone@example.com'}));
  await post(`${running.url}/n`, forged);
  await post(
    `${running.url}/n`,
    signed({req_seq_id: 'r1', trans_type: 'TRANS_REFUND', ord_amt: '0.50', org_req_seq_id: 'a1'}),
  );
  await running.until(3);
  await running.stop();
  return {...on, forged};
}

test('kept messages are listed by filters, shown with personal fields masked, exported and counted', async t => {
  const on = await kept(t);
  const ids = async (words: string) =>
    (await on.dougong(`notify list --json ${words}`)).out
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line).req_seq_id);
  assert.deepEqual(await ids(''), ['a1', 'f2', 'r1']);
  assert.deepEqual(await ids('--verdict ok'), ['a1', 'r1']);
  assert.deepEqual(await ids('--kind refund'), ['r1']);
  assert.deepEqual(await ids('--kind payment --verdict ok --since 2h'), ['a1']);
  assert.deepEqual(await ids('--req-seq-id r1 --state F'), []);
  const shown = await on.dougong('notify show a1');
  assert.match(shown.out, /so\*\*\*om/);
  assert.doesNotMatch(shown.out, /someone/);
  const open = JSON.parse((await on.dougong('notify show 1 --show-personal --json')).out).result;
  assert.equal(open.body, trade('a1', {buyer_logon_id: 'someone@example.com'}));
  assert.match(open.text, /someone@example\.com/);
  const {code, err} = await on.dougong('notify show 99');
  assert.deepEqual([code, /no notification kept/.test(err)], [2, true]);
  assert.equal((await on.dougong('notify export --out all.csv')).code, 0);
  assert.match(readFileSync(join(on.home, 'all.csv'), 'utf8'), /^id,at,kind,.*\n1,2026-11-24/);
  assert.equal(statSync(join(on.home, 'all.csv')).mode & 0o777, 0o600);
  assert.equal(JSON.parse((await on.dougong('notify export --format json')).out).length, 3);
  const stats = JSON.parse((await on.dougong('notify stats --json')).out).result;
  assert.equal(
    stats.messages.reduce((sum: number, one: {count: number}) => sum + one.count, 0),
    3,
  );
});

test('resend is byte-identical, capped, asked for, and judged', async t => {
  const on = await kept(t);
  const target = await handler(t, (_got, turn) => (turn === 3 ? {status: 302} : {body: 'RECV_ORD_ID_a1'}));
  const one = await on.dougong(`notify resend 1 --forward-to ${target.url}/n?a=b`);
  assert.equal(one.code, 0, one.err);
  assert.deepEqual(
    [target.got[0]!.body, target.got[0]!.url, target.got[0]!.headers['content-type']],
    [trade('a1', {buyer_logon_id: 'someone@example.com'}), '/n?a=b', FORM],
  );
  assert.match(one.out, /would count it as acknowledged/);
  const many = `notify resend --since 1d --forward-to ${target.url}`;
  assert.deepEqual([(await on.dougong(many)).code, target.got.length], [2, 1]);
  assert.equal(errorOf(await on.dougong(`${many} --max 1 --yes --json`)).code, 'RESEND_MANY');
  assert.equal((await on.dougong(`${many} --dry-run`)).out.trim().split('\n').length, 2);
  assert.equal(target.got.length, 1);
  const sent = await on.dougong(`${many} --yes --json`);
  assert.deepEqual([sent.code, errorOf(sent).code, target.got.length], [4, 'RESEND_FAILED', 3]);
  assert.deepEqual(
    events(sent).map(({ack}) => ack),
    ['exact', 'redirect'],
  );
});

test('after a key was corrected, verify takes the messages back and forwards them', async t => {
  const on = await bench(t);
  const right = keys.huifuPublic;
  const file = join(on.home, 'keys', 'sandbox-0.pub');
  const now = readFileSync(file, 'utf8');
  const {generateKeyPairSync} = await import('node:crypto');
  const other = generateKeyPairSync('rsa', {modulusLength: 2048}).publicKey.export({format: 'der', type: 'spki'});
  writeFileSync(file, other.toString('base64'));
  const running = await listening(t, on);
  assert.equal((await post(`${running.url}/n`, trade('a1'))).status, 401);
  await running.until(1);
  await running.stop();
  const still = await on.dougong('notify verify --all --json');
  assert.deepEqual([still.code, errorOf(still).code], [5, 'NOTICES_INVALID']);
  writeFileSync(file, now || right);
  const target = await handler(t);
  const mended = await on.dougong(`notify verify --all --forward-to ${target.url} --json`);
  assert.equal(mended.code, 0, mended.err);
  assert.equal(target.got[0]!.body, trade('a1'));
  assert.match((await on.dougong('notify list --verdict ok')).out, /a1/);
});

test('prune erases bodies first, rows later; an erased message is not resent', async t => {
  const on = await kept(t);
  const day = 86_400_000;
  on.clock.now += 91 * day;
  assert.match((await on.dougong('notify prune --dry-run')).out, /^3 bodies, 0 rows/);
  assert.match((await on.dougong('notify prune')).out, /^3 bodies, 0 rows/);
  const gone = await on.dougong('notify resend 1 --forward-to http://127.0.0.1:9 --json');
  assert.deepEqual([gone.code, errorOf(gone).code], [9, 'NOTICE_ERASED']);
  assert.match((await on.dougong('notify show 1')).out, /erased after its time/);
  on.clock.now += 400 * day;
  await on.dougong('notify prune');
  assert.equal((await on.dougong('notify list --json')).out, '');
});

test('flags that make no sense are usage errors', async t => {
  const on = await bench(t);
  for (const words of [
    'listen --forward-to ftp://x',
    'listen --forward-to nothing=http://x',
    'listen --ack maybe',
    'notify resend --forward-to http://x',
    'notify list --kind nothing',
    'sandbox webhook',
  ]) {
    const {code, out} = await on.dougong(words);
    assert.deepEqual([code, out], [2, ''], words);
  }
});

test('--once ends with 0 after the first verified message, --exec has it on stdin', async t => {
  const on = await bench(t);
  const running = on.dougong(['listen', '--once', '--json', '--port', '0', '--exec', `cat > ${on.home}/seen`]);
  let url = '';
  while (url === '') {
    await pause(10);
    try {
      url = JSON.parse(readFileSync(join(on.home, 'listen-sandbox.json'), 'utf8')).url;
    } catch {
      // Not yet written.
    }
  }
  await post(`${url}/n`, trade('f1').replace('f1', 'f2'));
  await post(`${url}/n`, trade('a1'));
  assert.equal((await running).code, 0);
  assert.equal(JSON.parse(readFileSync(join(on.home, 'seen'), 'utf8')).req_seq_id, 'a1');
});

test('an order that ended and was never notified is reported as missed, with its true state', async t => {
  const on = await bench(t);
  for (const number of ['m1', 'm2', 'm3']) await on.json(`${ORDER} --req-seq-id ${number}`);
  on.sandbox.pay({req_seq_id: 'm1'});
  writeFileSync(join(on.home, 'orders.csv'), 'req_seq_id,req_date\nm2,20261124\n');
  const running = await listening(t, on, '--missed-after 10m --expect orders.csv');
  on.clock.now += 601_000;
  await pause(700);
  const missed = events(await running.stop()).filter(({type}) => type === 'missed') as unknown as Record<
    string,
    string
  >[];
  assert.deepEqual(
    missed.map(({req_seq_id, trans_stat, amount}) => [req_seq_id, trans_stat, amount]),
    [['m1', 'S', '100.00']],
  );
});

test('the built listener ends with 0 on SIGTERM and leaves no run file', async t => {
  const on = await bench(t);
  const env = {PATH: process.env.PATH, HOME: on.home, DOUGONG_HOME: on.home, DOUGONG_LANG: 'en'};
  const child = spawn(process.execPath, ['bin/dougong.js', 'listen', '--port', '0', '--json'], {env});
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal((await post(`${JSON.parse(line.toString()).url}/n`, trade('a1'))).body, 'RECV_ORD_ID_a1');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.deepEqual((await runIn(on.home, on.clock, 'listen --print-notify-url')).out, 'http://127.0.0.1:8000/\n');
});

test('the library verifies bytes, and its handler answers only after the message was taken', async t => {
  const trusted = {huifuPublicKeys: [keys.huifuPublic]};
  const good = verifyNotification(trade('a1'), {'Content-Type': FORM}, trusted);
  assert.deepEqual([good.verdict, good.ack, good.facts.kind], ['ok', 'RECV_ORD_ID_a1', 'trade']);
  assert.equal(
    verifyNotification(trade('a1').replace('a1', 'a2'), {'content-type': FORM}, trusted).verdict,
    'bad_signature',
  );
  const taken: string[] = [];
  const handle = notifyHandler({
    ...trusted,
    onNotification({facts}) {
      if (facts.req_seq_id === 'bad') throw new Error('the database is away');
      taken.push(facts.req_seq_id!);
    },
  });
  const server = createServer((req, res) => void handle(req, res));
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
  const say = async (body: string) => post(url, body).then(({status, body: text}) => [status, text]);
  assert.deepEqual(await say(trade('a1')), [200, 'RECV_ORD_ID_a1']);
  assert.deepEqual(await say(trade('a1').replace('a1', 'a2')), [401, '']);
  assert.deepEqual(await say('x'), [400, '']);
  assert.deepEqual(await say(trade('bad')), [503, '']);
  assert.deepEqual(await say('x'.repeat(2_000_000)).catch(() => [413, '']), [413, '']);
  assert.deepEqual(taken, ['a1']);
});
