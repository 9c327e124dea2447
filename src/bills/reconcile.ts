import {addDays} from '../core/beijing.ts';
import {DougongError} from '../core/errors.ts';
import {type Duck, type DuckRow, named, quoted} from './duck.ts';
import type {BillPart} from './read.ts';
import {partsSql, reading} from './sql.ts';
import {columnOr, daySql} from './summary.ts';

/** What can be between a statement and the orders of a shop. `info`: told, and no difference. */
export const CLASSES = {
  'paid-not-here': 'difference',
  'not-booked': 'difference',
  'missing-here': 'difference',
  'missing-there': 'difference',
  'amount-differs': 'difference',
  'state-differs': 'difference',
  'fee-differs': 'difference',
  'refund-pending-here': 'difference',
  'kind-differs': 'difference',
  duplicate: 'difference',
  'crosses-midnight': 'info',
  coupon: 'info',
} as const satisfies Record<string, 'difference' | 'info'>;
export type DifferenceClass = keyof typeof CLASSES;

export interface ReconcileOptions {
  /** Trade dates the statement covers, yyyyMMdd; those found on it where absent. */
  from?: string;
  to?: string;
  /** Orders without a state column are all paid. */
  assumePaid?: boolean;
  /** Words of the orders' state -> S, P or F, beside the known ones. */
  states?: Readonly<Record<string, 'S' | 'P' | 'F'>>;
  /** Days around the statement in which a refund may stand that crossed midnight; 0. */
  windowDays?: number;
}

/** One difference, amounts in yuan as text. */
export interface Difference {
  class: DifferenceClass;
  kind: string;
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  hf_seq_id: string;
  bill_amt: string;
  order_amt: string;
  bill_stat: string;
  order_stat: string;
  bill_acct_stat: string;
  bill_fee: string;
  order_fee: string;
  bill_settlement_amt: string;
}

export interface Side {
  rows: string;
  /** Yuan: payments in state S less refunds in state S. */
  net: string;
}

export interface Reconciled {
  from: string;
  to: string;
  bill: Side;
  orders: Side;
  matched: string;
  classes: {class: DifferenceClass; rows: string; bill_amt: string; order_amt: string}[];
  /** Differences without the informative classes. */
  differences: number;
  /** bill.net - orders.net, and what the differences explain of it: the same text when the sums balance. */
  apart: string;
  explained: string;
}

const STATE_WORDS: Record<'S' | 'P' | 'F', readonly string[]> = {
  S: [
    'S',
    '成功',
    '支付成功',
    '已支付',
    '已付款',
    '交易成功',
    '退款成功',
    '已退款',
    'SUCCESS',
    'PAID',
    'SUCCEEDED',
    'REFUNDED',
    'DONE',
  ],
  P: ['P', 'I', '处理中', '待支付', '未支付', '退款中', 'PENDING', 'PROCESSING', 'UNPAID', 'CREATED'],
  F: [
    'F',
    '失败',
    '支付失败',
    '已关闭',
    '已取消',
    '关闭',
    '取消',
    '退款失败',
    'FAILED',
    'CLOSED',
    'CANCELLED',
    'CANCELED',
  ],
};
/** The columns that matter here; the others are not read. */
const WANTED = [
  'huifu_id',
  'req_date',
  'req_seq_id',
  'hf_seq_id',
  'trans_type',
  'trans_amt',
  'ord_amt',
  'settlement_amt',
  'fee_amt',
  'trans_stat',
  'acct_stat',
  'trans_time',
];
const REFUND_WORDS = ['TRANS_REFUND', 'REFUND', '退款'];

/**
 * Compares a statement with the orders of a shop, in DuckDB: tables of any size, exact to the fen.
 *
 * Rows are the same by (huifu_id, req_date, req_seq_id), what is left by hf_seq_id. Expected on the statement are orders
 * in state S whose req_date it covers.
 * @returns the summary; the differences stand in the table `differences` of `duck`, see `listDifferences`.
 * @throws DougongError `usage` TABLE_COLUMN, TABLE_STATES_NEEDED, TABLE_STATE, TABLE_DUPLICATE, TABLE_AMOUNT.
 */
