import {isEnvelopeRejection} from './transport.ts';
import type {Answer} from './wire.ts';

/** What an answer to pay, refund or close means for the money (docs/gateway.md#classes). */
export type AnswerClass = 'accepted' | 'failed' | 'final-refusal' | 'exists' | 'unknown' | 'envelope-rejected';
export type MoneyCall = 'pay' | 'refund' | 'close' | 'config';

export interface Classified {
  cls: AnswerClass;
  /** The gateway asks for fewer calls: HTTP 911 or 914, 20000001, 请求频率过高. */
  throttled: boolean;
}

/** The closed list: a signed one of these says that nothing was done and nothing will be. */
const FINAL = /^(10000000|10000001|10000002|10000009|21000000|22\d{6}|23000001|20000004|23000002|23000003|23000004)$/;
const FINAL_CLOSE = /^(10000015|10000016|23000000)$/;
/** A configuration call has refusals of its own; 未入驻 says that the fee_type is not opened. */
const FINAL_CONFIG = /^(00000001|00000103|00000106)$/;
const ACCEPTED = new Set(['00000000', '00000100']);

/**
 * Sorts an answer into its class by (signed?, resp_code, trans_stat).
 *
 * @param options.resend a refusal of a repeated send says nothing about the first one: it stays unknown.
 */
export function classify(
  answer: Pick<Answer, 'verdict' | 'status' | 'data'>,
  call: MoneyCall,
  options: {resend?: boolean} = {},
): Classified {
  const {verdict, status, data} = answer;
  const code = String(data?.resp_code ?? '');
  const stat = String(data?.trans_stat ?? '');
  const throttled =
    status === 911 || status === 914 || code === '20000001' || /请求频率过高/.test(String(data?.resp_desc ?? ''));
  const as = (cls: AnswerClass): Classified => ({cls, throttled});
  if (isEnvelopeRejection(answer)) return as(options.resend ? 'unknown' : 'envelope-rejected');
  if (verdict !== 'ok' || status < 200 || status > 299) return as('unknown');
  if (code === '20000000') return as('exists');
  if (stat === 'F' && !options.resend) return as('failed');
  if (call === 'config' && code === '00000002') return as('accepted');
  const final =
    FINAL.test(code) ||
    (call === 'close' && FINAL_CLOSE.test(code)) ||
    (call === 'config' && (FINAL_CONFIG.test(code) || /未入驻/.test(String(data?.resp_desc ?? ''))));
  if (final) return as(options.resend ? 'unknown' : 'final-refusal');
  if (stat === 'F') return as('unknown');
  if (ACCEPTED.has(code) || stat === 'P' || stat === 'S') return as('accepted');
  return as('unknown');
}
