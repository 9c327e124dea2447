import {beijingDate} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import type {Intent, IntentState} from '../journal/store.ts';
import {bindingsOf} from './checks/wechat.ts';
import type {Moved} from './money.ts';
import {handled, type MoneyTools, type ReadTools, type Verified} from './tools.ts';

/** 微信配置查询 of the merchant, as the gateway sent it. */
export async function queryWxConfig(tools: ReadTools, bank_channel_no?: string): Promise<Verified> {
  const now = tools.now();
  const fields = {req_date: beijingDate(now), req_seq_id: tools.newId(now), huifu_id: tools.huifuId, bank_channel_no};
  return handled(await tools.send.read(endpoints['wx-config-query'], fields, tools.version), 'REFUSED');
}

/** How an appid stands in the answer of the configuration query; `absent` where it is not named. */
export function bindingState(
  {data}: Verified,
  appid: string,
  channel?: string,
): 'bound' | 'processing' | 'failed' | 'absent' {
  const all = bindingsOf(data, appid).bindings;
  const mine = channel === undefined ? all : all.filter(one => one.channel === undefined || one.channel === channel);
  for (const state of ['bound', 'processing', 'failed'] as const)
    if (mine.some(one => one.state === state)) return state;
  return 'absent';
}

/** Settles the binding of an appid by what the configuration query shows; "absent" leaves it as it is. */
export async function settleConfig(tools: MoneyTools, intent: Intent): Promise<Moved> {
  const {wx_applet_app_id = '', bank_channel_no} = JSON.parse(intent.text) as Record<string, string>;
  const verified = await queryWxConfig({...tools, huifuId: intent.huifu_id}, bank_channel_no);
  const found = bindingState(verified, wx_applet_app_id, bank_channel_no);
  const state = ({bound: 'done', failed: 'failed', processing: 'pending', absent: undefined} as const)[found];
  if (state === undefined) {
    await tools.journal.note(intent.id, 'asked: the appid is not in the configuration');
    return {intent, verified, created: false};
  }
  const settled = await tools.journal.answer(intent.id, {state: state as IntentState, what: 'asked', resp_desc: found});
  return {intent: settled, verified, created: false};
}

/** An appid as WeChat makes them. @throws DougongError `usage` APPID_INVALID. */
export function checkAppid(appid: string): string {
  if (/^wx[0-9a-zA-Z]{16}$/.test(appid)) return appid;
  throw new DougongError('usage', 'APPID_INVALID', {value: appid});
}
