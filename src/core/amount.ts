import {DougongError} from './errors.ts';

/** An amount in fen (1/100 yuan). Never a `number`: a double cannot hold every fen. */
export type Fen = bigint;

const YUAN = /^(0|[1-9]\d{0,10})(?:\.(\d{1,2}))?$/;

/**
 * Reads yuan as a person or the gateway writes it ("12", "12.5", "12.30") into fen.
 *
 * @param positive refuse zero (what a payment or a refund asks for must move money).
 * @throws DougongError `usage` AMOUNT_INVALID: more than two decimals, a sign, an exponent, separators, blanks.
 */
export function parseYuan(text: string, {positive = false}: {positive?: boolean} = {}): Fen {
  const match = YUAN.exec(text);
  if (!match) throw new DougongError('usage', 'AMOUNT_INVALID', {value: text});
  const fen = BigInt(match[1]!) * 100n + BigInt((match[2] ?? '').padEnd(2, '0'));
  if (positive && fen === 0n) throw new DougongError('usage', 'AMOUNT_INVALID', {value: text});
  return fen;
}

/** Like parseYuan, for text of the gateway: undefined where it is absent or not an amount, never a guess. */
export function readYuan(text: unknown): Fen | undefined {
  if (typeof text !== 'string' || !YUAN.test(text)) return undefined;
  return parseYuan(text);
}

/** Fen as yuan with two decimals, as the gateway wants it: 1230n -> "12.30". */
export function formatYuan(fen: Fen): string {
  const sign = fen < 0n ? '-' : '';
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
