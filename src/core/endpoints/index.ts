import {DougongError} from '../errors.ts';

export type ApiVersion = 'v2' | 'v3' | 'v4';
export type EndpointName =
  | 'pay'
  | 'query'
  | 'refund'
  | 'refund-query'
  | 'close'
  | 'close-query'
  | 'balance'
  | 'user-id'
  | 'wx-config'
  | 'wx-config-query'
  | 'realname'
  | 'realname-query'
  | 'merchant-query'
  | 'application-query'
  | 'bill-config'
  | 'bill-query'
  | 'filequery'
  | 'replay';

/** One row of the catalogue: where a call goes and what is known of it. Source: docs/gateway.md#paths. */
export interface Endpoint {
  name: EndpointName;
  paths: Partial<Record<ApiVersion, string>>;
  standard: ApiVersion;
  /** Whether the transport may repeat the call by itself: only what neither writes nor uses up a one-time code. */
  repeat: boolean;
  /** Whether money or an order moves, so that an unknown outcome has to be settled (exit 7). */
  money: boolean;
  /** v4 field -> older field, for v2 and v3. */
  older?: Record<string, string>;
}

const scanpay = (verb: string) => ({
  v2: `/v2/trade/payment/scanpay/${verb}`,
  v3: `/v3/trade/payment/scanpay/${verb}`,
  v4: `/v4/trade/payment/scanpay/${verb}`,
});

/** A call that exists in v2 alone. */
function only<Name extends EndpointName>(name: Name, path: string, repeat: boolean): Endpoint {
  return {name, paths: {v2: path}, standard: 'v2', repeat, money: false};
}

export const endpoints: Record<EndpointName, Endpoint> = {
  pay: {
    name: 'pay',
    paths: {v2: '/v2/trade/payment/jspay', v3: '/v3/trade/payment/jspay', v4: '/v4/trade/payment/create'},
    standard: 'v4',
    repeat: false,
    money: true,
    older: {method_expand: 'wx_data'},
  },
  query: {
    name: 'query',
    paths: scanpay('query'),
    standard: 'v4',
    repeat: true,
    money: false,
    older: {req_date: 'org_req_date', req_seq_id: 'org_req_seq_id', hf_seq_id: 'org_hf_seq_id'},
  },
  refund: {name: 'refund', paths: scanpay('refund'), standard: 'v4', repeat: false, money: true},
  'refund-query': {name: 'refund-query', paths: scanpay('refundquery'), standard: 'v4', repeat: true, money: false},
  close: {
    name: 'close',
    paths: {v2: '/v2/trade/payment/scanpay/close'},
    standard: 'v2',
    repeat: false,
    money: true,
  },
  'close-query': {
    name: 'close-query',
    paths: {v2: '/v2/trade/payment/scanpay/closequery'},
    standard: 'v2',
    repeat: true,
    money: false,
  },
  balance: only('balance', '/v2/trade/acctpayment/balance/query', true),
  // A payment code works once.
  'user-id': only('user-id', '/v2/trade/wxusermark/query', false),
  'wx-config': only('wx-config', '/v2/merchant/busi/config', false),
  'wx-config-query': only('wx-config-query', '/v2/merchant/busi/config/query', true),
  realname: only('realname', '/v2/merchant/busi/realname', false),
  'realname-query': only('realname-query', '/v2/merchant/busi/realname/query', true),
  'merchant-query': only('merchant-query', '/v2/merchant/basicdata/query', true),
  'application-query': only('application-query', '/v2/merchant/basicdata/status/query', true),
  'bill-config': only('bill-config', '/v2/merchant/busi/bill/config', false),
  'bill-query': only('bill-query', '/v2/merchant/busi/bill/query', true),
  // Three a day: the transport must not use one up by itself.
  filequery: only('filequery', '/v2/trade/check/filequery', false),
  replay: only('replay', '/v2/trade/check/replay', false),
};

/**
 * The path and the field names of one call.
 *
 * @param fields by their v4 names; renamed for an older version.
 * @param version only where the endpoint has it: close and its query exist in v2 alone and ignore a wish for v3 or v4.
 */
export function address(
  endpoint: Endpoint,
  fields: Record<string, unknown>,
  version?: ApiVersion,
): {path: string; fields: Record<string, unknown>} {
  const only = Object.keys(endpoint.paths).length === 1;
  const used = version && !only ? version : endpoint.standard;
  const path = endpoint.paths[used];
  if (!path) throw new DougongError('usage', 'VERSION_UNSUPPORTED', {version: used, endpoint: endpoint.name});
  if (used === 'v4' || !endpoint.older) return {path, fields};
  const renamed = Object.entries(fields).map(([name, value]) => [endpoint.older?.[name] ?? name, value]);
  return {path, fields: Object.fromEntries(renamed)};
}
