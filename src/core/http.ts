import {rootCertificates} from 'node:tls';
import type {Dispatcher} from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js';
import {isLoopback} from './environments.ts';
import {DougongError} from './errors.ts';
import type {Download, DownloadSink, HttpAnswer, HttpClient} from './wire.ts';

/** All times in milliseconds. */
export interface HttpOptions {
  /** Until the connection, TLS included, stands; 10,000. */
  connectTimeout?: number;
  /** From the last byte out to the first header; 30,000. */
  headersTimeout?: number;
  /** Between two pieces of the body; 15,000. */
  bodyTimeout?: number;
  /** The whole call; 60,000. */
  totalTimeout?: number;
  /** Text of a PEM file of further authorities, trusted beside the built-in ones. */
  caFile?: string;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; loopback never goes through a proxy. */
  proxyEnv?: Record<string, string | undefined>;
  /** A longer answer is cut off and refused; 8 MiB. */
  maxBytes?: number;
}

/** Only before a request is put on a connection can it be known that not a byte of it left. */
const REASON = /^[A-Z][A-Z0-9_]+$/;
const TLS = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

/**
 * The client of every call: keep-alive, TLS always verified, redirects never followed.
 *
 * `post` resolves with whatever answer arrived, and throws DougongError
 * `network` NOT_SENT or TLS_FAILED where not a byte of the request left,
 * `unknown-outcome` NO_ANSWER or ANSWER_TOO_LARGE where it may have, and
 * `config` PROXY_INVALID or CA_FILE.
 */
export async function createHttp(options: HttpOptions = {}): Promise<HttpClient> {
  const settings = {
    connectTimeout: 10_000,
    headersTimeout: 30_000,
    bodyTimeout: 15_000,
    totalTimeout: 60_000,
    maxBytes: 8 * 1024 * 1024,
    ...options,
  };
  if (options.caFile !== undefined && !options.caFile.includes('-----BEGIN CERTIFICATE-----')) {
    throw new DougongError('config', 'CA_FILE', {});
  }
  const ca = options.caFile === undefined ? undefined : [...rootCertificates, options.caFile];
  const common = {
    headersTimeout: settings.headersTimeout,
    bodyTimeout: settings.bodyTimeout,
    connect: {timeout: settings.connectTimeout, ...(ca && {ca})},
  };
  const direct = new Agent(common);
  const proxied = await proxyFor(options.proxyEnv ?? {}, common);
  const pick = (url: string): Dispatcher => (proxied && !isLoopback(url) ? proxied : direct);
  return {
    post: (url, body, headers, signal) => exchange(pick(url), url, {method: 'POST', body, headers, signal}, settings),
    get: (url, headers, signal) => exchange(pick(url), url, {method: 'GET', headers, signal}, settings),
    download: (url, headers, sink, signal) => download(pick, url, headers, sink, signal),
    async close() {
      await Promise.all([direct.destroy(), proxied?.destroy()]);
    },
  };
}

async function proxyFor(env: Record<string, string | undefined>, common: object): Promise<Dispatcher | undefined> {
  const httpProxy = env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return undefined;
  const [{default: EnvHttpProxyAgent}, {default: Base}, {default: connect}] = await Promise.all([
    import('undici/lib/dispatcher/env-http-proxy-agent.js'),
    import('undici/lib/dispatcher/dispatcher.js'),
    import('undici/lib/api/api-connect.js'),
  ]);
  // The index of undici gives every dispatcher this method; a tunnel needs it, and the rest of the index we do not load.
  Base.prototype.connect ??= connect;
  try {
    return new EnvHttpProxyAgent({...common, httpProxy, httpsProxy, noProxy: env.no_proxy || env.NO_PROXY});
  } catch (cause) {
    throw new DougongError('config', 'PROXY_INVALID', {}, {cause});
  }
}

interface Outgoing {
  method: 'GET' | 'POST';
  body?: string;
  headers: Record<string, string>;
  signal?: AbortSignal;
}

function exchange(
  dispatcher: Dispatcher,
  url: string,
  {method, body, headers, signal}: Outgoing,
  {totalTimeout, maxBytes}: {totalTimeout: number; maxBytes: number},
): Promise<HttpAnswer> {
  const {origin, pathname, search} = new URL(url);
  return new Promise((resolve, reject) => {
    let begun = false;
    let ended = false;
    let controller: {abort(reason: Error): void} | undefined;
    let status = 0;
    let received: HttpAnswer['headers'] = {};
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (settle: () => void) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const fail = (error: Error) => end(() => reject(begun ? lost(error) : unsent(error, origin)));
    const stop = (error: Error) => {
      fail(error);
      controller?.abort(error);
    };
    const onAbort = () => stop(named('INTERRUPTED'));
    const timer = setTimeout(() => stop(named('TOTAL_TIMEOUT')), totalTimeout);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, {once: true});
    dispatcher.dispatch(
      {
        origin,
        path: `${pathname}${search}`,
        method,
        headers: body === undefined ? headers : {...headers, 'content-length': String(Buffer.byteLength(body))},
        body,
      },
      {
        onRequestStart(given) {
          controller = given;
          // Given up while the connection was made: stopped here, nothing is written.
          if (ended) given.abort(named('INTERRUPTED'));
          else begun = true;
        },
        onResponseStart(_controller, statusCode, fields) {
          status = statusCode;
          received = Object.fromEntries(
            Object.entries(fields).map(([name, value]) => [name.toLowerCase(), String(value)]),
          );
        },
        onResponseData(_controller, chunk) {
          size += chunk.length;
          if (size > maxBytes) stop(named('ANSWER_TOO_LARGE'));
          else chunks.push(Buffer.from(chunk));
        },
        onResponseEnd() {
          end(() => resolve({status, headers: received, body: Buffer.concat(chunks)}));
        },
        onResponseError(_controller, error) {
          fail(error);
        },
      },
    );
  });
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

