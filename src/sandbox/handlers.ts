import {formatYuan} from '../core/amount.ts';
import {beijingDate, beijingInstant, beijingTime} from '../core/beijing.ts';
import type {EndpointName} from '../core/endpoints/index.ts';
import type {Data} from '../core/wire.ts';
import {filequery, replay} from './bills/desk.ts';
import {type Desk, type Handler, need, needAmount, needDate, needMerchant, text} from './desk.ts';
import {numberKey} from './ledger.ts';
import {onboarding} from './onboarding.ts';
import {type CloseRecord, type PaymentRecord, type RefundRecord, Refusal} from './types.ts';
import {closeWords, payInfo, paymentWords, refundWords} from './words.ts';

/** The number of a request that writes: today's (or any, by switch), and not used before. */
function takeNumber(data: Data, desk: Desk, huifu_id: string): {req_date: string; req_seq_id: string; key: string} {
  const req_date = needDate(data, 'req_date');
  const req_seq_id = need(data, 'req_seq_id', 128);
  const key = numberKey(desk.switches, huifu_id, req_date, req_seq_id, desk.now);
  if (desk.ledger.numberTaken(key)) throw new Refusal('20000000', '重复交易');
  if (!desk.switches.acceptOldReqDate && req_date !== beijingDate(desk.now))
    throw new Refusal('10000000', '请求日期必须是当前日期');
  return {req_date, req_seq_id, key};
}

const V4_TYPES = [
  'T_JSAPI',
  'T_MINIAPP',
  'T_APP',
  'T_MICROPAY',
  'A_JSAPI',
  'A_NATIVE',
  'A_MICROPAY',
  'U_JSAPI',
  'U_NATIVE',
  'U_MICROPAY',
];
const OLD_TYPES = [
  'T_JSAPI',
  'T_MINIAPP',
  'A_JSAPI',
  'A_NATIVE',
  'U_NATIVE',
  'U_JSAPI',
  'D_NATIVE',
  'T_H5',
  'T_APP',
  'T_NATIVE',
];
const TWO_HOURS_MS = 7_200_000;

const pay: Handler = (data, desk) => {
  const huifu_id = needMerchant(data, desk);
  const goods_desc = need(data, 'goods_desc', desk.version === 'v4' ? 128 : 127);
  const trade_type = need(data, 'trade_type', 16);
  const types = desk.version === 'v4' ? V4_TYPES : OLD_TYPES;
  if (!types.includes(trade_type)) throw new Refusal('10000000', `trade_type的传入枚举[${trade_type}]不存在`);
  const trans_fen = needAmount(data, 'trans_amt');
  const expires_at = expiry(data, desk.now);
  const wx = nested(data, desk.version === 'v4' ? 'method_expand' : 'wx_data');
  const {req_date, req_seq_id, key} = takeNumber(data, desk, huifu_id);
  const opened = ['T_MINIAPP', 'T_JSAPI'].includes(trade_type);
  if (opened && !wx.openid && !(wx.sub_appid && wx.sub_openid)) throw new Refusal('10000000', 'openid和sub_openid为空');
  if (opened) checkWeChat(desk, huifu_id, String(wx.sub_appid ?? ''));
  const stamp = beijingTime(desk.now).slice(2);
  const id = desk.unique();
  const payment: PaymentRecord = {
    huifu_id,
    req_date,
    req_seq_id,
    hf_seq_id: `002900TOP4A${stamp}P${id.slice(0, 3)}${id}`,
    party_order_id: `0321${stamp}${Number.parseInt(id.slice(0, 8), 16)}`,
    out_trans_id: `4200002345${beijingTime(desk.now).slice(0, 8)}${Number.parseInt(id.slice(0, 10), 16)}`,
    trade_type,
    goods_desc,
    trans_fen,
    settlement_fen: trans_fen,
    fee_fen: (trans_fen * 38n + 5000n) / 10_000n,
    trans_stat: 'P',
    acct_stat: 'I',
    delayed: text(data, 'delay_acct_flag') === 'Y',
    acct_split_bunch: text(data, 'acct_split_bunch'),
    wx,
    remark: text(data, 'remark'),
    notify_url: text(data, 'notify_url'),
    bank_desc: '订单未支付',
    created_at: desk.now,
    expires_at,
    ended_at: 0,
    books_at: 0,
    booking_fails: false,
  };
  desk.ledger.keep({type: 'number', key});
  desk.ledger.keep({type: 'payment', record: payment});
  const {bank_code: _code, bank_desc: _desc, ...words} = paymentWords(payment);
  const info = payInfo(payment);
  return {
    ...words,
    resp_code: '00000100',
    resp_desc: '交易正在处理中',
    bank_code: '00000000',
    bank_message: '用户支付中',
    ...(trade_type.endsWith('_NATIVE')
      ? {qr_code: `https://sandbox.invalid/qr/${payment.hf_seq_id}`}
      : {pay_info: info}),
    ...(desk.version !== 'v4' && {wx_response: JSON.stringify({pay_info: info, result_code: 'SUCCESS'})}),
  };
};

