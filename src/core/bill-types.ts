import {addDays, beijingInstant} from './beijing.ts';
import {DougongError} from './errors.ts';

/** The platform's own names of its statements. */
export type BillTypeName =
  | 'TRADE_BILL'
  | 'SPLIT_BILL'
  | 'WITHDRAWAL_BILL'
  | 'SETTLE_BILL'
  | 'SETTLE_USER_BILL'
  | 'SETTLE_FUND_BILL'
  | 'MERGE_BILL'
  | 'TRADE_BILL_MONTH'
  | 'SETTLE_BILL_MONTH'
  | 'SETTLE_BILL_USER_MONTH';

/** One kind of statement. Source: docs/gateway.md#bills. */
export interface BillType {
  name: BillTypeName;
  /** What a person types. */
  word: string;
  /** The part of a file name that tells the kind: `yyyyMMdd_<huifu_id>_<part>…`. */
  part: string;
  form: 'csv' | 'xlsx';
  /** Whether one file holds a calendar month. */
  monthly: boolean;
  /** HHmm, Beijing, on the file_date: when the platform begins to have it, and when it advises to fetch it. */
  ready: string;
  advised: string;
  /** Whether `ready` is documented, or taken over from a sibling. */
  known: boolean;
  /** The month's statement that holds the same rows. */
  month?: BillTypeName;
  /** file_type of a replay: 1 daily settlement, split and withdrawal, 2 daily trades, 3 monthly settlement, 4 monthly trades. */
  replay?: '1' | '2' | '3' | '4';
}

const daily = {form: 'csv', monthly: false, known: true} as const;
const monthly = {form: 'csv', monthly: true, known: false, ready: '0300', advised: '1200'} as const;
const evening = {ready: '1700', advised: '1800'};

/** Every kind, in the order of `--type all`. */
export const billTypes: Readonly<Record<BillTypeName, BillType>> = {
  TRADE_BILL: {
    ...daily,
    name: 'TRADE_BILL',
    word: 'trade',
    part: 'order',
    ready: '0300',
    advised: '1200',
    month: 'TRADE_BILL_MONTH',
    replay: '2',
  },
  SPLIT_BILL: {...daily, name: 'SPLIT_BILL', word: 'split', part: 'split', ready: '0300', advised: '1200', replay: '1'},
  WITHDRAWAL_BILL: {
    ...daily,
    name: 'WITHDRAWAL_BILL',
    word: 'withdrawal',
    part: 'outcash',
    ready: '1030',
    advised: '1130',
    replay: '1',
  },
  SETTLE_BILL: {
    ...daily,
    ...evening,
    name: 'SETTLE_BILL',
    word: 'settle',
    part: 'settle',
    month: 'SETTLE_BILL_MONTH',
    replay: '1',
  },
  SETTLE_USER_BILL: {
    ...daily,
    ...evening,
    name: 'SETTLE_USER_BILL',
    word: 'settle-user',
    part: 'settleuser',
    known: false,
    month: 'SETTLE_BILL_USER_MONTH',
  },
  SETTLE_FUND_BILL: {
    ...daily,
    ...evening,
    name: 'SETTLE_FUND_BILL',
    word: 'settle-fund',
    part: 'settlefund',
    form: 'xlsx',
    known: false,
  },
  MERGE_BILL: {...daily, ...evening, name: 'MERGE_BILL', word: 'merge', part: 'merge', known: false},
  TRADE_BILL_MONTH: {...monthly, name: 'TRADE_BILL_MONTH', word: 'trade-month', part: 'ordermonth', replay: '4'},
  SETTLE_BILL_MONTH: {...monthly, name: 'SETTLE_BILL_MONTH', word: 'settle-month', part: 'settlemonth', replay: '3'},
  SETTLE_BILL_USER_MONTH: {
    ...monthly,
    name: 'SETTLE_BILL_USER_MONTH',
    word: 'settle-user-month',
    part: 'settleusermonth',
  },
};

const all = Object.values(billTypes);

/** What `--type` takes beside the platform's names. */
export const BILL_WORDS: readonly string[] = [...all.map(({word}) => word), 'all'];

/**
 * The kinds behind a word: a short name, the platform's own name (in any case), or "all".
 *
 * @throws DougongError `usage` FLAG_INVALID.
 */
export function readBillTypes(word: string, flag = '--type'): BillType[] {
  if (word === 'all') return all;
  const found = all.find(type => type.word === word.toLowerCase() || type.name === word.toUpperCase());
  if (!found) throw new DougongError('usage', 'FLAG_INVALID', {flag, value: word, choices: BILL_WORDS.join(', ')});
  return [found];
}

/** The kind that the platform named in `bill_type`; undefined for one we do not know. */
export function billTypeOf(name: string): BillType | undefined {
  return all.find(type => type.name === name.toUpperCase());
}

/**
 * What a file's name says, path ignored: `20261123_6666000100000001_order_001.csv` or the zip around it.
 *
 * @returns undefined for a name of another form; the heading line is then the judge.
 */
export function readBillName(
  name: string,
): {file_date: string; huifu_id: string; type: BillType; batch?: string} | undefined {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const match = /^(\d{8})_([0-9A-Za-z]{1,32})_([a-z]+)(?:_([0-9A-Za-z-]+))?\.(?:csv|xlsx|zip|txt)$/i.exec(base);
  if (!match || beijingInstant(match[1]!) === undefined) return undefined;
  const type = all.find(({part}) => part === match[3]!.toLowerCase());
  return type && {file_date: match[1]!, huifu_id: match[2]!, type, ...(match[4] && {batch: match[4]})};
}

/** The name the platform gives the zip (or the .xlsx) of a kind; `file_date` yyyyMMdd. */
export function billFileName(type: BillType, huifu_id: string, file_date: string): string {
  return `${file_date}_${huifu_id}_${type.part}.${type.form === 'xlsx' ? 'xlsx' : 'zip'}`;
}

/** The name of one part inside the zip; `batch` e.g. "001". */
export function billPartName(type: BillType, huifu_id: string, file_date: string, batch: string): string {
  return `${file_date}_${huifu_id}_${type.part}_${batch}.csv`;
}

/** The day a statement is made: the day after the trades (yyyyMMdd both). */
export function fileDateOf(tradeDate: string): string {
  return addDays(tradeDate, 1);
}

export function tradeDateOf(fileDate: string): string {
  return addDays(fileDate, -1);
}

/** When a kind is to be had (epoch ms): as the platform begins to make it, or as it advises. */
export function readyAt(type: BillType, file_date: string, which: 'ready' | 'advised' = 'ready'): number {
  return beijingInstant(`${file_date}${type[which]}00`)!;
}
