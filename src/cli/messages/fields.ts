import type {Text} from '../context.ts';

/** Labels of the gateway's fields, in the order that matters to a person. What is not here is shown last, by its own name. */
export const fields: Record<string, Text> = {
  trans_stat: {zh: '状态', en: 'state'},
  org_trans_stat: {zh: '原交易状态', en: 'payment state'},
  trans_amt: {zh: '交易金额', en: 'amount'},
  ord_amt: {zh: '退款金额', en: 'refund amount'},
  pay_amt: {zh: '支付金额', en: 'paid amount'},
  settlement_amt: {zh: '结算金额', en: 'settlement amount'},
  actual_ref_amt: {zh: '实际退款金额', en: 'refunded amount'},
  fee_amt: {zh: '手续费', en: 'fee'},
  fee_amount: {zh: '手续费', en: 'fee'},
  acct_stat: {zh: '入账', en: 'booked'},
  acct_date: {zh: '入账日期', en: 'booked on'},
  bank_message: {zh: '通道说明', en: 'channel says'},
  bank_desc: {zh: '通道说明', en: 'channel says'},
  resp_code: {zh: '返回码', en: 'resp_code'},
  resp_desc: {zh: '返回说明', en: 'resp_desc'},
  huifu_id: {zh: '商户号', en: 'merchant'},
  req_date: {zh: '请求日期', en: 'req_date'},
  req_seq_id: {zh: '请求流水号', en: 'req_seq_id'},
  hf_seq_id: {zh: '全局流水号', en: 'hf_seq_id'},
  org_req_date: {zh: '原请求日期', en: 'org_req_date'},
  org_req_seq_id: {zh: '原请求流水号', en: 'org_req_seq_id'},
  org_hf_seq_id: {zh: '原全局流水号', en: 'org_hf_seq_id'},
  out_trans_id: {zh: '微信交易单号', en: 'WeChat transaction'},
  party_order_id: {zh: '微信商户单号', en: 'WeChat order'},
  trade_type: {zh: '交易类型', en: 'type'},
  trans_type: {zh: '交易类型', en: 'type'},
  trans_time: {zh: '交易时间', en: 'time'},
  end_time: {zh: '完成时间', en: 'ended'},
  trans_finish_time: {zh: '完成时间', en: 'ended'},
  remark: {zh: '备注', en: 'remark'},
};

/** trans_stat in words; only this says whether money moved. */
export const states = {
  payment: {
    S: {zh: '已支付', en: 'paid'},
    F: {zh: '失败或已关闭', en: 'failed or closed'},
    P: {zh: '处理中,未完成', en: 'not finished'},
    I: {zh: '初始', en: 'not begun'},
  },
  refund: {
    S: {zh: '已退款', en: 'refunded'},
    F: {zh: '退款失败', en: 'refund failed'},
    P: {zh: '退款处理中', en: 'refund under way'},
    I: {zh: '初始', en: 'not begun'},
  },
  close: {
    S: {zh: '关单成功', en: 'closed'},
    F: {zh: '关单失败', en: 'not closed'},
    P: {zh: '关单处理中', en: 'close under way'},
    I: {zh: '初始', en: 'not begun'},
  },
  acct: {
    S: {zh: '已入账', en: 'yes'},
    F: {zh: '入账失败,请联系汇付', en: 'FAILED, ask Huifu'},
    P: {zh: '处理中', en: 'under way'},
    I: {zh: '未入账', en: 'not yet'},
  },
} as const satisfies Record<string, Record<string, Text>>;

/** Where an intent of the journal is, in words. */
export const intentStates = {
  intended: {zh: '未发送', en: 'not sent'},
  sent: {zh: '已发送,等待应答', en: 'sent'},
  unknown: {zh: '结果未知', en: 'unknown'},
  deferred: {zh: '被限流,待重发', en: 'deferred'},
  pending: {zh: '处理中', en: 'pending'},
  done: {zh: '成功', en: 'done'},
  failed: {zh: '失败', en: 'failed'},
  refused: {zh: '被拒绝', en: 'refused'},
  abandoned: {zh: '已放弃', en: 'abandoned'},
} as const satisfies Record<string, Text>;
