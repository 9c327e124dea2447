import {type Fen, formatYuan, readYuan} from '../../core/amount.ts';
import {beijingDate, beijingTime} from '../../core/beijing.ts';
import type {BillType} from '../../core/bill-types.ts';
import type {Ledger} from '../ledger.ts';
import type {PaymentRecord, RefundRecord} from '../types.ts';
import {refundWords} from '../words.ts';

/** A statement before it is written: headings, and cells by position. Amounts in yuan with two decimals. */
export interface Sheet {
  headings: string[];
  rows: string[][];
  /** Columns of digits that a spreadsheet would round, and of amounts. */
  ids: number[];
  amounts: number[];
}

/** The sandbox's own invention: the real headings are not public (docs/bills.md). */
export const TRADE_HEADINGS = [
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
];
const SPLIT_HEADINGS = ['商户号', '交易日期', '请求流水号', '全局流水号', '分账接收方', '分账金额', '分账状态'];
const SETTLE_HEADINGS = [
  '商户号',
  '结算日期',
  '结算流水号',
  '交易笔数',
  '交易金额',
  '退款金额',
  '手续费',
  '结算金额',
  '结算状态',
];
const USER_HEADINGS = ['商户号', '用户号', '结算日期', '结算流水号', '结算金额', '结算状态'];
const FUND_HEADINGS = ['商户号', '账务日期', '账务流水号', '业务类型', '收入', '支出', '余额', '备注'];

/** The days a statement covers, both ends included, yyyyMMdd. */
export interface Days {
  first: string;
  last: string;
}

/** What the ledger holds for one kind of statement; no rows means that there was nothing that day. */
export function sheetOf(ledger: Ledger, type: BillType, huifu_id: string, days: Days): Sheet {
  const books = booksOf(ledger, huifu_id, days);
  switch (type.name) {
    case 'TRADE_BILL':
    case 'TRADE_BILL_MONTH':
      return trades(books);
    case 'MERGE_BILL': {
      const sheet = trades(books);
      return {
        headings: ['账单类型', ...sheet.headings],
        rows: sheet.rows.map(row => ['交易', ...row]),
        ids: sheet.ids.map(at => at + 1),
        amounts: sheet.amounts.map(at => at + 1),
      };
    }
    case 'SPLIT_BILL':
      return splits(books);
    case 'SETTLE_BILL':
    case 'SETTLE_BILL_MONTH':
      return settlements(books);
    case 'SETTLE_USER_BILL':
    case 'SETTLE_BILL_USER_MONTH':
      return userSettlements(books);
    case 'SETTLE_FUND_BILL':
      return funds(books);
    // Nothing in this sandbox withdraws.
    case 'WITHDRAWAL_BILL':
      return {
        headings: ['商户号', '取现日期', '取现流水号', '取现金额', '手续费', '取现状态'],
        rows: [],
        ids: [0, 2],
        amounts: [3, 4],
      };
  }
}

interface Books {
  huifu_id: string;
  payments: PaymentRecord[];
  refunds: {refund: RefundRecord; payment: PaymentRecord}[];
}

/** Payments by the day they were made, refunds by the day they ended: only what is done. */
function booksOf(ledger: Ledger, huifu_id: string, {first, last}: Days): Books {
  const within = (at: number) => {
    const day = beijingDate(at);
    return first <= day && day <= last;
  };
  const payments = [...ledger.payments.values()].filter(
    one => one.huifu_id === huifu_id && one.trans_stat === 'S' && within(one.created_at),
  );
  const refunds = [...ledger.refunds.values()]
    .filter(one => one.huifu_id === huifu_id && one.trans_stat === 'S' && within(one.ended_at))
    .map(refund => ({refund, payment: ledger.payments.get(refund.payment)!}));
  payments.sort((a, b) => a.created_at - b.created_at);
  refunds.sort((a, b) => a.refund.ended_at - b.refund.ended_at);
  return {huifu_id, payments, refunds};
}

function trades({payments, refunds}: Books): Sheet {
  const rows = payments.map(one => [
    one.huifu_id,
    one.req_date,
    one.req_seq_id,
    one.hf_seq_id,
    beijingTime(one.created_at),
    one.trade_type,
    formatYuan(one.trans_fen),
    formatYuan(one.settlement_fen),
    formatYuan(one.fee_fen),
    one.trans_stat,
    one.acct_stat,
    one.acct_stat === 'S' ? beijingDate(one.books_at) : '',
    one.out_trans_id,
    one.party_order_id,
    '',
    '',
    '',
    '',
    '',
    one.remark,
  ]);
  for (const {refund, payment} of refunds) {
    const words = refundWords(refund, payment, 'answer');
    rows.push([
      refund.huifu_id,
      refund.req_date,
      refund.req_seq_id,
      refund.hf_seq_id,
      beijingTime(refund.ended_at),
      'TRANS_REFUND',
      '',
      '',
      '0.00',
      refund.trans_stat,
      'S',
      beijingDate(refund.ended_at),
      payment.out_trans_id,
      payment.party_order_id,
      payment.req_date,
      payment.req_seq_id,
      payment.hf_seq_id,
      words.ord_amt ?? '',
      words.actual_ref_amt ?? '',
      refund.remark,
    ]);
  }
  return {headings: TRADE_HEADINGS, rows, ids: [0, 2, 3, 4, 12, 13, 15, 16], amounts: [6, 7, 8, 17, 18]};
}

