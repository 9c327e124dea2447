import type {Fen} from '../core/amount.ts';
import type {ApiVersion} from '../core/endpoints/index.ts';
import {DougongError, type GatewayWords} from '../core/errors.ts';
import type {Answer, Data, Send} from '../core/wire.ts';
import type {Store} from '../journal/store.ts';

/** What a call that moves nothing needs. Clocks and numbers come from outside, so that tests decide them. */
export interface ReadTools {
  send: Send;
  /** The merchant the call is for. */
  huifuId: string;
  version?: ApiVersion;
  now(): number;
  newId(now: number): string;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  signal?: AbortSignal;
}

/** What a call that moves money needs beside that: the journal, and who holds the lease. */
export interface MoneyTools extends ReadTools {
  journal: Store;
  /** Names the world the money is in, computed from the URL. */
  environment: string;
  profile: string;
  /** Host, process and a random word: who sends. */
  owner: string;
  /** Milliseconds a `sent` mark holds: the total time-out and 60 s. */
  leaseMs: number;
  /** The profile's limits, fen. */
  maxRefund?: Fen;
  maxRefundDay?: Fen;
}

/** A verified answer as it is handed on: the gateway's own text and a parsed copy. */
export interface Verified {
  data: Data;
  /** The exact text of `data` as received. */
  raw: string;
}

/** The first of these members that is a non-empty string, number text included. */
export function str(data: Data | undefined, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = data?.[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** The gateway's own words for an error message; says whether Huifu's signature holds over them. */
export function wordsOf(answer: Pick<Answer, 'verdict' | 'status' | 'data'>): GatewayWords {
  const {data} = answer;
  const words: GatewayWords = {verified: answer.verdict === 'ok', http_status: answer.status};
  const resp_code = str(data, 'resp_code');
  const resp_desc = str(data, 'resp_desc');
  const bank_message = str(data, 'bank_message', 'bank_desc');
  const trans_stat = str(data, 'trans_stat');
  return {
    ...words,
    ...(resp_code && {resp_code}),
    ...(resp_desc && {resp_desc}),
    ...(bank_message && {bank_message}),
    ...(trans_stat && {trans_stat}),
  };
}

/** Codes by which the gateway says, signed, that it does not know the number asked for. */
export const NOT_KNOWN: ReadonlySet<string> = new Set(['23000001', '20000004']);

/**
 * A verified read that was also handled: an answer about a trade, or a signed success.
 *
 * @throws DougongError `refused` with `notFound` for "not known", REFUSED for any other signed no.
 */
export function handled(answer: Answer & Verified, notFound: 'PAYMENT_NOT_FOUND' | 'REFUSED'): Verified {
  const code = str(answer.data, 'resp_code') ?? '';
  const gateway = wordsOf(answer);
  if (NOT_KNOWN.has(code)) throw new DougongError('refused', notFound, {resp_code: code}, {gateway});
  if (str(answer.data, 'trans_stat') || code === '00000000' || code === '00000100')
    return {data: answer.data, raw: answer.raw};
  throw new DougongError('refused', 'REFUSED', {resp_code: code}, {gateway});
}

const WAITS_MS = [1000, 1000, 2000, 3000, 5000];

/**
 * Asks again with growing pauses (1 s to 5 s) until `final` or the deadline.
 *
 * @returns the last answer, final or not; the caller says what an unfinished one means.
 */
export async function poll<T>(
  tools: Pick<ReadTools, 'now' | 'sleep' | 'signal'>,
  ask: () => Promise<T>,
  final: (answer: T) => boolean,
  options: {timeoutMs: number; intervalMs?: number},
): Promise<T> {
  const deadline = tools.now() + options.timeoutMs;
  for (let turn = 0; ; turn += 1) {
    const answer = await ask();
    if (final(answer) || tools.signal?.aborted) return answer;
    const pause = options.intervalMs ?? WAITS_MS[Math.min(turn, WAITS_MS.length - 1)]!;
    if (tools.now() + pause > deadline) return answer;
    await tools.sleep(pause, tools.signal);
  }
}