/** A merchant whose onboarding a scenario set is held to it, in WeChat's own words. */
function checkWeChat(desk: Desk, huifu_id: string, sub_appid: string): void {
  const {strict, authorized, bindings} = desk.merchant(huifu_id);
  if (!strict) return;
  if (!authorized)
    throw new Refusal('90000000', '当前商户需补齐相关资料后，才可进行相应的支付交易，请商户联系对接的微信支付服务商');
  if (sub_appid && !bindings.some(one => one.appid === sub_appid && one.state === 'bound'))
    throw new Refusal('90000000', 'sub_mch_id与sub_appid不匹配');
}

function expiry(data: Data, now: number): number {
  const value = text(data, 'time_expire');
  if (value === '') return now + TWO_HOURS_MS;
  const instant = value.length === 14 ? beijingInstant(value) : undefined;
  if (instant === undefined) throw new Refusal('10000000', 'time_expire不符合yyyyMMddHHmmss格式');
  if (instant <= now) throw new Refusal('10000000', '订单已超时');
  return instant;
}

function nested(data: Data, name: string): Data {
  const value = data[name];
  if (typeof value !== 'string') {
    if (value === undefined || value === null) return {};
    throw new Refusal('10000000', `${name}不符合JSON格式`);
  }
  try {
    const parsed = JSON.parse(value) as Data;
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Said below.
  }
  throw new Refusal('10000000', `${name}不符合JSON格式`);
}

/** Finds a payment by one of its numbers, under the names of this version and call. */
function findPayment(data: Data, desk: Desk, huifu_id: string, prefix: '' | 'org_', dated: boolean): PaymentRecord {
  const hf = text(data, `${prefix}hf_seq_id`);
  const seq = text(data, `${prefix}req_seq_id`);
  const other = text(data, prefix === '' ? 'out_ord_id' : 'org_party_order_id') || text(data, 'out_ord_id');
  const given = [hf, seq, other].filter(Boolean);
  if (given.length === 0) throw new Refusal('21000000', `${prefix}hf_seq_id,${prefix}req_seq_id不能同时为空`);
  const date = text(data, `${prefix}req_date`);
  if (dated || (seq !== '' && hf === '')) needDate(data, `${prefix}req_date`);
  const found = hf
    ? desk.ledger.payments.get(hf)
    : [...desk.ledger.payments.values()].find(one =>
        seq
          ? one.req_seq_id === seq && one.req_date === date
          : one.party_order_id === other || one.out_trans_id === other,
      );
  if (!found || found.huifu_id !== huifu_id || (date !== '' && found.req_date !== date))
    throw new Refusal('23000001', '原交易不存在');
  return found;
}

const query: Handler = (data, desk) => {
  const huifu_id = needMerchant(data, desk);
  const payment = findPayment(data, desk, huifu_id, desk.version === 'v4' ? '' : 'org_', false);
  const words = paymentWords(payment);
  const wx = JSON.stringify({...payment.wx, bank_type: 'OTHERS'});
  if (desk.version === 'v4') return {...words, method_expand: payment.trans_stat === 'S' ? wx : ''};
  const {req_date, req_seq_id, hf_seq_id, trade_type, ...rest} = words as Record<string, string> &
    Record<'req_date', string>;
  return {
    ...rest,
    org_req_date: req_date,
    org_req_seq_id: req_seq_id ?? '',
    org_hf_seq_id: hf_seq_id ?? '',
    trans_type: trade_type ?? '',
    wx_response: payment.trans_stat === 'S' ? wx : '',
  };
};

const refund: Handler = (data, desk) => {
  const huifu_id = needMerchant(data, desk);
  const ord_fen = needAmount(data, 'ord_amt');
  const payment = findPayment(data, desk, huifu_id, 'org_', true);
  const {req_date, req_seq_id, key} = takeNumber(data, desk, huifu_id);
  if (payment.trans_stat !== 'S') throw new Refusal('10000001', '原交易未完成');
  if (desk.ledger.refunded(payment.hf_seq_id) + ord_fen > payment.trans_fen)
    throw new Refusal('10000002', '退款金额大于可退金额');
  const id = desk.unique();
  const inherited = desk.switches.refundInheritsNotifyUrl ? payment.notify_url : '';
  const record: RefundRecord = {
    huifu_id,
    req_date,
    req_seq_id,
    hf_seq_id: `003100TOP4A${beijingTime(desk.now).slice(2)}P${id.slice(0, 3)}${id}`,
    payment: payment.hf_seq_id,
    ord_fen,
    trans_stat: 'P',
    fails: desk.refundFails,
    forget: desk.forget,
    remark: text(data, 'remark'),
    notify_url: text(data, 'notify_url') || inherited,
    created_at: desk.now,
    ends_at: desk.now + desk.switches.refundMs,
    ended_at: 0,
  };
  desk.ledger.keep({type: 'number', key});
  desk.ledger.keep({type: 'refund', record});
  return {...refundWords(record, payment, 'answer'), resp_code: '00000100', resp_desc: '交易正在处理中'};
};

