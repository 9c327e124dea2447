import type {BatchCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Errors of batches. */
export const batchErrors: Record<BatchCode, Sentence<P>> = {
  BATCH_ROWS: say(
    p => `有 ${p.count} 行不能用,什么都没有发送。先看第 ${p.line} 行:${p.reason}`,
    p => `${p.count} rows cannot be used; nothing was sent. First, line ${p.line}: ${p.reason}`,
  ),
  BATCH_OUT: say(
    () => '批量需要 --out 结果文件(或 --dry-run)',
    () => 'a batch needs --out for its results (or --dry-run)',
  ),
  BATCH_OUT_SAME: say(
    p => `--out 就是输入文件 ${p.file};换一个`,
    p => `--out is the input file ${p.file}; choose another`,
  ),
  BATCH_CHANGED: say(
    p => `输入文件在批次中途被改动,什么都没有发送。第 ${p.line} 行原来是 ${p.was},现在是 ${p.is};改回来,或换一个 --out`,
    p =>
      `the input file was changed under a half-done batch; nothing was sent. Line ${p.line} was ${p.was} and is ${p.is}; put it back, or choose another --out`,
  ),
  BATCH_EXPECT: say(
    p => `与 ${p.flag} 不符:文件是 ${p.is},预期 ${p.expected};什么都没有发送`,
    p => `${p.flag} does not fit: the file has ${p.is}, expected ${p.expected}; nothing was sent`,
  ),
  BATCH_REFUSED: say(
    p => `${p.count} 行被拒绝或失败,见结果文件`,
    p => `${p.count} rows were refused or failed; see the result`,
  ),
  BATCH_UNKNOWN: say(
    p => `${p.count} 行结果未知:不要换号重发;再运行同一命令,或 dougong journal resume`,
    p =>
      `${p.count} rows have an unknown outcome: run the same command again, or dougong journal resume; never under new numbers`,
  ),
  BATCH_NOT_SENT: say(
    p => `${p.count} 行没有发出;再运行同一命令`,
    p => `${p.count} rows were never sent; run the same command again`,
  ),
  BATCH_PENDING: say(
    p => `${p.count} 行已受理,尚未完成;稍后再运行同一命令`,
    p => `${p.count} rows are accepted and not finished; run the same command again later`,
  ),
  BATCH_STOPPED: say(
    p => `批次自行停下(${p.reason}),还有 ${p.count} 行没有开始;解决后再运行同一命令`,
    p =>
      `the batch stopped by itself (${p.reason}); ${p.count} rows were not begun; mend it and run the same command again`,
  ),
};
