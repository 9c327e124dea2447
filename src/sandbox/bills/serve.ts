import {createReadStream} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {Faults} from '../faults.ts';
import type {RecordedDownload, Switches} from '../types.ts';
import type {BillStore, Body} from './store.ts';

/** What the download face needs of the sandbox behind it. */
export interface DownloadFace {
  bills: BillStore;
  faults: Faults;
  switches: Switches;
  now(): number;
  record(download: RecordedDownload): void;
}

const SLOW_PIECES = 8;

/** A plain GET of one statement: nothing is signed, nobody is asked who he is, only the link counts. */
export async function serveBill(face: DownloadFace, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const {pathname} = new URL(req.url ?? '/', 'http://sandbox');
  const struck = face.faults.strike('download');
  const range = req.headers.range ?? '';
  const end = (status: number, body = '', headers: Record<string, string> = {}) => {
    face.record({path: pathname, status, range, headers: req.headers});
    res.writeHead(status, {'content-type': 'text/html', ...headers}).end(body);
  };
  if (req.method !== 'GET' && req.method !== 'HEAD') return end(405);
  const ticket = face.bills.ticket(pathname);
  if (!ticket || struck.has('link-forbidden')) return end(403, '<html><body>Forbidden</body></html>');
  if (struck.has('link-expired') || face.now() >= ticket.expires_at) return end(410, '<html><body>Gone</body></html>');
  if (struck.has('download-page')) return end(200, '<!DOCTYPE html><html><body>login</body></html>');
  const body = await face.bills.body(ticket);
  const span = spanOf(face.switches.billRange ? req.headers : {}, body);
  const head: Record<string, string> = {
    'content-type': 'application/octet-stream',
    ...(face.switches.billRange && {etag: body.etag, 'accept-ranges': 'bytes'}),
  };
  if (span === 'none') return end(416, '', {'content-range': `bytes */${body.size}`});
  const {from, to} = span ?? {from: 0, to: body.size - 1};
  const status = span ? 206 : 200;
  if (span) head['content-range'] = `bytes ${from}-${to}/${body.size}`;
  head['content-length'] = String(to - from + 1);
  face.record({path: pathname, status, range, headers: req.headers});
  res.writeHead(status, head);
  if (req.method === 'HEAD') return void res.end();
  const slow = struck.get('download-slow');
  if (!slow && !struck.has('download-break') && !struck.has('download-corrupt'))
    return pipeline(streamOf(body, from, to), res);
  const bytes = await bytesOf(body, from, to);
  if (struck.has('download-corrupt')) {
    const at = Math.floor(bytes.length / 2);
    bytes[at] = bytes[at]! ^ 0xff;
  }
  if (struck.has('download-break')) {
    res.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => setTimeout(() => req.socket.destroy(), 20));
    return;
  }
  if (slow) {
    const step = Math.max(1, Math.ceil(bytes.length / SLOW_PIECES));
    for (let at = 0; at < bytes.length && !res.destroyed; at += step) {
      res.write(bytes.subarray(at, at + step));
      await new Promise(resolve => setTimeout(resolve, (slow.ms ?? 1000) / SLOW_PIECES));
    }
    return void res.end();
  }
  res.end(bytes);
}

/** `bytes=a-b` and `bytes=a-`, unless If-Range names another version; undefined for the whole. */
function spanOf(headers: IncomingMessage['headers'], body: Body): {from: number; to: number} | 'none' | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (!match || (headers['if-range'] && headers['if-range'] !== body.etag)) return undefined;
  const from = Number(match[1]);
  const to = Math.min(match[2] ? Number(match[2]) : body.size - 1, body.size - 1);
  return from > to ? 'none' : {from, to};
}

function streamOf(body: Body, from: number, to: number): Readable {
  if ('file' in body) return createReadStream(body.file, {start: from, end: to, highWaterMark: 1 << 18});
  return Readable.from([body.bytes.subarray(from, to + 1)]);
}

async function bytesOf(body: Body, from: number, to: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of streamOf(body, from, to)) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}
