import {resolve} from 'node:path';
import {type Fen, formatYuan, parseYuan, readYuan} from '../../../core/amount.ts';
import {DougongError} from '../../../core/errors.ts';
import {queryBalance} from '../../../operations/balance.ts';
import {type BatchEnd, runBatch} from '../../../operations/batch.ts';
import {REFUND_COLUMNS, refundRows} from '../../../operations/batch-rows.ts';
import {
  exceeding,
  type PlannedRow,
  paymentId,
  planRow,
  type RowResult,
  type RowState,
  refundRow,
  sameRows,
} from '../../../operations/refund-batch.ts';
import type {MoneyTools} from '../../../operations/tools.ts';
import type {Context, GlobalFlags, Session} from '../../context.ts';
import {makeProgress} from '../../io/progress.ts';
import {openResultFile, type ResultFile} from '../../io/result-file.ts';
import {batch, rowStates} from '../../messages/batch.ts';
import {errors} from '../../messages/errors.ts';
import type {ConsentFlags} from '../consent.ts';
import {type BatchFlags, readBatch, refuseProblems} from './common.ts';

export interface RefundBatchFlags extends GlobalFlags, ConsentFlags, BatchFlags {
  rowKey?: string;
  dryRun?: boolean;
  expectCount?: number;
  expectSum?: string;
  again?: boolean;
}

const OUT = [
  'line',
  'huifu_id',
  'org_req_date',
  'org_req_seq_id',
  'org_hf_seq_id',
  'ord_amt',
  'row_key',
  'refund_req_seq_id',
  'refund_req_date',
  'refund_hf_seq_id',
  'state',
  'trans_stat',
  'resp_code',
  'resp_desc',
  'code',
  'message',
] as const;
type OutRow = Record<(typeof OUT)[number], string>;

const THROTTLE_ROUNDS = 3;
const THROTTLE_PAUSE_MS = 60_000;
const UNKNOWNS = 3;

/** Refunds from a file: every row is checked, then one consent, then each row once, continued by the same command. */
export async function refundBatch(ctx: Context, flags: RefundBatchFlags): Promise<void> {
  if (flags.out === undefined && !flags.dryRun) throw new DougongError('usage', 'BATCH_OUT');
  const table = await readBatch(ctx, flags, REFUND_COLUMNS);
  if (flags.rowKey !== undefined && ![...table.columns, ...table.unknown].includes(flags.rowKey))
    throw new DougongError('usage', 'ROWS_MAP', {
      name: '--row-key',
      heading: flags.rowKey,
      found: table.headings.join(', '),
    });
  const {rows, problems} = refundRows(table.rows, flags.rowKey);
  // In flight is finished after Ctrl-C: only the batch itself listens to it.
  const session = await ctx.session({patient: true});
  const tools = await session.money({named: rows.every(row => row.huifu_id !== undefined)});
  refuseProblems(ctx, problems);
  const sum = rows.reduce((total, row) => total + row.amount, 0n);
  checkExpected(flags, rows.length, sum);

  ctx.io.note(ctx.say(batch.lookingUp, {count: String(rows.length)}));
  const planned = await planAll(ctx, flags, tools, rows);
  const same = sameRows(planned);
  refuseProblemsOfPlan(ctx, same);
  await tellTotals(ctx, tools, planned);
  if (flags.dryRun) return showDryRun(ctx, planned);

  const file = await openResultFile(resolve(ctx.world.cwd, flags.out!), OUT, () => true);
  try {
    refuseChanged(file.kept as OutRow[], planned);
    await agree(ctx, session, flags, rows.length, sum);
    const results = new Map<PlannedRow, RowResult>();
    const end = await work(ctx, flags, tools, planned, results, file);
    const all = planned.map(one => outRow(ctx, one, results.get(one)));
    await file.rewrite(all);
    await finish(ctx, planned, results, end);
  } finally {
    file.close();
  }
}

