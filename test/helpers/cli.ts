import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable, Writable} from 'node:stream';
import type {TestContext} from 'node:test';
import type {World} from '../../src/cli/context.ts';
import {run} from '../../src/cli/main.ts';
import {newRequestId} from '../../src/core/request-id.ts';
import {type Sandbox, type SandboxOptions, startSandbox} from '../../src/sandbox/index.ts';

const vectors = (name: string) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));

/** Fixed pairs, so that no test waits for a new one. */
export const keys = {
  merchant: vectors('request-signing').merchant_private_key as string,
  merchantPublic: vectors('request-signing').merchant_public_key as string,
  huifu: vectors('response-verification').huifu_private_key as string,
  huifuPublic: vectors('response-verification').huifu_public_key as string,
};

/** Tuesday 24 November 2026, noon in Beijing. */
export const NOON = Date.UTC(2026, 10, 24, 4);

export interface Result {
  code: number;
  out: string;
  err: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
  signal?: AbortSignal;
  /** Another machine, process or clock than the usual ones. */
  world?: Partial<World>;
}

export interface Bench {
  home: string;
  sandbox: Sandbox;
  /** The clock of commands and sandbox alike; sleeping moves it. */
  clock: {now: number};
  /** A whole command, in process. Words are split at blanks; an array is taken as it is. */
  dougong(words: string | string[], options?: RunOptions): Promise<Result>;
  /** Runs a command with --json and parses its stdout. */
  json(words: string, options?: RunOptions): Promise<Record<string, string>>;
}

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export function tempDir(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dougong-test-'));
  t.after(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/** A world without a terminal, whose clock moves only when somebody sleeps. */
export function fakeWorld(home: string, clock: {now: number}, more: Partial<World> = {}): World {
  return {
    env: {DOUGONG_HOME: home},
    cwd: home,
    stdin: Readable.from([]),
    stdout: new Sink(),
    stderr: new Sink(),
    isTTY: {stdin: false, stdout: false, stderr: false},
    columns: 80,
    home,
    hostname: 'test',
    pid: 1,
    platform: 'linux',
    version: '0.0.0',
    now: () => clock.now,
    sleep: async ms => {
      clock.now += ms;
    },
    random: () => 0.5,
    newId: newRequestId,
    signal: new AbortController().signal,
    keepSignals: task => task(),
    ...more,
  };
}

/** Runs the program with a world of its own: no terminal, no environment but what is given. */
export async function runIn(
  home: string,
  clock: {now: number},
  words: string | string[],
  options: RunOptions = {},
): Promise<Result> {
  const argv = Array.isArray(words) ? words : words.split(' ').filter(Boolean);
  const [stdout, stderr] = [new Sink(), new Sink()];
  const world = fakeWorld(home, clock, {
    env: {DOUGONG_HOME: home, DOUGONG_LANG: 'en', ...options.env},
    cwd: options.cwd ?? home,
    stdin: Readable.from(options.stdin === undefined ? [] : [options.stdin]),
    stdout,
    stderr,
    signal: options.signal ?? new AbortController().signal,
    ...options.world,
  });
  const code = await run(argv, world);
  return {code, out: stdout.text, err: stderr.text};
}

/** A sandbox on a free port with a ready profile `sandbox` in a home of its own. */
export async function bench(t: TestContext, options: SandboxOptions = {}): Promise<Bench> {
  const home = tempDir(t);
  const clock = {now: NOON};
  const sandbox = await startSandbox({now: () => clock.now, keys, ...options});
  t.after(() => sandbox.close());
  writeProfile(home, 'sandbox', sandbox.profile);
  const dougong = (words: string | string[], more?: RunOptions) => runIn(home, clock, words, more);
  return {
    home,
    sandbox,
    clock,
    dougong,
    async json(words, more) {
      const {code, out, err} = await dougong(`${words} --json`, more);
      if (code !== 0) throw new Error(`exit ${code}: ${err}`);
      return JSON.parse(out);
    },
  };
}

/** Writes a profile straight into the configuration file. */
export function writeProfile(
  home: string,
  name: string,
  profile: Sandbox['profile'],
  more: Record<string, unknown> = {},
): void {
  mkdirSync(join(home, 'keys'), {recursive: true});
  const {private_key, huifu_public_keys, ...rest} = profile;
  writeFileSync(join(home, 'keys', `${name}.key`), private_key, {mode: 0o600});
  huifu_public_keys.forEach((text, at) => {
    writeFileSync(join(home, 'keys', `${name}-${at}.pub`), text);
  });
  const stored = {
    ...rest,
    private_key_file: `keys/${name}.key`,
    huifu_public_key_files: huifu_public_keys.map((_, at) => `keys/${name}-${at}.pub`),
    ...more,
  };
  writeFileSync(join(home, 'config.json'), JSON.stringify({current: name, profiles: {[name]: stored}}), {
    mode: 0o600,
  });
}

export const ORDER = 'pay --amount 100.00 --goods-desc tea --sub-appid wx1 --sub-openid o1234567 --yes';

/** An order that has been paid, by its own number. */
export async function paid(on: Bench, number = 'a1', amount = '100.00'): Promise<Record<string, string>> {
  const order = await on.json(`${ORDER.replace('100.00', amount)} --req-seq-id ${number}`);
  on.sandbox.pay({req_seq_id: number});
  return order;
}

/** The error that --json left on stderr: its last line. */
export function errorOf({err}: Result): {kind: string; code: string; message: string; [more: string]: unknown} {
  return JSON.parse(err.trim().split('\n').at(-1)!).error;
}
