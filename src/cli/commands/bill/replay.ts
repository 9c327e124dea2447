import {readBillTypes} from '../../../core/bill-types.ts';
import type {DougongCommand} from '../../commander.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {leaf, value} from '../../flags.ts';
import {bill} from '../../messages/bill.ts';
import {frame} from '../../messages/frame.ts';
import {nextLine} from '../../next.ts';
import {type ConsentFlags, consent} from '../consent.ts';
import {billTools, tradeDay} from './session.ts';

interface ReplayFlags extends GlobalFlags, ConsentFlags {
  date: string;
  type?: string;
}

export function addBillReplay(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = group.command('replay').description(t(bill.replay)) as DougongCommand;
  command
    .addOption(tradeDay('--date <yyyyMMdd>', t(bill.date), ctx).makeOptionMandatory())
    .addOption(value('--type <name>', t(bill.type)))
    .option('--yes', t(frame.yes))
    .option('--live', t(frame.live));
  const example = 'dougong bill replay --date 20261122 --type trade --yes --profile sandbox';
  leaf<ReplayFlags>(command, ctx, example, async flags => {
    const {date, type: word = 'trade'} = flags;
    const {replayBill, replayable} = await import('../../../bills/query.ts');
    const type = replayable(readBillTypes(word), word, date, ctx.world.now());
    const session = await ctx.session();
    const tools = await billTools(ctx, session);
    const asked = {environment: session.environment, huifu_id: tools.huifuId, date, type: type.word};
    await consent(ctx, session, flags, bill.confirmReplay, asked);
    const {data, raw} = await replayBill(tools, type, date);
    ctx.io.data(data, () => ctx.say(bill.replayed, asked), raw);
    ctx.io.note(`  ${nextLine(ctx, {verb: 'bill download', flags: {date, type: type.word}})}`);
  });
}
