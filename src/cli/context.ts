import type {ApiVersion} from '../core/endpoints/index.ts';
import type {Download} from '../core/wire.ts';
import type {MoneyTools, ReadTools} from '../operations/tools.ts';
import type {Io} from './io/streams.ts';
import type {Profile} from './profile/resolve.ts';

/** Everything of the machine that a command may touch; only bin/ and cli/world.ts know `process`. */
export interface World {
  env: Record<string, string | undefined>;
  cwd: string;
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  isTTY: {stdin: boolean; stdout: boolean; stderr: boolean};
  columns: number;
  home: string;
  hostname: string;
  pid: number;
  platform: string;
  version: string;
  now(): number;
  /** Moves the clock of this process, for tests: honoured only where the gateway is on loopback. */
  shiftClock?(ms: number): void;
  /** Signals a child that leads a group, and everything it started. */
  killGroup?(pid: number, signal: NodeJS.Signals): void;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  random(): number;
  newId(now: number): string;
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Runs a task and takes back the signal handlers that packages set meanwhile. */
  keepSignals<T>(task: () => Promise<T>): Promise<T>;
}

export type Lang = 'zh' | 'en';

/** A sentence in both languages; one that lacks a language does not compile. */
export interface Text {
  zh: string;
  en: string;
}
export interface Sentence<P> {
  zh: (params: P) => string;
  en: (params: P) => string;
}

/** Flags that every leaf command accepts. */
export interface GlobalFlags {
  profile?: string;
  huifuId?: string;
  json?: boolean;
  lang?: Lang;
  verbose?: boolean;
  quiet?: boolean;
  input?: boolean;
  color?: boolean;
  /** Milliseconds. */
  httpTimeout?: number;
  caFile?: string;
  apiVersion?: ApiVersion;
}

/** A profile with its keys read and its connection ready. */
export interface Session {
  profile: Profile;
  /** Names the world the money is in, computed from the URL. */
  environment: string;
  /** True unless the URL is loopback or one of the two known test hosts. */
  live: boolean;
  read: ReadTools;
  /** GETs the files that answers link to. */
  download: Download;
  /** Opens the journal. A service provider names the merchant, by flag or (`named`) in every row of a file. */
  money(options?: {named?: boolean}): Promise<MoneyTools>;
}

/** What a command gets. */
export interface Context {
  world: World;
  lang: Lang;
  io: Io;
  t: (text: Text) => string;
  say: <P>(sentence: Sentence<P>, params: P) => string;
  /** The globals of the leaf that runs. */
  flags: GlobalFlags;
  /** Takes the parsed globals over; leaf() calls it before the command's own code. */
  begin(flags: GlobalFlags): void;
  /** Reads configuration and keys, opens the connection. A `patient` one finishes what is in flight after Ctrl-C. */
  session(options?: {patient?: boolean}): Promise<Session>;
  /** The directory of all state. */
  stateDir: string;
  /** The journal's file: DOUGONG_JOURNAL, else in the state directory. */
  journalFile: string;
  /** Run when the command has ended, whatever became of it. */
  atEnd(task: () => Promise<void>): void;
}
