// `npm run demo`: the whole story against the embedded sandbox, by the built binary as child processes. Exits 0 only if
// every state and amount is as it must be.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const home = mkdtempSync(join(tmpdir(), 'dougong-demo-'));
const bin = new URL('../../bin/dougong.js', import.meta.url).pathname;
const env = {PATH: process.env.PATH, DOUGONG_HOME: home, DOUGONG_LANG: process.env.DOUGONG_LANG ?? 'en', NO_COLOR: '1'};
const say = text => process.stdout.write(`${text}\n`);

function start(words) {
  return spawn(process.execPath, [bin, ...words], {env, stdio: ['ignore', 'pipe', 'pipe']});
}

async function dougong(line, expected = 0) {
  const child = start([...line.split(' '), '--json']);
  const read = async stream => {
    let text = '';
    for await (const chunk of stream) text += chunk;
    return text;
  };
  const [out, err, code] = await Promise.all([
    read(child.stdout),
    read(child.stderr),
    new Promise(done => child.on('close', done)),
  ]);
  say(`\n$ dougong ${line}`);
  assert.equal(code, expected, `exit ${code}, expected ${expected}\n${out}${err}`);
  if (code !== 0) {
    const {error} = JSON.parse(err.trim().split('\n').at(-1));
    say(`  exit ${code}: ${error.message}`);
    return error;
  }
  const data = JSON.parse(out);
  const shown = ['trans_stat', 'trans_amt', 'ord_amt', 'org_trans_stat', 'req_seq_id', 'org_req_seq_id'].filter(
    name => data[name],
  );
  if (data.result?.state) say(`  ${data.result.state}`);
  if (shown.length > 0) say(`  ${shown.map(name => `${name}=${data[name]}`).join('  ')}`);
  return data;
}