export async function reconcile(
  duck: Duck,
  bill: readonly BillPart[],
  orders: readonly BillPart[],
  options: ReconcileOptions = {},
): Promise<Reconciled> {
  await load(duck, 'bill', bill, {...options, assumePaid: true});
  await load(duck, 'orders', orders, options);
  const {from, to} = await span(duck, options);
  await unique(duck, 'bill', bill);
  await unique(duck, 'orders', orders);
  await match(duck, from, to, options.windowDays ?? 0);
  return report(duck, from, to);
}

/** Brings one side into one form: kind, key, amounts, states. */
async function load(
  duck: Duck,
  table: 'bill' | 'orders',
  parts: readonly BillPart[],
  {assumePaid, states = {}}: ReconcileOptions,
): Promise<void> {
  const has = (name: string) => columnOr(parts, name, '') !== '';
  const need = (column: string) => {
    const found = parts[0]!.headings
      .map(({heading}) => heading)
      .join(', ')
      .slice(0, 160);
    throw new DougongError('usage', 'TABLE_COLUMN', {file: parts[0]!.name, column, found});
  };
  if (!has('req_seq_id') && !has('hf_seq_id')) need('req_seq_id');
  if (!has('hf_seq_id') && !has('req_date')) need('req_date');
  if (!has('trans_amt') && !has('ord_amt')) need('trans_amt');
  if (!has('trans_stat') && !assumePaid) throw new DougongError('usage', 'TABLE_STATES_NEEDED');
  const text = (name: string) => columnOr(parts, name, "''");
  const money = (name: string) => columnOr(parts, name, 'CAST(NULL AS DECIMAL(18,2))');
  const refund = `(upper(${text('trans_type')}) IN (${REFUND_WORDS.map(quoted).join(', ')}) OR ${text('trans_type')} LIKE '%退款%'
    OR (${money('trans_amt')} IS NULL AND ${money('ord_amt')} IS NOT NULL))`;
  const words = Object.entries(STATE_WORDS).flatMap(([state, list]) => list.map(word => [word, state] as const));
  const cases = [...words, ...Object.entries(states).map(([word, state]) => [word.toUpperCase(), state] as const)]
    .map(([word, state]) => `WHEN ${quoted(word.toUpperCase())} THEN '${state}'`)
    .join(' ');
  const state = has('trans_stat')
    ? `CASE ${text('trans_stat')} WHEN 'S' THEN 'S' ELSE CASE upper(trim(${text('trans_stat')})) ${cases} ELSE NULL END END`
    : "'S'";
  const only = new Set(WANTED);
  const names = parts.map(({name}) => name).join(', ');
  await reading(names, parallel =>
    duck.run(`CREATE OR REPLACE TEMP TABLE ${table} AS
      SELECT *, CASE WHEN req_seq_id <> '' THEN hash(req_seq_id, req_date) END AS key, hash(hf_seq_id) AS hf FROM (SELECT
        ${text('huifu_id')} AS huifu_id, ${daySql(text('req_date'))} AS req_date,
        ${text('req_seq_id')} AS req_seq_id, ${text('hf_seq_id')} AS hf_seq_id,
        CASE WHEN ${refund} THEN 'refund' ELSE 'payment' END AS kind,
        CASE WHEN ${refund} THEN COALESCE(${money('ord_amt')}, ${money('trans_amt')}) ELSE ${money('trans_amt')} END AS amt,
        ${money('settlement_amt')} AS settlement_amt, ${money('fee_amt')} AS fee,
        ${state} AS stat, ${text('trans_stat')} AS stat_word, ${text('acct_stat')} AS acct_stat,
        ${has('trans_time') ? daySql(text('trans_time')) : "''"} AS trade_day
      FROM (${partsSql(parts, parallel, only)}))`),
  );
  const odd = await duck.rows(`SELECT DISTINCT stat_word AS word FROM ${table} WHERE stat IS NULL ORDER BY 1 LIMIT 6`);
  if (odd.length > 0)
    throw new DougongError('usage', 'TABLE_STATE', {words: odd.map(({word}) => `"${word}"`).join(', ')});
}

/** The trade dates the statement covers. */
async function span(duck: Duck, {from, to}: ReconcileOptions): Promise<{from: string; to: string}> {
  if (from && to) return {from, to};
  const [days] = await duck.rows(`SELECT min(day) AS first, max(day) AS last FROM
    (SELECT CASE WHEN trade_day <> '' THEN trade_day ELSE req_date END AS day FROM bill) WHERE day <> ''`);
  return {from: from ?? days?.first ?? '', to: to ?? days?.last ?? ''};
}

