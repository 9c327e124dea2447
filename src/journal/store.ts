import type {Data} from '../core/wire.ts';

/** What kind of call an intent stands for; `config` binds an appid (微信商户配置) and moves no money. */
export type IntentKind = 'pay' | 'refund' | 'close' | 'config';

/**
 * Where an intent is. `intended`: written, nothing sent. `sent`: bytes may have left (see lease). `unknown`: sent, and
 * no verified end. `deferred`: the gateway asked for fewer calls; it may go out again. `pending`: accepted, not finished (P). `done`: S, `failed`: F, `refused`: final refusal,
 * `abandoned`: given up by a person, nothing was sent or a query proved it unknown to the gateway.
 */
export type IntentState =
  | 'intended'
  | 'sent'
  | 'unknown'
  | 'deferred'
  | 'pending'
  | 'done'
  | 'failed'
  | 'refused'
  | 'abandoned';

/** The payment that money is moved on, never a profile's name: (environment, huifu_id, req_date, req_seq_id). */
export interface Payment {
  environment: string;
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  hf_seq_id?: string;
}

export interface Intent {
  id: string;
  kind: IntentKind;
  state: IntentState;
  environment: string;
  profile: string;
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  /** The payment it acts on; for pay, the payment it makes. */
  payment: Payment;
  /** Fen; 0n for a close. */
  amount: bigint;
  /** The exact signed text, byte for byte. */
  text: string;
  path: string;
  created_at: number;
  updated_at: number;
  owner?: string;
  lease_until?: number;
  hf_seq_id?: string;
  resp_code?: string;
  resp_desc?: string;
  trans_stat?: string;
  /** The raw `data` of the last verified answer. */
  answer?: string;
  /** How many times bytes have left for this intent. */
  sends: number;
}

export interface NewIntent {
  kind: IntentKind;
  environment: string;
  profile: string;
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  payment: Payment;
  amount: bigint;
  text: string;
  path: string;
}

/** What a guard sees inside the transaction: every intent of the same payment, and the day's refunds of the merchant. */
export interface GuardView {
  intents: Intent[];
  /** Fen of this merchant's refunds of that Beijing day that are done, pending, unknown, sent or intended. */
  refundedOn(reqDate: string): bigint;
}

/** One thing that happened to an intent; the timeline of `journal show`. */
export interface JournalEvent {
  at: number;
  intent_id: string;
  what: string;
  detail?: string;
}

export interface AnswerRecord {
  state: IntentState;
  /** Compare-and-set: recorded only while the intent is still in this state. */
  from?: IntentState;
  hf_seq_id?: string;
  resp_code?: string;
  resp_desc?: string;
  trans_stat?: string;
  answer?: string;
  /** What the timeline says. */
  what: string;
}

export interface IntentFilter {
  kind?: IntentKind;
  states?: IntentState[];
  environment?: string;
  huifu_id?: string;
  hf_seq_id?: string;
  profile?: string;
  since?: number;
  payment?: Payment;
}

/**
 * The durable memory of money. One implementation is journal/sqlite.ts. No word of SQL crosses this interface.
 *
 * Every method that writes returns only when the record is durable (docs/reliability: SQLite, WAL, synchronous FULL).
 * @throws DougongError `local` JOURNAL_LOCKED, JOURNAL_UNWRITABLE, JOURNAL_CORRUPT.
 */
export interface Store {
  /**
   * In one transaction on the locked row of the payment: runs `guard` (which throws to refuse, or returns an existing
   * intent to settle instead), then inserts the intent that `guard` returned.
   */
  intend(
    payment: Payment,
    guard: (view: GuardView) => NewIntent | {existing: Intent},
  ): Promise<{intent: Intent; created: boolean}>;
  /** Commits `sent` with owner and lease; compare-and-set on the expected state. False when another process was first. */
  sent(id: string, from: IntentState, owner: string, leaseUntil: number): Promise<boolean>;
  /** A provable never-sent error: back to intended. */
  neverSent(id: string, why: string): Promise<void>;
  answer(id: string, record: AnswerRecord): Promise<Intent>;
  /** A line of the timeline that changes no state. */
  note(id: string, what: string, detail?: string): Promise<void>;
  get(id: string): Promise<Intent | undefined>;
  find(key: {environment: string; huifu_id: string; req_date?: string; req_seq_id: string}): Promise<Intent[]>;
  list(filter: IntentFilter): Promise<Intent[]>;
  events(id: string): Promise<JournalEvent[]>;
  /**
   * Erases the texts and answers of ended intents last touched before `texts` (epoch ms), and removes those before
   * `whole` altogether. Numbers, amounts and states stay until then.
   */
  redact(before: {texts: number; whole: number}): Promise<{erased: number; removed: number}>;
  /** What the live connection says of its durability: SQLite's journal_mode and synchronous (2 is FULL). */
  durability(): Promise<{journal_mode: string; synchronous: number}>;
  /** Replaces a personal word (an openid) in every text and answer; an intent that may still be sent keeps it. */
  erase(word: string): Promise<{erased: number; kept: number}>;
  close(): Promise<void>;
}

export type {Data};
