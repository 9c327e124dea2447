import {DougongError} from '../core/errors.ts';
import {type Duck, named} from './duck.ts';
import type {BillPart} from './read.ts';
import {partsSql, reading} from './sql.ts';

/** One line of a summary; amounts in yuan as text, two decimals. */
export interface SummaryRow {
  day: string;
  huifu_id: string;
  trans_type: string;
  trans_stat: string;
  count: string;
  trans_amt: string;
  refund_amt: string;
  fee_amt: string;
  /** trans_amt less refunds and fee, where the state is S. */
  net_amt: string;
}

export interface Summary {
  rows: SummaryRow[];
  total: Omit<SummaryRow, 'day' | 'huifu_id' | 'trans_type' | 'trans_stat'>;
  /** Headings that no term is known for. */
  unknown: string[];
  /** Terms that the statement lacks, so that their sums are zero. */
  missing: string[];
}

/** Columns a view has, or an empty cell in their place. */
export function columnOr(parts: readonly BillPart[], name: string, otherwise: string): string {
  return parts.some(({headings}) => headings.some(one => one.name === name)) ? named(name) : otherwise;
}

/** Eight digits of whatever date a cell begins with: 2026-11-22 10:00:00, 20261122, 2026/11/22. */
export function daySql(cell: string): string {
  return `CASE WHEN length(${cell}) IN (0, 8) THEN ${cell} WHEN length(${cell}) = 14 THEN substr(${cell}, 1, 8) ELSE substr(regexp_replace(${cell}, '[^0-9]', '', 'g'), 1, 8) END`;
}

/**
 * Counts and sums by day, merchant, type and state, exact to the fen.
 *
 * @throws DougongError `usage` TABLE_COLUMN (no column of amounts), TABLE_AMOUNT, TABLE_BROKEN.
 */
export async function summarise(duck: Duck, parts: readonly BillPart[]): Promise<Summary> {
  const has = (name: string) => columnOr(parts, name, '') !== '';
  if (!['trans_amt', 'ord_amt', 'div_amt', 'settlement_amt', 'cash_amt', 'income_amt'].some(has)) {
    const found = parts[0]!.headings
      .map(({heading}) => heading)
      .join(', ')
      .slice(0, 160);
    throw new DougongError('usage', 'TABLE_COLUMN', {file: parts[0]!.name, column: 'trans_amt', found});
  }
  const money = (name: string) => `COALESCE(${columnOr(parts, name, 'CAST(0 AS DECIMAL(18,2))')}, 0)`;
  const main = ['trans_amt', 'div_amt', 'settlement_amt', 'cash_amt', 'income_amt'].find(has);
  const day = has('trans_time')
    ? `CASE WHEN ${named('trans_time')} = '' THEN ${columnOr(parts, 'req_date', "''")} ELSE ${named('trans_time')} END`
    : ['req_date', 'settle_date', 'acct_date'].map(name => columnOr(parts, name, '')).find(Boolean) || "''";
  const columns = `${daySql(day)} AS day, ${columnOr(parts, 'huifu_id', "''")} AS huifu_id,
    ${columnOr(parts, 'trans_type', "''")} AS trans_type, ${columnOr(parts, 'trans_stat', "''")} AS trans_stat,
    ${main ? money(main) : '0'} AS t, ${money('ord_amt')} AS r, ${money('fee_amt')} AS f`;
  const sums = `CAST(count(*) AS VARCHAR) AS count, CAST(CAST(sum(t) AS DECIMAL(38,2)) AS VARCHAR) AS trans_amt,
    CAST(CAST(sum(r) AS DECIMAL(38,2)) AS VARCHAR) AS refund_amt, CAST(CAST(sum(f) AS DECIMAL(38,2)) AS VARCHAR) AS fee_amt,
    CAST(CAST(COALESCE(sum(t - r - f) FILTER (WHERE trans_stat IN ('S', '成功', '')), 0) AS DECIMAL(38,2)) AS VARCHAR) AS net_amt`;
  const names = parts.map(({name}) => name).join(', ');
  const {rows, total} = await reading(names, async parallel => {
    await duck.run(`CREATE OR REPLACE TEMP TABLE bill AS SELECT ${columns} FROM (${partsSql(parts, parallel)})`);
    return {
      rows: await duck.rows(
        `SELECT day, huifu_id, trans_type, trans_stat, ${sums} FROM bill GROUP BY ALL ORDER BY day, huifu_id, trans_type, trans_stat`,
      ),
      total: (await duck.rows(`SELECT ${sums} FROM bill`))[0]!,
    };
  });
  const zero = (value: string | null) => value ?? '0.00';
  const amounts = (row: Record<string, string | null>) => ({
    count: row.count ?? '0',
    trans_amt: zero(row.trans_amt ?? null),
    refund_amt: zero(row.refund_amt ?? null),
    fee_amt: zero(row.fee_amt ?? null),
    net_amt: zero(row.net_amt ?? null),
  });
  return {
    rows: rows.map(row => ({
      day: row.day ?? '',
      huifu_id: row.huifu_id ?? '',
      trans_type: row.trans_type ?? '',
      trans_stat: row.trans_stat ?? '',
      ...amounts(row),
    })),
    total: amounts(total),
    unknown: [
      ...new Set(parts.flatMap(({headings}) => headings.filter(one => !one.column).map(({heading}) => heading))),
    ],
    missing: ['trans_amt', 'fee_amt', 'ord_amt'].filter(name => !has(name)),
  };
}
