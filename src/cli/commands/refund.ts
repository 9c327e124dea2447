import {type Fen, formatYuan, parseYuan, readYuan} from '../../core/amount.ts';
import {DougongError} from '../../core/errors.ts';
import {OPEN} from '../../journal/states.ts';
import type {RefundPlan} from '../../operations/refund.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags, Session} from '../context.ts';
import {amount, count, data, day, duration, type LocatorFlags, leaf, locators, toLocator, value} from '../flags.ts';
import {batch} from '../messages/batch.ts';
import {frame} from '../messages/frame.ts';
import {money} from '../messages/money.ts';
import {summaries} from '../messages/summaries.ts';
import {batchFlags, checkBatchFlags} from './batch/common.ts';
import type {RefundBatchFlags} from './batch/refund.ts';
import {afterwards, checkUrl, consent, readData, warnSkew} from './consent.ts';
import {judge} from './query.ts';

interface RefundFlags extends RefundBatchFlags, LocatorFlags {
  amount?: Fen;
  all?: boolean;
  refundReqSeqId?: string;
  lookup?: boolean;
  resend?: boolean;
  defaultSplit?: boolean;
  remark?: string;
  notifyUrl?: string;
  data?: Record<string, string>;
  wait?: boolean;
  waitTimeout?: number;
  interval?: number;
}

const BATCH_ONLY = ['rowKey', 'dryRun', 'expectCount', 'expectSum'];
const SINGLE_ONLY = [
  'hfSeqId',
  'reqSeqId',
  'reqDate',
  'partyOrderId',
  'amount',
  'all',
  'refundReqSeqId',
  'defaultSplit',
  'resend',
  'remark',
  'notifyUrl',
  'data',
  'wait',
];

export function addRefund(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program
    .command('refund')
    .description(t(summaries.refund))
    .enablePositionalOptions() as DougongCommand;
  locators(command, ctx, {party: true})
    .addOption(amount('--amount <yuan>', t(money.amount)))
    .option('--all', t(money.refundAll))
    .addOption(value('--refund-req-seq-id <id>', t(frame.refundReqSeqId)))
    .option('--no-lookup', t(money.noLookup))
    .option('--again', t(money.again))
    .option('--resend', t(money.resend))
    .option('--default-split', t(money.defaultSplit))
    .addOption(value('--remark <text>', t(frame.remark)))
    .addOption(value('--notify-url <url>', t(frame.notifyUrl)))
    .addOption(data(ctx))
    .option('--wait', t(frame.wait))
    .addOption(duration('--wait-timeout <time>', t(frame.waitTimeout)))
    .addOption(duration('--interval <time>', t(frame.interval)))
    .option('--yes', t(frame.yes))
    .option('--live', t(frame.live));
  batchFlags(command, ctx)
    .addOption(value('--row-key <column>', t(batch.rowKey)))
    .option('--dry-run', t(batch.dryRun))
    .addOption(count('--expect-count <n>', t(batch.expectCount), 1, 10_000_000))
    .addOption(value('--expect-sum <yuan>', t(batch.expectSum)));
  addRefundQuery(command, ctx);
  leaf<RefundFlags>(
    command,
    ctx,
    'dougong refund --req-seq-id a1 --req-date 20261124 --amount 0.10 --yes --profile sandbox',
    async flags => {
      checkBatchFlags(flags, BATCH_ONLY, SINGLE_ONLY);
      if (flags.batch !== undefined && flags.lookup === false)
        throw new DougongError('usage', 'FLAG_CONFLICT', {flag: '--no-lookup', other: '--batch'});
      if (flags.batch !== undefined) return (await import('./batch/refund.ts')).refundBatch(ctx, flags);
      if (flags.resend) return resend(ctx, flags);
      const blind = flags.lookup === false;
      const locator = toLocator(flags, {dated: blind});
      if (flags.amount !== undefined && flags.all)
        throw new DougongError('usage', 'FLAG_CONFLICT', {flag: '--amount', other: '--all'});
      if (flags.amount === undefined && (blind || (!flags.all && !ctx.io.canAsk))) {
        throw new DougongError('usage', 'FLAG_REQUIRED', {flag: blind ? '--amount' : '--amount / --all'});
      }
      await checkUrl(ctx, flags.notifyUrl, 'refund');
      const session = await ctx.session();
      const tools = await session.money();
      const {planRefund, planBlind, refund} = await import('../../operations/refund.ts');
      const plan = blind
        ? await planBlind(tools, {...locator, req_date: flags.reqDate!})
        : await planRefund(tools, locator);
      warnSkew(ctx, tools.send);
      tell(ctx, session, plan);
      const wanted = flags.amount ?? (flags.all ? ('all' as const) : await askAmount(ctx, plan));
      const shown = wanted === 'all' ? formatYuan(plan.left ?? 0n) : formatYuan(wanted);
      const {environment} = session;
      const {req_seq_id: payment, huifu_id} = plan.payment;
      await consent(ctx, session, flags, money.confirm.refund, {environment, huifu_id, payment, amount: shown});
      const moved = await refund(tools, plan, {
        amount: wanted,
        refund_req_seq_id: flags.refundReqSeqId,
        remark: flags.remark,
        notify_url: flags.notifyUrl,
        again: flags.again,
        defaultSplit: flags.defaultSplit,
        data: await readData(ctx, flags.data),
      });
      const named = {refund_req_seq_id: moved.intent.req_seq_id, refund_req_date: moved.intent.req_date};
      const {waitForRefund} = await import('../../operations/refund-query.ts');
      const {isFinal} = await import('../../operations/query.ts');
      const timing = {timeoutMs: flags.waitTimeout ?? 300_000, intervalMs: flags.interval};
      const last = flags.wait ? await waitForRefund(tools, named, timing) : moved.verified;
      const {recordText} = await import('../io/record.ts');
      if (last) ctx.io.data(last.data, () => recordText(ctx, 'refund', last.data), last.raw);
      if (!flags.wait) return afterwards(ctx, moved, {verb: 'refund query', flags: named});
      judge(
        {wait: true, exitStatus: true},
        String(last?.data.trans_stat ?? ''),
        last !== undefined && isFinal(last),
        named,
      );
    },
  );
}

