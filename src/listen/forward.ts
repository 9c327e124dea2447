import {Agent as HttpAgent, request as httpRequest} from 'node:http';
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https';
import {signOf} from '../core/notice.ts';
import type {NoticeKind} from '../core/notice-facts.ts';
import type {AckVerdict, Forward, ForwardResult, Notice, NoticeStore} from '../journal/notices.ts';
import type {Emit} from './events.ts';
import type {Reply} from './server.ts';

/** Where messages go: every kind, or only some. */
export interface ForwardTarget {
  url: string;
  kinds?: readonly NoticeKind[];
}

/** Huifu waits this long for an answer. */
export const HUIFU_TIMEOUT_MS = 5000;
/** What of a handler's answer is read and passed on; what of it is kept. */
const MAX_ANSWER = 64 * 1024;
const KEPT_ANSWER = 300;
const MAX_IN_FLIGHT = 32;

/** The URLs a message of this kind goes to; a target for its kind comes before one for all. */
export function targetsFor(targets: readonly ForwardTarget[], kind: NoticeKind): string[] {
  const own = targets.filter(target => target.kinds?.includes(kind));
  const all = targets.filter(target => target.kinds === undefined);
  return [...new Set((own.length > 0 ? own : all).map(({url}) => url))];
}

export interface Delivered {
  status: number;
  body: Buffer;
  contentType?: string;
  error?: string;
  ms: number;
}

/** A way to send messages on; its sockets stay open between them. */
export interface Sender {
  send(notice: Pick<Notice, 'method' | 'url' | 'headers' | 'body' | 'channel'>, target: string): Promise<Delivered>;
  close(): void;
}

/**
 * Sends kept messages: the same method, the headers that matter, the same bytes; no redirects.
 *
 * For a Webhook the `sign` it came with travels in the query: nobody behind could verify it otherwise.
 * @param timeout milliseconds for the whole answer.
 */
export function createSender(timeout: number): Sender {
  const http = new HttpAgent({keepAlive: true, maxSockets: MAX_IN_FLIGHT});
  const https = new HttpsAgent({keepAlive: true, maxSockets: MAX_IN_FLIGHT});
  return {
    close() {
      http.destroy();
      https.destroy();
    },
    send: (notice, target) =>
      new Promise(resolve => {
        const begun = performance.now();
        const secure = target.startsWith('https:');
        const url = withSign(notice, target);
        let answered = false;
        const end = (status: number, body: Buffer, contentType?: string, error?: string) => {
          if (answered) return;
          answered = true;
          clearTimeout(timer);
          resolve({
            status,
            body,
            ms: performance.now() - begun,
            ...(contentType && {contentType}),
            ...(error && {error}),
          });
        };
        const body = notice.body ?? Buffer.alloc(0);
        const request = (secure ? httpsRequest : httpRequest)(
          url,
          {
            method: notice.method,
            headers: {...notice.headers, 'content-length': body.length},
            agent: secure ? https : http,
          },
          response => {
            const chunks: Buffer[] = [];
            let size = 0;
            response.on('data', (chunk: Buffer) => {
              if (size < MAX_ANSWER) chunks.push(chunk);
              size += chunk.length;
            });
            const status = response.statusCode ?? 0;
            response.on('end', () =>
              end(status, Buffer.concat(chunks).subarray(0, MAX_ANSWER), response.headers['content-type']),
            );
            response.on('error', error => end(0, Buffer.alloc(0), undefined, error.message));
          },
        );
        const timer = setTimeout(() => {
          end(0, Buffer.alloc(0), undefined, `no answer within ${timeout} ms`);
          request.destroy();
        }, timeout);
        request.on('error', (error: NodeJS.ErrnoException) =>
          end(0, Buffer.alloc(0), undefined, error.code ?? error.message),
        );
        request.end(body);
      }),
  };
}

function withSign(notice: Pick<Notice, 'url' | 'channel'>, target: string): string {
  const sign = notice.channel === 'webhook' ? signOf(notice.url) : undefined;
  if (sign === undefined || signOf(target) !== undefined) return target;
  return `${target}${target.includes('?') ? '&' : '?'}sign=${encodeURIComponent(sign)}`;
}

/** Whether Huifu would have counted this answer as an acknowledgement. */
export function judgeAck(notice: Pick<Notice, 'channel' | 'facts'>, {status, body, ms, error}: Delivered): AckVerdict {
  if (error !== undefined) return ms >= HUIFU_TIMEOUT_MS ? 'slow' : 'unreachable';
  if (status >= 300 && status < 400) return 'redirect';
  if (status < 200 || status >= 300) return 'status';
  if (ms >= HUIFU_TIMEOUT_MS) return 'slow';
  if (notice.channel === 'webhook') return 'exact';
  const number = notice.facts.req_seq_id;
  return number === undefined || body.toString('utf8').trim() === `RECV_ORD_ID_${number}` ? 'exact' : 'other-body';
}

export interface ForwarderTools {
  store: Pick<NoticeStore, 'get' | 'due' | 'forwards' | 'enqueue'>;
  now(): number;
  emit: Emit;
  note(result: ForwardResult): void;
}

