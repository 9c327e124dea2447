import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {DougongError} from '../core/errors.ts';

/** A whole request, its body read and nothing decoded. */
export interface Request {
  method: string;
  /** Path and query as called. */
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  /** When its head had come, epoch ms of a monotonic clock. */
  begun: number;
}

export interface Reply {
  status: number;
  body: string | Buffer;
  contentType?: string;
}

export interface ServerOptions {
  host: string;
  /** Tried in this order; the first free one is taken. */
  ports: readonly number[];
  /** Bytes of one body. */
  maxBody: number;
  /** Milliseconds for a whole request to arrive. */
  requestTimeout: number;
  /** Answers ahead of the messages, e.g. the echo of a tunnel's probe; undefined for "not mine". Must not throw. */
  intercept?: (request: {method: string; url: string}) => string | undefined;
  receive(request: Request): Promise<Reply>;
  /** A request that never became one. */
  refused(status: number, why: string): void;
  fault(error: Error): void;
}

/** Bytes of all bodies that are under way together. */
const MAX_UNDER_WAY = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 4000;
/** How long what is under way may take once the server stops. */
const CLOSE_MS = 10_000;

export interface RunningServer {
  host: string;
  port: number;
  /** Stops accepting, lets what is under way be answered. */
  close(): Promise<void>;
}

/**
 * The HTTP face: reads whole bodies within limits, answers without a version and without an echo of what came in.
 *
 * @throws DougongError `local` PORT_IN_USE when none of the ports is free.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  let underWay = 0;
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const begun = performance.now();
    const {method = '', url = '/'} = req;
    const refuse = (status: number, why: string, close = true) => {
      options.refused(status, why);
      answer(res, {status, body: ''}, close);
    };
    const echo = options.intercept?.({method, url});
    if (echo !== undefined) return answer(res, {status: 200, body: echo});
    if (method !== 'POST') {
      req.resume();
      return refuse(405, `method ${/^[A-Z]{1,10}$/.test(method) ? method : '?'}`, false);
    }
    const {'content-encoding': encoding, 'content-length': length} = req.headers;
    if (encoding !== undefined && encoding !== 'identity') return refuse(415, 'content-encoding');
    if (length !== undefined && Number(length) > options.maxBody) return refuse(413, 'too large');
    const read = await readBody(req, options.maxBody, bytes => {
      underWay += bytes;
      return underWay <= MAX_UNDER_WAY;
    });
    try {
      if (!read.body) return refuse(read.status, read.why);
      const headers = Object.fromEntries(
        Object.entries(req.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]),
      );
      answer(res, await options.receive({method, url, headers, body: read.body, begun}));
    } finally {
      underWay -= read.size;
    }
  };
  const server = createServer(
    {
      headersTimeout: Math.min(options.requestTimeout, 5000),
      requestTimeout: options.requestTimeout,
      connectionsCheckingInterval: 500,
      keepAliveTimeout: 15_000,
      noDelay: true,
    },
    (req, res) => {
      req.on('error', () => {});
      res.on('error', () => {});
      take(req, res).catch((error: Error) => {
        // A sender that went away is no fault of ours.
        if (!req.complete) return void res.destroy();
        options.fault(error);
        answer(res, {status: 503, body: ''}, true);
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    options.refused(status, error.code ?? 'not HTTP');
    if (socket.writable) socket.end(`HTTP/1.1 ${status} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else socket.destroy();
  });
  const port = await listenOn(server, options.host, options.ports);
  return {
    host: options.host,
    port,
    close: () =>
      new Promise(resolve => {
        // A connection that is kept alive goes idle only after its last answer; one that dawdles is cut off.
        const idle = setInterval(() => server.closeIdleConnections(), 50);
        const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(late);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

interface Read {
  body?: Buffer;
  size: number;
  status: number;
  why: string;
}

/** Reads to the end or to the limit; past it the rest is left where it is. Rejects when the sender goes away. */
function readBody(req: IncomingMessage, maxBody: number, room: (bytes: number) => boolean): Promise<Read> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    const stop = (status: number, why: string) => {
      ended = true;
      req.removeAllListeners('data').pause();
      resolve({size, status, why});
    };
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (!room(chunk.length)) return stop(503, 'too much at once');
      if (size > maxBody) return stop(413, 'too large');
      chunks.push(chunk);
    });
    const gone = () => {
      if (ended) return;
      ended = true;
      room(-size);
      reject(new Error('the sender went away'));
    };
    req.on('end', () => {
      if (ended) return;
      ended = true;
      resolve({body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), size, status: 200, why: ''});
    });
    req.on('aborted', gone);
  });
}

function answer(
  res: ServerResponse,
  {status, body, contentType = 'text/plain;charset=UTF-8'}: Reply,
  close = false,
): void {
  if (res.headersSent || res.destroyed) return;
  const headers: Record<string, string | number> = {'content-length': Buffer.byteLength(body)};
  if (body.length > 0) headers['content-type'] = contentType;
  if (close) headers.connection = 'close';
  res.writeHead(status, headers).end(body);
}

async function listenOn(server: Server, host: string, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const code = await new Promise<string>(resolve => {
      const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? 'ERROR');
      server.once('error', failed);
      server.listen({port, host, backlog: 1024}, () => {
        server.off('error', failed);
        resolve('');
      });
    });
    if (code === '') return (server.address() as AddressInfo).port;
    if (code !== 'EADDRINUSE' || port === ports.at(-1)) {
      const name = code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'LISTEN_FAILED';
      throw new DougongError('local', name, {port: String(port), host, reason: code});
    }
  }
  throw new DougongError('local', 'PORT_IN_USE', {port: '-'});
}
