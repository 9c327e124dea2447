import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {encode} from 'iconv-lite';
import {convertPlain} from '../../src/bills/convert.ts';
import {openParts} from '../../src/bills/read.ts';
import {type Bench, bench, errorOf, paid, type Result, tempDir} from '../helpers/cli.ts';

const DAY = '20261122';

interface Field {
  on: Bench;
  /** Writes a file into the home. */
  file(name: string, content: string | Buffer): void;
  read(name: string): string;
}

async function field(t: TestContext): Promise<Field> {
  const on = await bench(t);
  return {
    on,
    file: (name, content) => writeFileSync(join(on.home, name), content),
    read: name => readFileSync(join(on.home, name), 'utf8'),
  };
}

const resultOf = ({out}: Result) => JSON.parse(out).result;
const head = '商户号,请求日期,请求流水号,交易类型,交易金额,手续费,交易状态,退款金额';
const rows = [
  `6666000100000001,${DAY},a1,T_MINIAPP,"1,234.50",4.69,S,`,
  `6666000100000001,${DAY},a2,T_MINIAPP,12.5,0.05,S,`,
  `6666000100000001,${DAY},r1,TRANS_REFUND,,0.00,S,12`,
];
const plain = `${head}\n${rows.join('\n')}\n`;

/** The same statement as exports of many programs write it. */
const forms: [string, string | Buffer][] = [
  ['plain UTF-8', plain],
  ['a BOM and CRLF', `\uFEFF${plain.replaceAll('\n', '\r\n')}`],
  ['GB18030', encode(plain, 'gb18030')],
  ['leading tabs', plain.replaceAll(/(^|,)(6666|2026)/gm, '$1\t$2')],
  ['backticks', plain.replaceAll(/(^|,)(6666|a1|a2|r1)/gm, '$1`$2')],
  ['="…"', plain.replaceAll(/(^|,)(6666\d+|a1|a2|r1)/gm, '$1="$2"')],
  ['trailing blanks and tabs', plain.replaceAll(/(a1|a2|r1|S),/g, '$1\t ,')],
  ['sums before and after', `交易对账单\n\n总笔数,3,总金额,1247.00\n${plain}合计,,,,1247.00,4.74,,12.00\n`],
  ['a row of sums without a word', `${plain},,,,1247.00,4.74,,12.00\n`],
  ['tabs between columns', plain.replaceAll('"1,234.50"', '1234.50').replaceAll(',', '\t')],
  [
    'quotes around everything',
    plain
      .replaceAll('"', '')
      .replaceAll('1,234.50', '1234.50')
      .replace(/[^,\n]+/g, '"$&"'),
  ],
];
for (const [name, content] of forms) {
  test(`a statement with ${name} gives the same sums`, async t => {
    const {on, file} = await field(t);
    file('s.csv', content);
    const result = await on.dougong('bill summary s.csv --json');
    assert.equal(result.code, 0, result.err);
    const {total, rows: groups} = resultOf(result);
    assert.deepEqual(total, {
      count: '3',
      trans_amt: '1247.00',
      refund_amt: '12.00',
      fee_amt: '4.74',
      net_amt: '1230.26',
    });
    assert.deepEqual(
      groups.map((row: Record<string, string>) => [row.day, row.huifu_id, row.trans_type, row.count]),
      [
        [DAY, '6666000100000001', 'TRANS_REFUND', '1'],
        [DAY, '6666000100000001', 'T_MINIAPP', '2'],
      ],
    );
  });
}

test('a quoted line break stays in its cell, in CSV and in NDJSON', async t => {
  const {on, file, read} = await field(t);
  file('s.csv', `请求流水号,交易金额,备注\na1,1.00,"two\nlines, ""quoted"""\na2,2.00,x\n`);
  assert.equal(resultOf(await on.dougong('bill convert s.csv --out t.ndjson --json')).rows, '2');
  const [first] = read('t.ndjson')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(first, {req_seq_id: 'a1', trans_amt: '1.00', remark: 'two\nlines, "quoted"'});
  await on.dougong('bill convert s.csv --out t.csv');
  assert.ok(read('t.csv').includes('"two\nlines, ""quoted"""'));
});

