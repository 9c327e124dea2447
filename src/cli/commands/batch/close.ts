import {resolve} from 'node:path';
import {DougongError} from '../../../core/errors.ts';
import {runBatch} from '../../../operations/batch.ts';
import {PAYMENT_COLUMNS, type PaymentRow, paymentRows} from '../../../operations/batch-rows.ts';
import {closePayment, planClose} from '../../../operations/close.ts';
import type {RowState} from '../../../operations/refund-batch.ts';
import type {MoneyTools} from '../../../operations/tools.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {makeProgress} from '../../io/progress.ts';
import {openResultFile} from '../../io/result-file.ts';
import {batch, rowStates} from '../../messages/batch.ts';
import {errors} from '../../messages/errors.ts';
import {type ConsentFlags, consent} from '../consent.ts';
import {type BatchFlags, readBatch, refuseProblems} from './common.ts';

const OUT = ['line', 'huifu_id', 'req_date', 'req_seq_id', 'hf_seq_id', 'state', 'code', 'message'] as const;
type Row = Record<(typeof OUT)[number], string>;

/** Closes orders from a file; an order that is closed already counts as done, one that was paid is refused. */
export async function closeBatch(ctx: Context, flags: GlobalFlags & ConsentFlags & BatchFlags): Promise<void> {
  if (flags.out === undefined) throw new DougongError('usage', 'BATCH_OUT');
  const table = await readBatch(ctx, flags, PAYMENT_COLUMNS);
  const {rows, problems} = paymentRows(table.rows);
  refuseProblems(ctx, problems);
  const session = await ctx.session({patient: true});
  const tools = await session.money({named: rows.every(row => row.huifu_id !== undefined)});
  const {environment} = session;
  ctx.io.note(ctx.t(batch.guarded));
  await consent(ctx, session, flags, batch.confirmClose, {environment, count: String(rows.length)});
  const file = await openResultFile(resolve(ctx.world.cwd, flags.out), OUT, () => false);
  const progress = makeProgress(ctx, rows.length);
  try {
    const results = new Map<number, Row>();
    const end = await runBatch<PaymentRow, Row>(
      ctx.world,
      rows,
      async row => ({result: await closeRow(ctx, tools, row)}),
      {
        concurrency: flags.concurrency ?? 4,
        rate: flags.rate ?? 10,
        keyOf: ({locator}) => locator.hf_seq_id ?? `${locator.req_date} ${locator.req_seq_id}`,
        async onDone(row, result) {
          results.set(row.line, result);
          await file.append(result);
          progress.tick();
          if (ctx.io.json) ctx.io.row(result, () => '');
        },
      },
    );
    await file.rewrite(rows.map(({line}) => results.get(line)).filter(row => row !== undefined));
    finish(ctx, [...results.values()], rows.length);
    if (end.stopped) throw new DougongError('interrupted', 'INTERRUPTED');
  } finally {
    progress.end();
    file.close();
  }
}

async function closeRow(ctx: Context, tools: MoneyTools, row: PaymentRow): Promise<Row> {
  const {line, locator} = row;
  const huifu_id = row.huifu_id ?? tools.huifuId;
  const base = {...Object.fromEntries(OUT.map(name => [name, ''])), ...locator, line: String(line), huifu_id} as Row;
  const mine = {...tools, huifuId: huifu_id};
  try {
    const plan = await planClose(mine, locator);
    const {req_date, req_seq_id, hf_seq_id = ''} = plan.facts.payment;
    const {intent} = await closePayment(mine, plan);
    return {...base, req_date, req_seq_id, hf_seq_id, state: intent.state === 'done' ? 'done' : 'pending'};
  } catch (error) {
    if (!(error instanceof DougongError) || error.kind === 'local') throw error;
    if (error.code === 'CLOSE_DONE') return {...base, state: 'done'};
    return {...base, state: stateOf(error), code: error.code, message: ctx.say(errors[error.code], error.params)};
  }
}

function stateOf({kind}: DougongError): RowState {
  if (kind === 'unknown-outcome') return 'unknown';
  if (kind === 'network' || kind === 'signature') return 'not-sent';
  return kind === 'pending' ? 'pending' : 'refused';
}

function finish(ctx: Context, rows: Row[], total: number): void {
  const of = (state: RowState) => rows.filter(row => row.state === state).length;
  const states = (Object.keys(rowStates) as RowState[]).filter(state => of(state) > 0);
  const parts = states.map(state =>
    ctx.say(batch.partRows, {state: ctx.t(rowStates[state]), count: String(of(state))}),
  );
  const result = {rows: total, states: Object.fromEntries(states.map(state => [state, of(state)]))};
  ctx.io.data({result}, () => parts.join(' · '));
  const worst: [
    RowState,
    'unknown-outcome' | 'network' | 'refused' | 'pending',
    ConstructorParameters<typeof DougongError>[1],
  ][] = [
    ['unknown', 'unknown-outcome', 'BATCH_UNKNOWN'],
    ['not-sent', 'network', 'BATCH_NOT_SENT'],
    ['refused', 'refused', 'BATCH_REFUSED'],
    ['pending', 'pending', 'BATCH_PENDING'],
  ];
  for (const [state, kind, code] of worst)
    if (of(state) > 0) throw new DougongError(kind, code, {count: String(of(state))});
}
