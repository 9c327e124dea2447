import type {BillCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Errors of statements. */
export const billErrors: Record<BillCode, Sentence<P>> = {
  BILL_QUOTA: say(
    p => `今天的对账单查询次数已用完(每天最多 ${p.limit} 次);明天再运行同一命令`,
    p => `today's statement queries are used up (at most ${p.limit} a day); run the same command tomorrow`,
  ),
};
