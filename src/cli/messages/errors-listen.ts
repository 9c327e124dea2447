import type {ListenCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Errors of listen and notify. */
export const listenErrors: Record<ListenCode, Sentence<P>> = {
  TUNNEL_LOST: say(
    p => `隧道断开,没有恢复(${p.reason})`,
    p => `the tunnel was lost and did not come back (${p.reason})`,
  ),
};
