import {beijingDate} from '../core/beijing.ts';
import type {Merchant} from './merchants.ts';
import type {CloseRecord, PaymentRecord, RefundRecord, Switches} from './types.ts';

/** One change, as it is logged and replayed. */
export type Change =
  | {type: 'payment'; record: PaymentRecord}
  | {type: 'refund'; record: RefundRecord}
  | {type: 'close'; record: CloseRecord}
  | {type: 'number'; key: string}
  | {type: 'merchant'; record: Merchant}
  | {type: 'offset'; ms: number};

export type Ended =
  | {payment: PaymentRecord; notify_type: 1 | 2}
  | {refund: RefundRecord}
  | {close: CloseRecord; payment: PaymentRecord};

/** The sandbox's books: every payment, refund and close, amounts in fen. */
export class Ledger {
  readonly payments = new Map<string, PaymentRecord>();
  readonly refunds = new Map<string, RefundRecord>();
  readonly closes: CloseRecord[] = [];
  readonly #numbers = new Set<string>();
  readonly #log: (change: Change) => void;
  /** Told whenever a trade ends, so that it can be notified. */
  onEnd: (ended: Ended) => void = () => {};

  constructor(log: (change: Change) => void) {
    this.#log = log;
  }

  /** Takes a change over without logging it: what a restart reads back. */
  replay(change: Change): void {
    if (change.type === 'payment') this.payments.set(change.record.hf_seq_id, change.record);
    else if (change.type === 'refund') this.refunds.set(change.record.hf_seq_id, change.record);
    else if (change.type === 'number') this.#numbers.add(change.key);
    else if (change.type === 'close') {
      const at = this.closes.findIndex(
        one => one.req_seq_id === change.record.req_seq_id && one.req_date === change.record.req_date,
      );
      if (at < 0) this.closes.push(change.record);
      else this.closes[at] = change.record;
    }
  }

  keep(change: Change): void {
    this.#log(change);
    this.replay(change);
  }

  clear(): void {
    this.payments.clear();
    this.refunds.clear();
    this.closes.length = 0;
    this.#numbers.clear();
  }

  numberTaken(key: string): boolean {
    return this.#numbers.has(key);
  }

  /** The refunds of a payment that have not failed, in fen. */
  refunded(hf_seq_id: string): bigint {
    let sum = 0n;
    for (const refund of this.refunds.values())
      if (refund.payment === hf_seq_id && refund.trans_stat !== 'F') sum += refund.ord_fen;
    return sum;
  }

  /** The customer pays (or the channel refuses). */
  pay(
    payment: PaymentRecord,
    now: number,
    switches: Switches,
    options: {result?: 'S' | 'F'; coupon_fen?: bigint; booking_fails?: boolean},
  ): void {
    const paid = options.result !== 'F';
    this.keep({
      type: 'payment',
      record: {
        ...payment,
        trans_stat: paid ? 'S' : 'F',
        bank_desc: paid ? '交易成功' : '用户支付失败',
        settlement_fen: payment.trans_fen - (options.coupon_fen ?? 0n),
        ended_at: now,
        books_at: paid && !payment.delayed ? now + switches.bookingMs : 0,
        booking_fails: options.booking_fails ?? false,
      },
    });
    this.onEnd({payment: this.payments.get(payment.hf_seq_id)!, notify_type: 1});
  }

  /** Ends what is due: bookings, refunds, closes, unpaid orders. Only a Webhook tells of a close; expiry notifies nobody. */
  tick(now: number): void {
    for (const close of this.closes) if (close.trans_stat === 'P' && close.ends_at <= now) this.#endClose(close, now);
    for (const payment of this.payments.values()) {
      if (payment.trans_stat === 'P' && payment.expires_at <= now) this.end(payment, '订单已超时', payment.expires_at);
      else if (
        payment.trans_stat === 'S' &&
        payment.acct_stat === 'I' &&
        payment.books_at > 0 &&
        payment.books_at <= now
      ) {
        this.keep({type: 'payment', record: {...payment, acct_stat: payment.booking_fails ? 'F' : 'S'}});
        this.onEnd({payment: this.payments.get(payment.hf_seq_id)!, notify_type: 2});
      }
    }
    for (const refund of this.refunds.values()) {
      if (refund.trans_stat !== 'P' || refund.ends_at > now) continue;
      this.keep({type: 'refund', record: {...refund, trans_stat: refund.fails ? 'F' : 'S', ended_at: refund.ends_at}});
      this.onEnd({refund: this.refunds.get(refund.hf_seq_id)!});
    }
  }

  /** An order that ends unpaid. */
  end(payment: PaymentRecord, bank_desc: string, at: number): void {
    this.keep({type: 'payment', record: {...payment, trans_stat: 'F', bank_desc, ended_at: at}});
  }

  #endClose(close: CloseRecord, now: number): void {
    const payment = this.payments.get(close.payment);
    const open = payment?.trans_stat === 'P';
    if (payment && open) this.end(payment, '订单已关闭', now);
    const record: CloseRecord = {...close, trans_stat: open || payment?.trans_stat === 'F' ? 'S' : 'F'};
    this.keep({type: 'close', record});
    if (payment) this.onEnd({close: record, payment: this.payments.get(close.payment)!});
  }
}

/** What keeps a req_seq_id unique: merchant, day (the request's own or that of its arrival), number. */
export function numberKey(
  switches: Switches,
  huifu_id: string,
  req_date: string,
  req_seq_id: string,
  now: number,
): string {
  return `${huifu_id} ${switches.uniqueBy === 'req_date' ? req_date : beijingDate(now)} ${req_seq_id}`;
}
