import type {DougongCommand} from '../commander.ts';
import type {Context} from '../context.ts';
import {summaries} from '../messages/summaries.ts';
import {addBillConvert} from './bill/convert.ts';
import {addBillDownload} from './bill/download.ts';
import {addBillList} from './bill/list.ts';
import {addBillReconcile} from './bill/reconcile.ts';
import {addBillReplay} from './bill/replay.ts';
import {addBillSummary} from './bill/summary.ts';

/** Statements. Each subcommand has a file of its own in bill/. */
export function addBill(program: DougongCommand, ctx: Context): void {
  const group = program.command('bill').description(ctx.t(summaries.bill)) as DougongCommand;
  addBillDownload(group, ctx);
  addBillReplay(group, ctx);
  addBillList(group, ctx);
  addBillConvert(group, ctx);
  addBillSummary(group, ctx);
  addBillReconcile(group, ctx);
}
