import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Words of getting statements: bill download, replay, list. */
export const bill = {
  download: {zh: '下载对账单', en: 'download statements'},
  replay: {zh: '要求平台重新生成对账单', en: 'have a statement made again'},
  date: {zh: '交易日(也可写 yesterday)', en: 'the trade date, or yesterday'},
  fileDate: {zh: '平台的 file_date(生成日 = 交易日 + 1)', en: "the platform's file_date (the day after the trades)"},
  from: {zh: '第一个交易日', en: 'the first trade date'},
  to: {zh: '最后一个交易日', en: 'the last trade date'},
  month: {zh: '一个月', en: 'a month'},
  type: {
    zh: 'trade(默认)、split、withdrawal、settle、settle-user、settle-fund、merge、trade-month、settle-month、settle-user-month、all,或平台自己的名称',
    en: "trade (default), split, withdrawal, settle, settle-user, settle-fund, merge, trade-month, settle-month, settle-user-month, all, or the platform's own name",
  },
  out: {zh: '保存到这个目录,默认 bills', en: 'folder to keep them in, bills by default'},
  daily: {zh: '整月也逐日下载,不用月对账单', en: "day by day, never a month's statement"},
  wait: {zh: '等到生成的时刻再查,之后至多再查一次', en: 'wait for the hour it is made and ask then, at most once more'},
  refresh: {zh: '有缓存也重新查询', en: 'ask again although an answer is kept'},
  noUnpack: {zh: '不解压', en: 'leave zips as they are'},
  allowHttp: {zh: '接受不是 https 的下载链接', en: 'take links that are not https'},
  plan: say(
    p =>
      `${p.dates} 个对账单日期(其中月对账单 ${p.months}),需查询 ${p.queries} 次,今天还可查 ${p.left} 次,共需 ${p.days} 天`,
    p =>
      `${p.dates} statement dates (${p.months} of whole months), ${p.queries} queries needed, ${p.left} left today, ${p.days} days in all`,
  ),
  waiting: say(
    p => `还没有生成,等到北京时间 ${p.at}`,
    p => `not made yet: waiting until ${p.at} Beijing time`,
  ),
  none: {zh: '当日无记录', en: 'no records that day'},
  kept: {zh: '(已有)', en: '(already here)'},
  confirmReplay: say(
    p => `在 ${p.environment} 让平台为商户 ${p.huifu_id} 重新生成 ${p.date} 的 ${p.type} 对账单?`,
    p => `Have the ${p.type} statement of ${p.date} of merchant ${p.huifu_id} made again (${p.environment})?`,
  ),
  replayed: say(
    p => `平台已接受:重新生成 ${p.date} 的 ${p.type} 对账单`,
    p => `accepted: the ${p.type} statement of ${p.date} is made again`,
  ),
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
