import {join} from 'node:path';
import {addDays, beijingDate, readDay, readMonth} from '../../../core/beijing.ts';
import {DougongError} from '../../../core/errors.ts';
import type {Context, Session} from '../../context.ts';
import {value} from '../../flags.ts';

/** What the bill commands need of a session. */
export async function billTools(ctx: Context, session: Session) {
  const {openBillCache} = await import('../../../bills/cache.ts');
  const {huifuId} = session.read;
  const cache = openBillCache(join(ctx.stateDir, 'bill-cache'), session.environment, huifuId);
  return {...session.read, environment: session.environment, cache, download: session.download};
}

/** A trade day: "yesterday", yyyyMMdd or yyyy-MM-dd. */
export function tradeDay(flags: string, description: string, ctx: Context) {
  return value(flags, description, (text, flag) => {
    if (text === 'yesterday') return addDays(beijingDate(ctx.world.now()), -1);
    const found = readDay(text);
    if (found === undefined) throw new DougongError('usage', 'DATE_INVALID', {flag, value: text});
    return found;
  });
}

/** A month, yyyy-MM or yyyyMM; kept as yyyyMM. */
export function month(flags: string, description: string) {
  return value(flags, description, (text, flag) => {
    const found = readMonth(text);
    if (found === undefined) throw new DougongError('usage', 'DATE_INVALID', {flag, value: text});
    return found;
  });
}