test('a CSV for spreadsheets: BOM, long digits as text, formulas harmless, amounts exact, 0600', async t => {
  const {on, file, read} = await field(t);
  file(
    's.csv',
    `商户号,请求流水号,交易金额,备注,门店\n6666000100000001,123456789012345678,0.10,=1+1,@x\n6666000100000001,a,-5,+7,\n`,
  );
  const {code, err} = await on.dougong('bill convert s.csv --out t.csv');
  assert.equal(code, 0);
  assert.match(err, /not recognised \(kept as they are\): 门店/);
  assert.equal(
    read('t.csv'),
    `\uFEFFhuifu_id,req_seq_id,trans_amt,remark,门店\n\t6666000100000001,\t123456789012345678,0.10,'=1+1,'@x\n\t6666000100000001,a,-5.00,'+7,\n`,
  );
  assert.equal(statSync(join(on.home, 't.csv')).mode & 0o777, 0o600);
});

test('Parquet keeps amounts as decimals', async t => {
  const {on, file} = await field(t);
  file('s.csv', plain);
  assert.equal((await on.dougong('bill convert s.csv --out t.parquet')).code, 0);
  const {openDuck} = await import('../../src/bills/duck.ts');
  const duck = await openDuck({tempDir: on.home});
  const found = await duck.rows(
    `SELECT typeof(trans_amt) AS type, CAST(trans_amt AS VARCHAR) AS text FROM '${join(on.home, 't.parquet')}' LIMIT 1`,
  );
  duck.close();
  assert.deepEqual(found, [{type: 'DECIMAL(18,2)', text: '1234.50'}]);
});

test('without DuckDB CSV and NDJSON come out the same', async t => {
  const {on, file, read} = await field(t);
  file('s.csv', `交易对账单\n${plain}合计,,,,1247.00,4.74,,12.00\n`);
  for (const format of ['csv', 'ndjson'] as const) {
    await on.dougong(`bill convert s.csv --out duck.${format}`);
    const tempDir = join(on.home, `t-${format}`);
    mkdirSync(tempDir);
    const parts = await openParts([join(on.home, 's.csv')], {tempDir});
    const {rows: count} = await convertPlain(parts, join(on.home, `plain.${format}`), format);
    assert.equal(count, '3');
    assert.equal(read(`plain.${format}`), read(`duck.${format}`));
  }
});

test('what is no amount is refused with its column and value; nothing is written', async t => {
  const {on, file} = await field(t);
  for (const wrong of ['12.345', '￥12', '1e3', 'abc', '12,5x']) {
    file('s.csv', `请求流水号,交易金额\na1,1.00\na2,"${wrong}"\n`);
    for (const words of ['bill summary s.csv', 'bill convert s.csv --out t.csv']) {
      const result = await on.dougong(`${words} --json`);
      assert.deepEqual([result.code, errorOf(result).code], [2, 'TABLE_AMOUNT'], wrong);
      assert.ok(errorOf(result).message.includes(wrong));
    }
  }
  assert.deepEqual(
    readdirSync(on.home).filter(name => name.startsWith('t.csv')),
    [],
  );
});

test('an unknown heading line is refused with what stands there, and --map names it', async t => {
  const {on, file} = await field(t);
  file('s.csv', 'A,B,C\n1,a1,5.00\n');
  const unknown = await on.dougong('bill summary s.csv --json');
  assert.deepEqual([unknown.code, errorOf(unknown).code], [2, 'TABLE_HEADER']);
  assert.match(errorOf(unknown).message, /A, B, C/);
  const mapped = await on.dougong('bill summary s.csv --json --map amount=C --map req_seq_id=B');
  assert.equal(resultOf(mapped).total.trans_amt, '5.00');
  const {total} = resultOf(await on.dougong('bill summary s.csv --json --map req_seq_id=B --map refund=C'));
  assert.equal(total.refund_amt, '5.00');
});

test('an empty file, a heading alone, bytes that are no text, one endless line', async t => {
  const {on, file} = await field(t);
  const code = async (name: string) => {
    const result = await on.dougong(`bill summary ${name} --json`);
    return [result.code, result.code === 0 ? resultOf(result).total.count : errorOf(result).code];
  };
  file('empty.csv', '');
  assert.deepEqual(await code('empty.csv'), [2, 'TABLE_EMPTY']);
  file('head.csv', `${head}\n`);
  assert.deepEqual(await code('head.csv'), [0, '0']);
  file('binary.csv', Buffer.concat([Buffer.from(head), Buffer.from([0, 1, 2])]));
  assert.deepEqual(await code('binary.csv'), [4, 'BILL_NOT_A_FILE']);
  file('line.csv', Buffer.concat([Buffer.from(`${head}\n`), Buffer.alloc(200 * 1024 * 1024, 'x')]));
  const before = process.memoryUsage().rss;
  assert.deepEqual(await code('line.csv'), [2, 'TABLE_LINE']);
  assert.ok(process.memoryUsage().rss - before < 150 * 1024 * 1024);
  assert.deepEqual(await code('none.csv'), [9, 'FILE_UNREADABLE']);
});