interface Share {
  payment: PaymentRecord;
  huifu_id: string;
  fen: Fen;
}

/** acct_split_bunch as the order gave it; one that does not read shares nothing. */
function sharesOf(payments: PaymentRecord[]): Share[] {
  return payments.flatMap(payment => {
    if (payment.acct_split_bunch === '') return [];
    try {
      const {acct_infos = []} = JSON.parse(payment.acct_split_bunch) as {acct_infos?: Record<string, string>[]};
      return acct_infos.map(one => ({payment, huifu_id: String(one.huifu_id), fen: readYuan(one.div_amt) ?? 0n}));
    } catch {
      return [];
    }
  });
}

function splits({payments}: Books): Sheet {
  const rows = sharesOf(payments).map(({payment, huifu_id, fen}) => [
    payment.huifu_id,
    beijingDate(payment.created_at),
    payment.req_seq_id,
    payment.hf_seq_id,
    huifu_id,
    formatYuan(fen),
    'S',
  ]);
  return {headings: SPLIT_HEADINGS, rows, ids: [0, 2, 3, 4], amounts: [5]};
}

function settlements({huifu_id, payments, refunds}: Books): Sheet {
  const days = new Map<string, {count: number; trans: Fen; refunds: Fen; fee: Fen; net: Fen}>();
  const of = (day: string) => {
    const found = days.get(day) ?? {count: 0, trans: 0n, refunds: 0n, fee: 0n, net: 0n};
    days.set(day, found);
    return found;
  };
  for (const one of payments.filter(({acct_stat}) => acct_stat === 'S')) {
    const day = of(beijingDate(one.created_at));
    day.count += 1;
    day.trans += one.settlement_fen;
    day.fee += one.fee_fen;
    day.net += one.settlement_fen - one.fee_fen;
  }
  for (const {refund} of refunds) {
    const day = of(beijingDate(refund.ended_at));
    day.refunds += refund.ord_fen;
    day.net -= refund.ord_fen;
  }
  const rows = [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, sum]) => [
      huifu_id,
      day,
      `S${day}${huifu_id}`,
      String(sum.count),
      formatYuan(sum.trans),
      formatYuan(sum.refunds),
      formatYuan(sum.fee),
      formatYuan(sum.net),
      'S',
    ]);
  return {headings: SETTLE_HEADINGS, rows, ids: [0, 2], amounts: [4, 5, 6, 7]};
}

function userSettlements({huifu_id, payments}: Books): Sheet {
  const sums = new Map<string, Fen>();
  for (const {payment, huifu_id: user, fen} of sharesOf(payments)) {
    if (user === huifu_id) continue;
    const key = `${beijingDate(payment.created_at)} ${user}`;
    sums.set(key, (sums.get(key) ?? 0n) + fen);
  }
  const rows = [...sums].sort().map(([key, fen]) => {
    const [day = '', user = ''] = key.split(' ');
    return [huifu_id, user, day, `U${day}${user}`, formatYuan(fen), 'S'];
  });
  return {headings: USER_HEADINGS, rows, ids: [0, 1, 3], amounts: [4]};
}

function funds({huifu_id, payments, refunds}: Books): Sheet {
  const moves = [
    ...payments
      .filter(({acct_stat}) => acct_stat === 'S')
      .map(one => ({at: one.books_at, id: one.hf_seq_id, what: '交易', fen: one.settlement_fen - one.fee_fen})),
    ...refunds.map(({refund}) => ({at: refund.ended_at, id: refund.hf_seq_id, what: '退款', fen: -refund.ord_fen})),
  ].sort((a, b) => a.at - b.at);
  let balance = 0n;
  const rows = moves.map(({at, id, what, fen}) => {
    balance += fen;
    const [income, outgo] = fen < 0n ? ['', formatYuan(-fen)] : [formatYuan(fen), ''];
    return [huifu_id, beijingDate(at), id, what, income!, outgo!, formatYuan(balance), ''];
  });
  return {headings: FUND_HEADINGS, rows, ids: [0, 2], amounts: [4, 5, 6]};
}