/** A person at a terminal sends an unknown refund again, typing its amount; --yes never stands for that. */
async function resend(ctx: Context, flags: RefundFlags): Promise<void> {
  if (flags.yes) throw new DougongError('usage', 'FLAG_CONFLICT', {flag: '--resend', other: '--yes'});
  if (flags.refundReqSeqId === undefined)
    throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--refund-req-seq-id'});
  if (!ctx.io.canAsk) throw new DougongError('usage', 'ANSWER_NEEDED', {question: ctx.t(money.resend)});
  const session = await ctx.session();
  const tools = await session.money();
  const {environment, huifuId: huifu_id} = tools;
  const found = await tools.journal.find({environment, huifu_id, req_seq_id: flags.refundReqSeqId});
  const open = found.filter(one => OPEN.includes(one.state));
  if (open.length > 1)
    throw new DougongError('usage', 'INTENT_AMBIGUOUS', {
      id: flags.refundReqSeqId,
      ids: open.map(one => one.id).join(', '),
    });
  const intent = open[0] ?? found.at(-1);
  if (!intent) throw new DougongError('refused', 'INTENT_UNKNOWN', {id: flags.refundReqSeqId});
  const amount = formatYuan(intent.amount);
  const {req_date, req_seq_id} = intent;
  const question = ctx.say(money.typeResend, {environment, huifu_id, req_seq_id, req_date, amount});
  if (readYuan((await ctx.io.ask(question)).trim()) !== intent.amount)
    throw new DougongError('interrupted', 'NOT_CONFIRMED');
  const {resendByHand} = await import('../../operations/resend.ts');
  const moved = await resendByHand(tools, intent);
  const {recordText} = await import('../io/record.ts');
  const {verified} = moved;
  if (verified) ctx.io.data(verified.data, () => recordText(ctx, 'refund', verified.data), verified.raw);
  afterwards(ctx, moved, {verb: 'refund query', flags: {refund_req_seq_id: req_seq_id, refund_req_date: req_date}});
}