test('parts of a split statement are joined in their order, columns by name', async t => {
  const {on, file, read} = await field(t);
  mkdirSync(join(on.home, 'bills'));
  file('bills/20261123_6666000100000001_order_002.csv', '交易金额,请求流水号\n2.00,a2\n');
  file('bills/20261123_6666000100000001_order_001.csv', '请求流水号,交易金额\na1,1.00\n');
  await on.dougong('bill convert bills --out t.ndjson');
  assert.deepEqual(
    read('t.ndjson')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
    [
      {req_seq_id: 'a1', trans_amt: '1.00'},
      {req_seq_id: 'a2', trans_amt: '2.00'},
    ],
  );
});

test('the output is never an input, and its form is told by its name', async t => {
  const {on, file, read} = await field(t);
  file('s.csv', plain);
  const same = await on.dougong('bill convert s.csv --out ./s.csv --json');
  assert.deepEqual([same.code, errorOf(same).code], [2, 'TABLE_OUT_SAME']);
  assert.equal((await on.dougong('bill convert s.csv --out t.xml')).code, 2);
  assert.equal(read('s.csv'), plain);
});

test('a full disk leaves no half-written file', async t => {
  const {on, file} = await field(t);
  file(
    's.csv',
    `${head}\n${Array.from({length: 20_000}, (_, at) => `6666000100000001,${DAY},n${at},T_MINIAPP,1.00,0.01,S,`).join('\n')}\n`,
  );
  const disk = join(tempDir(t), 'small');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk], {stdio: 'ignore'});
  } catch {
    return t.skip('a small disk cannot be mounted here (needs root)');
  }
  try {
    for (const format of ['csv', 'ndjson', 'parquet']) {
      const result = await on.dougong(['bill', 'convert', 's.csv', '--out', join(disk, `t.${format}`), '--json']);
      if (format !== 'parquet') assert.deepEqual([result.code, errorOf(result).code], [9, 'FILE_UNWRITABLE'], format);
      assert.ok(result.code === 0 || !existsSync(join(disk, `t.${format}`)));
    }
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

const ORDER_HEAD = 'huifu_id,req_date,req_seq_id,hf_seq_id,trans_type,trans_amt,ord_amt,fee_amt,trans_stat';
const order = (own: string, more: Partial<Record<string, string>> = {}) => {
  const row: Record<string, string | undefined> = {
    huifu_id: '6666000100000001',
    req_date: DAY,
    req_seq_id: own,
    trans_type: 'T_MINIAPP',
    trans_amt: '10.00',
    fee_amt: '0.04',
    trans_stat: 'S',
    ...more,
  };
  return ORDER_HEAD.split(',')
    .map(name => row[name] ?? '')
    .join(',');
};
const BILL_HEAD = `${ORDER_HEAD},settlement_amt,acct_stat,trans_time`;
const billRow = (own: string, more: Partial<Record<string, string>> = {}) => {
  const {settlement_amt = '10.00', acct_stat = 'S', trans_time = `${DAY}120000`, ...rest} = more;
  return `${order(own, rest)},${settlement_amt},${acct_stat},${trans_time}`;
};
const refund = {trans_type: 'TRANS_REFUND', trans_amt: '', ord_amt: '3.00', fee_amt: ''};

async function reconcile(t: TestContext, bill: string[], orders: string[], words = '', headings = ORDER_HEAD) {
  const {on, file, read} = await field(t);
  file('b.csv', `${BILL_HEAD}\n${bill.join('\n')}\n`);
  file('o.csv', `${headings}\n${orders.join('\n')}\n`);
  const result = await on.dougong(`bill reconcile --bill b.csv --orders o.csv --out d.csv --json ${words}`);
  const found = result.out === '' ? undefined : resultOf(result);
  const classes: Record<string, string> = {};
  for (const one of found?.classes ?? []) classes[one.class] = one.rows;
  if (found) assert.equal(found.apart, found.explained, 'the sums balance');
  return {...result, found, classes, details: found ? read('d.csv') : '', on};
}

const cases: [string, string[], string[], Record<string, string>, string?][] = [
  ['agree', [billRow('a')], [order('a')], {}],
  ['agree, "10" beside "10.00"', [billRow('a')], [order('a', {trans_amt: '10'})], {}],
  ['paid there, not here', [billRow('a')], [order('a', {trans_stat: 'P'})], {'paid-not-here': '1'}],
  ['paid there, closed here', [billRow('a')], [order('a', {trans_stat: '已关闭'})], {'paid-not-here': '1'}],
  ['paid but not booked', [billRow('a', {acct_stat: 'F'})], [order('a')], {'not-booked': '1'}],
  ['missing here', [billRow('a'), billRow('b')], [order('a')], {'missing-here': '1'}],
  ['missing there', [billRow('a')], [order('a'), order('b')], {'missing-there': '1'}],
  [
    'not expected there: unpaid, or of another day',
    [billRow('a')],
    [order('a'), order('b', {trans_stat: 'F'}), order('c', {req_date: '20261121'})],
    {},
  ],
  ['another amount', [billRow('a')], [order('a', {trans_amt: '10.01'})], {'amount-differs': '1'}],
  ['another state', [billRow('a', {trans_stat: 'F'})], [order('a')], {'state-differs': '1'}],
  ['another fee', [billRow('a')], [order('a', {fee_amt: '0.05'})], {'fee-differs': '1'}],
  ['no fee here', [billRow('a')], [order('a', {fee_amt: ''})], {}],
  ['refund agrees', [billRow('r', refund)], [order('r', refund)], {}],
  [
    'refund of another amount',
    [billRow('r', refund)],
    [order('r', {...refund, ord_amt: '3.01'})],
    {'amount-differs': '1'},
  ],
  [
    'refund still P here',
    [billRow('r', refund)],
    [order('r', {...refund, trans_stat: 'P'})],
    {'refund-pending-here': '1'},
  ],
  ['payment there, refund here', [billRow('a')], [order('a', {...refund, ord_amt: '10.00'})], {'kind-differs': '1'}],
  ['the same row twice', [billRow('a'), billRow('a')], [order('a')], {duplicate: '1'}],
  ['a coupon is no difference', [billRow('a', {settlement_amt: '9.00'})], [order('a')], {coupon: '1'}],
  ['matched by hf_seq_id', [billRow('', {hf_seq_id: 'h1'})], [order('x', {hf_seq_id: 'h1'})], {}],
  [
    'a refund across midnight without a window',
    [billRow('a')],
    [order('a'), order('r', refund)],
    {'missing-there': '1'},
  ],
  [
    'a refund across midnight within a window',
    [billRow('a')],
    [order('a'), order('r', refund)],
    {'crosses-midnight': '1'},
    '--window 1d',
  ],
  [
    'a refund of the day before on this statement',
    [billRow('a'), billRow('r', {...refund, req_date: '20261121'})],
    [order('a')],
    {'crosses-midnight': '1'},
    '--window 1d',
  ],
];
for (const [name, bill, orders, wanted, words] of cases) {
  test(`reconcile: ${name}`, async t => {
    const {code, classes, err} = await reconcile(t, bill, orders, words);
    assert.deepEqual(classes, wanted, err);
    const differs = Object.keys(wanted).some(one => one !== 'coupon' && one !== 'crosses-midnight');
    assert.equal(code, differs ? 4 : 0);
  });
}

test('a key that is not unique stops the run, on either side', async t => {
  const there = await reconcile(t, [billRow('a'), billRow('a', {trans_amt: '11.00'})], [order('a')]);
  assert.deepEqual([there.code, errorOf(there).code, there.out], [2, 'TABLE_DUPLICATE', '']);
  assert.match(errorOf(there).message, /statement.*a stands 2 times/);
  const here = await reconcile(t, [billRow('a')], [order('a'), order('a')]);
  assert.match(errorOf(here).message, /order file.*stands 2 times/);
});

test('orders without a state, without a key, with an unknown word', async t => {
  const heading = 'req_date,req_seq_id,trans_amt';
  const none = await reconcile(t, [billRow('a')], [`${DAY},a,10.00`], '', heading);
  assert.deepEqual([none.code, errorOf(none).code], [2, 'TABLE_STATES_NEEDED']);
  assert.equal((await reconcile(t, [billRow('a')], [`${DAY},a,10.00`], '--assume-paid', heading)).code, 0);
  const keyless = await reconcile(t, [billRow('a')], [`${DAY},10.00,S`], '', 'req_date,trans_amt,trans_stat');
  assert.deepEqual([keyless.code, errorOf(keyless).code], [2, 'TABLE_COLUMN']);
  const odd = [order('a', {trans_stat: '已发货'})];
  const word = await reconcile(t, [billRow('a')], odd);
  assert.deepEqual([word.code, errorOf(word).code], [2, 'TABLE_STATE']);
  assert.match(errorOf(word).message, /已发货/);
  assert.equal((await reconcile(t, [billRow('a')], odd, '--map-state 已发货=S')).code, 0);
  assert.equal((await reconcile(t, [billRow('a')], odd, '--map-state 已发货=X')).code, 2);
});

test('--map-orders names columns; the details name each difference', async t => {
  const {code, details, classes} = await reconcile(
    t,
    [billRow('a'), billRow('b')],
    [`${DAY},a,9.99,PAID`],
    '--map-orders req_seq_id=no --map-orders amount=paid --map-orders state=how',
    'req_date,no,paid,how',
  );
  assert.equal(code, 4);
  assert.deepEqual(classes, {'amount-differs': '1', 'missing-here': '1'});
  assert.match(details, /amount-differs,payment,\t6666000100000001,20261122,a,,10\.00,9\.99,S,S/);
});

test('--cross-check asks the gateway about what differs, and only that', async t => {
  const {on, file} = await field(t);
  const made = await paid(on, 'a1', '10.00');
  await paid(on, 'a2', '10.00');
  const day = made.req_date!;
  const row = (own: string, amount = '10.00') =>
    billRow(own, {req_date: day, trans_time: `${day}120000`, trans_amt: amount});
  file('b.csv', `${BILL_HEAD}\n${row('a1')}\n${row('a2')}\n`);
  file(
    'o.csv',
    `${ORDER_HEAD}\n${order('a1', {req_date: day})}\n${order('a2', {req_date: day, trans_amt: '11.00'})}\n${order('gone', {req_date: day})}\n`,
  );
  const before = on.sandbox.calls('query').length;
  const result = await on.dougong('bill reconcile --bill b.csv --orders o.csv --cross-check --json');
  assert.equal(result.code, 4);
  assert.equal(on.sandbox.calls('query').length - before, 2);
  assert.deepEqual(
    resultOf(result).first.map((one: Record<string, string>) => [one.class, one.gateway_stat, one.gateway_amt]),
    [
      ['amount-differs', 'S', '10.00'],
      ['missing-there', 'PAYMENT_NOT_FOUND', ''],
    ],
  );
  await on.dougong('bill reconcile --bill b.csv --orders o.csv --cross-check --max 1');
  assert.equal(on.sandbox.calls('query').length - before, 3);
});

test('100,000 rows: every planted difference is found, none is invented, the sums balance', async t => {
  const {on} = await field(t);
  const made = resultOf(
    await on.dougong('sandbox bill-data --rows 100000 --seed 11 --out bills --orders o.csv --planted 7 --json'),
  );
  const {code, out} = await on.dougong('bill reconcile --bill bills --orders o.csv --json');
  assert.equal(code, 4);
  const found = JSON.parse(out).result;
  assert.deepEqual(
    Object.fromEntries(found.classes.map((one: {class: string; rows: string}) => [one.class, Number(one.rows)])),
    made.planted,
  );
  assert.equal(found.apart, found.explained);
  await on.dougong('sandbox bill-data --rows 20000 --seed 12 --out clean --orders c.csv --plain');
  assert.equal((await on.dougong('bill reconcile --bill clean --orders c.csv')).code, 0);
});

test('the same seed makes the same bytes', async t => {
  const {on} = await field(t);
  for (const name of ['x', 'y']) await on.dougong(`sandbox bill-data --rows 500 --seed 3 --out ${name} --plain`);
  const [file] = readdirSync(join(on.home, 'x'));
  assert.deepEqual(readFileSync(join(on.home, 'x', file!)), readFileSync(join(on.home, 'y', file!)));
  const few = await on.dougong('sandbox bill-data --rows 500 --seed 3 --out z --planted 100 --json');
  assert.equal(few.code, 2);
});