const SAME = 'huifu_id, req_date, req_seq_id, hf_seq_id, kind, amt, settlement_amt, fee, stat, acct_stat';

/**
 * A key that stands twice on one side with other content names no single trade: nothing can be matched by it. A row that
 * stands on the statement twice, the same in everything, counts once and is told.
 */
async function unique(duck: Duck, side: 'bill' | 'orders', parts: readonly BillPart[]): Promise<void> {
  const keys = [
    ["req_seq_id <> ''", 'key', 'huifu_id, req_date, req_seq_id', "concat_ws(' ', huifu_id, req_date, req_seq_id)"],
    ["hf_seq_id <> ''", 'hf', 'hf_seq_id', 'hf_seq_id'],
  ] as const;
  if (side === 'bill') await duck.run(`CREATE OR REPLACE TEMP TABLE copies AS SELECT ${SAME} FROM bill LIMIT 0`);
  for (const [where, hash, group, shown] of keys) {
    // Hashes are quick to count; only rows whose hash comes again are looked at themselves.
    const again = `SELECT ${hash} FROM ${side} WHERE ${where} GROUP BY ${hash} HAVING count(*) > 1`;
    await duck.run(`CREATE OR REPLACE TEMP TABLE again AS ${again}`);
    const [some] = await duck.rows('SELECT CAST(count(*) AS VARCHAR) AS n FROM again');
    if (some?.n === '0') continue;
    const rows = `(SELECT rowid AS row, * FROM ${side} WHERE ${where} AND ${hash} IN (SELECT ${hash} FROM again))`;
    if (side === 'bill') {
      await duck.run(`INSERT INTO copies SELECT ${SAME} FROM ${rows} GROUP BY ${SAME} HAVING count(*) > 1`);
      await duck.run(`DELETE FROM bill WHERE rowid IN (SELECT row FROM ${rows}
        QUALIFY row_number() OVER (PARTITION BY ${SAME} ORDER BY row) > 1)`);
    }
    const [found] = await duck.rows(`SELECT any_value(key) AS key, CAST(any_value(times) AS VARCHAR) AS times,
      CAST(count(*) AS VARCHAR) AS keys FROM (SELECT ${shown} AS key, count(*) AS times FROM ${rows}
      GROUP BY ${group} HAVING count(*) > 1 ORDER BY times DESC LIMIT 1000)`);
    if (found && found.keys !== '0') {
      const params = {
        side,
        file: parts[0]!.name,
        key: found.key ?? '',
        times: found.times ?? '',
        keys: found.keys ?? '',
      };
      throw new DougongError('usage', 'TABLE_DUPLICATE', params);
    }
  }
}

/** What both sides say of one trade; nothing where they agree. */
const BOTH = `CASE
    WHEN b.kind = o.kind AND b.stat = o.stat AND b.amt IS NOT DISTINCT FROM o.amt AND (b.stat <> 'S' OR b.acct_stat NOT IN ('F', '失败', '入账失败'))
      AND (b.fee IS NULL OR o.fee IS NULL OR b.fee = o.fee)
      THEN CASE WHEN b.kind = 'payment' AND b.stat = 'S' AND b.settlement_amt < b.amt THEN 'coupon' END
    WHEN b.kind <> o.kind THEN 'kind-differs'
    WHEN b.kind = 'refund' AND b.stat = 'S' AND o.stat = 'P' THEN 'refund-pending-here'
    WHEN b.stat = 'S' AND o.stat <> 'S' THEN 'paid-not-here'
    WHEN b.stat <> o.stat THEN 'state-differs'
    WHEN b.amt IS DISTINCT FROM o.amt THEN 'amount-differs'
    WHEN b.stat = 'S' AND b.acct_stat IN ('F', '失败', '入账失败') THEN 'not-booked'
    ELSE 'fee-differs' END`;
const PAIR = `b.kind AS kind, b.huifu_id AS huifu_id, b.req_date AS req_date, b.req_seq_id AS req_seq_id, b.hf_seq_id AS hf_seq_id,
    b.amt AS bill_amt, o.amt AS order_amt, b.stat AS bill_stat, o.stat AS order_stat, o.kind AS order_kind,
    b.acct_stat AS bill_acct_stat, b.fee AS bill_fee, o.fee AS order_fee, b.settlement_amt AS bill_settlement_amt`;