/** Before the question: what is known of the payment, and what cannot be known. */
function tell(ctx: Context, session: Session, plan: RefundPlan): void {
  const {payment, facts, held, left} = plan;
  const amount = facts?.transAmt;
  const yuan = (fen: Fen | undefined) => (fen === undefined ? '?' : formatYuan(fen));
  const {environment} = session;
  const {huifu_id, req_seq_id, req_date} = payment;
  ctx.io.note(
    ctx.say(money.refundPlan, {
      environment,
      huifu_id,
      req_seq_id,
      req_date,
      trans_amt: yuan(amount),
      held: yuan(held),
      left: yuan(left),
    }),
  );
  ctx.io.note(ctx.io.err.dim(ctx.t(money.elsewhere)));
}

async function askAmount(ctx: Context, plan: RefundPlan): Promise<Fen> {
  const answer = await ctx.io.ask(ctx.t(money.askAmount), {
    initial: formatYuan(plan.left ?? 0n),
    validate: text => (readYuan(text) === undefined ? text : undefined),
  });
  return parseYuan(answer, {positive: true});
}

interface RefundQueryFlags extends GlobalFlags, LocatorFlags {
  refundHfSeqId?: string;
  refundReqSeqId?: string;
  refundReqDate?: string;
  wait?: boolean;
  waitTimeout?: number;
  interval?: number;
  exitStatus?: boolean;
}

function addRefundQuery(parent: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = parent.command('query').description(t(money.refundQuery)) as DougongCommand;
  locators(command, ctx)
    .addOption(value('--refund-hf-seq-id <id>', t(money.refundHfSeqId)))
    .addOption(value('--refund-req-seq-id <id>', t(frame.refundReqSeqId)))
    .addOption(day('--refund-req-date <yyyyMMdd>', t(frame.refundReqDate)))
    .option('--wait', t(frame.wait))
    .addOption(duration('--wait-timeout <time>', t(frame.waitTimeout)))
    .addOption(duration('--interval <time>', t(frame.interval)))
    .option('--exit-status', t(money.exitStatus));
  leaf<RefundQueryFlags>(
    command,
    ctx,
    'dougong refund query --refund-req-seq-id r1 --refund-req-date 20261124 --profile sandbox',
    async flags => {
      const {refundHfSeqId: refund_hf_seq_id, refundReqSeqId: refund_req_seq_id} = flags;
      if (!refund_hf_seq_id && !refund_req_seq_id) return listRefunds(ctx, flags);
      if ((refund_hf_seq_id && refund_req_seq_id) || flags.hfSeqId || flags.reqSeqId) {
        throw new DougongError('usage', 'LOCATOR_SEVERAL', {
          flags: '--refund-hf-seq-id, --refund-req-seq-id, --hf-seq-id, --req-seq-id',
        });
      }
      const session = await ctx.session();
      const tools = {...(await session.money())};
      const operations = await import('../../operations/refund-query.ts');
      const {isFinal} = await import('../../operations/query.ts');
      const dated = refund_req_seq_id
        ? (flags.refundReqDate ?? (await operations.refundDate(tools, refund_req_seq_id)))
        : undefined;
      const named = Object.fromEntries(
        Object.entries({refund_hf_seq_id, refund_req_seq_id, refund_req_date: dated}).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      );
      const timing = {timeoutMs: flags.waitTimeout ?? 300_000, intervalMs: flags.interval};
      const found = flags.wait
        ? await operations.waitForRefund(tools, named, timing)
        : await operations.queryRefund(tools, named);
      const {recordText} = await import('../io/record.ts');
      ctx.io.data(found.data, () => recordText(ctx, 'refund', found.data), found.raw);
      judge(flags, String(found.data.trans_stat ?? ''), isFinal(found), named);
    },
  );
}

async function listRefunds(ctx: Context, flags: RefundQueryFlags): Promise<void> {
  const locator = toLocator(flags);
  const tools = await (await ctx.session()).money();
  const {refundsOfPayment} = await import('../../operations/refund-query.ts');
  const intents = await refundsOfPayment(tools, locator);
  if (intents.length === 0) ctx.io.note(ctx.t(money.noRefunds));
  const {intentsTable, intentJson} = await import('../io/intents.ts');
  if (ctx.io.json) for (const intent of intents) ctx.io.row(intentJson(intent), () => '');
  else if (intents.length > 0) ctx.io.data(intents, await intentsTable(ctx, intents));
}
