import {randomBytes} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {Emit} from '../../listen/events.ts';
import type {Tunnel} from '../../listen/tunnel/tunnel.ts';
import type {Way} from '../../listen/tunnel/ways.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {duration, value} from '../flags.ts';
import {tunnel as words} from '../messages/tunnel.ts';

/** The flags by which the listener is reached from outside. */
export interface ReachFlags extends GlobalFlags {
  tunnel?: string;
  tunnelCommand?: string;
  publicUrl?: string;
  probeEvery?: number;
  giveUpAfter?: number;
}

/** How the listener is reached: what answers its probe, and the tunnel once the listener runs. */
export interface Reach {
  intercept?: (request: {method: string; url: string}) => string | undefined;
  /** Starts the tunnel to the local address; resolves once it is under way, before it is proved. */
  open(local: {host: string; port: number}, emit: Emit): Promise<Tunnel | undefined>;
}

const PROBE_MS = 10_000;
const MOST_BYTES = 64 * 1024;

/** Adds the flags of tunnels. */
export function addReachFlags(command: DougongCommand, {t}: Context): void {
  command
    .addOption(value('--tunnel <url>', t(words.tunnel)).conflicts(['tunnelCommand']))
    .addOption(value('--tunnel-command <command>', t(words.command)))
    .addOption(value('--public-url <url>', t(words.publicUrl)))
    .addOption(duration('--probe-every <time>', t(words.probeEvery)))
    .addOption(duration('--give-up-after <time>', t(words.giveUpAfter)));
}

/** What the flags ask for. A public URL beside a tunnel is the address it is reached by. */
export async function makeReach(ctx: Context, flags: ReachFlags): Promise<Reach> {
  const {tunnel, tunnelCommand, publicUrl} = flags;
  if (tunnel === undefined && tunnelCommand === undefined && publicUrl === undefined)
    return {open: async () => undefined};
  const {world} = ctx;
  await checkPublic(publicUrl);
  const [{commandWay, publicWay, readSshTarget, sshWay}, {keepTunnel}, {makeEcho}, {makeSpawn}, {createHttp}] =
    await Promise.all([
      import('../../listen/tunnel/ways.ts'),
      import('../../listen/tunnel/keeper.ts'),
      import('../../listen/tunnel/probe.ts'),
      import('../tunnel-tools.ts'),
      import('../../core/http.ts'),
    ]);
  const spawn = makeSpawn(world);
  const way: Way =
    tunnel !== undefined
      ? sshWay(spawn, readSshTarget(tunnel), publicUrl)
      : tunnelCommand !== undefined
        ? commandWay(spawn, tunnelCommand, publicUrl)
        : publicWay(publicUrl!);
  const caFile = flags.caFile === undefined ? undefined : await readFile(resolve(world.cwd, flags.caFile), 'utf8');
  const http = await createHttp({
    totalTimeout: PROBE_MS,
    connectTimeout: PROBE_MS,
    maxBytes: MOST_BYTES,
    caFile,
    proxyEnv: world.env,
  });
  ctx.atEnd(() => http.close());
  const echo = makeEcho(randomBytes(32));
  return {
    intercept: echo.intercept,
    async open(local, emit) {
      ctx.io.note(ctx.t(words.waiting));
      const kept = keepTunnel(
        way,
        {local, probeEvery: flags.probeEvery ?? 30_000, giveUpAfter: flags.giveUpAfter ?? 600_000},
        {
          now: world.now,
          get: url => http.get(url, {accept: 'text/plain'}),
          echo,
          challenge: () => randomBytes(16).toString('hex'),
          emit,
        },
      );
      kept.tick();
      return kept;
    },
  };
}

async function checkPublic(url: string | undefined): Promise<void> {
  if (url === undefined) return;
  const {checkNotifyUrl} = await import('../../core/notify-url.ts');
  const broken = checkNotifyUrl(`${url.replace(/\/+$/, '')}/`).filter(({level}) => level === 'error');
  if (broken.length > 0)
    throw new DougongError('usage', 'NOTIFY_URL_INVALID', {rules: broken.map(({rule}) => rule).join(', ')});
}
