/** What a tunnel tells while it runs. */
export type TunnelEvent =
  | {type: 'tunnel-ready'; at: number; url: string; ms: number}
  | {type: 'tunnel-lost'; at: number; url?: string; reason: string}
  | {type: 'tunnel-back'; at: number; url: string; awayMs: number}
  | {type: 'tunnel-moved'; at: number; from: string; to: string};

/** A way from the public Internet to the listener. Made by tunnel/*, started by the command, drawn from its events. */
export interface Tunnel {
  /** The public URL while it is proved, without a path. */
  readonly url: string | undefined;
  /** Rejects with DougongError `local` TUNNEL_LOST when it is given up. */
  readonly lost: Promise<never>;
  /** Looks at the clock: probes, restarts, gives up. Called a few times a second. */
  tick(): void;
  stop(): Promise<void>;
}
