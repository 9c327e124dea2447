import type {NoticeReason} from '../core/notice.ts';
import type {NoticeFacts} from '../core/notice-facts.ts';
import type {Verdict} from '../core/wire.ts';
import type {AckVerdict, Notice} from '../journal/notices.ts';
import type {TunnelEvent} from './tunnel/tunnel.ts';

/** How a forward ended, this time. */
export interface Forwarded {
  notice: Notice;
  target: string;
  try: number;
  status: number;
  ack: AckVerdict;
  answer: string;
  ms: number;
  /** Whether another try follows. */
  again: boolean;
}

/** What the listener tells; the command draws it, --json prints it. Times are epoch ms, durations ms. */
export type ListenEvent =
  | {type: 'message'; at: number; notice: Notice; fresh: boolean; status: number; ms: number}
  | {
      type: 'refused';
      at: number;
      status: number;
      why: string;
      verdict?: Verdict;
      reason?: NoticeReason;
      facts?: NoticeFacts;
      ms: number;
    }
  | ({type: 'forwarded'; at: number} & Forwarded)
  | {type: 'paired'; at: number; notice: Notice; apartMs: number; order: 'trade-first' | 'booked-first'}
  | {type: 'not-booked'; at: number; notice: Notice}
  | {type: 'unpaired'; at: number; notice: Notice; waitedMs: number}
  | {type: 'anomaly'; at: number; notice: Notice; what: 'amount' | 'ended-otherwise'; expected: string; got: string}
  | {type: 'settled'; at: number; notice: Notice; state: string}
  | {type: 'checked'; at: number; notice: Notice; agrees: boolean | undefined; expected: string; got: string}
  | {
      type: 'missed';
      at: number;
      req_seq_id: string;
      req_date: string;
      huifu_id: string;
      trans_stat: string;
      amount: string;
      error?: string;
    }
  | {type: 'executed'; at: number; notice: Notice; code: number; ms: number}
  | {type: 'store-failed'; at: number; error: Error}
  | {type: 'store-back'; at: number; awayMs: number}
  | {type: 'fault'; at: number; error: Error}
  | TunnelEvent;

export type Emit = (event: ListenEvent) => void;

export interface Counts {
  received: number;
  verified: number;
  invalid: number;
  again: number;
  conflicts: number;
  foreign: number;
  forwarded: number;
  failed: number;
  missed: number;
}

export function noCounts(): Counts {
  return {received: 0, verified: 0, invalid: 0, again: 0, conflicts: 0, foreign: 0, forwarded: 0, failed: 0, missed: 0};
}
