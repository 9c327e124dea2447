import type {EndpointName} from '../core/endpoints/index.ts';

/** WeChat's states of a real-name application. */
export const APPLYMENT = [
  'EDITTING',
  'WAITTING_FOR_AUDIT',
  'WAITTING_FOR_CONFIRM_CONTACT',
  'WAITTING_FOR_CONFIRM_LEGALPERSON',
  'PASSED',
  'REJECTED',
  'FREEZED',
  'CANCELED',
  'NOAPPLY',
] as const;
export type Applyment = (typeof APPLYMENT)[number];

/** One appid at one channel, as WeChat knows it. */
export interface Binding {
  appid: string;
  channel: string;
  fee_type: string;
  state: 'bound' | 'processing' | 'failed';
  reason: string;
  /** How many configuration queries until `processing` becomes `bound`. */
  left: number;
}

/** A merchant as its onboarding stands. */
export interface Merchant {
  huifu_id: string;
  scenario: string;
  /** The answer to everything, where the merchant or the product is wrong. */
  refusal?: {resp_code: string; resp_desc: string};
  /** Calls whose permission is switched off: an unsigned 20003. */
  closed: EndpointName[];
  /** Opened rates by fee_type (01 online, 02 offline, …); none: the business is not opened. */
  rates: Record<string, string>;
  channels: string[];
  bindings: Binding[];
  applyment: Applyment;
  authorized: boolean;
  reject_reason: string;
  /** How many real-name queries until a waiting application has passed and is authorised; 0 for never. */
  passesAfter: number;
  bills: boolean;
  /** How lists are sent: the platform documents JSON strings; both forms have been seen. */
  shape: 'string' | 'array' | 'object';
  unknownFields: boolean;
  /** What every answer of a configuration call suffers. */
  fault?: 'slow' | 'unsigned' | 'bad-signature';
  /** Whether orders are held to appid and real-name, as WeChat does; false until a scenario was set. */
  strict: boolean;
}

export const SANDBOX_APPID = 'wx48abf94e085e98e1';
const OTHER_APPID = 'wx00000000000000ff';
const CHANNEL = 'JQF00001';

function healthy(huifu_id: string): Merchant {
  return {
    huifu_id,
    scenario: 'healthy',
    closed: [],
    rates: {'01': '0.60', '02': '0.38'},
    channels: [CHANNEL],
    bindings: [bound(SANDBOX_APPID)],
    applyment: 'PASSED',
    authorized: true,
    reject_reason: '',
    passesAfter: 0,
    bills: true,
    shape: 'string',
    unknownFields: false,
    strict: false,
  };
}

function bound(appid: string, more: Partial<Binding> = {}): Binding {
  return {appid, channel: CHANNEL, fee_type: '01', state: 'bound', reason: '', left: 0, ...more};
}

const WRONG_PRODUCT = {resp_code: '22000000', resp_desc: '产品号不存在或状态异常'};
const FOREIGN = {resp_code: '90000000', resp_desc: '数据权限认证失败'};
const ABNORMAL = {resp_code: '00000106', resp_desc: '商户状态异常'};

const scenarios: Record<string, Partial<Merchant>> = {
  healthy: {},
  'wrong-product': {refusal: WRONG_PRODUCT},
  'foreign-merchant': {refusal: FOREIGN},
  'abnormal-merchant': {refusal: ABNORMAL},
  'api-closed': {closed: ['wx-config-query', 'merchant-query', 'application-query', 'realname-query', 'bill-query']},
  'all-apis-closed': {
    closed: ['query', 'wx-config-query', 'merchant-query', 'application-query', 'realname-query', 'bill-query'],
  },
  'not-opened': {rates: {}, bindings: []},
  'appid-unbound': {bindings: []},
  'appid-other': {bindings: [bound(OTHER_APPID)]},
  'appid-processing': {bindings: [bound(SANDBOX_APPID, {state: 'processing', left: 3})]},
  'appid-failed': {bindings: [bound(SANDBOX_APPID, {state: 'failed', reason: 'appid主体与商户不一致'})]},
  'wrong-fee-type': {rates: {'02': '0.38'}, bindings: [bound(SANDBOX_APPID, {fee_type: '02'})]},
  'two-channels': {channels: [CHANNEL, 'JQF00002']},
  'not-ready': {bindings: [], applyment: 'PASSED', authorized: false},
  'audit-passes': {applyment: 'WAITTING_FOR_AUDIT', authorized: false, passesAfter: 3},
  'lists-as-arrays': {shape: 'array'},
  'lists-as-objects': {shape: 'object'},
  'unknown-fields': {unknownFields: true},
  'no-bills': {bills: false},
  slow: {fault: 'slow'},
  unsigned: {fault: 'unsigned'},
  'wrongly-signed': {fault: 'bad-signature'},
};
for (const applyment of APPLYMENT) {
  const name = `realname-${applyment.toLowerCase().replaceAll('_', '-')}`;
  const reject_reason = applyment === 'REJECTED' ? '营业执照照片不清晰' : '';
  scenarios[name] = {applyment, authorized: false, reject_reason};
  scenarios[`${name}-authorized`] = {applyment, authorized: true, reject_reason};
}

/** Names of the merchant scenarios, for `dougong sandbox merchant`. */
export const SCENARIOS: readonly string[] = Object.keys(scenarios);

/** A merchant in the state that a scenario names; without one, healthy, and orders take any appid. */
export function makeMerchant(huifu_id: string, scenario?: string): Merchant {
  const merchant = healthy(huifu_id);
  if (scenario === undefined) return merchant;
  const found = scenarios[scenario];
  if (!found) throw new Error(`no scenario ${scenario}; there are: ${SCENARIOS.join(', ')}`);
  return {...merchant, ...structuredClone(found), scenario, strict: true};
}
