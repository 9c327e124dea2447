import type {Emit} from '../../listen/events.ts';
import type {Tunnel} from '../../listen/tunnel/tunnel.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';

/** The flags by which the listener is reached from outside. */
export interface ReachFlags extends GlobalFlags {
  publicUrl?: string;
}

/** How the listener is reached: what answers its probe, and the tunnel once the listener runs. */
export interface Reach {
  intercept?: (request: {method: string; url: string}) => string | undefined;
  /** Starts the tunnel to the local address; resolves once it is under way, before it is proved. */
  open(local: {host: string; port: number}, emit: Emit): Promise<Tunnel | undefined>;
}

/** Adds the flags of tunnels. */
export function addReachFlags(_command: DougongCommand, _ctx: Context): void {}

/** What the flags ask for. */
export async function makeReach(_ctx: Context, _flags: ReachFlags): Promise<Reach> {
  return {open: async () => undefined};
}
