import {beijingTime} from './beijing.ts';

/** What a number of ours looks like on the wire: letters and digits, at most 32 (docs/gateway.md#req_seq_id). */
export const REQ_SEQ_ID = /^[0-9A-Za-z_-]{1,64}$/;

/** Web crypto is there without an import; node:crypto costs every start 5 ms. */
const nine = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));

/** A new req_seq_id: Beijing time and 72 random bits, 32 letters and digits. */
export function newRequestId(now: number, random: (bytes: number) => Uint8Array = nine): string {
  return beijingTime(now) + Buffer.from(random(9)).toString('hex');
}
