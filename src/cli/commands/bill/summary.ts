import type {SummaryRow} from '../../../bills/summary.ts';
import {parseYuan} from '../../../core/amount.ts';
import type {DougongCommand} from '../../commander.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {leaf, mapping} from '../../flags.ts';
import {table} from '../../messages/bill-table.ts';
import {partsOf, withDuck, withTemp} from './table.ts';

interface SummaryFlags extends GlobalFlags {
  map?: Record<string, string>;
}

const BAR = 20n;

export function addBillSummary(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = group.command('summary').argument('<files...>').description(t(table.summary)) as DougongCommand;
  command.addOption(mapping('--map <name=heading>', t(table.map)));
  const example = 'dougong bill summary 20261123_6666000100000001_order.zip';
  leaf<SummaryFlags>(command, ctx, example, async (flags, ...files) => {
    const found = await withTemp(ctx, async folder => {
      const parts = await partsOf(ctx, files, flags.map, folder);
      const {summarise} = await import('../../../bills/summary.ts');
      return withDuck(ctx, folder, duck => summarise(duck, parts));
    });
    if (found.missing.length > 0) ctx.io.note(ctx.say(table.missing, {columns: found.missing.join(', ')}));
    if (ctx.io.json) return ctx.io.row({result: found}, () => '');
    const sizes = found.rows.map(({trans_amt}) => size(trans_amt)).sort((a, b) => (a < b ? 1 : -1));
    const most = sizes[0] || 1n;
    const line = (row: SummaryRow) => [
      row.day,
      row.huifu_id,
      row.trans_type,
      row.trans_stat,
      row.count,
      row.trans_amt,
      row.refund_amt,
      row.fee_amt,
      row.net_amt,
      ctx.world.isTTY.stdout ? '█'.repeat(Number((size(row.trans_amt) * BAR) / most)) : '',
    ];
    const total = line({day: t(table.total), huifu_id: '', trans_type: '', trans_stat: '', ...found.total});
    const text = await ctx.io.table([...table.head[ctx.lang]], [...found.rows.map(line), [...total.slice(0, -1), '']]);
    ctx.io.data(found, () => text);
  });
}

/** Fen without a sign: the length of a bar. */
function size(yuan: string): bigint {
  return parseYuan(yuan.replace('-', ''));
}
