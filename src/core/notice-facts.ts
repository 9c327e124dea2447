import {parseValue} from './json.ts';
import type {Channel} from './notice.ts';
import type {Data, Value} from './wire.ts';

/** What a message is about, in words of ours. `payment` in a filter means trade and booked. */
export type NoticeKind = 'trade' | 'booked' | 'refund' | 'close' | 'thaw' | 'config' | 'event';

export const NOTICE_KINDS: readonly NoticeKind[] = ['trade', 'booked', 'refund', 'close', 'thaw', 'config', 'event'];

/** What any message of the platform says, whatever its shape; absent where it does not say it. */
export interface NoticeFacts {
  kind: NoticeKind;
  huifu_id?: string;
  req_date?: string;
  req_seq_id?: string;
  hf_seq_id?: string;
  party_order_id?: string;
  out_trans_id?: string;
  org_req_date?: string;
  org_req_seq_id?: string;
  org_hf_seq_id?: string;
  /** 1 traded, 2 booked, 3 thawed; a number in captures, text here. */
  notify_type?: string;
  /** event_define_no or event_type of a Webhook. */
  event?: string;
  trans_type?: string;
  trans_stat?: string;
  acct_stat?: string;
  /** Yuan as the message writes it: trans_amt, for a refund ord_amt. */
  amount?: string;
  /** The booking comes when the merchant confirms: no second message is due. */
  delayed: boolean;
  end_time?: string;
}

const CAMEL = new Map([
  ['huifuId', 'huifu_id'],
  ['eventDefineNo', 'event_define_no'],
  ['transStat', 'trans_stat'],
  ['acctStat', 'acct_stat'],
]);

/**
 * The facts of a message: nested and camelCase Webhooks (`data: {…}`) are read as flat ones, nested values may be
 * objects or JSON text.
 *
 * @see docs/gateway.md#notifications
 */
export function noticeFacts(channel: Channel, given: Data, field: 'resp_data' | 'data' | undefined): NoticeFacts {
  const data = channel === 'webhook' ? flat(given) : given;
  const word = (...names: string[]): string | undefined => {
    for (const name of names) {
      const value = data[name];
      if (typeof value === 'string' && value !== '') return value;
    }
    return undefined;
  };
  const event = channel === 'webhook' ? word('event_define_no', 'event_type') : undefined;
  const kind = kindOf(channel, event, field, word);
  const about = kind === 'refund' ? ['ord_amt', 'trans_amt'] : ['trans_amt', 'ord_amt', 'unfreeze_amt'];
  const facts: Partial<NoticeFacts> = {
    huifu_id: word('huifu_id'),
    req_date: word('req_date', 'mer_ord_date') ?? (channel === 'webhook' ? word('trans_date') : undefined),
    // Some Webhooks carry the merchant's number as mer_ord_id.
    req_seq_id: word('req_seq_id', 'mer_ord_id'),
    hf_seq_id: word('hf_seq_id'),
    party_order_id: word('party_order_id'),
    out_trans_id: word('out_trans_id'),
    org_req_date: word('org_req_date'),
    org_req_seq_id: word('org_req_seq_id'),
    org_hf_seq_id: word('org_hf_seq_id'),
    notify_type: word('notify_type'),
    event,
    trans_type: word('trans_type', 'trade_type'),
    trans_stat: word('trans_stat'),
    acct_stat: word('acct_stat'),
    amount: word(...about),
    end_time: word('end_time', 'trans_finish_time'),
  };
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  const delayed = /^(1|Y)$/i.test(word('is_delay_acct') ?? '') || word('delay_acct_flag') === 'Y';
  return {...known, kind, delayed};
}

function kindOf(
  channel: Channel,
  event: string | undefined,
  field: 'resp_data' | 'data' | undefined,
  word: (...names: string[]) => string | undefined,
): NoticeKind {
  if (channel === 'webhook') {
    if (/^refund\.|\.refund$/.test(event ?? '')) return 'refund';
    if (event === 'trans.close') return 'close';
    if (event === 'hosting.accounted') return 'booked';
    if (/^(trans\.pay$|pay\.|hosting\.pay$)/.test(event ?? '')) return 'trade';
    return 'event';
  }
  if (field === 'data') return 'config';
  const type = word('notify_type');
  if (type === '3' || (!type && word('unfreeze_amt'))) return 'thaw';
  if (/REFUND/.test(word('trans_type') ?? '') || word('org_req_seq_id', 'org_hf_seq_id')) return 'refund';
  return type === '2' ? 'booked' : 'trade';
}

/** One level of a Webhook: what stands beside `data` and what stands in it; what is inside wins. */
function flat(given: Data): Data {
  const outer = Object.fromEntries(Object.entries(given).map(([name, value]) => [CAMEL.get(name) ?? name, value]));
  return {...outer, ...inner(given.data)};
}

function inner(value: Value | undefined): Data {
  if (typeof value === 'string') {
    try {
      return inner(parseValue(value));
    } catch {
      return {};
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