const refundQuery: Handler = (data, desk) => {
  const huifu_id = needMerchant(data, desk);
  const hf = text(data, 'org_hf_seq_id');
  const seq = text(data, 'org_req_seq_id');
  if (!hf && !seq) throw new Refusal('21000000', 'org_hf_seq_id,org_req_seq_id不能同时为空');
  const date = hf ? '' : needDate(data, 'org_req_date');
  const found = hf
    ? desk.ledger.refunds.get(hf)
    : [...desk.ledger.refunds.values()].find(
        one => one.req_seq_id === seq && one.req_date === date && one.huifu_id === huifu_id,
      );
  if (!found || found.huifu_id !== huifu_id) throw new Refusal('23000001', '交易不存在');
  if (found.forget > 0) {
    desk.ledger.keep({type: 'refund', record: {...found, forget: found.forget - 1}});
    throw new Refusal('23000001', '交易不存在');
  }
  return refundWords(found, desk.ledger.payments.get(found.payment)!, 'query');
};

const MINUTE_MS = 60_000;

const close: Handler = (data, desk) => {
  const codes =
    desk.switches.closeCodes === 'A'
      ? {early: '20000001', terminal: '23000000'}
      : {early: '10000015', terminal: '10000016'};
  const huifu_id = needMerchant(data, desk);
  const payment = findPayment(data, desk, huifu_id, 'org_', true);
  const {req_date, req_seq_id, key} = takeNumber(data, desk, huifu_id);
  const extra = {
    trans_stat: 'F',
    org_trans_stat: payment.trans_stat,
    org_req_date: payment.req_date,
    org_req_seq_id: payment.req_seq_id,
  };
  if (!/^[TA]_/.test(payment.trade_type)) throw new Refusal('23000004', '不支持关单', extra);
  if (payment.trans_stat !== 'P') throw new Refusal(codes.terminal, '原交易已是终态', extra);
  if (desk.now - payment.created_at < MINUTE_MS) throw new Refusal(codes.early, '不允许关闭一分钟以内的订单', extra);
  const record: CloseRecord = {
    huifu_id,
    req_date,
    req_seq_id,
    payment: payment.hf_seq_id,
    trans_stat: 'P',
    created_at: desk.now,
    ends_at: desk.now + desk.switches.closeMs,
  };
  desk.ledger.keep({type: 'number', key});
  desk.ledger.keep({type: 'close', record});
  desk.ledger.tick(desk.now);
  const now = desk.ledger.closes.find(one => one.req_seq_id === req_seq_id && one.req_date === req_date)!;
  const words = {...closeWords(now, desk.ledger.payments.get(payment.hf_seq_id)!), req_date, req_seq_id};
  return now.trans_stat === 'P' ? {...words, resp_code: '00000100', resp_desc: '交易正在处理中'} : words;
};

const closeQuery: Handler = (data, desk) => {
  needDate(data, 'req_date');
  need(data, 'req_seq_id', 128);
  const huifu_id = needMerchant(data, desk);
  const payment = findPayment(data, desk, huifu_id, 'org_', true);
  const found = desk.ledger.closes.findLast(one => one.payment === payment.hf_seq_id);
  if (!found) throw new Refusal('23000001', '交易不存在');
  return {...closeWords(found, payment), req_date: found.req_date, req_seq_id: found.req_seq_id};
};

const balance: Handler = (data, desk) => {
  needDate(data, 'req_date');
  const huifu_id = needMerchant(data, desk);
  let fen = 0n;
  for (const payment of desk.ledger.payments.values()) {
    if (payment.huifu_id === huifu_id && payment.acct_stat === 'S') fen += payment.settlement_fen - payment.fee_fen;
  }
  for (const one of desk.ledger.refunds.values())
    if (one.huifu_id === huifu_id && one.trans_stat !== 'F') fen -= one.ord_fen;
  const yuan = formatYuan(fen);
  const account = {
    huifu_id,
    acct_id: 'A00000001',
    acct_type: '01',
    balance_amt: yuan,
    avl_bal: yuan,
    frz_bal: '0.00',
    acct_stat: 'N',
  };
  return {huifu_id, acctInfo_list: JSON.stringify([account])};
};

export const handlers: Record<EndpointName, Handler> = {
  pay,
  query,
  refund,
  'refund-query': refundQuery,
  close,
  'close-query': closeQuery,
  balance,
  ...onboarding,
  filequery,
  replay,
};
