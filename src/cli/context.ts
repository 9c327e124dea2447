import type {ApiVersion} from '../core/endpoints/index.ts';
import type {HttpClient, Send} from '../core/wire.ts';
import type {Store} from '../journal/store.ts';
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
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  random(): number;
  newId(now: number): string;
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal;
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
  httpTimeout?: number;
  caFile?: string;
  apiVersion?: ApiVersion;
}

export interface GatewayTools {
  profile: Profile;
  /** The merchant the call is for: --huifu-id, else the profile's; for a service provider there is no default for money. */
  huifuId: string;
  /** 'sandbox' | 'test' | 'production' … computed from the URL: names the world the money is in. */
  environment: string;
  /** True unless the URL is loopback or one of the two known test hosts. */
  live: boolean;
  send: Send;
  http: HttpClient;
  /** v2, v3 or v4 as asked for by --api-version; undefined for each endpoint's own standard. */
  version: ApiVersion | undefined;
}

/** What a command gets. */
export interface Context {
  world: World;
  lang: Lang;
  io: Io;
  t(text: Text): string;
  say<P>(sentence: Sentence<P>, params: P): string;
  /** Sets by the parsed globals of the leaf; called by action() before a command's own code. */
  flags: GlobalFlags;
  /** Reads configuration and keys; `money` demands an explicit merchant for a service provider. */
  gateway(options?: {money?: boolean}): Promise<GatewayTools>;
  /** Opens the journal of DOUGONG_HOME (or DOUGONG_JOURNAL); closed by run(). */
  journal(): Promise<Store>;
  /** The directory of all state: DOUGONG_HOME, else the platform's. */
  stateDir: string;
}
