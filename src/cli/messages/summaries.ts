/** One line a command, for `dougong --help`; each command shows the same line above its own flags. */
export const summaries = {
  pay: {zh: '下单(聚合正扫)', en: 'place an order (聚合正扫)'},
  query: {zh: '查询一笔交易', en: 'ask for one payment'},
  refund: {zh: '退款(部分或全部)', en: 'refund part or all of a payment'},
  close: {zh: '关闭未支付的订单', en: 'close an unpaid order'},
  balance: {zh: '查询账户余额', en: "the merchant's balance"},
  'check-config': {
    zh: '检查能否收款:密钥、签名、微信配置、实名',
    en: 'tell what keeps a merchant from taking payments, and who must act',
  },
  'user-id': {zh: '微信用户标识查询(付款码)', en: 'who stands behind a payment code (微信用户标识查询)'},
  openid: {zh: '用 wx.login 的 code 换 openid', en: 'exchange a code of wx.login for an openid'},
  journal: {zh: '本机的资金记录', en: "this machine's record of money requests"},
  bill: {zh: '对账单:下载、转换、汇总、对账', en: 'statements: download, convert, summarise, reconcile'},
  listen: {zh: '接收、验签、保存、应答、转发异步通知', en: 'receive notifications: verify, keep, acknowledge, forward'},
  privacy: {zh: '抹去个人信息', en: 'erase personal data'},
  notify: {zh: '保存的异步通知:查看、重发、验签、导出', en: 'the kept notifications: see, resend, verify, export'},
  explain: {zh: '解释网关的返回码或报错(离线)', en: 'explain a code or message of the gateway, offline'},
  init: {zh: '首次设置:写一个配置', en: 'first set-up: writes a profile'},
  profile: {zh: '管理配置', en: 'manage profiles'},
  key: {zh: '生成、查看、配对密钥', en: 'make, inspect and match keys'},
  sandbox: {zh: '本机的模拟网关', en: 'a gateway on this machine'},
} as const;
