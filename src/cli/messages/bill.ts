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