/**
 * Pairs the rows, first by the number and its day, then what is left by hf_seq_id, and sorts every row of either side into
 * one class, or none where the sides agree. A side without merchants matches any.
 */
async function match(duck: Duck, from: string, to: string, windowDays: number): Promise<void> {
  const [sides] =
    await duck.rows(`SELECT CAST((SELECT count(*) FROM (SELECT 1 FROM orders WHERE huifu_id <> '' LIMIT 1)) AS VARCHAR) AS o,
    CAST((SELECT count(*) FROM (SELECT 1 FROM bill WHERE huifu_id <> '' LIMIT 1)) AS VARCHAR) AS b`);
  const merchants = sides?.o !== '0' && sides?.b !== '0' ? 'AND b.huifu_id = o.huifu_id' : '';
  await duck.run(`CREATE OR REPLACE TEMP TABLE odd AS SELECT b.rowid AS bill_id, o.rowid AS order_id,
      CASE WHEN b.rowid IS NULL OR o.rowid IS NULL THEN NULL ELSE ${BOTH} END AS class
    FROM bill b FULL JOIN orders o ON b.key = o.key AND b.req_seq_id = o.req_seq_id AND b.req_date = o.req_date ${merchants}
    WHERE b.rowid IS NULL OR o.rowid IS NULL OR ${BOTH} IS NOT NULL`);
  await duck.run(`CREATE OR REPLACE TEMP TABLE lone_bill AS SELECT bill_id AS id FROM odd WHERE order_id IS NULL`);
  await duck.run(`CREATE OR REPLACE TEMP TABLE lone_order AS SELECT order_id AS id FROM odd WHERE bill_id IS NULL`);
  await duck.run(`CREATE OR REPLACE TEMP TABLE second AS SELECT b.rowid AS bill_id, o.rowid AS order_id, ${BOTH} AS class
    FROM (SELECT rowid, * FROM bill WHERE rowid IN (SELECT id FROM lone_bill) AND hf_seq_id <> '') b
    JOIN (SELECT rowid, * FROM orders WHERE rowid IN (SELECT id FROM lone_order) AND hf_seq_id <> '') o
      ON b.hf = o.hf AND b.hf_seq_id = o.hf_seq_id`);
  await duck.run('DELETE FROM lone_bill WHERE id IN (SELECT bill_id FROM second)');
  await duck.run('DELETE FROM lone_order WHERE id IN (SELECT order_id FROM second)');
  await differences(duck, from, to, windowDays);
}

async function differences(duck: Duck, from: string, to: string, windowDays: number): Promise<void> {
  const first = windowDays > 0 && from !== '' ? addDays(from, -windowDays) : from;
  const last = windowDays > 0 && to !== '' ? addDays(to, 1 - windowDays) : '99999999';
  const alone = `CASE WHEN b.kind = 'refund' AND b.req_date >= ${quoted(first)} AND b.req_date < ${quoted(from)}
      THEN 'crosses-midnight' WHEN b.stat IN ('S', 'P') THEN 'missing-here' END`;
  const absent = `CASE WHEN o.kind = 'refund' AND o.req_date >= ${quoted(last)} THEN 'crosses-midnight' ELSE 'missing-there' END`;
  await duck.run(`CREATE OR REPLACE TEMP TABLE differences AS
    SELECT * FROM (
      SELECT p.class AS class, ${PAIR}
      FROM (SELECT * FROM odd WHERE class IS NOT NULL UNION ALL SELECT * FROM second WHERE class IS NOT NULL) p
      JOIN bill b ON b.rowid = p.bill_id JOIN orders o ON o.rowid = p.order_id
      UNION ALL
      SELECT ${alone}, b.kind, b.huifu_id, b.req_date, b.req_seq_id, b.hf_seq_id, b.amt, NULL, b.stat, NULL, NULL, b.acct_stat,
        b.fee, NULL, b.settlement_amt FROM bill b WHERE b.rowid IN (SELECT id FROM lone_bill)
      UNION ALL
      SELECT ${absent}, o.kind, o.huifu_id, o.req_date, o.req_seq_id, o.hf_seq_id, NULL, o.amt, NULL, o.stat, o.kind, '', NULL,
        o.fee, NULL FROM orders o WHERE o.stat = 'S' AND o.req_date BETWEEN ${quoted(from)} AND ${quoted(to)}
        AND o.rowid IN (SELECT id FROM lone_order)
      UNION ALL
      SELECT 'duplicate', kind, huifu_id, req_date, req_seq_id, hf_seq_id, amt, NULL, NULL, NULL, NULL, acct_stat, fee, NULL,
        settlement_amt FROM copies
    ) WHERE class IS NOT NULL`);
}

