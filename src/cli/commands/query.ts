import {DougongError} from '../../core/errors.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {duration, type LocatorFlags, leaf, locators, toLocator} from '../flags.ts';
import {frame} from '../messages/frame.ts';
import {money} from '../messages/money.ts';
import {summaries} from '../messages/summaries.ts';
import {type BatchFlags, batchFlags, checkBatchFlags} from './batch/common.ts';

interface QueryFlags extends GlobalFlags, LocatorFlags, BatchFlags {
  wait?: boolean;
  waitTimeout?: number;
  interval?: number;
  exitStatus?: boolean;
}

const SINGLE_ONLY = ['hfSeqId', 'reqSeqId', 'reqDate', 'outOrdId', 'partyOrderId', 'wait', 'waitTimeout', 'exitStatus'];

export function addQuery(program: DougongCommand, ctx: Context): void {
  const command = program.command('query').description(ctx.t(summaries.query)) as DougongCommand;
  locators(command, ctx, {out: true, party: true})
    .option('--wait', ctx.t(frame.wait))
    .addOption(duration('--wait-timeout <time>', ctx.t(frame.waitTimeout)))
    .addOption(duration('--interval <time>', ctx.t(frame.interval)))
    .option('--exit-status', ctx.t(money.exitStatus));
  batchFlags(command, ctx);
  leaf<QueryFlags>(command, ctx, 'dougong query --req-seq-id a1 --req-date 20261124 --profile sandbox', async flags => {
    checkBatchFlags(flags, [], SINGLE_ONLY);
    if (flags.batch !== undefined) return (await import('./batch/query.ts')).queryBatch(ctx, flags);
    const locator = toLocator(flags);
    const {read} = await ctx.session();
    const {queryPayment, waitForPayment, isFinal} = await import('../../operations/query.ts');
    const timing = {timeoutMs: flags.waitTimeout ?? 300_000, intervalMs: flags.interval};
    const found = flags.wait ? await waitForPayment(read, locator, timing) : await queryPayment(read, locator);
    const {recordText} = await import('../io/record.ts');
    ctx.io.data(found.data, () => recordText(ctx, 'payment', found.data), found.raw);
    if (found.data.trans_stat === 'S' && found.data.acct_stat === 'F') ctx.io.warn(ctx.t(money.acctFailed));
    judge(flags, String(found.data.trans_stat ?? ''), isFinal(found), locator);
  });
}

/** --wait ends with 8 while nothing is final; --exit-status also tells F from S. */
export function judge(
  flags: {wait?: boolean; exitStatus?: boolean},
  stat: string,
  final: boolean,
  locator: Record<string, string>,
): void {
  const number = locator.req_seq_id ?? locator.hf_seq_id ?? locator.refund_req_seq_id ?? locator.refund_hf_seq_id ?? '';
  if ((flags.wait || flags.exitStatus) && !final)
    throw new DougongError('pending', 'STILL_PENDING', {req_seq_id: number});
  if (flags.exitStatus && stat === 'F') throw new DougongError('refused', 'FAILED', {req_seq_id: number});
}
