import {type Fen, formatYuan} from '../core/amount.ts';
import {beijingDate, beijingInstant} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import {REQ_SEQ_ID} from '../core/request-id.ts';
import type {GuardView, Intent, NewIntent} from '../journal/store.ts';
import {deliver, factsOf, type Moved, unknownOutcome} from './money.ts';
import {judge, keptAnswer, settle} from './settle.ts';
import type {MoneyTools} from './tools.ts';

/** One order of 聚合正扫. */
export interface PayRequest {
  /** Fen. */
  amount: Fen;
  /** At most 127 characters; shown on the customer's bill. */
  goods_desc: string;
  /** T_MINIAPP by default. */
  trade_type: string;
  /** The order's own number; made here where absent. Unique per merchant and day. */
  req_seq_id?: string;
  openid?: string;
  sub_appid?: string;
  sub_openid?: string;
  /** yyyyMMddHHmmss, Beijing, in the future. */
  time_expire?: string;
  notify_url?: string;
  remark?: string;
  /** Further fields by their wire names. */
  data?: Record<string, unknown>;
}

/** openid, or sub_appid and sub_openid together: one of the two, for the trade types WeChat opens by an openid. */
export function checkPayer({trade_type, openid, sub_appid, sub_openid, data}: PayRequest): void {
  if (!['T_MINIAPP', 'T_JSAPI'].includes(trade_type)) return;
  if (data?.method_expand !== undefined || data?.wx_data !== undefined) return;
  const pair = sub_appid !== undefined && sub_openid !== undefined;
  if (openid !== undefined ? sub_openid !== undefined : !pair)
    throw new DougongError('usage', 'OPENID_RULE', {trade_type});
}

/**
 * Places an order.
 *
 * The same number on the same day gives the kept answer (with its pay_info) instead of a second order.
 * @returns the gateway's `data`; `trans_stat` P is normal: the customer still has to pay.
 * @throws DougongError `usage` OPENID_RULE, FIELD_INVALID, NUMBER_TAKEN; `refused`; `unknown-outcome`; `network`.
 * @see docs/gateway.md#pay
 */
export async function pay(tools: MoneyTools, request: PayRequest): Promise<Moved> {
  checkPayer(request);
  checkFields(tools, request);
  const now = tools.now();
  const req_date = beijingDate(now);
  const req_seq_id = request.req_seq_id ?? tools.newId(now);
  const payment = {environment: tools.environment, huifu_id: tools.huifuId, req_date, req_seq_id};
  const fresh = (): NewIntent => {
    const fields = orderFields(tools.huifuId, request, req_date, req_seq_id);
    const prepared = tools.send.prepare(endpoints.pay, fields, tools.version);
    return {
      kind: 'pay',
      environment: tools.environment,
      profile: tools.profile,
      huifu_id: tools.huifuId,
      req_date,
      req_seq_id,
      payment,
      amount: request.amount,
      text: prepared.text,
      path: prepared.path,
    };
  };
  const {intent, created} = await tools.journal.intend(payment, view => guard(view, fresh()));
  if (created || intent.state === 'intended') return {...(await deliver(tools, intent, endpoints.pay)), created};
  return repeatAnswer(tools, intent);
}

/** What a number that was used before today gives: the kept answer, or what a query says of it. */
async function repeatAnswer(tools: MoneyTools, intent: Intent): Promise<Moved> {
  // Only an accepted order gives its answer again: what was refused or left open is no order to pay.
  const accepted = intent.state === 'pending' || intent.state === 'done';
  if (accepted && intent.answer !== undefined) return {intent, verified: keptAnswer(intent), created: false};
  const moved = await settle(tools, intent);
  if (moved.intent.state === 'failed' || moved.intent.state === 'refused') return judge(moved);
  if (moved.verified && moved.intent.state !== 'unknown' && moved.intent.state !== 'abandoned') return moved;
  throw unknownOutcome(intent, 'the gateway has not said whether it knows this order');
}

function guard(view: GuardView, fresh: NewIntent): NewIntent | {existing: Intent} {
  const existing = view.intents.find(intent => intent.kind === 'pay');
  if (!existing) return fresh;
  if (essence(existing) !== essence(fresh)) {
    throw new DougongError('usage', 'NUMBER_TAKEN', factsOf(existing));
  }
  return {existing};
}

/** Two texts of one order may differ in the time of expiry, when it was given as "30m". */
function essence({text, path}: {text: string; path: string}): string {
  const {time_expire: _, ...rest} = JSON.parse(text) as Record<string, string>;
  return JSON.stringify([path, rest]);
}

function checkFields(tools: MoneyTools, {goods_desc, time_expire, req_seq_id}: PayRequest): void {
  const invalid = (field: string, value: string) => new DougongError('usage', 'FIELD_INVALID', {field, value});
  if ([...goods_desc].length > 127) throw invalid('goods_desc', `${[...goods_desc].length} > 127`);
  if (req_seq_id !== undefined && !REQ_SEQ_ID.test(req_seq_id)) throw invalid('req_seq_id', req_seq_id);
  if (time_expire === undefined) return;
  const instant = beijingInstant(time_expire);
  if (time_expire.length !== 14 || instant === undefined || instant <= tools.now())
    throw invalid('time_expire', time_expire);
}

function orderFields(
  huifu_id: string,
  request: PayRequest,
  req_date: string,
  req_seq_id: string,
): Record<string, unknown> {
  const {goods_desc, trade_type, time_expire, notify_url, remark} = request;
  const {openid, sub_appid, sub_openid} = request;
  const payer = Object.fromEntries(
    Object.entries({openid, sub_appid, sub_openid}).filter(([, value]) => value !== undefined),
  );
  const fields = {
    ...request.data,
    req_date,
    req_seq_id,
    huifu_id,
    goods_desc,
    trade_type,
    trans_amt: formatYuan(request.amount),
    time_expire,
    notify_url,
    remark,
  };
  return Object.keys(payer).length > 0 ? {...fields, method_expand: payer} : fields;
}
