import {open, rename, rm} from 'node:fs/promises';
import type {Duck} from '../../../bills/duck.ts';
import type {Difference, Reconciled} from '../../../bills/reconcile.ts';
import {DougongError} from '../../../core/errors.ts';
import type {DougongCommand} from '../../commander.ts';
import type {Context, GlobalFlags} from '../../context.ts';
import {count, day, duration, leaf, list, mapping, value} from '../../flags.ts';
import {csvLines} from '../../io/csv.ts';
import {classWords, table} from '../../messages/bill-table.ts';
import {partsOf, refuseSame, withDuck, withTemp} from './table.ts';

interface ReconcileFlags extends GlobalFlags {
  bill?: string[];
  orders?: string[];
  map?: Record<string, string>;
  mapOrders?: Record<string, string>;
  mapState?: Record<string, string>;
  assumePaid?: boolean;
  from?: string;
  to?: string;
  window?: number;
  out?: string;
  crossCheck?: boolean;
  max?: number;
}

const DAY_MS = 86_400_000;
/** Two tables and their join; more than this spills to disk. */
const MEMORY_MB = 1024;
const SHOWN = 20;
const PIECE = 1000;
/** What the gateway says of an order that differs: the third side. */
type Asked = Difference & {gateway_stat: string; gateway_amt: string};

export function addBillReconcile(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = group.command('reconcile').description(t(table.reconcile)) as DougongCommand;
  command
    .addOption(list('--bill <file>', t(table.bill)).makeOptionMandatory())
    .addOption(list('--orders <file>', t(table.orders)).makeOptionMandatory())
    .addOption(mapping('--map <name=heading>', t(table.map)))
    .addOption(mapping('--map-orders <name=heading>', t(table.mapOrders)))
    .addOption(mapping('--map-state <word=state>', t(table.mapState)))
    .option('--assume-paid', t(table.assumePaid))
    .addOption(day('--from <yyyyMMdd>', t(table.from)))
    .addOption(day('--to <yyyyMMdd>', t(table.till)))
    .addOption(duration('--window <time>', t(table.window)))
    .addOption(value('--out <path>', t(table.out)))
    .option('--cross-check', t(table.crossCheck))
    .addOption(count('--max <n>', t(table.max), 1, 10_000));
  const example = 'dougong bill reconcile --bill bills/ --orders my-orders.csv --out differences.csv';
  leaf<ReconcileFlags>(command, ctx, example, async flags => {
    const inputs = [...flags.bill!, ...flags.orders!];
    const out = flags.out === undefined ? undefined : refuseSame(ctx, flags.out, inputs);
    const states = statesOf(flags.mapState ?? {});
    await withTemp(ctx, async folder => {
      const bill = await partsOf(ctx, flags.bill!, flags.map, folder);
      const orders = await partsOf(ctx, flags.orders!, flags.mapOrders, folder);
      const {reconcile, listDifferences} = await import('../../../bills/reconcile.ts');
      await withDuck(
        ctx,
        folder,
        async duck => {
          const found = await reconcile(duck, bill, orders, {
            from: flags.from,
            to: flags.to,
            assumePaid: flags.assumePaid,
            states,
            windowDays: flags.window === undefined ? 0 : Math.max(1, Math.ceil(flags.window / DAY_MS)),
          });
          const asked = flags.crossCheck ? await crossCheck(ctx, duck, found, flags.max ?? 200) : undefined;
          if (out !== undefined) await writeDetails(duck, out, asked);
          const first: (Difference | Asked)[] = [];
          for await (const one of listDifferences(duck, SHOWN)) first.push(asked?.get(keyOf(one)) ?? one);
          await show(ctx, found, first, asked);
          if (found.differences > 0)
            throw new DougongError('refused', 'TABLE_DIFFERS', {count: String(found.differences)});
          ctx.io.note(ctx.io.err.green(t(table.balanced)));
        },
        {memoryMb: MEMORY_MB},
      );
    });
  });
}

function statesOf(given: Record<string, string>): Record<string, 'S' | 'P' | 'F'> {
  for (const [word, state] of Object.entries(given))
    if (!['S', 'P', 'F'].includes(state))
      throw new DougongError('usage', 'FLAG_INVALID', {
        flag: '--map-state',
        value: `${word}=${state}`,
        choices: 'S, P, F',
      });
  return given as Record<string, 'S' | 'P' | 'F'>;
}

const keyOf = (one: Difference) =>
  JSON.stringify([one.class, one.huifu_id, one.req_date, one.req_seq_id, one.hf_seq_id]);

