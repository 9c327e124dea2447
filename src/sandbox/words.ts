import {formatYuan} from '../core/amount.ts';
import {beijingTime} from '../core/beijing.ts';
import type {CloseRecord, PaymentRecord, RefundRecord} from './types.ts';

/** The gateway's field names of a payment, as a v4 query gives them; older versions rename some. */
export function paymentWords(payment: PaymentRecord): Record<string, string> {
  const paid = payment.trans_stat === 'S';
  const amount = formatYuan(payment.trans_fen);
  const end = payment.ended_at > 0 ? beijingTime(payment.ended_at) : '';
  const booked = payment.acct_stat === 'S';
  return {
    huifu_id: payment.huifu_id,
    req_date: payment.req_date,
    req_seq_id: payment.req_seq_id,
    hf_seq_id: payment.hf_seq_id,
    party_order_id: payment.party_order_id,
    out_trans_id: paid ? payment.out_trans_id : '',
    trade_type: payment.trade_type,
    trans_amt: amount,
    pay_amt: paid ? formatYuan(payment.settlement_fen) : '',
    settlement_amt: formatYuan(payment.settlement_fen),
    unconfirm_amt: payment.delayed ? amount : '0.00',
    confirmed_amt: payment.delayed ? '0.00' : amount,
    trans_stat: payment.trans_stat,
    acct_stat: payment.acct_stat,
    acct_date: booked ? beijingTime(payment.books_at).slice(0, 8) : '',
    trans_time: beijingTime(payment.created_at).slice(8),
    end_time: end,
    fee_amt: formatYuan(payment.fee_fen),
    fee_type: 'INNER',
    delay_acct_flag: payment.delayed ? 'Y' : 'N',
    div_flag: payment.acct_split_bunch ? '1' : '0',
    acct_split_bunch: payment.acct_split_bunch,
    bank_code: paid ? '00000000' : payment.trans_stat === 'P' ? 'NOTPAY' : 'CLOSED',
    bank_desc: payment.bank_desc,
    remark: payment.remark,
    wx_user_id: paid ? String(payment.wx.sub_openid ?? payment.wx.openid ?? '') : '',
  };
}

/** What the customer's mini-program gets; signType is RSA, as in real answers. */
export function payInfo(payment: PaymentRecord): string {
  const random = payment.hf_seq_id.slice(-12);
  return JSON.stringify({
    appId: payment.wx.sub_appid ?? 'wx0000000000000000',
    timeStamp: String(Math.floor(payment.created_at / 1000)),
    nonceStr: `sandbox${random}`,
    package: `prepay_id=wx${payment.hf_seq_id}`,
    signType: 'RSA',
    paySign: Buffer.from(`sandbox ${payment.hf_seq_id}`).toString('base64'),
  });
}

/** The fields of one refund, by the names a refund query gives them. */
export function refundWords(
  refund: RefundRecord,
  payment: PaymentRecord,
  names: 'answer' | 'query',
): Record<string, string> {
  const own = {req_date: refund.req_date, req_seq_id: refund.req_seq_id, hf_seq_id: refund.hf_seq_id};
  const numbers: Record<string, string> =
    names === 'query'
      ? {org_req_date: own.req_date, org_req_seq_id: own.req_seq_id, org_hf_seq_id: own.hf_seq_id}
      : {...own, org_req_date: payment.req_date, org_req_seq_id: payment.req_seq_id, org_hf_seq_id: payment.hf_seq_id};
  const done = refund.trans_stat === 'S';
  return {
    ...numbers,
    huifu_id: refund.huifu_id,
    ord_amt: formatYuan(refund.ord_fen),
    actual_ref_amt: done ? formatYuan(refund.ord_fen) : '',
    trans_stat: refund.trans_stat,
    trade_type: 'TRANS_REFUND',
    trans_date: beijingTime(refund.created_at).slice(0, 8),
    trans_time: beijingTime(refund.created_at).slice(8),
    trans_finish_time: refund.ended_at > 0 ? beijingTime(refund.ended_at) : '',
    bank_message: refund.trans_stat === 'F' ? '退款失败' : '',
    fee_amount: '0.00',
    pay_channel: payment.trade_type.slice(0, 1),
    remark: refund.remark,
  };
}

export function closeWords(close: CloseRecord, payment: PaymentRecord): Record<string, string> {
  return {
    huifu_id: close.huifu_id,
    org_req_date: payment.req_date,
    org_req_seq_id: payment.req_seq_id,
    org_hf_seq_id: payment.hf_seq_id,
    org_trans_stat: payment.trans_stat,
    trans_stat: close.trans_stat,
  };
}
