import {DougongError} from '../../core/errors.ts';
import type {Emit} from '../events.ts';
import {type Echo, type Get, type Probed, probe} from './probe.ts';
import type {Tunnel} from './tunnel.ts';
import type {Child, Way} from './ways.ts';

export interface KeeperOptions {
  local: {host: string; port: number};
  /** Milliseconds between two echoes while all is well. */
  probeEvery: number;
  /** Milliseconds without an echo until it is given up. */
  giveUpAfter: number;
}

export interface KeeperTools {
  now(): number;
  get: Get;
  echo: Echo;
  /** 32 hex digits, never twice. */
  challenge(): string;
  emit: Emit;
}

/** Echoes that are asked for in quick succession while there was none. */
const HURRY_MS = 1000;
/** How long a way that was just started may take until its first echo. */
const START_MS = 15_000;
const BACKOFF_MS = [1000, 2000, 5000, 10_000, 20_000, 30_000];
/** A clock that jumped this far means that the machine slept. */
const SLEPT_MS = 15_000;

/**
 * Keeps a way to the listener open and proved: nothing is called ready before a signed echo has gone out to the public
 * URL and come back through it, again every `probeEvery`. What fails is started again with growing pauses.
 */
export function keepTunnel(way: Way, options: KeeperOptions, tools: KeeperTools): Tunnel {
  const {now, emit} = tools;
  const begun = now();
  let child: Child | undefined;
  let startedAt = 0;
  let nextStart = begun;
  let failures = 0;
  let url: string | undefined;
  let proved: string | undefined;
  /** The last URL that was ever proved: orders made meanwhile carry it. */
  let known: string | undefined;
  let downSince: number | undefined = begun;
  let told = '';
  let nextProbe = begun;
  let probing = false;
  let lastTick = begun;
  let stopped = false;
  let giveUp: (error: DougongError) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  // Whoever does not wait for it must not be surprised by it.
  lost.catch(() => {});

  const down = (reason: string) => {
    if (proved !== undefined || reason !== told) emit({type: 'tunnel-lost', at: now(), url: proved, reason});
    told = reason;
    if (proved !== undefined) downSince = now();
    proved = undefined;
  };
  const start = () => {
    startedAt = now();
    nextProbe = startedAt;
    url = undefined;
    const mine: {child?: Child} = {};
    const current = () => !stopped && (mine.child === undefined || mine.child === child);
    mine.child = way.start(options.local, {
      url(found) {
        if (!current()) return;
        url = found.replace(/\/+$/, '');
        nextProbe = now();
      },
      end(reason) {
        if (!current()) return;
        child = undefined;
        down(reason);
        again();
      },
    });
    child = mine.child;
  };
  const again = () => {
    const pause = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]!;
    failures += 1;
    nextStart = now() + pause;
  };
  const restart = () => {
    const old = child;
    child = undefined;
    again();
    void old?.stop();
  };
  const good = (asked: string, begunAt: number) => {
    const at = now();
    if (known !== undefined && known !== asked) emit({type: 'tunnel-moved', at, from: known, to: asked});
    if (known === undefined) emit({type: 'tunnel-ready', at, url: asked, ms: at - begunAt});
    else if (proved === undefined) emit({type: 'tunnel-back', at, url: asked, awayMs: at - (downSince ?? at)});
    proved = asked;
    known = asked;
    downSince = undefined;
    told = '';
    failures = 0;
    nextProbe = at + options.probeEvery;
  };
  const bad = (result: Extract<Probed, {ok: false}>) => {
    down(result.detail ? `${result.reason}: ${result.detail}` : result.reason);
    nextProbe = now() + HURRY_MS;
    if (way.restarts && child && now() - startedAt > START_MS) restart();
  };
  const ask = async (asked: string) => {
    probing = true;
    const at = now();
    const result = await probe(tools.get, tools.echo, asked, tools.challenge());
    probing = false;
    if (stopped || asked !== url) return;
    if (result.ok) good(asked, at);
    else bad(result);
  };

  return {
    get url() {
      return proved;
    },
    lost,
    tick() {
      if (stopped) return;
      const at = now();
      // After sleep the connection may be dead without a sign: it is asked at once.
      if (at - lastTick > SLEPT_MS) nextProbe = at;
      lastTick = at;
      if (downSince !== undefined && at - downSince > options.giveUpAfter) {
        stopped = true;
        giveUp(new DougongError('local', 'TUNNEL_LOST', {reason: told || 'no echo'}));
        return;
      }
      if (!child && at >= nextStart) start();
      if (url !== undefined && !probing && at >= nextProbe) void ask(url);
      // A program that prints no URL, or an ssh that hangs, gets its time and no more.
      else if (url === undefined && child && way.restarts && at - startedAt > START_MS * 2) {
        down('no URL was printed');
        restart();
      }
    },
    async stop() {
      stopped = true;
      await child?.stop();
    },
  };
}
