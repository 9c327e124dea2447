import type {DougongCommand} from '../commander.ts';
import type {Context} from '../context.ts';
import {addBalance} from './balance.ts';
import {addClose} from './close.ts';
import {addExplain} from './explain.ts';
import {addInit} from './init.ts';
import {addJournal} from './journal.ts';
import {addKey} from './key.ts';
import {addPay} from './pay.ts';
import {addProfile} from './profile.ts';
import {addQuery} from './query.ts';
import {addRefund} from './refund.ts';
import {addSandbox} from './sandbox.ts';

/** Every command, in the order of `dougong --help`. */
export function addCommands(program: DougongCommand, ctx: Context): void {
  const money = [addPay, addQuery, addRefund, addClose, addBalance, addJournal];
  for (const add of [...money, addExplain, addInit, addProfile, addKey, addSandbox]) add(program, ctx);
}