function checkExpected({expectCount, expectSum}: RefundBatchFlags, rows: number, sum: Fen): void {
  if (expectCount !== undefined && expectCount !== rows)
    throw new DougongError('usage', 'BATCH_EXPECT', {
      flag: '--expect-count',
      is: String(rows),
      expected: String(expectCount),
    });
  if (expectSum !== undefined && parseYuan(expectSum) !== sum)
    throw new DougongError('usage', 'BATCH_EXPECT', {flag: '--expect-sum', is: formatYuan(sum), expected: expectSum});
}

async function planAll(
  ctx: Context,
  flags: RefundBatchFlags,
  tools: MoneyTools,
  rows: Parameters<typeof planRow>[1][],
): Promise<PlannedRow[]> {
  const found = new Map<(typeof rows)[number], PlannedRow>();
  const progress = makeProgress(ctx, rows.length);
  const end = await runBatch(
    ctx.world,
    rows,
    async row => {
      const result = await planRow(tools, row);
      const code = result.error?.gateway?.http_status;
      return {result, throttled: code === 911 || code === 914};
    },
    {
      concurrency: flags.concurrency ?? 4,
      rate: flags.rate ?? 10,
      onDone(row, planned) {
        found.set(row, planned);
        progress.tick();
      },
    },
  ).finally(() => progress.end());
  if (end.stopped) throw new DougongError('interrupted', 'INTERRUPTED');
  return rows.map(row => found.get(row)!);
}

function refuseProblemsOfPlan(ctx: Context, same: [number, number][]): void {
  const [first] = same;
  if (!first) return;
  for (const [before, line] of same.slice(1, 20))
    ctx.io.note(`${line}: ${ctx.say(batch.same, {first: String(before)})}`);
  throw new DougongError('usage', 'BATCH_ROWS', {
    count: String(same.length),
    line: String(first[1]),
    reason: ctx.say(batch.same, {first: String(first[0])}),
  });
}

/** The half-done result must fit the input, line by line: payment, amount and number. */
function refuseChanged(kept: readonly OutRow[], planned: readonly PlannedRow[]): void {
  const byLine = new Map(planned.map(one => [String(one.row.line), one]));
  for (const old of kept) {
    if (!old.refund_req_seq_id) continue;
    const one = byLine.get(old.line);
    const was = `${old.org_req_seq_id} ${old.ord_amt} ${old.refund_req_seq_id}`;
    const is = one?.plan
      ? `${one.plan.payment.req_seq_id} ${formatYuan(one.row.amount)} ${one.number}`
      : one?.error
        ? was
        : '-';
    if (was !== is) throw new DougongError('usage', 'BATCH_CHANGED', {line: old.line, was, is});
  }
}

/** Sums by merchant beside what is available there. */
async function tellTotals(ctx: Context, tools: MoneyTools, planned: readonly PlannedRow[]): Promise<void> {
  const merchants = [...new Set(planned.map(({huifu_id}) => huifu_id))];
  for (const huifu_id of merchants.slice(0, 50)) {
    const mine = planned.filter(one => one.huifu_id === huifu_id);
    const sum = mine.reduce((total, {row}) => total + row.amount, 0n);
    const available = await queryBalance({...tools, huifuId: huifu_id}).then(
      ({accounts}) => accounts.map(account => readYuan(account.avl_bal)).find(fen => fen !== undefined),
      () => undefined,
    );
    const balance = available === undefined ? '?' : formatYuan(available);
    const params = {huifu_id, count: String(mine.length), sum: formatYuan(sum), balance};
    ctx.io.note(ctx.say(batch.totals, params));
    if (available !== undefined && available < sum) ctx.io.warn(ctx.say(batch.short, params));
  }
}

