import type {DougongCommand} from '../commander.ts';
import type {Context} from '../context.ts';
import {addBalance} from './balance.ts';
import {addClose} from './close.ts';
import {addJournal} from './journal.ts';
import {addPay} from './pay.ts';
import {addQuery} from './query.ts';
import {addRefund} from './refund.ts';

/** Every command, in the order of `dougong --help`. */
export function addCommands(program: DougongCommand, ctx: Context): void {
  for (const add of [addPay, addQuery, addRefund, addClose, addBalance, addJournal]) add(program, ctx);
}
