import {type Fen, readYuan} from '../core/amount.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import type {Data} from '../core/wire.ts';
import type {Payment} from '../journal/store.ts';
import {handled, poll, type ReadTools, str, type Verified} from './tools.ts';

/** Which payment is meant, by exactly one of its numbers; a req_seq_id needs its req_date (yyyyMMdd, Beijing). */
export interface Locator {
  hf_seq_id?: string;
  req_seq_id?: string;
  req_date?: string;
  out_ord_id?: string;
  party_order_id?: string;
}

/**
 * Asks the gateway for one payment.
 *
 * @returns the verified `data`; `trans_stat` S paid, F failed or closed, P not finished, I not begun.
 * @throws DougongError `refused` PAYMENT_NOT_FOUND or REFUSED, `signature`, `network`, `usage` LOOKUP_IMPOSSIBLE (a
 *   party_order_id cannot be queried), PAYMENT_MISMATCH (the answer is about another payment).
 * @see docs/gateway.md#query
 */
export async function queryPayment(tools: ReadTools, locator: Locator): Promise<Verified> {
  if (locator.party_order_id) throw new DougongError('usage', 'LOOKUP_IMPOSSIBLE', {value: locator.party_order_id});
  const fields = {huifu_id: tools.huifuId, ...locator};
  const found = handled(await tools.send.read(endpoints.query, fields, tools.version), 'PAYMENT_NOT_FOUND');
  matchOrThrow(found.data, {...locator, huifu_id: tools.huifuId});
  return found;
}

/** A signed answer about another payment is still the wrong answer. */
function matchOrThrow(data: Data, asked: Record<string, string | undefined>): void {
  for (const name of ['huifu_id', 'hf_seq_id', 'req_seq_id', 'req_date']) {
    const got = str(data, name) ?? str(data, `org_${name}`);
    const wanted = asked[name];
    if (got && wanted && got !== wanted) {
      throw new DougongError('signature', 'PAYMENT_MISMATCH', {field: name, asked: wanted, answered: got});
    }
  }
}

/** Asks until S or F. The last answer is returned; P at the deadline is the caller's to judge. */
export function waitForPayment(
  tools: ReadTools,
  locator: Locator,
  options: {timeoutMs: number; intervalMs?: number},
): Promise<Verified> {
  return poll(tools, () => queryPayment(tools, locator), isFinal, options);
}

/** Whether the trade has ended. */
export function isFinal(answer: Verified): boolean {
  return ['S', 'F'].includes(str(answer.data, 'trans_stat') ?? '');
}

/** What a refund or a close has to know of the payment it acts on. Amounts in fen. */
export interface PaymentFacts {
  payment: Payment;
  transStat: string;
  transAmt: Fen | undefined;
  tradeType: string | undefined;
  acctStat: string | undefined;
  delayed: boolean;
  unconfirmAmt: Fen | undefined;
  split: boolean;
  /** The merchants among whom the payment was divided. */
  splitMerchants: string[];
  verified: Verified;
}

/**
 * Resolves a locator by a signed query to the one canonical payment (money.md: nothing is sent without it).
 *
 * @throws as queryPayment; `refused` PAYMENT_MISMATCH where the answer names no req_date and req_seq_id.
 */
export async function lookUpPayment(tools: ReadTools & {environment: string}, locator: Locator): Promise<PaymentFacts> {
  const verified = await queryPayment(tools, locator);
  const {data} = verified;
  const req_date = str(data, 'req_date', 'org_req_date') ?? locator.req_date;
  const req_seq_id = str(data, 'req_seq_id', 'org_req_seq_id') ?? locator.req_seq_id;
  if (!req_date || !req_seq_id) {
    throw new DougongError('refused', 'PAYMENT_MISMATCH', {
      field: 'req_seq_id',
      asked: JSON.stringify(locator),
      answered: '-',
    });
  }
  const hf_seq_id = str(data, 'hf_seq_id', 'org_hf_seq_id') ?? locator.hf_seq_id;
  const bunch = data.acct_split_bunch;
  const divided = splitMerchants(bunch);
  return {
    payment: {environment: tools.environment, huifu_id: tools.huifuId, req_date, req_seq_id, hf_seq_id},
    transStat: str(data, 'trans_stat') ?? '',
    transAmt: readYuan(data.trans_amt),
    tradeType: str(data, 'trade_type', 'trans_type'),
    acctStat: str(data, 'acct_stat'),
    delayed: str(data, 'delay_acct_flag') === 'Y',
    unconfirmAmt: readYuan(data.unconfirm_amt),
    split: str(data, 'div_flag') === '1' || divided.length > 0,
    splitMerchants: divided,
    verified,
  };
}

function splitMerchants(bunch: unknown): string[] {
  let value = bunch;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch {
      return [];
    }
  }
  const infos = (value as {acct_infos?: {huifu_id?: unknown}[]} | null | undefined)?.acct_infos;
  return Array.isArray(infos) ? infos.map(info => String(info?.huifu_id ?? '')).filter(Boolean) : [];
}