/** Works the outbox off: what is pending and due goes out, one try at a time for each message and target. */
export class Forwarder {
  readonly #options: {
    environment: string;
    profile: string;
    targets: readonly ForwardTarget[];
    retry: number;
  };
  readonly #tools: ForwarderTools;
  readonly #sender: Sender;
  readonly #urls: string[];
  /** Rows under way, and rows whose result is not yet committed. */
  readonly #busy = new Map<number, Promise<void>>();
  /** Answers whose result is not yet committed. */
  readonly #ended = new Map<string, Reply>();
  readonly #waiting = new Map<string, ((reply: Reply) => void)[]>();
  readonly #keys = new Map<number, string>();
  /** Tries that have no answer yet. */
  flying = 0;
  #stopped = false;

  constructor(
    options: {
      environment: string;
      profile: string;
      targets: readonly ForwardTarget[];
      retry: number;
      forwardTimeout: number;
    },
    tools: ForwarderTools,
  ) {
    this.#options = options;
    this.#tools = tools;
    this.#sender = createSender(options.forwardTimeout);
    this.#urls = [...new Set(options.targets.map(({url}) => url))];
  }

  /** Starts whatever is due and has room. */
  pump(): void {
    if (this.#stopped || this.#urls.length === 0) return;
    const room = MAX_IN_FLIGHT - this.#busy.size;
    if (room <= 0) return;
    const {environment, profile} = this.#options;
    const scope = {environment, profile, targets: this.#urls};
    let due: Forward[];
    try {
      due = this.#tools.store.due(this.#tools.now(), scope, MAX_IN_FLIGHT + room);
    } catch {
      // A store that cannot be read is told by the next commit; the rows stay.
      return;
    }
    for (const row of due.filter(({id}) => !this.#busy.has(id)).slice(0, room)) {
      this.flying += 1;
      const flight = this.#try(row)
        .catch(error => this.#tools.emit({type: 'fault', at: this.#tools.now(), error: error as Error}))
        .finally(() => {
          this.flying -= 1;
        });
      this.#busy.set(row.id, flight);
    }
  }

  /** A repetition arrived: what failed for good is tried again, what is under way is left to end. */
  again(noticeId: string): void {
    for (const row of this.#tools.store.forwards(noticeId))
      if (row.state === 'failed' && this.#urls.includes(row.target))
        this.#tools.store.enqueue(noticeId, row.target, this.#tools.now());
    this.pump();
  }

  /** What the target answers to this message: of the try under way, or the one that was acknowledged before. */
  answerOf(noticeId: string, target: string): Promise<Reply> {
    const row = this.#tools.store.forwards(noticeId).find(one => one.target === target);
    if (row?.state === 'done') return Promise.resolve({status: row.status ?? 200, body: row.answer ?? ''});
    const key = keyOf(noticeId, target);
    const known = this.#ended.get(key);
    if (known) return Promise.resolve(known);
    return new Promise(resolve => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
      this.pump();
    });
  }

  async #try(row: Forward): Promise<void> {
    const {store, now, emit, note} = this.#tools;
    const notice = store.get(row.notice_id);
    const gone = notice?.body === undefined;
    const delivered = gone
      ? {status: 0, body: Buffer.alloc(0), ms: 0, error: 'erased'}
      : await this.#sender.send(notice, row.target);
    const ack = notice ? judgeAck(notice, delivered) : 'unreachable';
    const taken = delivered.error === undefined && delivered.status >= 200 && delivered.status < 300;
    const again = !taken && !gone && row.tries < this.#options.retry;
    const answer = delivered.error ?? delivered.body.toString('utf8').slice(0, KEPT_ANSWER);
    const dueAt = now() + 1000 * 2 ** row.tries;
    this.#release(row, delivered);
    this.#keys.set(row.id, keyOf(row.notice_id, row.target));
    note({
      id: row.id,
      state: taken ? 'done' : again ? 'pending' : 'failed',
      dueAt,
      status: delivered.status,
      ack,
      answer,
      ms: delivered.ms,
    });
    if (notice) {
      const {status, ms} = delivered;
      emit({
        type: 'forwarded',
        at: now(),
        notice,
        target: row.target,
        try: row.tries + 1,
        status,
        ack,
        answer,
        ms,
        again,
      });
    }
  }

  /** Hands the answer to whoever waits. The row stays busy until its result is committed, so that nobody takes it twice. */
  #release(row: Forward, delivered: Delivered): void {
    const key = keyOf(row.notice_id, row.target);
    const reply: Reply =
      delivered.error === undefined
        ? {
            status: delivered.status,
            body: delivered.body,
            ...(delivered.contentType && {contentType: delivered.contentType}),
          }
        : {status: delivered.ms >= HUIFU_TIMEOUT_MS ? 504 : 502, body: ''};
    this.#ended.set(key, reply);
    for (const resolve of this.#waiting.get(key) ?? []) resolve(reply);
    this.#waiting.delete(key);
  }

  /** The results of these rows are on the disk. */
  committed(ids: readonly number[]): void {
    for (const id of ids) {
      this.#busy.delete(id);
      this.#ended.delete(this.#keys.get(id) ?? '');
      this.#keys.delete(id);
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  /** Starts nothing more; what is under way ends by itself. */
  stop(): void {
    this.#stopped = true;
  }

  close(): void {
    this.#sender.close();
  }
}

function keyOf(noticeId: string, target: string): string {
  return `${noticeId} ${target}`;
}
