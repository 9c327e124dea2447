import type {EndpointName} from '../core/endpoints/index.ts';
import type {Data} from '../core/wire.ts';

/** What the platform does one way or the other, or what nobody outside knows. */
export interface Switches {
  /** Whether a req_seq_id is unique by the req_date it carries or by the day it arrives. */
  uniqueBy: 'req_date' | 'arrival';
  /** Whether a req_date other than today's is taken. */
  acceptOldReqDate: boolean;
  /** Whether a refund without a notify_url notifies the order's. */
  refundInheritsNotifyUrl: boolean;
  /** Demand the jpt-x-skill-* headers, as Huifu's own local sandbox does. */
  requireSkillHeaders: boolean;
  /** Which of the platform's two families of codes a close answers with. */
  closeCodes: 'A' | 'B';
  /** Milliseconds until a refund, a booking, a close has ended. */
  refundMs: number;
  bookingMs: number;
  closeMs: number;
  /** Notify hosts other than loopback too. */
  notifyAnywhere: boolean;
  /** How file_details and task_details are sent. */
  billShape: 'array' | 'object' | 'text';
  billNameField: 'file_name' | 'file_Name';
  billEncoding: 'utf-8' | 'utf-8-bom' | 'gb18030';
  /** 'finance': a title, tabs before long digits, thousands with commas, a total. */
  billStyle: 'plain' | 'finance';
  billRowsPerPart: number;
  /** Statements exist from the hour the platform begins with them, or at once. */
  billReady: 'by-hour' | 'at-once';
  /** Whether downloads can go on where they broke off. */
  billRange: boolean;
  /** Milliseconds until a link answers 410. */
  billLinkMs: number;
  /** Queries of one huifu_id a Beijing day; 0 for as many as one likes. */
  billQueriesPerDay: number;
}

export type FaultKind =
  | 'reset-before-body'
  | 'reset-before-commit'
  | 'drop-after-commit'
  | 'half-answer'
  | 'bad-signature'
  | 'unsigned'
  | 'html'
  | 'empty'
  | 'huge'
  | 'status'
  | 'slow-body'
  | 'delay'
  | 'code'
  | 'refund-fails'
  | 'forget'
  | 'skew'
  /** HTTP 911 before anything was done. */
  | 'throttled'
  /** Done, and answered as if the number had been used before. */
  | 'duplicate'
  | 'bill-state'
  | 'link-expired'
  | 'link-forbidden'
  | 'download-break'
  | 'download-slow'
  | 'download-corrupt'
  | 'download-page';

/** Something that goes wrong on purpose, for the next calls of an endpoint (or of all). */
export interface Fault {
  kind: FaultKind;
  /** Links and downloads strike at 'download' alone. */
  endpoint?: EndpointName | 'download';
  /** How many calls; once by default. */
  times?: number;
  /** Instead of every call, this share of them (0 to 1), by the sandbox's seed. */
  probability?: number;
  status?: number;
  resp_code?: string;
  resp_desc?: string;
  /** delay, slow-body: milliseconds of real time; skew: of the Date header. */
  ms?: number;
  /** bill-state: the task state to answer with; S means done, without a file. */
  state?: 'I' | 'P' | 'DP' | 'FP' | 'F' | 'S';
  /** bill-state: only of this kind. */
  bill_type?: string;
}

/** One GET of a statement, as it arrived. */
export interface RecordedDownload {
  path: string;
  status: number;
  /** The Range header, or ''. */
  range: string;
  headers: Record<string, string | string[] | undefined>;
}

export interface PaymentRecord {
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  hf_seq_id: string;
  party_order_id: string;
  out_trans_id: string;
  trade_type: string;
  goods_desc: string;
  trans_fen: bigint;
  settlement_fen: bigint;
  fee_fen: bigint;
  trans_stat: 'P' | 'S' | 'F';
  acct_stat: 'I' | 'P' | 'S' | 'F';
  delayed: boolean;
  acct_split_bunch: string;
  wx: Data;
  remark: string;
  notify_url: string;
  bank_desc: string;
  created_at: number;
  expires_at: number;
  ended_at: number;
  books_at: number;
  booking_fails: boolean;
}

export interface RefundRecord {
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  hf_seq_id: string;
  payment: string;
  ord_fen: bigint;
  trans_stat: 'P' | 'S' | 'F';
  fails: boolean;
  forget: number;
  remark: string;
  notify_url: string;
  created_at: number;
  ends_at: number;
  ended_at: number;
}

export interface CloseRecord {
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  payment: string;
  trans_stat: 'P' | 'S' | 'F';
  created_at: number;
  ends_at: number;
}

export interface RecordedCall {
  endpoint: EndpointName | 'unknown';
  path: string;
  data: Data;
  status: number;
  resp_code: string;
  at: number;
}

/** A business no, answered signed. */
export class Refusal extends Error {
  readonly resp_code: string;
  readonly extra: Record<string, string>;

  constructor(resp_code: string, resp_desc: string, extra: Record<string, string> = {}) {
    super(resp_desc);
    this.resp_code = resp_code;
    this.extra = extra;
  }
}
