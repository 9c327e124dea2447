import type {KeyObject} from 'node:crypto';
import type {ApiVersion, Endpoint} from './endpoints/index.ts';

/** What verification found. Only 'ok' may ever be shown as fact. */
export type Verdict = 'ok' | 'bad_signature' | 'unsigned' | 'malformed';

/** A JSON value in which every number keeps its text (as a string): 0.00 stays "0.00". */
export type Value = string | boolean | null | Value[] | {[name: string]: Value};
export type Data = {[name: string]: Value};

/** One answer of the gateway, bytes kept. `data` is parsed from the bytes even when unverified: look at `verdict`. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  verdict: Verdict;
  /** Which text verified: the raw slice, first-level sorted, objects in arrays sorted too. */
  how?: 'raw' | 'sorted' | 'deep';
  /** The exact text of the data member as received. */
  raw?: string;
  data?: Data;
  /** Total milliseconds, first byte out to last byte in. */
  ms: number;
  /** The gateway's Date header, epoch ms. */
  gatewayTime?: number;
}

/** What --verbose shows of one call: never a key, personal fields masked by whoever prints it. */
export interface CallTrace {
  endpoint: string;
  url: string;
  attempt: number;
  text: string;
  bytesOut: number;
  answer?: Pick<Answer, 'status' | 'verdict' | 'how' | 'raw' | 'ms'> & {bytesIn: number};
  error?: string;
}

/** Bytes out, bytes in. Implemented by core/http.ts over undici. */
export interface HttpClient {
  post(url: string, body: string, headers: Record<string, string>, signal?: AbortSignal): Promise<HttpAnswer>;
  /** For what is not the gateway's: redirects are not followed. */
  get(url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<HttpAnswer>;
  /** A plain GET whose body is streamed; only for files that an answer links to. */
  download: Download;
  close(): Promise<void>;
}

/** What the body of a download is handed to. */
export interface DownloadSink {
  /** Told once, before the first byte; false gives the body up. */
  begin(head: {status: number; headers: Record<string, string>}): boolean | Promise<boolean>;
  /** A promise holds the sender back until it is settled. */
  data(chunk: Buffer): void | Promise<void>;
}

/**
 * GETs a file: redirects followed (five at most, never from https to http), no header of a call goes with it, TLS
 * verified, no limit of size or of the whole time, only of the silence between two pieces.
 *
 * @returns when the whole body, as long as the server announced it, was handed over.
 * @throws DougongError `network` NOT_SENT, TLS_FAILED, NO_ANSWER (broken off), `interrupted`, and whatever the sink throws.
 */
export type Download = (
  url: string,
  headers: Record<string, string>,
  sink: DownloadSink,
  signal?: AbortSignal,
) => Promise<void>;

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Everything a call needs beside its own fields. Made by the CLI from a profile, or by DougongClient. */
export interface Gateway {
  baseUrl: string;
  sysId: string;
  productId: string;
  privateKey: KeyObject;
  /** Trusted Huifu keys; any of them may have signed. */
  huifuKeys: KeyObject[];
  headers: Record<string, string>;
  http: HttpClient;
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  random(): number;
  trace?(call: CallTrace): void;
  signal?: AbortSignal;
}

/** A call whose text is fixed: what is written to the journal is what is sent, byte for byte. */
export interface Prepared {
  endpoint: Endpoint;
  path: string;
  /** The text of `data`, sorted: exactly what is signed and sent. */
  text: string;
}

/**
 * The tool that operations get: `prepare` fixes the text, `transmit` sends it.
 *
 * `transmit` resolves with any answer that arrived, whatever its verdict, and throws DougongError
 * `network` NOT_SENT/TLS_FAILED/... (no byte left), or `unknown-outcome` NO_ANSWER (bytes left, no whole answer).
 * `read` is for calls that move nothing: it repeats as the endpoint allows and resolves only with verified data;
 * an unverified or missing answer is thrown (`signature`, `refused` ENVELOPE_REJECTED, `network`).
 */
export interface Send {
  prepare(endpoint: Endpoint, fields: Record<string, unknown>, version?: ApiVersion): Prepared;
  transmit(prepared: Prepared): Promise<Answer>;
  read(
    endpoint: Endpoint,
    fields: Record<string, unknown>,
    version?: ApiVersion,
  ): Promise<Answer & {data: Data; raw: string}>;
  /** Epoch ms of the gateway's last Date header minus ours, once known. */
  clockSkew(): number | undefined;
}
