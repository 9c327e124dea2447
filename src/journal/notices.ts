import type {Channel, NoticeReason} from '../core/notice.ts';
import type {NoticeFacts, NoticeKind} from '../core/notice-facts.ts';
import type {Verdict} from '../core/wire.ts';

/** A message as it arrived, ready to be kept. */
export interface NewNotice {
  /** Epoch ms. */
  at: number;
  environment: string;
  profile: string;
  channel: Channel;
  method: string;
  /** Path and query as called. */
  url: string;
  /** The headers that matter when it is sent on. */
  headers: Record<string, string>;
  body: Buffer;
  verdict: Verdict;
  reason?: NoticeReason;
  /** Genuine, but of a merchant that is not ours. */
  foreign: boolean;
  asJson: boolean;
  facts: NoticeFacts;
  /** What tells a repetition from another message of the same key: a hash of the signed text. */
  digest: string;
  /** Where it is to be forwarded. */
  targets: readonly string[];
}

export interface Notice extends Omit<NewNotice, 'targets' | 'body'> {
  /** A small number as text, in the order of arrival. */
  id: string;
  /** The bytes as they came; absent in lists, and once they were erased. */
  body?: Buffer;
  erased: boolean;
  /** How often this very message arrived. */
  times: number;
  /** When it arrived last, epoch ms. */
  lastAt: number;
  /** The message of the same key that came first and says something else. */
  conflictOf?: string;
}

/** What became of a message that was to be kept. */
export interface Kept {
  notice: Notice;
  /** True the first time. */
  fresh: boolean;
}

export type ForwardState = 'pending' | 'done' | 'failed';

/** Whether Huifu would have counted a handler's answer as an acknowledgement. */
export type AckVerdict = 'exact' | 'other-body' | 'slow' | 'status' | 'redirect' | 'unreachable';

/** One message on its way to one target: a row of the outbox. */
export interface Forward {
  id: number;
  notice_id: string;
  target: string;
  state: ForwardState;
  tries: number;
  /** When the next try is due, epoch ms. */
  dueAt: number;
  status?: number;
  ack?: AckVerdict;
  /** The handler's first words. */
  answer?: string;
  ms?: number;
}

export interface ForwardResult {
  id: number;
  state: ForwardState;
  dueAt: number;
  status: number;
  ack: AckVerdict;
  answer: string;
  ms: number;
}

export interface NoticeFilter {
  id?: string;
  kinds?: readonly NoticeKind[];
  trans_stat?: string;
  verdict?: Verdict | 'foreign' | 'conflict';
  hf_seq_id?: string;
  req_seq_id?: string;
  environment?: string;
  profile?: string;
  /** Epoch ms. */
  since?: number;
  limit?: number;
}

/** Which payment messages are about: their partner is found by it. */
export interface PaymentKey {
  environment: string;
  huifu_id: string;
  hf_seq_id?: string;
  req_date?: string;
  req_seq_id?: string;
}

export interface NoticeCounts {
  kind: string;
  verdict: string;
  foreign: boolean;
  conflict: boolean;
  count: number;
  arrivals: number;
}

/**
 * The kept notifications: a file of their own beside the money journal.
 *
 * Every method that writes returns only when the record is durable (SQLite, WAL, synchronous FULL). They do not wait:
 * the listener's own disk is the only place for what must be kept before it is answered.
 * @throws DougongError `local` NOTICES_LOCKED, NOTICES_UNWRITABLE, NOTICES_CORRUPT, NOTICES_NEWER.
 */
export interface NoticeStore {
  /** One transaction: messages with their outbox rows, and what became of forwards. Results in the order given. */
  commit(notices: readonly NewNotice[], forwards: readonly ForwardResult[]): Kept[];
  get(id: string): Notice | undefined;
  list(filter: NoticeFilter): Notice[];
  /** The genuine messages about one payment, of one kind or all, oldest first, bodies left out. */
  ofPayment(key: PaymentKey, kind?: NoticeKind): Notice[];
  /** Forwards that are due, oldest first: of this environment and profile, to one of these targets. */
  due(at: number, scope: {environment: string; profile: string; targets: readonly string[]}, limit: number): Forward[];
  forwards(noticeId: string): Forward[];
  /** Unverified messages are kept apart and only the newest of them: a stranger must not fill the disk. */
  readonly maxUnverified: number;
  /** Counts of the outbox by state; `elsewhere` are pending ones to targets that are not among those given. */
  outbox(scope?: {
    environment: string;
    profile: string;
    targets: readonly string[];
  }): Record<ForwardState | 'elsewhere', number>;
  /** Puts a message on its way again, at once. */
  enqueue(noticeId: string, target: string, at: number): void;
  /** A corrected verdict of a message that was kept; its twin, where one was kept since, counts it instead. */
  reverify(id: string, found: Pick<NewNotice, 'verdict' | 'reason' | 'foreign' | 'facts' | 'digest'>): Notice;
  counts(since?: number): NoticeCounts[];
  /** Erases bodies and headers that came before `bodies`, and rows that came before `rows` (epoch ms). */
  prune(before: {bodies: number; rows: number}, dryRun: boolean): {bodies: number; rows: number};
  /** Erases bodies, headers and handlers' words of messages that hold a personal word (an openid); how many did. */
  erase(word: string): number;
  close(): void;
}
