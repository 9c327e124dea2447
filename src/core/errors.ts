/** What went wrong, in the caller's terms; each kind has one exit code (docs/commands.md). */
export type ErrorKind =
  | 'usage'
  | 'config'
  | 'refused'
  | 'signature'
  | 'network'
  | 'unknown-outcome'
  | 'pending'
  | 'local'
  | 'interrupted';

/** Flags and answers typed by a person (cli/flags.ts, cli/commander.ts). */
export type FlagCode =
  | 'FLAG_TWICE'
  | 'FLAG_EMPTY'
  | 'FLAG_SWALLOWED'
  | 'FLAG_INVALID'
  | 'FLAG_UNKNOWN'
  | 'FLAG_MISSING_VALUE'
  | 'FLAG_REQUIRED'
  | 'FLAG_CONFLICT'
  | 'COMMAND_UNKNOWN'
  | 'ARGUMENT_MISSING'
  | 'ARGUMENT_EXTRA'
  | 'LOCATOR_NONE'
  | 'LOCATOR_SEVERAL'
  | 'AMOUNT_INVALID'
  | 'DATE_INVALID'
  | 'TIME_INVALID'
  | 'DURATION_INVALID'
  | 'DATA_INVALID'
  | 'DATA_GUARDED'
  | 'ANSWER_NEEDED'
  | 'NOT_CONFIRMED'
  | 'LIVE_NEEDED'
  | 'INTERRUPTED'
  | 'STDIN_TWICE'
  | 'EXPLAIN_UNKNOWN';

/** Keys (core/keys.ts). */
export type KeyCode =
  | 'KEY_EMPTY'
  | 'KEY_UNREADABLE'
  | 'KEY_NOT_RSA'
  | 'KEY_TOO_SHORT'
  | 'KEY_WRONG_KIND'
  | 'KEY_ENCRYPTED'
  | 'KEY_PASSPHRASE'
  | 'KEY_IS_OWN'
  | 'KEY_NOT_PAIR';

/** Configuration (cli/profile). */
export type ProfileCode =
  | 'PROFILE_UNKNOWN'
  | 'PROFILE_NONE'
  | 'PROFILE_INCOMPLETE'
  | 'PROFILE_NAME'
  | 'PROFILE_EXISTS'
  | 'PROFILE_FIELD'
  | 'CONFIG_BROKEN'
  | 'IMPORT_UNKNOWN'
  | 'MERCHANT_NEEDED';

/** The way to the gateway and back (core/http.ts, core/transport.ts). */
export type WireCode =
  | 'NOT_SENT'
  | 'TLS_FAILED'
  | 'PROXY_INVALID'
  | 'CA_FILE'
  | 'NO_ANSWER'
  | 'ANSWER_MALFORMED'
  | 'ANSWER_TOO_LARGE'
  | 'ANSWER_UNSIGNED'
  | 'ANSWER_BAD_SIGNATURE'
  | 'ENVELOPE_REJECTED'
  | 'GATEWAY_STATUS'
  | 'TEXT_UNSAFE'
  | 'VERSION_UNSUPPORTED';

/** Money (operations/, journal/). */
export type MoneyCode =
  | 'REFUSED'
  | 'FAILED'
  | 'UNKNOWN_OUTCOME'
  | 'EXISTS'
  | 'STILL_PENDING'
  | 'PAYMENT_NOT_FOUND'
  | 'PAYMENT_NOT_PAID'
  | 'PAYMENT_MISMATCH'
  | 'ALREADY_REFUNDED'
  | 'REFUND_EXCEEDS'
  | 'REFUND_NOTHING_LEFT'
  | 'REFUND_LIMIT'
  | 'SPLIT_NEEDED'
  | 'SPLIT_INVALID'
  | 'LOOKUP_IMPOSSIBLE'
  | 'NUMBER_TAKEN'
  | 'RESEND_NOTHING'
  | 'RESOLVE_ENDED'
  | 'INTENT_UNKNOWN'
  | 'INTENT_AMBIGUOUS'
  | 'CLOSE_PAID'
  | 'CLOSE_TOO_EARLY'
  | 'CLOSE_UNSUPPORTED'
  | 'CLOSE_DONE'
  | 'OPENID_RULE'
  | 'NOTIFY_URL_INVALID'
  | 'FIELD_INVALID';

/** This machine (journal/, sandbox/, cli/io). */
export type LocalCode =
  | 'JOURNAL_LOCKED'
  | 'JOURNAL_UNWRITABLE'
  | 'JOURNAL_CORRUPT'
  | 'JOURNAL_NEWER'
  | 'JOURNAL_NETWORK_FS'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'FILE_EXISTS'
  | 'PORT_IN_USE'
  | 'SANDBOX_NOT_RUNNING'
  | 'SANDBOX_REFUSED'
  | 'SANDBOX_DATA';

/** Files of rows that people hand in (core/rows.ts). */
export type RowsCode = 'ROWS_EMPTY' | 'ROWS_COLUMN' | 'ROWS_TWICE' | 'ROWS_BROKEN' | 'ROWS_MAP';

