/** One thing the platform says, by what it is recognised: most specific first. Source: docs/gateway.md#errors. */
interface Sign {
  key: string;
  /** Part of resp_desc or bank_message. */
  text?: RegExp;
  code?: RegExp;
  /** HTTP status of the gateway. */
  status?: number;
}

const SIGNS = [
  {key: 'WX_APPID_NOT_BOUND', text: /sub_mch_id与sub_appid不匹配/},
  {key: 'WX_OPENID_MISMATCH', text: /sub_appid与sub_openid不匹配/},
  {key: 'WX_OPENID_EMPTY', text: /openid和sub_openid(不能)?为空/},
  {key: 'WX_REALNAME_MISSING', text: /当前商户需补齐相关资料/},
  {key: 'WX_FROZEN', text: /特约子商户该产品权限已被冻结/},
  {key: 'WX_PATH', text: /redirect_uri域名与后台配置不一致|URL未注册/},
  {key: 'DATA_PERMISSION', text: /数据权限认证失败/},
  {key: 'API_PERMISSION', text: /接口权限认证失败/, code: /^(20003|00000103)$/},
  {key: 'NO_CHANNEL', text: /该路由下未配置可用通道/},
  {key: 'FEE_TYPE', text: /未入驻/},
  {key: 'EXPIRE_FORMAT', text: /orderExpireTime\s*格式不正确/},
  {key: 'PAY_SIGN', text: /支付验证签名失败/},
  {key: 'AUTH_CODE', text: /付款码无效|已过期|每个二维码仅限使用一次|付款码格式异常/},
  {key: 'REFUND_THROTTLED', text: /请求频率过高/},
  {key: 'BILL_QUOTA', text: /当前huifuId请求过于频繁/},
  {key: 'REFUND_NOT_FOUND', text: /退款单不存在/},
  {key: 'NOT_PAID_YET', text: /订单未支付|NOTPAY/},
  {key: 'SPLIT_SUM', text: /分账金额总和必须等于交易金额/},
  {key: 'DATE_TODAY', text: /请求日期必须是当前日期/},
  {key: 'ORDER_EXPIRED', text: /订单已超时/},
  {key: 'BALANCE', text: /可用余额不足/},
  {key: 'PAYER_LIMITED', text: /交易受限|单[笔日]金额超限|交易存在风险/},
  {key: 'FEATURE_OFF', text: /该功能已关闭/},
  {key: 'FEE_RATE', text: /手续费(费率未配置|配置有误|计算错误)/},
  {key: 'WX_ENTRY', text: /(商户)?入驻(配置)?信息(配置)?有误|未配置默认入驻信息|支付宝微信入驻信息/},
  {key: 'SPLIT_CONFIG', text: /分账(列表必须包含主交易账户|配置有误)|手续费承担方必须参与分账|其他商户分账比例过高/},
  {key: 'PROMOTION', text: /未报名活动|花呗分期|商户贴息|数字货币费率/},
  {key: 'HOSTING', text: /托管项目信息不存在/},
  {key: 'SDK_VERIFY', text: /RESP_SIGN_VERIFY_FAILED|security_exception|签名错误/},
  {key: 'SDK_UNSIGNED', text: /RESP_SIGN_VERIFY_UNDO/},
  {
    key: 'SDK_NETWORK',
    text: /HTTP_REQUEST_FAILED|connect_exception|socket_timeout_exception|post_request_fail|post_reponse_null/,
  },
  {
    key: 'SDK_LOCAL',
    text: /system_exception|config_exception|request_parameter_error|charge_id_not_exists|request_order_no_repeate|channel_error|channel_response_code_fail/,
  },
  {key: 'SIGNATURE', text: /验签失败/, code: /^40002$/},
  {key: 'SIGNATURE', status: 922},
  {key: 'CLOSE_EARLY', text: /一分钟以内/, code: /^10000015$/},
  {key: 'CLOSE_TERMINAL', code: /^(10000016|23000000|30000001)$/},
  {key: 'CLOSE_FAILED', code: /^10000018$/},
  {key: 'HANDLED', code: /^(00000000|10000)$/},
  {key: 'ACCEPTED', code: /^(00000100|00000002)$/},
  {key: 'PARAMETER', code: /^(10000000|00000001|40001)$/},
  {key: 'NOT_FINISHED', code: /^10000001$/},
  {key: 'TOO_MUCH', code: /^10000002$/},
  {key: 'NO_PARTIAL', code: /^10000009$/},
  {key: 'DUPLICATE', code: /^(20000000|99010002)$/},
  {key: 'TOO_OFTEN', code: /^20000001$/},
  {key: 'ACCOUNT_FROZEN', code: /^20000003$/},
  {key: 'NOT_FOUND', code: /^(20000004|23000001|99010003)$/},
  {key: 'MERCHANT', code: /^(20000005|20000006|22000002|00000106)$/},
  {key: 'LOCATOR', code: /^21000000$/},
  {key: 'PRODUCT', code: /^22000000$/},
  {key: 'ACCOUNT', code: /^22000003$/},
  {key: 'NOT_OPENED', code: /^22000004$/},
  {key: 'CONFIGURATION', code: /^22000005$/},
  {key: 'OWNERSHIP', code: /^23000002$/},
  {key: 'AMOUNTS', code: /^23000003$/},
  {key: 'UNSUPPORTED', code: /^23000004$/},
  {key: 'NO_PERMISSION', code: /^20001$/},
  {key: 'UNAVAILABLE', code: /^20000$/},
  {key: 'BUSINESS', code: /^(90000000|90000001|30000000)$/},
  {key: 'CHANNEL', code: /^91111119$/},
  {key: 'SYSTEM', code: /^(98888888|99999999)$/},
  {key: 'HTTP_NOT_FOUND', status: 404},
  {key: 'HTTP_CHARACTERS', status: 412},
  {key: 'HTTP_BACKEND', status: 500},
  {key: 'HTTP_BACKEND', status: 502},
  {key: 'HTTP_BACKEND', status: 512},
  {key: 'HTTP_LIMITED', status: 911},
  {key: 'HTTP_LIMITED', status: 914},
  {key: 'HTTP_BANNED', status: 912},
  {key: 'HTTP_AUTH', status: 921},
  {key: 'HTTP_SIGNING', status: 923},
  {key: 'SANDBOX_HEADERS', code: /^LS000002$/},
  {key: 'SANDBOX_REQUEST', code: /^LS00000[158]$/},
  {key: 'SANDBOX_SIGNATURE', code: /^LS000003$/},
  {key: 'SANDBOX_UNKNOWN', code: /^LS00000[47]$/},
  {key: 'SANDBOX_CONFLICT', code: /^LS000006$/},
  {key: 'SANDBOX_BUSINESS', code: /^LS2000\d\d$/},
  {key: 'SANDBOX_PROXY', code: /^LS90000[123]$/},
] as const satisfies readonly Sign[];

export type ExplanationKey = (typeof SIGNS)[number]['key'];

/**
 * What is known about what the platform said, most specific first. One code has many texts, so the text decides.
 *
 * @param said a code, a text, an HTTP status ("922" or "HTTP 922"), or a whole answer or log line.
 */
export function explain(said: string): ExplanationKey[] {
  const codes: string[] = said.match(/\b(?:LS)?\d{5,8}\b/g) ?? [];
  const statuses = (said.match(/(?<![\d.])\d{3}(?![\d.])/g) ?? []).map(Number);
  const found = SIGNS.filter((sign: Sign) => {
    if (sign.text?.test(said)) return true;
    if (sign.code && codes.some(code => sign.code!.test(code))) return true;
    return sign.status !== undefined && statuses.includes(sign.status);
  });
  return [...new Set(found.map(sign => sign.key))];
}
