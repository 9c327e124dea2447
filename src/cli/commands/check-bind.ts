import {DougongError} from '../../core/errors.ts';
import {type Bound, bindAppid, configBefore} from '../../operations/bind-appid.ts';
import {type CheckInput, checkConfig, standingOf} from '../../operations/check-config.ts';
import {checkAppid} from '../../operations/config-state.ts';
import type {Context} from '../context.ts';
import {findingText} from '../io/findings.ts';
import {plain} from '../io/streams.ts';
import {check} from '../messages/check.ts';
import type {CheckFlags} from './check-config.ts';
import {notReady} from './check-config.ts';
import {consent} from './consent.ts';

/** Binds an appid: everything before WeChat must hold, a person agrees, the journal remembers, then it is asked for. */
export async function checkBind(ctx: Context, input: CheckInput, flags: CheckFlags): Promise<void> {
  const appid = checkAppid(flags.bindAppid!.trim());
  if (flags.feeType === undefined) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--fee-type'});
  const request = {appid, fee_type: flags.feeType, bank_channel_no: flags.bankChannelNo};
  const findings = await checkConfig(input, {layers: ['local', 'network', 'signature', 'relation']});
  const {state, first} = standingOf(findings);
  if (first) {
    ctx.io.note(findingText(ctx, first));
    throw await notReady(ctx, state, first, false, 'BIND_FIRST');
  }
  const session = await ctx.session();
  const tools = await session.money();
  const before = await configBefore(tools, request);
  ctx.io.note(`${ctx.t(check.before)}: ${plain(before.raw)}`);
  if (before.state === 'bound') return show(ctx, input, {state: 'bound', before: before.raw, after: before.raw}, appid);
  await consent(ctx, session, flags, check.confirmBind, {
    huifu_id: tools.huifuId,
    environment: session.environment,
    appid,
    fee_type: request.fee_type,
    channel: request.bank_channel_no ?? '',
  });
  const timing = {timeoutMs: flags.waitTimeout ?? 600_000, intervalMs: flags.interval ?? 5000};
  const bound = await bindAppid(tools, request, before, timing);
  ctx.io.note(`${ctx.t(check.after)}: ${plain(bound.after)}`);
  show(ctx, input, bound, appid);
}

function show(ctx: Context, {huifuId: huifu_id}: CheckInput, bound: Bound, appid: string): void {
  const {state, before, after, moved} = bound;
  const result = {huifu_id, appid, state, before, after, ...(moved && {req_seq_id: moved.intent.req_seq_id})};
  ctx.io.data({result}, () => `${appid} ${state}`);
  if (state === 'bound') return;
  const details = {next: {verb: 'check-config', flags: {wait: true as const, until: 'bound', sub_appid: appid}}};
  const kind = state === 'failed' ? 'refused' : 'pending';
  throw new DougongError(kind, 'NOT_BOUND_YET', {appid, state}, details);
}
