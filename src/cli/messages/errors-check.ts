import type {CheckCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Errors of check-config and its kin. */
export const checkErrors: Record<CheckCode, Sentence<P>> = {
  NOT_READY: say(
    p => `还不能收款:先处理 ${p.check}`,
    p => `not ready to take payments; first: ${p.check}`,
  ),
  NOT_READY_YET: say(
    p => `还在等:${p.check}`,
    p => `waiting for others: ${p.check}`,
  ),
};
