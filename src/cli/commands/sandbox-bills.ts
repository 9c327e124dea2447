import {writeFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {day, leaf, list, value} from '../flags.ts';
import {sandboxBills as bills} from '../messages/bill.ts';
import {ask} from './sandbox-ask.ts';

interface TradesFlags extends GlobalFlags {
  from: string;
  to: string;
  perDay?: number;
  seed?: number;
  orders?: string;
}

const count = (max: number) => (text: string, flag: string) => {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > max)
    throw new DougongError('usage', 'FLAG_INVALID', {flag, value: text, choices: `1-${max}`});
  return Number(text);
};

/** What the sandbox has for statements: past trades, and switches. */
export function addSandboxBills(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const trades = group.command('trades').description(t(bills.trades)) as DougongCommand;
  trades
    .addOption(day('--from <yyyyMMdd>', t(bills.from)).makeOptionMandatory())
    .addOption(day('--to <yyyyMMdd>', t(bills.to)).makeOptionMandatory())
    .addOption(value('--per-day <n>', t(bills.perDay), count(10_000)))
    .addOption(value('--seed <n>', t(bills.seed), count(99_999)))
    .addOption(value('--orders <file>', t(bills.orders)));
  const example = 'dougong sandbox trades --from 20261001 --to 20261031 --orders orders.csv';
  leaf<TradesFlags>(trades, ctx, example, async flags => {
    const {from, to, perDay: per_day, seed, orders} = flags;
    const {csv, ...made} = (await ask(ctx, 'trades', {from, to, per_day, seed})) as Record<string, string>;
    if (orders !== undefined) {
      const file = resolve(ctx.world.cwd, orders);
      await writeFile(file, csv ?? '', {mode: 0o600}).catch((cause: NodeJS.ErrnoException) => {
        throw new DougongError('local', 'FILE_UNWRITABLE', {file, reason: String(cause.code)}, {cause});
      });
    }
    ctx.io.data({result: made}, () => ctx.say(bills.made, made));
  });

  const set = group.command('set').description(t(bills.set)) as DougongCommand;
  set.addOption(list('--switch <name=value>', t(bills.switch)).makeOptionMandatory());
  leaf<GlobalFlags & {switch: string[]}>(set, ctx, 'dougong sandbox set --switch billShape=object', async flags => {
    const pairs = flags.switch.map(text => {
      const at = text.indexOf('=');
      if (at < 1)
        throw new DougongError('usage', 'FLAG_INVALID', {flag: '--switch', value: text, choices: 'name=value'});
      return [text.slice(0, at), text.slice(at + 1)];
    });
    await ask(ctx, 'set', Object.fromEntries(pairs));
    ctx.io.data({result: {}}, () => t(bills.done));
  });
}