async function showDryRun(ctx: Context, planned: readonly PlannedRow[]): Promise<void> {
  const over = exceeding(planned);
  const known = ({plan, number}: PlannedRow) => plan?.intents.some(intent => intent.req_seq_id === number) === true;
  const rows = planned.map(one => {
    const rest = over.get(one);
    const message = one.error
      ? ctx.say(errors[one.error.code], one.error.params)
      : rest !== undefined
        ? ctx.say(batch.over, {left: formatYuan(rest)})
        : ctx.t(known(one) ? batch.known : batch.ok);
    return {...outRow(ctx, one, undefined), state: one.error || rest !== undefined ? 'refused' : 'ok', message};
  });
  const good = rows.filter(({state}) => state === 'ok');
  if (ctx.io.json) for (const row of rows) ctx.io.row(row, () => '');
  else {
    const columns = ['line', 'huifu_id', 'org_req_seq_id', 'ord_amt', 'refund_req_seq_id', 'state', 'message'] as const;
    const table = await ctx.io.table(
      [...columns],
      rows.map(row => columns.map(name => row[name])),
    );
    ctx.io.data(rows, () => table);
  }
  const bad = rows.length - good.length;
  const sum = formatYuan(good.reduce((total, {ord_amt}) => total + parseYuan(ord_amt), 0n));
  ctx.io.note(ctx.say(batch.dryDone, {good: String(good.length), bad: String(bad), sum}));
  if (bad > 0) throw new DougongError('refused', 'BATCH_REFUSED', {count: String(bad)});
}

/** One consent for all rows; where money is live the sum is typed, or stands in the flags. */
async function agree(ctx: Context, session: Session, flags: RefundBatchFlags, rows: number, sum: Fen): Promise<void> {
  const {environment, live} = session;
  const params = {environment, count: String(rows), sum: formatYuan(sum)};
  ctx.io.note(ctx.t(batch.guarded));
  const counted = flags.expectCount !== undefined && flags.expectSum !== undefined;
  if (flags.yes && (!live || (flags.live && counted))) return;
  if (!ctx.io.canAsk) {
    if (live && !flags.live) throw new DougongError('usage', 'LIVE_NEEDED', {environment});
    if (live) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--expect-count, --expect-sum'});
    throw new DougongError('usage', 'ANSWER_NEEDED', {question: ctx.say(batch.confirm, params)});
  }
  if (!live) {
    if (!(await ctx.io.confirm(ctx.say(batch.confirm, params)))) throw new DougongError('interrupted', 'NOT_CONFIRMED');
    return;
  }
  const typed = await ctx.io.ask(ctx.say(batch.typeSum, params));
  if (readYuan(typed.trim()) !== sum) throw new DougongError('interrupted', 'NOT_CONFIRMED');
}

interface Ended extends BatchEnd {
  reason?: keyof typeof batch.reasons;
}

async function work(
  ctx: Context,
  flags: RefundBatchFlags,
  tools: MoneyTools,
  planned: readonly PlannedRow[],
  results: Map<PlannedRow, RowResult>,
  file: ResultFile,
): Promise<Ended> {
  const byPayment = new Map<string, Set<string>>();
  for (const {plan, number} of planned) {
    if (!plan || number === undefined) continue;
    const id = paymentId(plan.payment);
    byPayment.set(id, (byPayment.get(id) ?? new Set()).add(number));
  }
  let unknowns = 0;
  let reason: Ended['reason'];
  const progress = makeProgress(ctx, planned.length);
  const run = (rows: readonly PlannedRow[]) =>
    runBatch<PlannedRow, RowResult>(
      ctx.world,
      rows,
      async one => {
        const siblings = new Set(one.plan ? byPayment.get(paymentId(one.plan.payment)) : []);
        siblings.delete(one.number ?? '');
        const worked = await refundRow(tools, one, siblings, {again: flags.again});
        if (worked.stop) reason ??= 'balance';
        if (worked.result.state === 'unknown' && !worked.throttled) {
          unknowns += 1;
          if (unknowns >= UNKNOWNS) reason ??= 'unknowns';
        } else unknowns = 0;
        return {...worked, stop: reason !== undefined};
      },
      {
        concurrency: flags.concurrency ?? 4,
        rate: flags.rate ?? 10,
        keyOf: one => (one.plan ? paymentId(one.plan.payment) : String(one.row.line)),
        async onDone(one, result) {
          results.set(one, result);
          const row = outRow(ctx, one, result);
          await file.append(row);
          progress.tick();
          if (ctx.io.json) ctx.io.row(row, () => '');
        },
      },
    );
  let end: Ended = await run(planned);
  for (let round = 0; round < THROTTLE_ROUNDS && !end.stopped && reason === undefined; round += 1) {
    const throttled = planned.filter(one => results.get(one)?.throttled);
    if (throttled.length === 0) break;
    ctx.io.note(ctx.say(batch.again, {count: String(throttled.length)}));
    await ctx.world.sleep(THROTTLE_PAUSE_MS, ctx.world.signal);
    end = await run(throttled);
  }
  progress.end();
  const left = planned.length - results.size;
  return {...end, ...(left === 0 && {stopped: undefined}), reason};
}

