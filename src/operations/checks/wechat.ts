import {explain} from '../../core/explanations.ts';
import type {Data, Value} from '../../core/wire.ts';
import type {Asked, Check, CheckDesk, Outcome} from './types.ts';

/** A list however it is sent: an array, one object, or either as JSON text. */
export function listOf(value: Value | undefined): Data[] {
  let list: unknown = value;
  if (typeof list === 'string') {
    try {
      list = JSON.parse(list);
    } catch {
      return [];
    }
  }
  const items = Array.isArray(list) ? list : list ? [list] : [];
  return items.filter((item): item is Data => typeof item === 'object' && item !== null);
}

/** Every text inside a value, with the name it stands under. */
function* texts(value: unknown, name = ''): Generator<[string, string]> {
  if (Array.isArray(value)) for (const item of value) yield* texts(item, name);
  else if (typeof value === 'object' && value !== null)
    for (const [inner, item] of Object.entries(value)) yield* texts(item, inner);
  else if (typeof value === 'string' || typeof value === 'number') yield [name, String(value).trim()];
}

/** The first text under a name that matches. */
function under(item: Data, name: RegExp): string | undefined {
  for (const [at, text] of texts(item)) if (name.test(at) && text !== '') return text;
  return undefined;
}

/** A check that cannot be made because the call it needs gave nothing: the gateway's words say why. */
export function unasked(asked: Exclude<Asked, {data: Data}>, endpoint: string): Outcome {
  if ('reason' in asked) return {verdict: 'skip', code: 'NO_ANSWER', params: {reason: asked.reason, endpoint}};
  const {gateway} = asked;
  const explained = explain([gateway.resp_code, gateway.resp_desc].filter(Boolean).join(' '));
  return {verdict: 'skip', code: 'API_REFUSED', params: {endpoint}, gateway, explained};
}

const APPID = /^wx[0-9a-z]{16}$/i;

interface Binding {
  state: 'bound' | 'processing' | 'failed';
  channel?: string;
  reason?: string;
}

/** What the configuration query says of one appid. Its items have no documented shape: any text that equals it counts. */
export function bindingsOf(data: Data, appid: string): {bindings: Binding[]; others: string[]} {
  const lists: [Data[], boolean][] = [
    [listOf(data.atu_config_bo_list), false],
    [listOf(data.atu_config_bo_fail_list), true],
  ];
  const bindings: Binding[] = [];
  const others = new Set<string>();
  for (const [items, failed] of lists) {
    for (const item of items) {
      const found = [...texts(item)].map(([, text]) => text);
      for (const text of found) if (APPID.test(text) && text !== appid) others.add(text);
      if (!found.includes(appid)) continue;
      const stat = under(item, /stat/i) ?? '';
      const state = failed || stat === 'F' ? 'failed' : stat === 'P' ? 'processing' : 'bound';
      bindings.push({state, channel: under(item, /channel/i), reason: under(item, /reason|desc|msg/i)});
    }
  }
  return {bindings, others: [...others]};
}

/** Channels that the merchant has at WeChat, by the merchant query. */
function channelsOf(asked: Asked): string[] {
  if (!('data' in asked)) return [];
  const found = listOf(asked.data.qry_wx_conf_list).flatMap(item => [...texts(item)]);
  return [...new Set(found.filter(([name]) => name === 'pay_channel_id').map(([, text]) => text))];
}

/** What the application's status says of mini-programs, without naming an appid: S, P, F or nothing. */
function applicationSays(asked: Asked): {state?: string; reason?: string} {
  if (!('data' in asked)) return {};
  const mini = listOf(asked.data.wx_config_list).find(item => item.config_type === '02');
  const results = listOf(asked.data.wx_conf_result_list);
  const failed = results.find(item => item.wx_conf_status === 'F');
  const value = typeof mini?.config_value === 'string' ? mini.config_value : undefined;
  const waiting = results.some(item => item.wx_conf_status === 'P');
  const reason = failed ? under(failed, /reason/i) : undefined;
  return {state: value === 'B' && waiting ? 'P' : value, reason};
}

