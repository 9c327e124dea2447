import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Words of getting statements: bill download, replay, list. */
export const bill = {
  list: {zh: '本机记着的对账单', en: 'the statements this machine knows of'},
  empty: {zh: '还没有查询过对账单', en: 'no statement has been asked for yet'},
  head: {
    zh: ['交易日', '类型', '状态', '文件', '环境', '商户号', '查询于'],
    en: ['trade date', 'type', 'state', 'file', 'environment', 'huifu_id', 'asked'],
  },
  states: {
    file: {zh: '可下载', en: 'to be had'},
    none: {zh: '当日无记录', en: 'no records'},
    working: {zh: '生成中', en: 'being made'},
    failed: {zh: '生成失败', en: 'failed'},
    absent: {zh: '平台未提供', en: 'not offered'},
  },
  used: say(
    p => `今天已查询 ${p.used} 次,每天最多 ${p.limit} 次`,
    p => `${p.used} of ${p.limit} queries used today`,
  ),
} as const;

/** Words of the sandbox about statements. */
export const sandboxBills = {
  trades: {zh: '在账本里补上过去几天的交易', en: 'put trades of past days into the ledger'},
  from: {zh: '第一天', en: 'first day'},
  to: {zh: '最后一天', en: 'last day'},
  perDay: {zh: '每天几笔,默认 20', en: 'payments a day, 20 by default'},
  seed: {zh: '同一个数给出同样的交易', en: 'the same number makes the same trades'},
  orders: {zh: '把商户自己的订单写到这个 CSV', en: "write the merchant's own orders to this CSV"},
  made: say(
    p => `账本里新增 ${p.payments} 笔支付、${p.refunds} 笔退款`,
    p => `${p.payments} payments and ${p.refunds} refunds are in the ledger`,
  ),
  set: {zh: '改变沙箱的开关', en: 'change switches of the sandbox'},
  switch: {zh: '开关,可重复', en: 'a switch, repeatable'},
  done: {zh: '完成', en: 'done'},
  billsDir: {zh: '这里的对账单文件原样提供下载', en: 'hand out the statements that lie here'},
  state: {zh: 'bill-state 的任务状态', en: 'task state of bill-state'},
  billType: {zh: 'bill-state 只对这种对账单', en: 'bill-state only of this kind'},
} as const;