const sandbox = start(['sandbox', 'start', '--port', '0', '--json']);
try {
  let ready = '';
  for await (const chunk of sandbox.stdout) {
    ready += chunk;
    if (ready.includes('\n')) break;
  }
  const {url, profile} = JSON.parse(ready).result;
  say(`A sandbox runs at ${url}; its profile "${profile}" is ready.`);
  const shown = (await dougong('profile show')).result;
  assert.equal(shown.base_url, url);

  say('\n-- The first day: the merchant is not ready; what is in the way is named, and repaired.');
  await dougong('sandbox merchant --scenario not-ready');
  const notReady = await dougong('check-config', 4);
  assert.match(notReady.message, /wechat\.appid\.bound/);
  const bind = 'check-config --bind-appid wx48abf94e085e98e1 --fee-type 01 --interval 100ms --yes';
  assert.equal((await dougong(bind)).result.state, 'bound');
  say('   The legal person scans the code.');
  await dougong('sandbox merchant --scenario healthy');
  assert.equal((await dougong('check-config')).result.state, 'ready');

  say('\n-- An order is placed, the customer pays.');
  const order = '--amount 1.00 --goods-desc tea --sub-appid wx48abf94e085e98e1 --sub-openid o8jhotzittQSetZ --yes';
  const placed = await dougong(`pay ${order} --req-seq-id order1`);
  assert.equal(placed.trans_stat, 'P');
  assert.equal(JSON.parse(placed.pay_info).signType, 'RSA');
  const date = placed.req_date;
  const one = `--req-seq-id order1 --req-date ${date}`;
  await dougong('sandbox pay --req-seq-id order1');
  const paid = await dougong(`query ${one} --wait`);
  assert.deepEqual([paid.trans_stat, paid.trans_amt], ['S', '1.00']);

  say('\n-- Part of it goes back, then the rest, and then somebody tries once more.');
  const part = await dougong(`refund ${one} --amount 0.30 --refund-req-seq-id refund1 --yes`);
  assert.deepEqual([part.trans_stat, part.ord_amt], ['P', '0.30']);
  const partDone = await dougong(
    `refund query --refund-req-seq-id refund1 --refund-req-date ${part.req_date} --wait --interval 500ms`,
  );
  assert.deepEqual([partDone.trans_stat, partDone.actual_ref_amt], ['S', '0.30']);
  const rest = await dougong(`refund ${one} --all --yes --wait --interval 500ms`);
  assert.deepEqual([rest.trans_stat, rest.ord_amt], ['S', '0.70']);
  const tooMany = await dougong(`refund ${one} --amount 0.01 --yes`, 4);
  assert.equal(tooMany.code, 'REFUND_EXCEEDS');

  say('\n-- Another order is never paid and gets closed.');
  const second = await dougong(`pay ${order} --req-seq-id order2`);
  const two = `--req-seq-id order2 --req-date ${second.req_date}`;
  const early = await dougong(`close ${two} --yes`, 4);
  assert.equal(early.code, 'CLOSE_TOO_EARLY');
  await dougong('sandbox advance --by 61s');
  const closed = await dougong(`close ${two} --yes`);
  assert.equal(closed.trans_stat, 'S');
  const asked = await dougong(`close query ${two}`);
  assert.deepEqual([asked.trans_stat, asked.org_trans_stat], ['S', 'F']);

  say('\n-- The answer to a refund is lost on the way. It is not sent again; the gateway is asked.');
  const third = await dougong(`pay ${order} --req-seq-id order3`);
  await dougong('sandbox pay --req-seq-id order3');
  await dougong('sandbox fault --kind drop-after-commit --endpoint refund');
  const three = `--req-seq-id order3 --req-date ${third.req_date}`;
  const lost = await dougong(`refund ${three} --all --yes`, 7);
  assert.equal(lost.code, 'UNKNOWN_OUTCOME');
  await dougong('sandbox advance --by 5s');
  const settled = await dougong(`journal resume ${lost.req_seq_id}`);
  assert.deepEqual([settled.state, settled.amount], ['done', '1.00']);
  const again = await dougong(`refund ${three} --all --yes`, 4);
  assert.equal(again.code, 'REFUND_NOTHING_LEFT');

  say('\n-- Notifications: a listener verifies, keeps, acknowledges, pairs and forwards both messages of a payment.');
  const handed = [];
  const handler = createServer((req, res) => {
    let body = '';
    req
      .on('data', chunk => (body += chunk))
      .on('end', () => {
        const {req_seq_id, notify_type} = JSON.parse(new URLSearchParams(body).get('resp_data'));
        handed.push(`${req_seq_id} ${notify_type}`);
        res.end(`RECV_ORD_ID_${req_seq_id}`);
      });
  });
  await new Promise(done => handler.listen(0, '127.0.0.1', done));
  const to = `http://127.0.0.1:${handler.address().port}/notify`;
  say(`\n$ dougong listen --forward-to ${to}`);
  const listener = start(['listen', '--forward-to', to, '--json']);
  const events = [];
  let text = '';
  listener.stdout.on('data', chunk => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) events.push(JSON.parse(line));
  });
  const until = async (what, wanted) => {
    for (let turn = 0; !wanted(); turn += 1) {
      assert.ok(turn < 300, `${what} did not come`);
      await new Promise(done => setTimeout(done, 50));
    }
  };
  await until('the listener', () => events.some(({type}) => type === 'listening'));
  const notifyUrl = (await dougong('listen --print-notify-url')).result.notify_url;
  await dougong(`pay ${order} --req-seq-id order4 --notify-url ${notifyUrl}`);
  await dougong('sandbox pay --req-seq-id order4');
  await until('the pair', () => events.some(({type}) => type === 'paired'));
  await until('the handler', () => events.filter(({type}) => type === 'forwarded').length === 2);
  const messages = events.filter(({type}) => type === 'message').map(({notice}) => notice);
  assert.deepEqual(
    messages.map(({kind, verdict, amount}) => [kind, verdict, amount]),
    [
      ['trade', 'ok', '1.00'],
      ['booked', 'ok', '1.00'],
    ],
  );
  assert.deepEqual(handed.sort(), ['order4 1', 'order4 2']);
  assert.ok(events.filter(({type}) => type === 'forwarded').every(({ack}) => ack === 'exact'));
  say('  traded and booked: both verified, kept, paired, forwarded, acknowledged');
  await dougong(`notify resend 1 --forward-to ${to}`);
  assert.equal(handed.length, 3);
  listener.kill('SIGTERM');
  assert.equal(await new Promise(done => listener.on('close', done)), 0);
  handler.close();
  handler.closeAllConnections();

  const {result} = await dougong('sandbox show');
  const fen = list => list.reduce((sum, text) => sum + BigInt(text), 0n);
  const refunds = result.refunds.filter(refund => refund.trans_stat === 'S');
  assert.equal(refunds.length, 3, 'three refunds in the ledger of the gateway, not one more');
  assert.equal(fen(refunds.map(refund => refund.ord_fen)), 200n);
  assert.deepEqual(
    result.payments.map(payment => [payment.req_seq_id, payment.trans_stat]),
    [
      ['order1', 'S'],
      ['order2', 'F'],
      ['order3', 'S'],
      ['order4', 'S'],
    ],
  );
  say('\n-- A past week gets trades; the statement of one of its days is downloaded.');
  const past = days => new Date(Date.now() + 8 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10);
  await dougong(`sandbox trades --from ${past(9)} --to ${past(3)} --orders ${join(home, 'orders.csv')}`);
  const bill = await dougong(`bill download --date ${past(3)} --out ${join(home, 'bills')}`);
  assert.deepEqual([bill.state, bill.bill_type, bill.parts.length], ['fetched', 'TRADE_BILL', 1]);
  const kept = await dougong(`bill download --date ${past(3)} --out ${join(home, 'bills')}`);
  assert.equal(kept.state, 'kept');

  say('\n-- Its sums, and a reconciliation with the orders of the shop, in one of which the amount is wrong.');
  const summary = (await dougong(`bill summary ${join(home, 'bills')}`)).result;
  assert.equal(summary.total.count, '22');
  const orders = join(home, 'orders.csv');
  await dougong(`bill reconcile --bill ${join(home, 'bills')} --orders ${orders}`);
  const lines = readFileSync(orders, 'utf8').split('\n');
  const day = past(3).replaceAll('-', '');
  const at = lines.findIndex(line => line.includes(`,${day},`) && line.includes('T_MINIAPP'));
  const [, amount] = /T_MINIAPP,([\d.]+),/.exec(lines[at]);
  lines[at] = lines[at].replace(`T_MINIAPP,${amount},`, 'T_MINIAPP,9999.99,');
  writeFileSync(orders, lines.join('\n'));
  const differences = join(home, 'differences.csv');
  const apart = await dougong(
    `bill reconcile --bill ${join(home, 'bills')} --orders ${orders} --out ${differences}`,
    4,
  );
  assert.equal(apart.code, 'TABLE_DIFFERS');
  const [, found, ...more] = readFileSync(differences, 'utf8').trim().split('\n');
  assert.match(found, /^amount-differs,payment,/);
  assert.deepEqual(more, []);
  say(`  ${found}`);
  say('\nEvery state and amount is as it must be: 3 refunds, 2.00 yuan, each sent once.');
} finally {
  sandbox.kill('SIGTERM');
  await new Promise(done => sandbox.on('close', done));
  rmSync(home, {recursive: true, force: true});
}