async function download(pick: (url: string) => Dispatcher, ...[url, headers, sink, signal]: Parameters<Download>) {
  let at = url;
  for (let hops = 0; ; hops += 1) {
    const next = await get(pick(at), at, headers, sink, signal);
    if (next === undefined) return;
    const target = URL.canParse(next, at) ? new URL(next, at) : undefined;
    const down = at.startsWith('https:') && target?.protocol !== 'https:';
    if (hops === MAX_REDIRECTS || !target || down || !/^https?:$/.test(target.protocol))
      throw new DougongError('network', 'NO_ANSWER', {reason: 'REDIRECT'});
    at = target.href;
  }
}

/** One GET; resolves with the address of a redirect, else with undefined once the body is with the sink. */
function get(
  dispatcher: Dispatcher,
  url: string,
  headers: Record<string, string>,
  sink: DownloadSink,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const {origin, pathname, search} = new URL(url);
  return new Promise((resolve, reject) => {
    let begun = false;
    let ended = false;
    let location: string | undefined;
    let controller: {abort(reason: Error): void; pause(): void; resume(): void} | undefined;
    // Pieces go to the sink one after the other; what comes meanwhile waits here, the sender held back.
    let chain: Promise<unknown> = Promise.resolve();
    let wanted = true;
    const end = (settle: () => void) => {
      if (ended) return;
      ended = true;
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const stop = (error: Error) => {
      end(() => reject(error));
      controller?.abort(error);
    };
    const onAbort = () => stop(new DougongError('interrupted', 'INTERRUPTED'));
    let held = 0;
    const hold = (task: () => unknown) => {
      held += 1;
      controller?.pause();
      chain = chain
        .then(task)
        .then(() => {
          held -= 1;
          if (held === 0 && !ended) controller?.resume();
        })
        .catch(stop);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, {once: true});
    const options = {origin, path: pathname + search, method: 'GET' as const, headers};
    dispatcher.dispatch(options, {
      onRequestStart(given) {
        controller = given;
        if (ended) given.abort(named('INTERRUPTED'));
        else begun = true;
      },
      onResponseStart(_controller, status, fields) {
        const received = Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name.toLowerCase(), String(value)]),
        );
        if (REDIRECTS.has(status) && received.location) location = received.location;
        else {
          hold(async () => {
            wanted = await sink.begin({status, headers: received});
            if (wanted) return;
            end(() => resolve(undefined));
            controller?.abort(named('INTERRUPTED'));
          });
        }
      },
      onResponseData(_controller, chunk) {
        if (location !== undefined || ended) return;
        const piece = chunk as Buffer;
        if (held > 0) return hold(() => (wanted ? sink.data(piece) : undefined));
        const busy = sink.data(piece);
        if (busy) hold(() => busy);
      },
      onResponseEnd() {
        chain.then(() => end(() => resolve(location)));
      },
      onResponseError(_controller, error) {
        // What arrived is worth keeping: the sink has it all before the break is told.
        chain.then(() => end(() => reject(begun ? readLost(error) : unsent(error, origin))));
      },
    });
  });
}

function readLost(error: Error): DougongError {
  return new DougongError('network', 'NO_ANSWER', {reason: reasonOf(error)}, {cause: error});
}

function named(code: string): Error {
  return Object.assign(new Error(code), {code});
}

function reasonOf(error: Error & {code?: string}): string {
  if (error.code && REASON.test(error.code)) return error.code;
  return error.cause instanceof Error ? reasonOf(error.cause) : error.name;
}

function unsent(error: Error & {code?: string}, origin: string): DougongError {
  const {host} = new URL(origin);
  const reason = reasonOf(error);
  // A proxy that answers for itself: what it did with the connection is not ours to know.
  if (/Proxy response|HTTP Tunneling/.test(error.message)) return lost(error);
  if (TLS.test(reason)) return new DougongError('network', 'TLS_FAILED', {host, reason}, {cause: error});
  return new DougongError('network', 'NOT_SENT', {host, reason}, {cause: error});
}

function lost(error: Error): DougongError {
  const reason = reasonOf(error);
  if (reason === 'ANSWER_TOO_LARGE')
    return new DougongError('unknown-outcome', 'ANSWER_TOO_LARGE', {reason}, {cause: error});
  return new DougongError('unknown-outcome', 'NO_ANSWER', {reason}, {cause: error});
}
