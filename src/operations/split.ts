import {type Fen, formatYuan, readYuan} from '../core/amount.ts';
import {DougongError} from '../core/errors.ts';
import type {PaymentFacts} from './query.ts';

/**
 * The refund of a divided payment has to say who gives what back.
 *
 * @throws DougongError `usage` SPLIT_NEEDED without an acct_split_bunch or defaultSplit; SPLIT_INVALID where its parts do
 *   not add up to the refund in fen, or name a merchant that had no part in the payment.
 */
export function checkSplit(
  facts: Pick<PaymentFacts, 'split' | 'splitMerchants' | 'payment'>,
  amount: Fen,
  request: {data?: Record<string, unknown>; defaultSplit?: boolean},
): void {
  const bunch = request.data?.acct_split_bunch;
  if (bunch === undefined) {
    if (facts.split && !request.defaultSplit) throw new DougongError('usage', 'SPLIT_NEEDED', {});
    return;
  }
  const infos = readInfos(bunch);
  let total = 0n;
  for (const {div_amt, huifu_id} of infos) {
    const part = readYuan(div_amt);
    if (part === undefined) throw invalid(`div_amt ${String(div_amt)}`);
    total += part;
    const among = facts.splitMerchants.length === 0 || facts.splitMerchants.includes(String(huifu_id));
    if (!among && huifu_id !== facts.payment.huifu_id) throw invalid(`huifu_id ${String(huifu_id)}`);
  }
  if (total !== amount) throw invalid(`${formatYuan(total)} <> ${formatYuan(amount)}`);
}

function readInfos(bunch: unknown): {div_amt?: unknown; huifu_id?: unknown}[] {
  let value = bunch;
  try {
    if (typeof value === 'string') value = JSON.parse(value);
  } catch {
    throw invalid('JSON');
  }
  const infos = (value as {acct_infos?: unknown} | null)?.acct_infos;
  if (!Array.isArray(infos) || infos.length === 0) throw invalid('acct_infos');
  return infos as {div_amt?: unknown; huifu_id?: unknown}[];
}

function invalid(reason: string): DougongError {
  return new DougongError('usage', 'SPLIT_INVALID', {reason});
}
