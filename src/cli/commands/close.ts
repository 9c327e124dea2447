import {formatYuan} from '../../core/amount.ts';
import {DougongError} from '../../core/errors.ts';
import type {Data} from '../../core/wire.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {type LocatorFlags, leaf, locators, toLocator, value} from '../flags.ts';
import {frame} from '../messages/frame.ts';
import {money} from '../messages/money.ts';
import {summaries} from '../messages/summaries.ts';
import {type BatchFlags, batchFlags, checkBatchFlags} from './batch/common.ts';
import {afterwards, type ConsentFlags, consent, warnSkew} from './consent.ts';

interface CloseFlags extends GlobalFlags, LocatorFlags, ConsentFlags, BatchFlags {
  closeReqSeqId?: string;
  wait?: boolean;
}

export function addClose(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program.command('close').description(t(summaries.close)).enablePositionalOptions() as DougongCommand;
  locators(command, ctx)
    .addOption(value('--close-req-seq-id <id>', t(money.closeReqSeqId)))
    .option('--wait', t(frame.wait))
    .option('--yes', t(frame.yes))
    .option('--live', t(frame.live));
  batchFlags(command, ctx);
  addCloseQuery(command, ctx);
  leaf<CloseFlags>(
    command,
    ctx,
    'dougong close --req-seq-id a1 --req-date 20261124 --yes --profile sandbox',
    async flags => {
      checkBatchFlags(flags, [], ['hfSeqId', 'reqSeqId', 'reqDate', 'closeReqSeqId', 'wait']);
      if (flags.batch !== undefined) return (await import('./batch/close.ts')).closeBatch(ctx, flags);
      const locator = toLocator(flags);
      const session = await ctx.session();
      const tools = await session.money();
      const {planClose, closePayment} = await import('../../operations/close.ts');
      const plan = await planClose(tools, locator);
      warnSkew(ctx, tools.send);
      const {payment, transAmt} = plan.facts;
      const {environment} = session;
      const asked = {
        environment,
        huifu_id: payment.huifu_id,
        payment: payment.req_seq_id,
        amount: formatYuan(transAmt ?? 0n),
      };
      await consent(ctx, session, flags, money.confirm.close, asked);
      if (flags.wait && plan.tooEarlyMs > 0) {
        await tools.sleep(plan.tooEarlyMs, ctx.world.signal);
        if (ctx.world.signal.aborted) throw new DougongError('interrupted', 'INTERRUPTED');
      }
      const ready = flags.wait ? {...plan, tooEarlyMs: 0} : plan;
      const moved = await closePayment(tools, ready, {close_req_seq_id: flags.closeReqSeqId});
      const {recordText} = await import('../io/record.ts');
      const {verified} = moved;
      if (verified) ctx.io.data(verified.data, () => recordText(ctx, 'close', verified.data), verified.raw);
      if (moved.intent.state === 'done') ctx.io.note(ctx.t(money.closed));
      const {req_seq_id, req_date} = payment;
      afterwards(ctx, moved, {verb: 'close query', flags: {req_seq_id, req_date}});
    },
  );
}

function addCloseQuery(parent: DougongCommand, ctx: Context): void {
  const command = parent.command('query').description(ctx.t(money.closeQuery)) as DougongCommand;
  locators(command, ctx);
  const example = 'dougong close query --req-seq-id a1 --req-date 20261124 --profile sandbox';
  leaf<GlobalFlags & LocatorFlags>(command, ctx, example, async flags => {
    const {read} = await ctx.session();
    const {queryClose} = await import('../../operations/close.ts');
    const {queryPayment} = await import('../../operations/query.ts');
    const given = toLocator(flags);
    // The platform wants the payment's date even beside its hf_seq_id; a query of the payment knows it.
    const req_date = flags.reqDate ?? dateOf(await queryPayment(read, given));
    const found = await queryClose(read, {...given, req_date});
    const {recordText} = await import('../io/record.ts');
    ctx.io.data(found.data, () => recordText(ctx, 'close', found.data), found.raw);
  });
}

function dateOf({data}: {data: Data}): string {
  return String(data.req_date ?? data.org_req_date ?? '');
}