/** Asks the gateway for the orders that differ, no more than `max` of them. */
async function crossCheck(ctx: Context, duck: Duck, found: Reconciled, max: number): Promise<Map<string, Asked>> {
  const {listDifferences} = await import('../../../bills/reconcile.ts');
  const {queryPayment} = await import('../../../operations/query.ts');
  const {queryRefund} = await import('../../../operations/refund-query.ts');
  const {runBatch} = await import('../../../operations/batch.ts');
  const {read} = await ctx.session();
  const wanted: Difference[] = [];
  for await (const one of listDifferences(duck, max)) wanted.push(one);
  const asked = new Map<string, Asked>();
  const ask = async (one: Difference): Promise<Asked> => {
    const tools = {...read, huifuId: one.huifu_id || read.huifuId};
    const numbered = one.req_seq_id !== '' && one.req_date !== '';
    try {
      const {data} =
        one.kind === 'refund'
          ? await queryRefund(
              tools,
              numbered
                ? {refund_req_seq_id: one.req_seq_id, refund_req_date: one.req_date}
                : {refund_hf_seq_id: one.hf_seq_id},
            )
          : await queryPayment(
              tools,
              numbered ? {req_seq_id: one.req_seq_id, req_date: one.req_date} : {hf_seq_id: one.hf_seq_id},
            );
      return {
        ...one,
        gateway_stat: String(data.trans_stat ?? ''),
        gateway_amt: String(data.trans_amt ?? data.ord_amt ?? ''),
      };
    } catch (error) {
      if (!(error instanceof DougongError) || error.kind === 'interrupted' || error.kind === 'config') throw error;
      return {...one, gateway_stat: error.code, gateway_amt: ''};
    }
  };
  const end = await runBatch(ctx.world, wanted, async one => ({result: await ask(one)}), {
    concurrency: 4,
    rate: 10,
    onDone: (one, answer) => void asked.set(keyOf(one), answer),
  });
  if (end.stopped) throw new DougongError('interrupted', 'INTERRUPTED');
  const total = found.classes.reduce((sum, {rows}) => sum + Number(rows), 0);
  const more = String(total - wanted.length);
  ctx.io.note(ctx.say(table.gatewayAsked, {count: String(wanted.length), more}));
  return asked;
}

/** All differences as CSV, under its name only when whole. */
async function writeDetails(duck: Duck, out: string, asked: Map<string, Asked> | undefined): Promise<void> {
  const {DIFFERENCE_FIELDS, listDifferences} = await import('../../../bills/reconcile.ts');
  const fields = [...DIFFERENCE_FIELDS, ...(asked ? (['gateway_stat', 'gateway_amt'] as const) : [])];
  const temp = `${out}.part`;
  try {
    const file = await open(temp, 'w', 0o600);
    try {
      await file.write(`\uFEFF${await csvLines([fields])}`);
      let rows: string[][] = [];
      for await (const one of listDifferences(duck)) {
        const row = (asked?.get(keyOf(one)) ?? one) as unknown as Record<string, string>;
        rows.push(fields.map(name => row[name] ?? ''));
        if (rows.length < PIECE) continue;
        await file.write(await csvLines(rows));
        rows = [];
      }
      if (rows.length > 0) await file.write(await csvLines(rows));
    } finally {
      await file.close();
    }
    await rename(temp, out);
  } catch (cause) {
    await rm(temp, {force: true});
    if (cause instanceof DougongError) throw cause;
    throw new DougongError(
      'local',
      'FILE_UNWRITABLE',
      {file: out, reason: String((cause as {code?: string}).code)},
      {cause},
    );
  }
}

async function show(
  ctx: Context,
  found: Reconciled,
  first: (Difference | Asked)[],
  asked: Map<string, Asked> | undefined,
): Promise<void> {
  if (ctx.io.json) return ctx.io.row({result: {...found, first}}, () => '');
  const {from, to, bill, orders, matched, apart, explained} = found;
  const sides = ctx.say(table.sides, {
    from,
    to,
    billRows: bill.rows,
    billNet: bill.net,
    orderRows: orders.rows,
    orderNet: orders.net,
    matched,
  });
  const rows = found.classes.map(one => [ctx.t(classWords[one.class]), one.rows, one.bill_amt, one.order_amt]);
  const classes = rows.length > 0 ? await ctx.io.table([...table.classHead[ctx.lang]], rows) : '';
  const columns = ['class', 'req_date', 'req_seq_id', 'bill_amt', 'order_amt', 'bill_stat', 'order_stat'] as const;
  const gateway = asked ? (['gateway_stat', 'gateway_amt'] as const) : [];
  const details =
    first.length > 0
      ? await ctx.io.table(
          [...columns, ...gateway],
          first.map(one =>
            [...columns, ...gateway].map(name => String((one as unknown as Record<string, string>)[name] ?? '')),
          ),
        )
      : '';
  ctx.io.data(found, () =>
    [sides, ctx.say(table.explained, {apart, explained}), classes, details].filter(Boolean).join('\n'),
  );
}