async function judgeAppid(desk: CheckDesk): Promise<Outcome> {
  const appid = desk.subAppid;
  if (!appid) return {verdict: 'skip', code: 'APPID_NOT_GIVEN'};
  const [config, application, merchant] = await Promise.all([
    desk.ask('wx-config-query'),
    desk.ask('application-query'),
    desk.ask('merchant-query'),
  ]);
  const says = applicationSays(application);
  if (!('data' in config)) {
    if (says.state !== 'S') return unasked(config, 'wx-config-query');
    const sources = {'application-query': says.state};
    return {verdict: 'warn', code: 'APPID_UNNAMED', params: {appid}, sources};
  }
  const {bindings, others} = bindingsOf(config.data, appid);
  const bound = bindings.filter(one => one.state === 'bound');
  const sources: Record<string, string> = {
    'wx-config-query': bindings.map(one => [one.state, one.channel].filter(Boolean).join(' ')).join(', ') || 'absent',
    ...(says.state && {'application-query': says.state}),
  };
  const params = {appid, found: others.join(', ')};
  if (bound.length > 0) {
    const missing = channelsOf(merchant).filter(
      one => !bindings.some(({channel}) => channel === undefined) && !bound.some(({channel}) => channel === one),
    );
    if (missing.length > 0) {
      const channels = bound.map(({channel}) => channel).join(', ');
      return {
        verdict: 'warn',
        code: 'APPID_PARTLY',
        params: {...params, channels, missing: missing.join(', ')},
        sources,
      };
    }
    if (says.state === 'F') return {verdict: 'warn', code: 'APPID_DISAGREE', params, sources};
    return {verdict: 'pass', code: 'APPID_BOUND', params, sources};
  }
  if (bindings.some(one => one.state === 'processing'))
    return {verdict: 'fail', waiting: true, code: 'APPID_PROCESSING', params, sources};
  const failed = bindings.find(one => one.state === 'failed');
  if (failed) {
    const reason = failed.reason ?? says.reason ?? '-';
    return {verdict: 'fail', code: 'APPID_FAILED', params: {...params, reason}, sources};
  }
  const code = others.length > 0 ? 'APPID_OTHER' : 'APPID_UNBOUND';
  return {verdict: 'fail', code, params, sources, explained: ['WX_APPID_NOT_BOUND']};
}

/** Layer 5: what WeChat has to know of the merchant before an order. */
export const wechatChecks: readonly Check[] = [
  {
    id: 'wechat.business.opened',
    layer: 'wechat',
    needs: ['relation.merchant'],
    async run(desk) {
      const asked = await desk.ask('merchant-query');
      if (!('data' in asked)) return unasked(asked, 'merchant-query');
      const list = listOf(asked.data.qry_wx_conf_list);
      if (list.length === 0) return {verdict: 'fail', code: 'BUSINESS_CLOSED'};
      const scenes = list.map(item => under(item, /^pay_scene$/) ?? '?');
      return {verdict: 'pass', code: 'BUSINESS_OPENED', params: {scenes: scenes.join(', ')}};
    },
  },
  {
    id: 'wechat.fee.present',
    layer: 'wechat',
    needs: ['wechat.business.opened'],
    async run(desk) {
      const asked = await desk.ask('merchant-query');
      if (!('data' in asked)) return unasked(asked, 'merchant-query');
      const rates = listOf(asked.data.qry_wx_conf_list).map(item => ({
        scene: under(item, /^pay_scene$/) ?? '?',
        rate: under(item, /^fee_rate$/),
      }));
      const opened = rates.filter(({rate}) => rate !== undefined).map(({scene, rate}) => `${scene} ${rate}%`);
      const params = {opened: opened.join(', ') || '-', wanted: desk.feeType ?? ''};
      if (opened.length === 0) return {verdict: 'fail', code: 'FEE_MISSING', params};
      if (desk.feeType && !rates.some(({scene, rate}) => scene === desk.feeType && rate !== undefined))
        return {verdict: 'fail', code: 'FEE_OTHER', params};
      return {verdict: 'pass', code: 'FEE_PRESENT', params};
    },
  },
  {id: 'wechat.appid.bound', layer: 'wechat', needs: ['relation.merchant'], run: judgeAppid},
];
