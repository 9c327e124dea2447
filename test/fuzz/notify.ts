// `npm run fuzz`: a hostile sender. Spoiled messages of every kind go to a listener; none of them may be acknowledged,
// nothing may crash or grow, and what is genuine is still answered within a second.
import {Agent, request} from 'node:http';
import {pathToFileURL} from 'node:url';
import {gzipSync} from 'node:zlib';
import {openNotices} from '../../src/journal/notices-sqlite.ts';
import {startListener} from '../../src/listen/engine.ts';
import {FORM, huifu, MERCHANT, signed, trade} from '../helpers/notices.ts';

export interface FuzzTally {
  bodies: number;
  seed: number;
  genuine: number;
  /** Each of these must be 0. */
  acknowledgedForged: number;
  faults: number;
  slow: number;
  unanswered: number;
  /** Bytes the heap grew by after the first fifth, collected where node lets us. */
  grown: number;
  worstMs: number;
}

interface Shot {
  body: Buffer;
  headers: Record<string, string>;
  path: string;
  chunked: boolean;
  genuine: boolean;
}

/** A small generator with a seed, so that a finding can be had again. */
function dice(seed: number): (n: number) => number {
  let state = seed >>> 0 || 1;
  return n => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

function makeShot(roll: (n: number) => number, turn: number, good: string[]): Shot {
  const base = good[roll(good.length)]!;
  const shot = (body: Buffer | string, more: Partial<Shot> = {}): Shot => ({
    body: Buffer.from(body),
    headers: {'content-type': FORM},
    path: `/n${roll(9)}`,
    chunked: roll(10) === 0,
    genuine: false,
    ...more,
  });
  // A character of the signed content, never of the outer words, which nobody signs.
  const at = base.indexOf('resp_data=') + 10;
  const place = () => at + roll(base.length - at);
  const bytes = Buffer.from(base);
  switch (roll(14)) {
    case 0: {
      const i = place();
      bytes[i] = bytes[i]! ^ (1 << roll(8));
      return shot(bytes);
    }
    case 1:
      return shot(bytes.subarray(0, roll(base.length)));
    case 2:
      return shot(Buffer.concat([bytes, Buffer.alloc(roll(3) === 0 ? 70_000 : 300, 0x41)]));
    case 3:
      return shot(Buffer.from(base, 'utf16le'));
    case 4:
      return shot(gzipSync(bytes), roll(2) ? {headers: {'content-type': FORM, 'content-encoding': 'gzip'}} : {});
    case 5:
      return shot(`${base}&resp_data=${encodeURIComponent('{"req_seq_id":"x"}')}`);
    case 6:
      return shot(signedByNobody({req_seq_id: 'x\r\nSet-Cookie: a', trans_amt: '1.00'}));
    case 7:
      return shot(Array.from({length: roll(20) === 0 ? 10_000 : 200}, (_, i) => `f${i}=${i}`).join('&'));
    case 8:
      return shot(`sign=AAAA&resp_data=${encodeURIComponent(deep(1 + roll(3000)))}`);
    case 9:
      return shot(deep(1 + roll(3000)), {
        headers: {'content-type': 'application/json'},
        path: `/webhook?sign=${'A'.repeat(32)}`,
      });
    case 10:
      return shot(Buffer.from(Array.from({length: roll(400)}, () => roll(256))));
    case 11:
      return shot(base.replace(/sign=[^&]*/, ''));
    case 12:
      return shot(base.replace(/resp_data=/, 'resp_data=%00'));
    default:
      return shot(decodeURIComponent(base.replaceAll('+', ' ')), {chunked: turn % 2 === 0});
  }
}

function signedByNobody(fields: Record<string, unknown>): string {
  return signed(fields).replace(/sign=([^&]{8})/, (_all, head: string) => `sign=${head.split('').reverse().join('')}`);
}

const AGENT_SOCKETS = 16;

function fire(agent: Agent, url: string, shot: Shot): Promise<{status: number; text: string; ms: number}> {
  return new Promise(resolve => {
    const begun = performance.now();
    const headers: Record<string, string | number> = {...shot.headers};
    if (!shot.chunked) headers['content-length'] = shot.body.length;
    const end = (status: number, text: string) => resolve({status, text, ms: performance.now() - begun});
    const call = request(`${url}${shot.path}`, {method: 'POST', agent, headers}, res => {
      let text = '';
      res.on('data', chunk => (text += chunk)).on('end', () => end(res.statusCode!, text));
      res.on('error', () => end(res.statusCode!, text));
    });
    call.on('error', () => end(0, ''));
    call.end(shot.body);
  });
}

const heap = (): number => {
  (globalThis as {gc?: () => void}).gc?.();
  return process.memoryUsage().heapUsed;
};

/** Fires so many bodies at a listener of its own. */
export async function fuzzNotify(bodies: number, seed: number): Promise<FuzzTally> {
  const roll = dice(seed);
  const store = openNotices(':memory:');
  let faults = 0;
  const listener = await startListener(
    {
      host: '127.0.0.1',
      ports: [0],
      environment: 'fuzz',
      profile: 'p',
      merchants: new Set([MERCHANT]),
      keys: {huifu: [huifu], webhook: ['k'.repeat(32)]},
      webhookPath: '/webhook',
      acceptUnverified: false,
      targets: [],
      ack: 'auto',
      retry: 0,
      forwardTimeout: 1000,
      pairTimeout: 1000,
      crossCheck: false,
    },
    {
      store,
      now: () => Date.now(),
      sleep: async () => {},
      emit: event => {
        if (event.type === 'fault') faults += 1;
      },
    },
  );
  const agent = new Agent({keepAlive: true, maxSockets: AGENT_SOCKETS});
  const good = Array.from({length: 50}, (_, at) => trade(`g${at}`, {remark: '茶 & 100% a+b'}));
  const tally: FuzzTally = {
    bodies,
    seed,
    genuine: 0,
    acknowledgedForged: 0,
    faults: 0,
    slow: 0,
    unanswered: 0,
    grown: 0,
    worstMs: 0,
  };
  // A flipped bit may only have turned %2F into %2f: decoded, that is the very message that was signed.
  const texts = new Set(good.map(body => new URLSearchParams(body).get('resp_data')));
  const same = (body: Buffer) => texts.has(new URLSearchParams(body.toString()).get('resp_data'));
  let fired = 0;
  let early = 0;
  const lane = async () => {
    while (fired < bodies) {
      fired += 1;
      const turn = fired;
      if (turn === Math.floor(bodies / 5)) early = heap();
      const genuine = turn % 50 === 0;
      const shot: Shot = genuine
        ? {
            body: Buffer.from(good[(turn / 50) % 50]!),
            headers: {'content-type': FORM},
            path: '/n',
            chunked: false,
            genuine,
          }
        : makeShot(roll, turn, good);
      const {status, text, ms} = await fire(agent, listener.url, shot);
      if (genuine) {
        tally.genuine += 1;
        tally.worstMs = Math.max(tally.worstMs, ms);
        if (status !== 200 || !text.startsWith('RECV_ORD_ID_g')) tally.unanswered += 1;
        if (ms > 1000) tally.slow += 1;
      } else if (status >= 200 && status < 300 && !same(shot.body)) tally.acknowledgedForged += 1;
    }
  };
  await Promise.all(Array.from({length: AGENT_SOCKETS}, lane));
  await listener.idle();
  tally.grown = heap() - early;
  tally.faults = faults;
  agent.destroy();
  await listener.stop();
  store.close();
  return tally;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const bodies = Number(process.argv[2] ?? 100_000);
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
  const tally = await fuzzNotify(bodies, seed);
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  if (tally.acknowledgedForged + tally.faults + tally.slow + tally.unanswered > 0) process.exitCode = 1;
}