function outRow(ctx: Context, {row, huifu_id, plan, number, error}: PlannedRow, result: RowResult | undefined): OutRow {
  const {intent} = result ?? {};
  const why = result?.error ?? error;
  const {locator} = row;
  return {
    line: String(row.line),
    huifu_id,
    org_req_date: plan?.payment.req_date ?? locator.req_date ?? '',
    org_req_seq_id: plan?.payment.req_seq_id ?? locator.req_seq_id ?? '',
    org_hf_seq_id: plan?.payment.hf_seq_id ?? locator.hf_seq_id ?? '',
    ord_amt: formatYuan(row.amount),
    row_key: row.key ?? '',
    refund_req_seq_id: number ?? row.number ?? '',
    refund_req_date: intent?.req_date ?? '',
    refund_hf_seq_id: intent?.hf_seq_id ?? '',
    state: result?.state ?? 'not-begun',
    trans_stat: intent?.trans_stat ?? '',
    resp_code: intent?.resp_code ?? why?.gateway?.resp_code ?? '',
    resp_desc: intent?.resp_desc ?? why?.gateway?.resp_desc ?? '',
    code: why?.code ?? '',
    message: why ? ctx.say(errors[why.code], why.params) : '',
  };
}

/** The summary adds up to the input, in fen; the exit code is the worst row's. */
async function finish(
  ctx: Context,
  planned: readonly PlannedRow[],
  results: ReadonlyMap<PlannedRow, RowResult>,
  end: Ended,
): Promise<void> {
  const stateOf = (one: PlannedRow): RowState => results.get(one)?.state ?? 'not-begun';
  const of = (state: RowState) => planned.filter(one => stateOf(one) === state);
  const sum = (rows: readonly PlannedRow[]) => formatYuan(rows.reduce((total, {row}) => total + row.amount, 0n));
  const states = (Object.keys(rowStates) as RowState[]).filter(state => of(state).length > 0);
  const parts = states.map(state =>
    ctx.say(batch.part, {state: ctx.t(rowStates[state]), count: String(of(state).length), sum: sum(of(state))}),
  );
  const result = {
    rows: planned.length,
    sum: sum(planned),
    states: Object.fromEntries(states.map(state => [state, {rows: of(state).length, sum: sum(of(state))}])),
  };
  const params = {count: String(planned.length), sum: sum(planned), parts: parts.join(' · ')};
  ctx.io.data({result}, () => ctx.say(batch.summary, params));
  const count = (...wanted: RowState[]) => String(wanted.reduce((total, state) => total + of(state).length, 0));
  if (of('unknown').length > 0) throw new DougongError('unknown-outcome', 'BATCH_UNKNOWN', {count: count('unknown')});
  if (end.reason) {
    const params = {reason: ctx.t(batch.reasons[end.reason]), count: count('not-begun')};
    throw new DougongError('refused', 'BATCH_STOPPED', params);
  }
  if (end.stopped === 'interrupted') throw new DougongError('interrupted', 'INTERRUPTED');
  if (of('not-sent').length > 0) throw new DougongError('network', 'BATCH_NOT_SENT', {count: count('not-sent')});
  if (of('failed').length + of('refused').length > 0)
    throw new DougongError('refused', 'BATCH_REFUSED', {count: count('failed', 'refused')});
  if (of('pending').length > 0) throw new DougongError('pending', 'BATCH_PENDING', {count: count('pending')});
}
