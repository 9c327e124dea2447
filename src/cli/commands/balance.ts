import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {leaf} from '../flags.ts';
import {summaries} from '../messages/summaries.ts';

const COLUMNS = ['acct_id', 'acct_type', 'balance_amt', 'avl_bal', 'frz_bal', 'acct_stat'];

export function addBalance(program: DougongCommand, ctx: Context): void {
  const command = program.command('balance').description(ctx.t(summaries.balance)) as DougongCommand;
  leaf<GlobalFlags>(command, ctx, 'dougong balance --profile sandbox', async () => {
    const {read} = await ctx.session();
    const {queryBalance} = await import('../../operations/balance.ts');
    const {accounts, data, raw} = await queryBalance(read);
    const rows = accounts.map(account => COLUMNS.map(name => String(account[name] ?? '')));
    const table = ctx.io.json ? '' : await ctx.io.table(COLUMNS, rows);
    ctx.io.data(data, () => table, raw);
  });
}
