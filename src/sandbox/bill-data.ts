import {createWriteStream} from 'node:fs';
import {mkdir, rename} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {formatYuan} from '../core/amount.ts';
import {billFileName, billPartName, billTypes, fileDateOf} from '../core/bill-types.ts';

/** Differences that can be planted, by the names of `bill reconcile`. */
export const PLANTED = [
  'paid-not-here',
  'not-booked',
  'missing-here',
  'missing-there',
  'amount-differs',
  'state-differs',
  'fee-differs',
  'refund-pending-here',
  'kind-differs',
  'duplicate',
  'coupon',
] as const;
export type Planted = (typeof PLANTED)[number];

export interface BillDataOptions {
  rows: number;
  seed: number;
  /** Folder of the statement. */
  out: string;
  /** The shop's own order file; none without it. */
  orders?: string;
  /** Trade date, yyyyMMdd. */
  day: string;
  huifu_id: string;
  /** How many differences of each class; 0 for a file that balances. */
  planted: number;
  /** A plain CSV instead of a zip. */
  plain?: boolean;
}

export interface BillData {
  files: string[];
  orders?: string;
  rows: number;
  planted: Record<Planted, number>;
}

/** What the platform puts into one CSV at most. */
const PART_ROWS = 400_000;
const BLOCK = 2000;
const HEADINGS = [
  '商户号',
  '请求日期',
  '请求流水号',
  '全局流水号',
  '交易时间',
  '交易类型',
  '交易金额',
  '结算金额',
  '手续费',
  '交易状态',
  '入账状态',
  '入账日期',
  '用户账单交易订单号',
  '用户账单商户订单号',
  '原交易请求日期',
  '原交易请求流水号',
  '原全局流水号',
  '退款金额',
  '实际退款金额',
  '备注',
  '门店号',
  '终端号',
  '操作员',
  '渠道',
  '费率',
  '活动',
  '城市',
  '行业',
  '设备',
  '批次',
];
const ORDER_HEADINGS = 'huifu_id,req_date,req_seq_id,trans_type,trans_amt,ord_amt,fee_amt,trans_stat';

/**
 * Makes a statement of any size and the shop's own orders to it, with a stated number of differences of each class. The
 * same seed makes the same bytes.
 */
export async function makeBillData(options: BillDataOptions): Promise<BillData> {
  const {rows, out, orders, day, huifu_id, planted, plain} = options;
  const type = billTypes.TRADE_BILL;
  const file_date = fileDateOf(day);
  await mkdir(out, {recursive: true});
  const marks = plant(rows, planted);
  const parts = Math.max(1, Math.ceil(rows / PART_ROWS));
  const files: string[] = [];
  const part = (number: number) =>
    billRows(options, marks, number * PART_ROWS, Math.min(rows, (number + 1) * PART_ROWS));
  const names = Array.from({length: parts}, (_, at) =>
    billPartName(type, huifu_id, file_date, String(at + 1).padStart(3, '0')),
  );
  if (plain) {
    for (const [at, name] of names.entries()) {
      files.push(join(out, name));
      await save(join(out, name), part(at));
    }
  } else {
    const {ZipFile} = await import('yazl');
    const zip = new ZipFile();
    const file = join(out, billFileName(type, huifu_id, file_date));
    files.push(file);
    for (const [at, name] of names.entries()) zip.addReadStream(Readable.from(part(at)), name);
    zip.end();
    await save(file, zip.outputStream as Readable);
  }
  if (orders !== undefined) await save(orders, orderRows(options, marks));
  const counts = Object.fromEntries(
    PLANTED.map(name => [name, [...marks.values()].filter(one => one === name).length]),
  );
  return {files, ...(orders !== undefined && {orders}), rows, planted: counts as Record<Planted, number>};
}

async function save(file: string, from: Iterable<Buffer> | Readable): Promise<void> {
  await pipeline(from, createWriteStream(`${file}.part`, {mode: 0o600}));
  await rename(`${file}.part`, file);
}