/** Batches of money (operations/refund-batch.ts, cli/commands/batch). */
export type BatchCode =
  | 'BATCH_ROWS'
  | 'BATCH_OUT'
  | 'BATCH_OUT_SAME'
  | 'BATCH_CHANGED'
  | 'BATCH_EXPECT'
  | 'BATCH_REFUSED'
  | 'BATCH_UNKNOWN'
  | 'BATCH_NOT_SENT'
  | 'BATCH_PENDING'
  | 'BATCH_STOPPED';

/** check-config, user-id, openid (operations/check-config). */
export type CheckCode =
  | 'NOT_READY'
  | 'NOT_READY_YET'
  | 'NOT_BOUND_YET'
  | 'BIND_FIRST'
  | 'APPID_INVALID'
  | 'ROW_EMPTY'
  | 'OUT_FOREIGN'
  | 'BATCH_NOT_READY'
  | 'BATCH_WAITING'
  | 'BATCH_UNANSWERED'
  | 'SECRET_MISSING'
  | 'WX_URL'
  | 'WX_REFUSED'
  | 'WX_ANSWER';

/** Statements (bills/). */
export type BillCode =
  | 'BILL_QUOTA'
  | 'BILL_NOT_READY'
  | 'BILL_FAILED'
  | 'BILL_ABSENT'
  | 'BILL_DATE_FUTURE'
  | 'BILL_DATE_OLD'
  | 'BILL_MONTH_OPEN'
  | 'BILL_RANGE'
  | 'BILL_LINK'
  | 'BILL_LINK_PLAIN'
  | 'BILL_BROKEN_OFF'
  | 'BILL_NO_REPLAY'
  | 'BILL_ZIP_PATH'
  | 'BILL_ZIP_LINK'
  | 'BILL_ZIP_BOMB'
  | 'BILL_ZIP_CRC'
  | 'BILL_ZIP_ENCRYPTED'
  | 'BILL_ZIP_NESTED'
  | 'BILL_ZIP_BROKEN'
  | 'BILL_NOT_A_FILE';

/** What stands in statements and order files (bills/read.ts, bills/reconcile.ts). */
export type TableCode =
  | 'TABLE_HEADER'
  | 'TABLE_EMPTY'
  | 'TABLE_COLUMN'
  | 'TABLE_AMOUNT'
  | 'TABLE_TEXT'
  | 'TABLE_LINE'
  | 'TABLE_BROKEN'
  | 'TABLE_DUPLICATE'
  | 'TABLE_STATE'
  | 'TABLE_STATES_NEEDED'
  | 'TABLE_DIFFERS'
  | 'TABLE_OUT_SAME'
  | 'DUCKDB_MISSING'
  | 'EXCELJS_MISSING';

/** Notifications (listen/). */
export type ListenCode =
  | 'TUNNEL_LOST'
  | 'TUNNEL_INVALID'
  | 'LISTEN_FAILED'
  | 'NOTICES_LOCKED'
  | 'NOTICES_UNWRITABLE'
  | 'NOTICES_CORRUPT'
  | 'NOTICES_NEWER'
  | 'NOTICES_NETWORK_FS'
  | 'NOTICE_UNKNOWN'
  | 'NOTICE_ERASED'
  | 'NOTICES_INVALID'
  | 'RESEND_MANY'
  | 'RESEND_FAILED'
  | 'TARGET_INVALID';

export type ErrorCode =
  | FlagCode
  | KeyCode
  | ProfileCode
  | WireCode
  | MoneyCode
  | LocalCode
  | RowsCode
  | BatchCode
  | CheckCode
  | BillCode
  | TableCode
  | ListenCode;

/** The next command, as data; the CLI prints it as a line to type. `verb` is e.g. "refund query". */
export interface Next {
  verb: string;
  /** Flags by gateway word: {refund_req_seq_id: 'x'} is printed as --refund-req-seq-id x. true prints a bare flag. */
  flags?: Record<string, string | true>;
}

/** The gateway's own words, shown as sent; `verified` says whether Huifu's signature holds over them. */
export interface GatewayWords {
  verified: boolean;
  http_status?: number;
  resp_code?: string;
  resp_desc?: string;
  bank_message?: string;
  trans_stat?: string;
}

export interface ErrorDetails {
  next?: Next;
  gateway?: GatewayWords;
  cause?: unknown;
  /** Facts that belong to the error under --json: req_seq_id, req_date, huifu_id once a money request was begun. */
  facts?: Record<string, string>;
}

/**
 * The one error that crosses layers. Anything else is a bug.
 *
 * `code` never changes between versions; `message` is a short English line for users of the library; what a person
 * reads is made by the command line from `code` and `params`.
 */
export class DougongError extends Error {
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly params: Readonly<Record<string, string>>;
  readonly next: Next | undefined;
  readonly gateway: GatewayWords | undefined;
  readonly facts: Readonly<Record<string, string>> | undefined;

  constructor(kind: ErrorKind, code: ErrorCode, params: Record<string, string> = {}, details: ErrorDetails = {}) {
    const values = Object.values(params).join(', ');
    super(values ? `${code}: ${values}` : code, details.cause === undefined ? undefined : {cause: details.cause});
    this.name = 'DougongError';
    this.kind = kind;
    this.code = code;
    this.params = params;
    this.next = details.next;
    this.gateway = details.gateway;
    this.facts = details.facts;
  }
}
