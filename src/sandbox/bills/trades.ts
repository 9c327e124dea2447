import {formatYuan} from '../../core/amount.ts';
import {addDays, beijingDate, beijingInstant, beijingTime} from '../../core/beijing.ts';
import type {Ledger} from '../ledger.ts';
import type {PaymentRecord, RefundRecord} from '../types.ts';

/** `from` and `to` yyyyMMdd, both included, before today. */
export interface TradesOptions {
  from: string;
  to: string;
  per_day?: number;
  seed?: number;
}

export interface Trades {
  payments: number;
  refunds: number;
  /** The merchant's own orders under the platform's names, refunds included. */
  csv: string;
}

const MAX = 100_000;
const OPEN_MS = 9 * 3_600_000;
const DAY_MS = 12 * 3_600_000;
const HOUR_MS = 3_600_000;
const HEAD =
  'huifu_id,req_date,req_seq_id,hf_seq_id,trans_type,trans_amt,ord_amt,fee_amt,trans_stat,org_req_date,org_req_seq_id';

/** Fills past days: paid and booked orders, every tenth partly refunded an hour later, every 25th never paid. */
export function seedTrades(ledger: Ledger, huifu_id: string, now: number, options: TradesOptions): Trades {
  const {from, to, per_day = 20, seed = 7} = options;
  const [first, last] = [beijingInstant(from), beijingInstant(to)];
  if (first === undefined || last === undefined || from > to || to >= beijingDate(now))
    throw new Error('from and to are days before today, from the earlier one');
  if (((last - first) / 86_400_000 + 1) * per_day > MAX) throw new Error(`at most ${MAX} payments`);
  let state = seed >>> 0 || 1;
  const below = (limit: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  const lines = [HEAD];
  let payments = 0;
  let refunds = 0;
  for (let day = from; day <= to; day = addDays(day, 1)) {
    for (let n = 1; n <= per_day; n += 1) {
      const at = beijingInstant(day)! + OPEN_MS + Math.floor((DAY_MS * n) / (per_day + 1));
      const unpaid = n % 25 === 0;
      const payment = paymentAt(
        huifu_id,
        `t${day}-${String(n).padStart(5, '0')}`,
        at,
        BigInt(100 + below(50_000)),
        unpaid,
      );
      if (ledger.payments.has(payment.hf_seq_id)) continue;
      ledger.keep({type: 'payment', record: payment});
      payments += 1;
      lines.push(line(payment, formatYuan(payment.trans_fen), '', formatYuan(payment.fee_fen), '', ''));
      if (n % 10 !== 0 || unpaid) continue;
      const refund = refundOf(payment, at + HOUR_MS, payment.trans_fen / BigInt(2 + below(3)));
      ledger.keep({type: 'refund', record: refund});
      refunds += 1;
      const refunded = {...refund, trade_type: 'TRANS_REFUND'};
      lines.push(line(refunded, '', formatYuan(refund.ord_fen), '0.00', payment.req_date, payment.req_seq_id));
    }
  }
  return {payments, refunds, csv: `${lines.join('\n')}\n`};
}

function line(
  one: Pick<PaymentRecord, 'huifu_id' | 'req_date' | 'req_seq_id' | 'hf_seq_id' | 'trade_type' | 'trans_stat'>,
  trans_amt: string,
  ord_amt: string,
  fee_amt: string,
  org_date: string,
  org_id: string,
): string {
  const {huifu_id, req_date, req_seq_id, hf_seq_id, trade_type, trans_stat} = one;
  return [
    huifu_id,
    req_date,
    req_seq_id,
    hf_seq_id,
    trade_type,
    trans_amt,
    ord_amt,
    fee_amt,
    trans_stat,
    org_date,
    org_id,
  ].join(',');
}

function paymentAt(huifu_id: string, req_seq_id: string, at: number, fen: bigint, unpaid: boolean): PaymentRecord {
  const digits = `${beijingTime(at).slice(2)}${req_seq_id.slice(-5)}`;
  return {
    huifu_id,
    req_date: beijingDate(at),
    req_seq_id,
    hf_seq_id: `002900TOP4A${digits}P`,
    party_order_id: `0321${digits}`,
    out_trans_id: `4200002345${digits}`,
    trade_type: 'T_MINIAPP',
    goods_desc: 'tea',
    trans_fen: fen,
    settlement_fen: fen,
    fee_fen: (fen * 38n + 5000n) / 10_000n,
    trans_stat: unpaid ? 'F' : 'S',
    acct_stat: unpaid ? 'I' : 'S',
    delayed: false,
    acct_split_bunch: '',
    wx: {},
    remark: '',
    notify_url: '',
    bank_desc: unpaid ? '订单已超时' : '交易成功',
    created_at: at,
    expires_at: at + 2 * HOUR_MS,
    ended_at: at + 30_000,
    books_at: unpaid ? 0 : at + 31_000,
    booking_fails: false,
  };
}

function refundOf(payment: PaymentRecord, at: number, fen: bigint): RefundRecord {
  return {
    huifu_id: payment.huifu_id,
    req_date: beijingDate(at),
    req_seq_id: payment.req_seq_id.replace('t', 'r'),
    hf_seq_id: payment.hf_seq_id.replace('0029', '0031'),
    payment: payment.hf_seq_id,
    ord_fen: fen,
    trans_stat: 'S',
    fails: false,
    forget: 0,
    remark: '',
    notify_url: '',
    created_at: at,
    ends_at: at + 2000,
    ended_at: at + 2000,
  };
}
