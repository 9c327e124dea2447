import type {KeyObject} from 'node:crypto';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {parseKey} from '../core/keys.ts';
import {type Message, readMessage} from '../core/notice.ts';

/** Keys of a notification, in any form the console hands out; any of them may have signed. */
export interface NotificationKeys {
  /** Huifu's public keys (汇付公钥), for notify_url. */
  huifuPublicKeys?: readonly (string | KeyObject)[];
  /** Keys of Webhook endpoints (终端密钥). */
  webhookKeys?: readonly string[];
}

export type HeaderMap = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Verifies one message of the platform over its bytes.
 *
 * @param body the raw body, before any body parser.
 * @param headers the request's; only content-type is read.
 * @param url path and query as called: a console Webhook carries its `sign` there.
 * @returns the verdict; only 'ok' makes `data` and `facts` facts. `ack` is the body to answer with HTTP 200.
 * @throws DougongError `config` KEY_… where a key cannot be read.
 * @see docs/listen.md#library
 */
export function verifyNotification(
  body: Buffer | Uint8Array | string,
  headers: HeaderMap,
  keys: NotificationKeys,
  url?: string,
): Message {
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return readMessage({body: bytes, contentType: contentTypeOf(headers), url}, readKeys(keys));
}

function contentTypeOf(headers: HeaderMap): string | undefined {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return typeof found === 'string' ? found : found?.[0];
}

function readKeys({huifuPublicKeys = [], webhookKeys = []}: NotificationKeys) {
  return {huifu: huifuPublicKeys.map(key => (typeof key === 'string' ? parseKey(key).key : key)), webhook: webhookKeys};
}

export interface HandlerOptions extends NotificationKeys {
  /**
   * Takes a genuine message. The acknowledgement is sent only when it resolves: keep the message durably first. What it
   * throws becomes 503, and Huifu sends again.
   */
  onNotification(message: Message): unknown;
  /** Told of what did not verify; it was answered 401, or 400 where it could not be read. */
  onInvalid?(message: Message): unknown;
  /** Told of what onNotification threw. */
  onError?(error: unknown): unknown;
  /** Bytes of one body; 1 MiB by default. */
  maxBody?: number;
}

/** What was answered; with Koa or Fastify set it on their own response where they hold it back. */
export interface HandlerReply {
  status: number;
  body: string;
}

/** A request of node:http or of a framework that puts its parsed or raw body on it. */
export type HandlerRequest = IncomingMessage & {body?: unknown; rawBody?: unknown; originalUrl?: string};

const MAX_BODY = 1024 * 1024;

/**
 * A handler for one's own server: plain node:http, Express (`app.post(path, handler)`), Koa (`handler(ctx.req, ctx.res)`
 * with `ctx.respond = false`), Fastify (`handler(request.raw, reply.raw)` after `reply.hijack()`).
 *
 * It needs the bytes: mount it before any body parser, or with one that leaves a Buffer (`express.raw`). A body that
 * was parsed already is answered 500, never guessed at.
 * @throws DougongError `config` KEY_… at once, where a key cannot be read.
 * @see docs/listen.md#library
 */
export function notifyHandler(
  options: HandlerOptions,
): (req: HandlerRequest, res: ServerResponse) => Promise<HandlerReply> {
  const keys = readKeys(options);
  const judge = async (req: HandlerRequest): Promise<HandlerReply> => {
    if (req.method !== 'POST') return {status: 405, body: ''};
    let body: Buffer | undefined;
    try {
      body = await bytesOf(req, options.maxBody ?? MAX_BODY);
    } catch (error) {
      await options.onError?.(error);
      return {status: 500, body: ''};
    }
    if (!body) return {status: 413, body: ''};
    const message = readMessage(
      {body, contentType: req.headers['content-type'], url: req.originalUrl ?? req.url},
      keys,
    );
    if (message.verdict !== 'ok') {
      await options.onInvalid?.(message);
      return {status: message.verdict === 'malformed' ? 400 : 401, body: ''};
    }
    await options.onNotification(message);
    return {status: 200, body: message.ack ?? ''};
  };
  return async (req, res) => {
    const reply = await judge(req).catch(async (error: unknown) => {
      await Promise.resolve(options.onError?.(error)).catch(() => undefined);
      return {status: 503, body: ''};
    });
    if (!res.headersSent && !res.destroyed) {
      if (reply.status === 413) res.setHeader('connection', 'close');
      res.writeHead(reply.status, {'content-type': 'text/plain;charset=UTF-8'}).end(reply.body);
    }
    return reply;
  };
}

/** The raw bytes: what a raw body parser left, else the stream; undefined where they are too many. */
async function bytesOf(req: HandlerRequest, maxBody: number): Promise<Buffer | undefined> {
  const given = req.rawBody ?? req.body;
  if (given instanceof Uint8Array) return Buffer.from(given);
  if (typeof given === 'string') return Buffer.from(given);
  if (req.readableEnded) throw new Error('the body was read before the handler: it needs the raw bytes');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBody) chunks.push(chunk);
      else {
        req.removeAllListeners('data').pause();
        resolve(undefined);
      }
    });
    req.on('end', () => resolve(Buffer.concat(chunks)));
    req.on('error', reject);
    req.on('aborted', () => reject(new Error('the sender went away')));
  });
}
