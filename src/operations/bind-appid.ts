import {beijingDate} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {OPEN} from '../journal/states.ts';
import type {NewIntent} from '../journal/store.ts';
import {bindingState, queryWxConfig, settleConfig} from './config-state.ts';
import {deliver, type Moved} from './money.ts';
import {type MoneyTools, poll, type Verified} from './tools.ts';

export interface BindRequest {
  appid: string;
  /** 01 online, 02 offline, …: one of the opened rates. */
  fee_type: string;
  bank_channel_no?: string;
}

export interface Bound {
  state: 'bound' | 'processing' | 'failed' | 'absent';
  /** The configuration query's own text, before and after. */
  before: string;
  after: string;
  /** Absent where the appid was bound already and nothing was written. */
  moved?: Moved;
}

/** The configuration before anything is written. */
export async function configBefore(
  tools: MoneyTools,
  request: BindRequest,
): Promise<Verified & {state: Bound['state']}> {
  const before = await queryWxConfig(tools, request.bank_channel_no);
  return {...before, state: bindingState(before, request.appid, request.bank_channel_no)};
}

/**
 * Binds a mini-program's appid to the merchant at WeChat (微信商户配置), and asks until it is bound or the time is over.
 *
 * The request stands in the journal before its first byte leaves, with the configuration as it was before and after. An
 * open request for the same appid is settled instead of sent again. Nothing here can undo a binding.
 * @throws as deliver: `refused` (未入驻: the fee_type is not opened), `unknown-outcome`, `network`.
 * @see docs/gateway.md#wx-config
 */
export async function bindAppid(
  tools: MoneyTools,
  request: BindRequest,
  before: Verified,
  timing: {timeoutMs: number; intervalMs: number},
): Promise<Bound> {
  const {appid, fee_type, bank_channel_no} = request;
  const {environment, profile, huifuId: huifu_id} = tools;
  // One place a merchant and appid, whatever the day: two requests for the same must meet.
  const payment = {environment, huifu_id, req_date: 'config', req_seq_id: appid};
  const fresh = (): NewIntent => {
    const now = tools.now();
    const req_date = beijingDate(now);
    const req_seq_id = tools.newId(now);
    const fields = {req_date, req_seq_id, huifu_id, fee_type, wx_applet_app_id: appid, bank_channel_no};
    const {text, path} = tools.send.prepare(endpoints['wx-config'], fields, tools.version);
    return {kind: 'config', environment, profile, huifu_id, req_date, req_seq_id, payment, amount: 0n, text, path};
  };
  const {intent, created} = await tools.journal.intend(payment, ({intents}) => {
    const open = intents.findLast(one => OPEN.includes(one.state) && one.text.includes(`"fee_type":"${fee_type}"`));
    return open ? {existing: open} : fresh();
  });
  await tools.journal.note(intent.id, 'configuration before', before.raw);
  const send = created || intent.state === 'intended';
  const moved = send ? await deliver(tools, intent, endpoints['wx-config']) : await settleConfig(tools, intent);
  const last = await poll(
    tools,
    () => settleConfig(tools, moved.intent),
    ({intent: now}) => !OPEN.includes(now.state),
    timing,
  );
  const after = last.verified!;
  await tools.journal.note(intent.id, 'configuration after', after.raw);
  return {
    state: bindingState(after, appid, bank_channel_no),
    before: before.raw,
    after: after.raw,
    moved: {...last, created},
  };
}
