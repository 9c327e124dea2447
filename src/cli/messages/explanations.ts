import type {ExplanationKey} from '../../core/explanations.ts';
import type {Text} from '../context.ts';

/** Who has to act. */
export type Who = 'you' | 'provider' | 'huifu' | 'wechat' | 'nobody';

export interface Explanation {
  meaning: Text;
  cause: Text;
  remedy: Text;
  who: Who;
}

export const who: Record<Who, Text> = {
  you: {zh: '你', en: 'you'},
  provider: {zh: '服务商控台', en: "the service provider's console"},
  huifu: {zh: '汇付人员', en: "Huifu's staff"},
  wechat: {zh: '微信', en: 'WeChat'},
  nobody: {zh: '无需处理', en: 'nobody'},
};

/** What people should know of each thing the platform says. */
export const explanations: Record<ExplanationKey, Explanation> = {
  WX_APPID_NOT_BOUND: {
    who: 'you',
    meaning: {
      zh: '小程序 appid 没有绑定到商户的微信子商户号',
      en: "The mini-program's appid is not bound to the merchant at WeChat.",
    },
    cause: {
      zh: '下单用的 sub_appid 没有配置到这个渠道的子商户,或前后有空格',
      en: 'The sub_appid of the order is not configured for the sub-merchant of this channel, or has blanks around it.',
    },
    remedy: {
      zh: '在服务商控台给商户配置 appid,或调用微信商户配置(fee_type 要与已开通的线上/线下费率一致)',
      en: "Bind it in the service provider's console, or by 微信商户配置 with the fee_type that is opened.",
    },
  },
  WX_OPENID_MISMATCH: {
    who: 'you',
    meaning: {zh: 'openid 不属于这个 appid', en: 'The openid does not belong to this appid.'},
    cause: {zh: 'openid 是用另一个公众号或小程序取得的', en: 'It was obtained under another appid.'},
    remedy: {
      zh: '用同一个 appid 重新 wx.login 并换取 openid',
      en: 'Log in again and exchange the code under the same appid.',
    },
  },
  WX_OPENID_EMPTY: {
    who: 'you',
    meaning: {zh: '没有给用户标识', en: 'The customer is not named.'},
    cause: {zh: 'method_expand 里没有 openid,也没有 sub_openid', en: 'Neither openid nor sub_openid was sent.'},
    remedy: {zh: '给 --sub-appid 加 --sub-openid,或 --openid', en: 'Give --sub-appid with --sub-openid, or --openid.'},
  },
  WX_REALNAME_MISSING: {
    who: 'provider',
    meaning: {zh: '商户的微信实名认证没有完成', en: "WeChat's real-name check of the merchant is not finished."},
    cause: {
      zh: '实名申请未提交、未通过,或法人还没有扫码授权',
      en: 'Not applied for, not passed, or the legal person has not scanned yet.',
    },
    remedy: {
      zh: '完成实名认证:控台提交,或由法人扫码',
      en: 'Finish it in the console, or let the legal person scan the code.',
    },
  },
  WX_FROZEN: {
    who: 'wechat',
    meaning: {zh: '微信冻结了子商户的权限', en: 'WeChat has frozen the sub-merchant.'},
    cause: {zh: '微信风控', en: "WeChat's risk control."},
    remedy: {zh: '在微信侧申诉', en: 'Appeal at WeChat.'},
  },
  WX_PATH: {
    who: 'you',
    meaning: {zh: '网页授权域名或支付目录没有配置', en: 'The web domain or payment path is not configured.'},
    cause: {zh: '与小程序支付无关,是网页支付的配置', en: 'It concerns web payment, not the mini-program.'},
    remedy: {zh: '在微信后台配置,目录以 / 结尾', en: "Configure it in WeChat's console; the path ends with /."},
  },
  DATA_PERMISSION: {
    who: 'you',
    meaning: {zh: '商户信息校验没有通过', en: "The merchant's data may not be used with these ids."},
    cause: {
      zh: 'product_id 不对,或 sys_id 不拥有这个 huifu_id,或混用了环境',
      en: 'product_id is wrong, sys_id does not own this huifu_id, or environments are mixed.',
    },
    remedy: {
      zh: '核对 sys_id、product_id、huifu_id 与环境',
      en: 'Check sys_id, product_id, huifu_id and the environment.',
    },
  },
  API_PERMISSION: {
    who: 'huifu',
    meaning: {zh: 'sys_id 没有这个接口的权限', en: 'sys_id has no permission for this call.'},
    cause: {
      zh: '接口权限没有开通,或控台里是关闭',
      en: 'The permission is not granted, or switched off in the console.',
    },
    remedy: {
      zh: '把 sys_id、接口路径、环境和时间交给汇付运营;检查控台【接口权限】',
      en: 'Give sys_id, path, environment and time to Huifu; check 接口权限 in the console.',
    },
  },
  NO_CHANNEL: {
    who: 'provider',
    meaning: {zh: '没有可用的支付通道', en: 'No channel is configured for this route.'},
    cause: {
      zh: '通道未开通、线上线下不符,或 channel_no 传了空',
      en: 'Channel not opened, online and offline mixed up, or channel_no sent empty.',
    },
    remedy: {
      zh: '去掉 channel_no,或明确 pay_scene;请服务商开通',
      en: 'Leave channel_no out, or set pay_scene; have it opened.',
    },
  },
  FEE_TYPE: {
    who: 'you',
    meaning: {zh: 'fee_type 没有开通', en: 'This fee_type is not opened.'},
    cause: {zh: '微信商户配置的 fee_type 不在已开通的费率里', en: 'It is not among the opened rates.'},
    remedy: {zh: '改用已开通的 fee_type', en: 'Use an opened one.'},
  },
  EXPIRE_FORMAT: {
    who: 'you',
    meaning: {zh: '失效时间格式不对', en: 'The time of expiry is malformed.'},
    cause: {zh: 'time_expire 应为 yyyyMMddHHmmss 且在将来', en: 'It must be yyyyMMddHHmmss and in the future.'},
    remedy: {zh: '用 --time-expire 30m', en: 'Use --time-expire 30m.'},
  },
  PAY_SIGN: {
    who: 'you',
    meaning: {zh: '小程序拉起支付时验签失败', en: 'WeChat refused the call in the mini-program.'},
    cause: {zh: 'pay_info 被改动,或 signType 写死成 MD5', en: 'pay_info was changed, or signType fixed to MD5.'},
    remedy: {
      zh: '五个字段原样传入;见 dougong pay --snippet',
      en: 'Pass the five fields unchanged; see dougong pay --snippet.',
    },
  },
  AUTH_CODE: {
    who: 'you',
    meaning: {zh: '付款码无效或已用过', en: 'The payment code is invalid or used.'},
    cause: {zh: '每个付款码只能用一次,且很快过期', en: 'Each code works once and for a short time.'},
    remedy: {zh: '请顾客刷新付款码再扫', en: 'Have the customer show a new one.'},
  },
  REFUND_THROTTLED: {
    who: 'you',
    meaning: {zh: '退款太频繁', en: 'Refunds come too fast.'},
    cause: {zh: '同一商户或订单一分钟内重复退款', en: 'The same merchant or order within a minute.'},
    remedy: {zh: '等一分钟;先查询,不要换号重发', en: 'Wait a minute; ask first, never send under a new number.'},
  },
  BILL_QUOTA: {
    who: 'you',
    meaning: {zh: '对账单查询超过每日次数', en: 'Too many statement queries today.'},
    cause: {zh: '每商户每天最多三次', en: 'At most three a day and merchant.'},
    remedy: {zh: '用已缓存的结果,或明天再查', en: 'Use what was fetched, or come back tomorrow.'},
  },
  REFUND_NOT_FOUND: {
    who: 'you',
    meaning: {zh: '没有这个号码的退款', en: 'No refund under this number.'},
    cause: {zh: '退款查询用了交易的号码', en: "The payment's number was used."},
    remedy: {zh: '用退款自己的流水号和日期', en: "Use the refund's own number and date."},
  },
  NOT_PAID_YET: {
    who: 'you',
    meaning: {zh: '顾客还没有付款', en: 'The customer has not paid yet.'},
    cause: {zh: '订单等待支付', en: 'The order waits.'},
    remedy: {zh: '继续查询,或一分钟后关单', en: 'Keep asking, or close it after a minute.'},
  },
  SPLIT_SUM: {
    who: 'you',
    meaning: {zh: '分账金额之和不等于交易金额', en: 'The parts do not add up to the amount.'},
    cause: {zh: 'acct_split_bunch 的 div_amt 合计不对', en: 'The sum of div_amt is wrong.'},
    remedy: {zh: '重新计算各方金额', en: 'Work the parts out again.'},
  },
  DATE_TODAY: {
    who: 'you',
    meaning: {zh: '请求日期必须是今天', en: "The request must carry today's date."},
    cause: {zh: 'req_date 不是北京时间的今天', en: 'req_date is not today in Beijing.'},
    remedy: {zh: '检查本机时钟与时区', en: 'Check clock and zone.'},
  },
  ORDER_EXPIRED: {
    who: 'you',
    meaning: {zh: '订单已超时', en: 'The order has run out.'},
    cause: {zh: '超过了 time_expire', en: 'time_expire is over.'},
    remedy: {zh: '重新下单', en: 'Place a new order.'},
  },
  BALANCE: {
    who: 'you',
    meaning: {zh: '可用余额不足', en: 'The balance does not cover it.'},
    cause: {zh: '结算前退款,账户里没有足够的钱', en: 'Refunds before settlement need money in the account.'},
    remedy: {zh: '查 dougong balance,等入账或充值', en: 'See dougong balance; wait or top up.'},
  },
  SIGNATURE: {
    who: 'you',
    meaning: {zh: '网关验签失败', en: 'The gateway could not verify our signature.'},
    cause: {
      zh: '私钥不对、系统公钥没有上传,或用了别的环境的密钥',
      en: 'Wrong private key, its public half not uploaded, or the key of another environment.',
    },
    remedy: {
      zh: 'dougong key match 核对密钥;控台“系统公钥”应是这把私钥的公钥',
      en: "Compare with dougong key match; the console's 系统公钥 must be this key's public half.",
    },
  },
  CLOSE_EARLY: {
    who: 'you',
    meaning: {zh: '下单一分钟内不能关单', en: 'An order cannot be closed within a minute.'},
    cause: {zh: '平台规则', en: "The platform's rule."},
    remedy: {zh: '一分钟后再关;dougong close --wait 会等', en: 'Try after a minute; dougong close --wait waits.'},
  },
  CLOSE_TERMINAL: {
    who: 'you',
    meaning: {zh: '原交易已是终态', en: 'The order has already ended.'},
    cause: {zh: '已支付、已失败或已关闭', en: 'It is paid, failed or closed.'},
    remedy: {zh: '先查询;已支付的用退款', en: 'Ask first; refund it if it is paid.'},
  },
  CLOSE_FAILED: {
    who: 'you',
    meaning: {zh: '关单失败', en: 'The close failed.'},
    cause: {zh: '通道没有关成', en: 'The channel did not close it.'},
    remedy: {zh: '查询交易后再决定', en: 'Ask about the payment, then decide.'},
  },
  HANDLED: {
    who: 'nobody',
    meaning: {zh: '接口调用成功,不代表已支付', en: 'The call was handled; that does not mean paid.'},
    cause: {zh: '只有 trans_stat 说明资金是否变动', en: 'Only trans_stat says whether money moved.'},
    remedy: {zh: '看 trans_stat', en: 'Look at trans_stat.'},
  },
  ACCEPTED: {
    who: 'nobody',
    meaning: {zh: '已受理,处理中', en: 'Accepted and under way.'},
    cause: {zh: '终态要等通知或查询', en: 'The end comes by notification or query.'},
    remedy: {zh: 'dougong query --wait', en: 'dougong query --wait'},
  },
  PARAMETER: {
    who: 'you',
    meaning: {zh: '参数不对', en: 'A parameter is wrong.'},
    cause: {zh: 'resp_desc 里写明了字段', en: 'resp_desc names the field.'},
    remedy: {zh: '改正该字段再发', en: 'Correct that field.'},
  },
  NOT_FINISHED: {
    who: 'you',
    meaning: {zh: '原交易没有完成,不能退款', en: 'The payment is not finished and cannot be refunded.'},
    cause: {zh: '原交易不是成功状态', en: 'Its state is not S.'},
    remedy: {zh: '先查询原交易', en: 'Ask about the payment first.'},
  },
  TOO_MUCH: {
    who: 'you',
    meaning: {zh: '退款金额超过可退金额', en: 'More than can be refunded.'},
    cause: {zh: '已退和在途的退款也算', en: 'Refunds done and under way count.'},
    remedy: {
      zh: '查已有退款:dougong refund query --hf-seq-id',
      en: 'See what was refunded: dougong refund query --hf-seq-id.',
    },
  },
  NO_PARTIAL: {
    who: 'you',
    meaning: {zh: '这笔交易不支持部分退款', en: 'This payment cannot be refunded in part.'},
    cause: {zh: '平台或通道规则', en: 'A rule of platform or channel.'},
    remedy: {zh: '全额退款', en: 'Refund it whole.'},
  },
  DUPLICATE: {
    who: 'you',
    meaning: {zh: '流水号重复', en: 'The number was used before.'},
    cause: {zh: '同一商户同一天用过这个 req_seq_id', en: 'The same req_seq_id, merchant and day.'},
    remedy: {
      zh: '先查询这个号码,不要换号重发资金请求',
      en: 'Ask about this number; never send money again under a new one.',
    },
  },
  TOO_OFTEN: {
    who: 'you',
    meaning: {zh: '操作太频繁,或并发冲突', en: 'Too often, or two at once.'},
    cause: {zh: '关单时也可能表示一分钟内', en: 'For a close it can mean within the first minute.'},
    remedy: {zh: '稍等再查询', en: 'Wait, then ask.'},
  },
  ACCOUNT_FROZEN: {
    who: 'huifu',
    meaning: {zh: '账户被冻结', en: 'The account is frozen.'},
    cause: {zh: '风控或协议原因', en: 'Risk control or contract.'},
    remedy: {zh: '联系汇付', en: 'Ask Huifu.'},
  },
  NOT_FOUND: {
    who: 'you',
    meaning: {zh: '没有这笔交易', en: 'No such transaction.'},
    cause: {
      zh: '号码种类、日期、商户号或环境不对;刚发送的也可能还查不到',
      en: 'Wrong kind of number, date, merchant or environment; one just sent may not be known yet.',
    },
    remedy: {
      zh: '核对 --req-date 与号码;退款查询用退款自己的号',
      en: "Check --req-date and number; for refunds use the refund's own.",
    },
  },
  MERCHANT: {
    who: 'you',
    meaning: {zh: '商户不存在或状态异常', en: 'The merchant is unknown or not active.'},
    cause: {zh: 'huifu_id 不对,或与产品没有关联', en: 'huifu_id is wrong or not linked to the product.'},
    remedy: {zh: '核对 huifu_id;状态问题联系汇付', en: 'Check huifu_id; ask Huifu about its state.'},
  },
  LOCATOR: {
    who: 'you',
    meaning: {zh: '没有指明交易,或费用字段不完整', en: 'No number was given, or fee fields are incomplete.'},
    cause: {zh: '定位字段都为空', en: 'All locators are empty.'},
    remedy: {zh: '给一个号码', en: 'Give one number.'},
  },
  PRODUCT: {
    who: 'you',
    meaning: {zh: '产品号不存在或异常', en: 'product_id is unknown or not active.'},
    cause: {zh: 'product_id 不对或环境不对', en: 'Wrong product_id or environment.'},
    remedy: {zh: '核对控台 开发者信息', en: 'Compare with the console, 开发者信息.'},
  },
  ACCOUNT: {
    who: 'provider',
    meaning: {zh: '账户不存在或配置不对', en: 'The account is missing or misconfigured.'},
    cause: {zh: 'acct_id 或延迟账户未配置', en: 'acct_id or the delay account.'},
    remedy: {zh: '请服务商配置', en: 'Have it configured.'},
  },
  NOT_OPENED: {
    who: 'provider',
    meaning: {zh: '功能没有开通', en: 'The function is not opened.'},
    cause: {zh: '分账、延迟入账、退款等权限', en: 'Splitting, delayed booking, refunds and the like.'},
    remedy: {zh: '在控台申请开通', en: 'Apply in the console.'},
  },
  CONFIGURATION: {
    who: 'provider',
    meaning: {zh: '商户配置不完整', en: "The merchant's configuration is incomplete."},
    cause: {
      zh: '费率、微信/支付宝入驻信息、分账等;以 resp_desc 为准',
      en: 'Fee rate, WeChat or Alipay registration, splitting; resp_desc tells.',
    },
    remedy: {
      zh: '按 resp_desc 补配置,核对线上/线下费率',
      en: 'Complete what resp_desc names; check online and offline rates.',
    },
  },
  OWNERSHIP: {
    who: 'you',
    meaning: {zh: '没有数据权限,或退款费用承担方不符', en: 'No permission for the data, or the fee bearer differs.'},
    cause: {zh: '商户号不对,或分账设置不符', en: 'Wrong merchant, or splitting differs.'},
    remedy: {zh: '核对 huifu_id 与分账', en: 'Check huifu_id and splitting.'},
  },
  AMOUNTS: {
    who: 'you',
    meaning: {zh: '金额不对', en: 'An amount is wrong.'},
    cause: {zh: '手续费、分账、余额或可退金额', en: 'Fee, parts, balance or what is left.'},
    remedy: {zh: '看 resp_desc,重新计算', en: 'Read resp_desc and work it out again.'},
  },
  UNSUPPORTED: {
    who: 'you',
    meaning: {zh: '不支持', en: 'Not supported.'},
    cause: {
      zh: '交易类型、银联关单、优惠交易部分退款等',
      en: 'Trade type, UnionPay close, partial refund with coupons and the like.',
    },
    remedy: {zh: '换一种方式', en: 'Use another way.'},
  },
  NO_PERMISSION: {
    who: 'huifu',
    meaning: {zh: '权限不足', en: 'No permission.'},
    cause: {zh: 'sys_id 在这个环境没有权限', en: 'sys_id has none in this environment.'},
    remedy: {zh: '核对 sys_id 与环境,联系汇付', en: 'Check both, ask Huifu.'},
  },
  UNAVAILABLE: {
    who: 'huifu',
    meaning: {zh: '服务不可用', en: 'Service unavailable.'},
    cause: {zh: '平台', en: 'The platform.'},
    remedy: {zh: '稍后再查询', en: 'Ask later.'},
  },
  BUSINESS: {
    who: 'you',
    meaning: {zh: '业务失败', en: 'The business failed.'},
    cause: {zh: '以 resp_desc 和 bank_message 为准', en: 'resp_desc and bank_message tell.'},
    remedy: {zh: '按原文处理;资金请求先查询', en: 'Act on those words; ask first where money is concerned.'},
  },
  CHANNEL: {
    who: 'huifu',
    meaning: {zh: '通道异常', en: 'The channel is in trouble.'},
    cause: {zh: '微信或银行侧', en: "WeChat's or the bank's side."},
    remedy: {zh: '先查询,再重试', en: 'Ask first, then try again.'},
  },
  SYSTEM: {
    who: 'huifu',
    meaning: {zh: '系统错误', en: 'System error.'},
    cause: {zh: '平台', en: 'The platform.'},
    remedy: {zh: '先查询,不要换号重发', en: 'Ask first, never send under a new number.'},
  },
  HTTP_NOT_FOUND: {
    who: 'you',
    meaning: {zh: '没有这个接口', en: 'No such call.'},
    cause: {zh: '路径、版本或环境不对', en: 'Wrong path, version or environment.'},
    remedy: {zh: '检查 base_url 与 --api-version', en: 'Check base_url and --api-version.'},
  },
  HTTP_CHARACTERS: {
    who: 'you',
    meaning: {zh: '内容含非法字符', en: 'Illegal characters.'},
    cause: {zh: '控制字符、HTML 或表情', en: 'Control characters, HTML or emoji.'},
    remedy: {zh: '清理商品描述与备注', en: 'Clean goods_desc and remark.'},
  },
  HTTP_BACKEND: {
    who: 'huifu',
    meaning: {zh: '网关后端出错或超时', en: "The gateway's back end failed or was late."},
    cause: {zh: '平台;资金请求结果未知', en: 'The platform; the outcome of money calls is unknown.'},
    remedy: {zh: 'dougong journal resume,不要重发', en: 'dougong journal resume; do not send again.'},
  },
  HTTP_LIMITED: {
    who: 'you',
    meaning: {zh: '被限流', en: 'Rate limited.'},
    cause: {zh: '调用过多', en: 'Too many calls.'},
    remedy: {zh: '放慢,先查询', en: 'Slow down, ask first.'},
  },
  HTTP_BANNED: {
    who: 'huifu',
    meaning: {zh: '被安全策略拦截', en: 'Banned by security.'},
    cause: {zh: 'IP 或商户被拦截', en: 'IP or merchant.'},
    remedy: {zh: '联系汇付', en: 'Ask Huifu.'},
  },
  HTTP_AUTH: {
    who: 'you',
    meaning: {zh: '网关认证失败', en: 'The gateway does not know these ids.'},
    cause: {zh: 'sys_id/product_id 不属于这个环境', en: 'sys_id or product_id is not of this environment.'},
    remedy: {zh: '核对环境与编号', en: 'Check environment and ids.'},
  },
  HTTP_SIGNING: {
    who: 'huifu',
    meaning: {zh: '平台给应答签名失败', en: 'The platform could not sign its answer.'},
    cause: {zh: '平台', en: 'The platform.'},
    remedy: {zh: '查询确认结果', en: 'Ask how it ended.'},
  },
  SANDBOX_HEADERS: {
    who: 'you',
    meaning: {zh: '本地沙箱缺少请求头', en: 'The local sandbox wants its headers.'},
    cause: {
      zh: '没有 jpt-x-skill-source 或 jpt-x-skill-huifu_id',
      en: 'jpt-x-skill-source or jpt-x-skill-huifu_id is missing.',
    },
    remedy: {zh: '用 dougong profile import 导入沙箱的导出', en: 'Import its export with dougong profile import.'},
  },
  PAYER_LIMITED: {
    who: 'wechat',
    meaning: {zh: '交易受限或超限', en: 'The trade is limited or over a limit.'},
    cause: {zh: '单笔、单日限额,或风控', en: 'A limit a trade or a day, or risk control.'},
    remedy: {zh: '换一种付款方式或联系微信', en: 'Pay another way, or ask WeChat.'},
  },
  FEATURE_OFF: {
    who: 'provider',
    meaning: {zh: '该功能已关闭', en: 'The feature is switched off.'},
    cause: {zh: '商户或服务商关闭了它', en: 'Switched off for the merchant or its service provider.'},
    remedy: {zh: '在服务商控台开启', en: 'Switch it on in the console.'},
  },
  FEE_RATE: {
    who: 'provider',
    meaning: {zh: '手续费没有配置好', en: 'The fee is not configured.'},
    cause: {zh: '没有这个 pay_scene 的费率', en: 'No rate for this pay_scene.'},
    remedy: {
      zh: '在服务商控台配置费率;dougong check-config',
      en: 'Configure the rate in the console; dougong check-config.',
    },
  },
  WX_ENTRY: {
    who: 'provider',
    meaning: {zh: '商户在微信的入驻信息不对', en: 'The merchant is not entered at the channel as configured.'},
    cause: {
      zh: '多通道时没有默认,或线上线下不符',
      en: 'Several channels without a default, or online and offline mixed up.',
    },
    remedy: {
      zh: '传 pay_scene 或 channel_no;dougong check-config',
      en: 'Send pay_scene or channel_no; dougong check-config.',
    },
  },
  SPLIT_CONFIG: {
    who: 'you',
    meaning: {zh: '分账参数不合规', en: 'The split does not keep the rules.'},
    cause: {
      zh: '缺少主账户、比例过高,或承担方不在列表',
      en: 'The main account is missing, a share is too high, or the fee bearer is not in the list.',
    },
    remedy: {zh: '按提示改分账列表', en: 'Correct the list as told.'},
  },
  PROMOTION: {
    who: 'provider',
    meaning: {zh: '活动或产品没有开通', en: 'A promotion or product is not opened.'},
    cause: {zh: '未报名、已过期,或费率未配置', en: 'Not applied for, over, or without a rate.'},
    remedy: {zh: '去掉相关参数,或先开通', en: 'Leave its fields out, or have it opened.'},
  },
  HOSTING: {
    who: 'you',
    meaning: {zh: '托管项目不存在', en: 'The hosting project is unknown.'},
    cause: {zh: '这是托管接口的参数,与聚合正扫无关', en: 'A parameter of the hosting calls, not of these.'},
    remedy: {zh: '检查 project_id', en: 'Check project_id.'},
  },
  SDK_VERIFY: {
    who: 'you',
    meaning: {zh: '官方 SDK 在本地验签失败', en: 'An official SDK could not verify an answer.'},
    cause: {zh: '汇付公钥不对,或 SDK 重新序列化(0.00)', en: 'A wrong Huifu key, or the SDK rewrote numbers (0.00).'},
    remedy: {zh: '用 dougong check-config 看 sign.answer', en: 'See sign.answer of dougong check-config.'},
  },
  SDK_UNSIGNED: {
    who: 'you',
    meaning: {zh: '应答没有签名', en: 'The answer has no signature.'},
    cause: {zh: '网关在信封层拒绝,或 HTTP 401', en: 'The gateway turned the envelope away, or HTTP 401.'},
    remedy: {zh: '看 HTTP 状态和正文;--verbose', en: 'Look at status and body; --verbose.'},
  },
  SDK_NETWORK: {
    who: 'you',
    meaning: {zh: '官方 SDK 的网络错误', en: 'A network error of an official SDK.'},
    cause: {zh: 'DNS、代理、TLS 或超时', en: 'DNS, proxy, TLS or a time-out.'},
    remedy: {
      zh: '先查询原交易,不要重下单;dougong check-config',
      en: 'Query the original, place no new order; dougong check-config.',
    },
  },
  SDK_LOCAL: {
    who: 'you',
    meaning: {zh: '官方 SDK 的本地错误', en: 'A local error of an official SDK.'},
    cause: {zh: '配置或参数', en: 'Configuration or parameters.'},
    remedy: {
      zh: '看 SDK 的日志;dougong check-config 检查配置',
      en: 'See its log; dougong check-config checks the configuration.',
    },
  },
  SANDBOX_REQUEST: {
    who: 'you',
    meaning: {zh: '官方本地沙箱:请求不合格式', en: 'The official local sandbox: a malformed request.'},
    cause: {zh: '信封、字段取值或编号不对', en: 'Envelope, a value, or the ids.'},
    remedy: {zh: '按提示改请求', en: 'Correct the request as told.'},
  },
  SANDBOX_SIGNATURE: {
    who: 'you',
    meaning: {zh: '官方本地沙箱:签名错误', en: 'The official local sandbox: a bad signature.'},
    cause: {zh: '私钥不是沙箱导出的那把', en: 'The key is not the one it exported.'},
    remedy: {zh: '重新 dougong profile import', en: 'Import its export again: dougong profile import.'},
  },
  SANDBOX_UNKNOWN: {
    who: 'you',
    meaning: {zh: '官方本地沙箱:找不到原交易或场景', en: 'The official local sandbox: unknown original or scenario.'},
    cause: {zh: '沙箱重启后不记得', en: 'It forgets when it restarts.'},
    remedy: {zh: '重新下单', en: 'Place the order again.'},
  },
  SANDBOX_CONFLICT: {
    who: 'you',
    meaning: {zh: '官方本地沙箱:同号不同内容', en: 'The official local sandbox: the same number with other content.'},
    cause: {zh: 'req_seq_id 已用于另一请求', en: 'The req_seq_id belongs to another request.'},
    remedy: {zh: '换一个流水号', en: 'Use another number.'},
  },
  SANDBOX_BUSINESS: {
    who: 'you',
    meaning: {zh: '官方本地沙箱:业务规则拒绝', en: 'The official local sandbox: refused by its rules.'},
    cause: {
      zh: '注入的失败、原交易未成功、超额退款、已支付不能关单等',
      en: 'An injected failure, an original that is not paid, too large a refund, a paid order.',
    },
    remedy: {zh: '看说明文字', en: 'Read its words.'},
  },
  SANDBOX_PROXY: {
    who: 'you',
    meaning: {zh: '官方本地沙箱:转发失败', en: 'The official local sandbox: forwarding failed.'},
    cause: {zh: '它到汇付的请求没有成功', en: 'Its own call to Huifu failed.'},
    remedy: {zh: '检查它的网络设置', en: 'Check its network.'},
  },
};
