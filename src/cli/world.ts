import {readFileSync} from 'node:fs';
import {homedir, hostname} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import {newRequestId} from '../core/request-id.ts';
import type {World} from './context.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** conf's way of writing sets handlers that end the process on a signal; what is running must be able to finish. */
async function keepSignals<T>(task: () => Promise<T>): Promise<T> {
  const ours = new Map(SIGNALS.map(name => [name, new Set(process.listeners(name))]));
  try {
    return await task();
  } finally {
    for (const [name, before] of ours) {
      for (const listener of process.listeners(name)) if (!before.has(listener)) process.removeListener(name, listener);
    }
  }
}

/** The one place beside bin/ that touches `process`. */
export function makeWorld(): World {
  let shift = 0;
  const now = () => Date.now() + shift;
  const stop = new AbortController();
  // The first signal lets what is in flight finish; a second one ends the process as usual.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name));
  const {stdin, stdout, stderr} = process;
  const isTTY = {stdin: Boolean(stdin.isTTY), stdout: Boolean(stdout.isTTY), stderr: Boolean(stderr.isTTY)};
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin,
    stdout,
    stderr,
    isTTY,
    columns: stdout.columns ?? 80,
    home: homedir(),
    hostname: hostname(),
    pid: process.pid,
    platform: process.platform,
    version: JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version,
    now,
    killGroup(pid, signal) {
      try {
        process.kill(process.platform === 'win32' ? pid : -pid, signal);
      } catch {
        // It has ended by itself.
      }
    },
    shiftClock: ms => {
      shift = ms;
    },
    sleep: (ms, signal) => delay(ms, undefined, {signal}).catch(() => undefined),
    random: Math.random,
    newId: newRequestId,
    signal: stop.signal,
    keepSignals,
  };
}
