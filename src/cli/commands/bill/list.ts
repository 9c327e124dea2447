import {join} from 'node:path';
import {beijingClock} from '../../../core/beijing.ts';
import {billTypeOf} from '../../../core/bill-types.ts';
import type {DougongCommand} from '../../commander.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {leaf} from '../../flags.ts';
import {bill} from '../../messages/bill.ts';

export function addBillList(group: DougongCommand, ctx: Context): void {
  const command = group.command('list').description(ctx.t(bill.list)) as DougongCommand;
  leaf<GlobalFlags>(command, ctx, 'dougong bill list --json', async flags => {
    const [{allAnswers}, {periodOf, stateOf}] = await Promise.all([
      import('../../../bills/cache.ts'),
      import('../../../bills/answer.ts'),
    ]);
    const answers = await allAnswers(join(ctx.stateDir, 'bill-cache'));
    const wanted = answers.filter(({huifu_id}) => !flags.huifuId || huifu_id === flags.huifuId);
    const rows = wanted.flatMap(({environment, huifu_id, file_date, asked_at, items}) =>
      [...new Set(items.map(({bill_type}) => bill_type))].map(bill_type => {
        const type = billTypeOf(bill_type);
        const own = type ? stateOf(items, type) : {state: 'file' as const, items: []};
        const files = own.items.map(({file_name}) => file_name).filter(Boolean);
        const asked = beijingClock(asked_at);
        return {
          period: periodOf(type, file_date),
          file_date,
          bill_type,
          state: own.state,
          files,
          environment,
          huifu_id,
          asked,
        };
      }),
    );
    if (ctx.io.json) return rows.forEach(row => void ctx.io.row(row, () => ''));
    if (rows.length === 0) return ctx.io.note(ctx.t(bill.empty));
    const lines = rows.map(row => [
      row.period,
      billTypeOf(row.bill_type)?.word ?? row.bill_type,
      ctx.t(bill.states[row.state]),
      row.files.join(' '),
      row.environment,
      row.huifu_id,
      row.asked,
    ]);
    const table = await ctx.io.table([...bill.head[ctx.lang]], lines);
    ctx.io.data(rows, () => table);
  });
}