const NET = (amt: string, kind: string, stat: string) =>
  `COALESCE(sum(CASE WHEN ${stat} <> 'S' THEN 0 WHEN ${kind} = 'refund' THEN -COALESCE(${amt}, 0) ELSE COALESCE(${amt}, 0) END), 0)`;
const yuan = (sql: string) => `CAST(CAST(${sql} AS DECIMAL(38,2)) AS VARCHAR)`;

async function report(duck: Duck, from: string, to: string): Promise<Reconciled> {
  // Orders outside the statement's days take part only where they stand on it.
  const inSpan = `(req_date BETWEEN ${quoted(from)} AND ${quoted(to)} OR rowid NOT IN (SELECT id FROM lone_order))`;
  const one = async (sql: string) => (await duck.rows(sql))[0]!;
  const bill = await one(
    `SELECT CAST(count(*) AS VARCHAR) AS rows, ${yuan(NET('amt', 'kind', 'stat'))} AS net FROM bill`,
  );
  const orders = await one(
    `SELECT CAST(count(*) AS VARCHAR) AS rows, ${yuan(NET('amt', 'kind', 'stat'))} AS net FROM orders WHERE ${inSpan}`,
  );
  const classes = await duck.rows(`SELECT class, CAST(count(*) AS VARCHAR) AS rows,
    ${yuan('COALESCE(sum(bill_amt), 0)')} AS bill_amt, ${yuan('COALESCE(sum(order_amt), 0)')} AS order_amt
    FROM differences GROUP BY class ORDER BY class`);
  const apart = await one(`SELECT
    ${yuan(`(SELECT ${NET('amt', 'kind', 'stat')} FROM bill) - (SELECT ${NET('amt', 'kind', 'stat')} FROM orders WHERE ${inSpan})`)} AS apart,
    ${yuan(`(SELECT ${NET('bill_amt', 'kind', "COALESCE(bill_stat, 'P')")} - ${NET('order_amt', 'order_kind', "COALESCE(order_stat, 'P')")}
      FROM differences WHERE class <> 'duplicate')`)} AS explained`);
  const matched = await one(
    'SELECT CAST((SELECT count(*) FROM bill) - (SELECT count(*) FROM lone_bill) AS VARCHAR) AS n',
  );
  const found = classes.map(row => ({
    class: row.class as DifferenceClass,
    rows: row.rows!,
    bill_amt: row.bill_amt!,
    order_amt: row.order_amt!,
  }));
  return {
    from,
    to,
    bill: {rows: bill.rows!, net: bill.net!},
    orders: {rows: orders.rows!, net: orders.net!},
    matched: matched.n!,
    classes: found,
    differences: found
      .filter(row => CLASSES[row.class] === 'difference')
      .reduce((sum, row) => sum + Number(row.rows), 0),
    apart: apart.apart!,
    explained: apart.explained!,
  };
}

const FIELDS = [
  'class',
  'kind',
  'huifu_id',
  'req_date',
  'req_seq_id',
  'hf_seq_id',
  'bill_amt',
  'order_amt',
  'bill_stat',
  'order_stat',
  'bill_acct_stat',
  'bill_fee',
  'order_fee',
  'bill_settlement_amt',
] as const;
export const DIFFERENCE_FIELDS: readonly (keyof Difference)[] = FIELDS;

/** The differences of the last reconciliation, the informative ones last; in pieces, since there may be many. */
export async function* listDifferences(duck: Duck, limit?: number): AsyncGenerator<Difference> {
  const columns = FIELDS.map(name => `COALESCE(CAST(${named(name)} AS VARCHAR), '') AS ${named(name)}`).join(', ');
  const info = Object.entries(CLASSES).flatMap(([name, kind]) => (kind === 'info' ? [quoted(name)] : []));
  const sql = `SELECT ${columns} FROM differences ORDER BY class IN (${info.join(', ')}), class, req_date, req_seq_id
    ${limit === undefined ? '' : `LIMIT ${limit}`}`;
  for await (const piece of duck.pieces(sql)) for (const row of piece) yield row as DuckRow as unknown as Difference;
}
