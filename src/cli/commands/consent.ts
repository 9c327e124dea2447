import {readFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {Send} from '../../core/wire.ts';
import type {Moved} from '../../operations/money.ts';
import {str} from '../../operations/tools.ts';
import type {Context, Sentence, Session} from '../context.ts';
import {money} from '../messages/money.ts';
import {nextLine} from '../next.ts';

export interface ConsentFlags {
  yes?: boolean;
  live?: boolean;
}

/**
 * Asks before money moves, naming merchant, environment, payment and amount. Live money without a terminal needs
 * --yes --live; elsewhere --yes is enough.
 */
export async function consent<P>(
  ctx: Context,
  session: Session,
  flags: ConsentFlags,
  question: Sentence<P>,
  params: P,
): Promise<void> {
  if (session.live && flags.yes && !flags.live && !ctx.io.canAsk) {
    throw new DougongError('usage', 'LIVE_NEEDED', {environment: session.environment});
  }
  if (flags.yes && (!session.live || flags.live)) return;
  if (!ctx.io.canAsk && session.live)
    throw new DougongError('usage', 'LIVE_NEEDED', {environment: session.environment});
  if (!(await ctx.io.confirm(ctx.say(question, params)))) throw new DougongError('interrupted', 'NOT_CONFIRMED');
}

/** -d values that begin with @ are read from files. */
export async function readData(
  ctx: Context,
  given: Record<string, string> | undefined,
): Promise<Record<string, unknown>> {
  const read = async (value: string): Promise<string> => {
    if (!value.startsWith('@')) return value;
    const file = resolve(ctx.world.cwd, value.slice(1));
    return readFile(file, 'utf8').then(
      text => text.trim(),
      (error: NodeJS.ErrnoException) => {
        throw new DougongError('local', 'FILE_UNREADABLE', {file, reason: String(error.code)});
      },
    );
  };
  const entries = Object.entries(given ?? {});
  return Object.fromEntries(await Promise.all(entries.map(async ([name, value]) => [name, await read(value)])));
}

/** Refuses a notify_url that Huifu would not call; says what may keep it from arriving. */
export async function checkUrl(ctx: Context, url: string | undefined, call: 'pay' | 'refund'): Promise<void> {
  if (url === undefined) return;
  const {checkNotifyUrl, NOTIFY_URL_MAX} = await import('../../core/notify-url.ts');
  const found = checkNotifyUrl(url, NOTIFY_URL_MAX[call]);
  const broken = found.filter(({level}) => level === 'error').map(({rule}) => rule);
  if (broken.length > 0) throw new DougongError('usage', 'NOTIFY_URL_INVALID', {rules: broken.join(', ')});
  const warned = found.map(({rule}) => rule).filter(rule => rule !== 'loopback');
  if (warned.length > 0) ctx.io.note(ctx.say(money.urlWarning, {rules: warned.join(', ')}));
}

/** Says so before money moves when the gateway's clock is more than a minute from ours. */
export function warnSkew(ctx: Context, send: Send): void {
  const skew = send.clockSkew();
  if (skew !== undefined && Math.abs(skew) > 60_000)
    ctx.io.warn(ctx.say(money.skew, {seconds: String(Math.round(Math.abs(skew) / 1000))}));
}

/** What stderr says after a money call that ended well or is not finished. */
export function afterwards(
  ctx: Context,
  moved: Moved,
  next: {verb: string; flags?: Record<string, string | true>},
): void {
  const {intent} = moved;
  if (!moved.created) ctx.io.note(ctx.say(money.kept, {req_seq_id: intent.req_seq_id}));
  if (intent.state === 'pending') ctx.io.note(ctx.say(money.accepted, {req_seq_id: intent.req_seq_id}));
  ctx.io.note(`  ${nextLine(ctx, next)}`);
  if (str(moved.verified?.data, 'acct_stat') === 'F') ctx.io.warn(ctx.t(money.acctFailed));
}
