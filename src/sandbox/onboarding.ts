import type {Data} from '../core/wire.ts';
import {type Desk, type Handler, need, needDate, needMerchant, text} from './desk.ts';
import type {Binding, Merchant} from './merchants.ts';
import {Refusal} from './types.ts';

/** What every configuration call begins with: a date, a number, a merchant that may be asked about. */
function begin(data: Data, desk: Desk): Merchant {
  needDate(data, 'req_date');
  need(data, 'req_seq_id', 128);
  return desk.merchant(needMerchant(data, desk));
}

/** A list in the form this merchant's answers have. */
function list(merchant: Merchant, items: Record<string, string>[]): unknown {
  const named = merchant.unknownFields ? items.map(item => ({...item, new_field: 'x', nested: {deep: ['y']}})) : items;
  if (merchant.shape === 'string') return JSON.stringify(named);
  if (merchant.shape === 'object' && named.length === 1) return named[0];
  return named;
}

const wxConfigQuery: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  const channel = text(data, 'bank_channel_no');
  const shown = merchant.bindings.filter(one => channel === '' || one.channel === channel);
  const items = shown.filter(one => one.state !== 'failed').map(item);
  const failed = shown.filter(one => one.state === 'failed').map(one => ({...item(one), fail_reason: one.reason}));
  for (const one of shown) {
    if (one.state !== 'processing') continue;
    one.left -= 1;
    if (one.left <= 0) one.state = 'bound';
  }
  return {
    huifu_id: merchant.huifu_id,
    atu_config_bo_list: list(merchant, items),
    atu_config_bo_fail_list: list(merchant, failed),
  } as Record<string, string>;
};

function item({appid, channel, fee_type, state}: Binding): Record<string, string> {
  return {
    bank_channel_no: channel,
    fee_type,
    wx_applet_app_id: appid,
    status: {bound: 'S', processing: 'P', failed: 'F'}[state],
  };
}

/** How many configuration queries pass until a new binding holds. */
const CONFIG_QUERIES = 2;

const wxConfig: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  const fee_type = need(data, 'fee_type', 2);
  const names = ['wx_woa_app_id', 'wx_woa_path', 'micro_sub_appid', 'wx_applet_app_id'];
  if (names.every(name => text(data, name) === '')) throw new Refusal('00000001', `${names.join(',')}不能同时为空`);
  if (!merchant.rates[fee_type]) throw new Refusal('90000000', '未入驻');
  const channel = text(data, 'bank_channel_no') || merchant.channels[0]!;
  if (!merchant.channels.includes(channel)) throw new Refusal('00000001', 'bank_channel_no不存在');
  const appid = text(data, 'wx_applet_app_id') || text(data, 'micro_sub_appid');
  if (appid !== '') {
    if (!/^wx[0-9a-f]{16}$/.test(appid)) throw new Refusal('00000001', 'wx_applet_app_id不符合appid格式');
    merchant.bindings = merchant.bindings.filter(one => one.appid !== appid || one.channel !== channel);
    merchant.bindings.push({appid, channel, fee_type, state: 'processing', reason: '', left: CONFIG_QUERIES});
    desk.keepMerchant(merchant);
  }
  return {huifu_id: merchant.huifu_id, resp_code: '00000002', resp_desc: '处理中'};
};

const WAITING = ['EDITTING', 'WAITTING_FOR_AUDIT', 'WAITTING_FOR_CONFIRM_CONTACT', 'WAITTING_FOR_CONFIRM_LEGALPERSON'];
const WITH_CODE = ['WAITTING_FOR_CONFIRM_CONTACT', 'WAITTING_FOR_CONFIRM_LEGALPERSON', 'PASSED', 'FREEZED'];

const realnameQuery: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  const {applyment, authorized, reject_reason} = merchant;
  if (merchant.passesAfter > 0) {
    merchant.passesAfter -= 1;
    if (merchant.passesAfter === 0 && (WAITING.includes(applyment) || applyment === 'PASSED')) {
      merchant.applyment = 'PASSED';
      merchant.authorized = true;
    }
    desk.keepMerchant(merchant);
  }
  return {
    huifu_id: merchant.huifu_id,
    applyment_stat: `APPLYMENT_STATE_${applyment}`,
    authorize_stat: `AUTHORIZE_STATE_${authorized ? 'AUTHORIZED' : 'UNAUTHORIZED'}`,
    ...(reject_reason && {reject_param: 'business_license', reject_reason}),
    ...(WITH_CODE.includes(applyment) && {qrcode_data: `https://sandbox.invalid/authorize/${merchant.huifu_id}`}),
  };
};