/** Which row carries which difference; every tenth row is a refund of the one before. */
function plant(rows: number, each: number): Map<number, Planted> {
  const marks = new Map<number, Planted>();
  const total = PLANTED.length * each;
  const stride = Math.floor(rows / (total + 1));
  if (total === 0) return marks;
  if (stride < 20) throw new Error(`${rows} rows are too few for ${each} differences of each class`);
  for (let at = 0; at < total; at += 1) {
    const name = PLANTED[at % PLANTED.length]!;
    const near = (at + 1) * stride;
    const block = near - (near % 10);
    marks.set(name === 'refund-pending-here' ? block + 9 : block, name);
  }
  return marks;
}

interface Trade {
  refund: boolean;
  number: string;
  hf: string;
  fen: bigint;
  fee: bigint;
}

/** One trade, from its position and the seed alone, so that both files need no memory of it. */
function trade({seed, day}: BillDataOptions, at: number): Trade {
  const refund = at % 10 === 9;
  const of = refund ? at - 1 : at;
  let mixed = Math.imul(of ^ seed, 0x9e3779b1) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0;
  const fen = BigInt(100 + (((mixed ^ (mixed >>> 13)) >>> 0) % 99_900));
  const serial = String(at).padStart(9, '0');
  return {
    refund,
    number: `${refund ? 'F' : 'R'}${day}${serial}`,
    hf: `${refund ? '0031' : '0029'}00TOP4A${day.slice(2)}${serial}P${String(of % 1000).padStart(3, '0')}`,
    fen: refund ? fen / 2n : fen,
    fee: refund ? 0n : (fen * 38n + 5000n) / 10_000n,
  };
}

function* billRows(
  options: BillDataOptions,
  marks: ReadonlyMap<number, Planted>,
  from: number,
  to: number,
): Generator<Buffer> {
  const {day, huifu_id} = options;
  let block = `${HEADINGS.join(',')}\r\n`;
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const mark = marks.get(at);
    if (mark === 'missing-there') continue;
    const {refund, number, hf, fen, fee} = trade(options, at);
    const yuan = formatYuan(fen);
    const settled = mark === 'coupon' ? formatYuan(fen - 50n) : yuan;
    const stat = mark === 'state-differs' ? 'F' : 'S';
    const acct = mark === 'not-booked' ? 'F' : 'S';
    const origin = refund
      ? `${day},${trade(options, at - 1).number},${trade(options, at - 1).hf},${yuan},${yuan}`
      : ',,,,';
    const amounts = refund ? `,,${formatYuan(fee)}` : `${yuan},${settled},${formatYuan(fee)}`;
    const serial = String(at).padStart(9, '0');
    const line = `${huifu_id},${day},${number},${hf},${day}120000,${refund ? 'TRANS_REFUND' : 'T_MINIAPP'},${amounts},${stat},${acct},${day},4200002345${day}${serial},0321${day}${serial},${origin},note ${at % 97},S${at % 300},T${at % 40},op${at % 9},JQF00001,0.38,,上海,5812,phone,B${at % 12}\r\n`;
    block += mark === 'duplicate' ? line + line : line;
    count += 1;
    if (count % BLOCK === 0) {
      yield Buffer.from(block);
      block = '';
    }
  }
  yield Buffer.from(block);
}

function* orderRows(options: BillDataOptions, marks: ReadonlyMap<number, Planted>): Generator<Buffer> {
  const {day, huifu_id, rows} = options;
  let block = `${ORDER_HEADINGS}\n`;
  let count = 0;
  for (let at = 0; at < rows; at += 1) {
    const mark = marks.get(at);
    if (mark === 'missing-here') continue;
    const {refund, number, fen, fee} = trade(options, at);
    const yuan = formatYuan(mark === 'amount-differs' ? fen + 1n : fen);
    const shown = mark === 'kind-differs' ? !refund : refund;
    const stat = mark === 'paid-not-here' || mark === 'refund-pending-here' ? 'P' : 'S';
    const cost = formatYuan(mark === 'fee-differs' ? fee + 1n : fee);
    const amounts = shown ? `,${yuan}` : `${yuan},`;
    block += `${huifu_id},${day},${number},${shown ? 'TRANS_REFUND' : 'T_MINIAPP'},${amounts},${cost},${stat}\n`;
    count += 1;
    if (count % BLOCK === 0) {
      yield Buffer.from(block);
      block = '';
    }
  }
  yield Buffer.from(block);
}