const realname: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  for (const name of ['name', 'mobile', 'id_card_number', 'contact_type']) need(data, name, 512);
  if (!['LEGAL', 'SUPER'].includes(text(data, 'contact_type')))
    throw new Refusal('00000001', 'contact_type的传入枚举不存在');
  merchant.applyment = 'WAITTING_FOR_AUDIT';
  merchant.passesAfter = 3;
  desk.keepMerchant(merchant);
  return {huifu_id: merchant.huifu_id, applyment_id: desk.unique()};
};

const merchantQuery: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  const infos = merchant.channels.map(pay_channel_id => ({
    bank_mer_code: `10${pay_channel_id.slice(3)}`,
    pay_channel_id,
    is_default: pay_channel_id === merchant.channels[0] ? '1' : '0',
    sub_mer_id: `4567${pay_channel_id.slice(3)}`,
  }));
  const conf = Object.entries(merchant.rates).map(([pay_scene, fee_rate]) => ({
    pay_scene,
    fee_rate,
    fee_min_amt: '0.01',
    fee_charge_type: '1',
    wx_mer_infos: infos as never,
  }));
  return {
    huifu_id: merchant.huifu_id,
    qry_wx_conf_list: list(merchant, conf),
  } as Record<string, string>;
};

const applicationQuery: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  const {bindings} = merchant;
  const state = bindings.some(one => one.state === 'bound')
    ? 'S'
    : bindings.some(one => one.state === 'failed')
      ? 'F'
      : 'B';
  const results = bindings.map(one => ({
    pay_scene: one.fee_type,
    pay_channel_id: one.channel,
    sub_mer_id: `4567${one.channel.slice(3)}`,
    wx_conf_status: {bound: 'S', processing: 'P', failed: 'F'}[one.state],
    wx_conf_reason: one.reason,
    real_name_applyment_stat: `APPLYMENT_STATE_${merchant.applyment}`,
  }));
  return {
    huifu_id: merchant.huifu_id,
    wx_config_list: list(merchant, [{config_type: '02', config_value: state}]),
    wx_conf_result_list: list(merchant, results),
  } as Record<string, string>;
};

const billQuery: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  return {huifu_id: merchant.huifu_id, recon_send_flag: merchant.bills ? 'Y' : 'N', file_type: '1,2,3,4'};
};

const billConfig: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  const flag = need(data, 'recon_send_flag', 1);
  if (flag !== 'Y' && flag !== 'N') throw new Refusal('00000001', 'recon_send_flag的传入枚举不存在');
  merchant.bills = flag === 'Y';
  desk.keepMerchant(merchant);
  return {huifu_id: merchant.huifu_id};
};

/** The payment code of a customer names them once; the mini-program's login code is no such thing. */
const userId: Handler = (data, desk) => {
  const merchant = begin(data, desk);
  const code = need(data, 'auth_code', 128);
  if (!/^1[0-5]\d{16}$/.test(code)) throw new Refusal('10000000', '付款码格式异常');
  if (!desk.takeCode(code)) throw new Refusal('90000000', '付款码无效，每个二维码仅限使用一次，请刷新再试');
  const sub_appid = text(data, 'sub_appid');
  return {
    huifu_id: merchant.huifu_id,
    openid: `oSBX${code.slice(-8)}`,
    ...(sub_appid && {sub_appid, sub_openid: `oSUB${code.slice(-8)}`}),
  };
};

export const onboarding = {
  'user-id': userId,
  'wx-config': wxConfig,
  'wx-config-query': wxConfigQuery,
  realname,
  'realname-query': realnameQuery,
  'merchant-query': merchantQuery,
  'application-query': applicationQuery,
  'bill-config': billConfig,
  'bill-query': billQuery,
} as const satisfies Record<string, Handler>;
