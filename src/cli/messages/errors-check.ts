import type {CheckCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Errors of check-config and its kin. */
export const checkErrors: Record<CheckCode, Sentence<P>> = {
  NOT_READY: say(
    p => `还不能收款。先处理 ${p.check}:${p.what}`,
    p => `not ready to take payments. First: ${p.check}: ${p.what}`,
  ),
  NOT_READY_YET: say(
    p => `还不能收款,在等别人。${p.check}:${p.what}`,
    p => `not ready yet, others are at work. ${p.check}: ${p.what}`,
  ),
  NOT_BOUND_YET: say(
    p => `${p.appid} 还没有绑定好(${p.state})`,
    p => `${p.appid} is not bound yet (${p.state})`,
  ),
  BIND_FIRST: say(
    p => `先解决 ${p.check},没有写入任何东西:${p.what}`,
    p => `nothing was written; first: ${p.check}: ${p.what}`,
  ),
  APPID_INVALID: say(
    p => `“${p.value}”不像 appid(wx 加 16 位)`,
    p => `"${p.value}" is no appid (wx and 16 characters)`,
  ),
  ROW_EMPTY: say(
    p => `第 ${p.line} 行的 ${p.name} 是空的`,
    p => `line ${p.line}: ${p.name} is empty`,
  ),
  OUT_FOREIGN: say(
    p => `${p.file} 不是本命令写的结果文件,没有动它;换一个 --out`,
    p => `${p.file} was not written by this command and is left alone; choose another --out`,
  ),
  BATCH_NOT_READY: say(
    p => `${p.count} 个商户还不能收款`,
    p => `${p.count} merchants are not ready`,
  ),
  BATCH_WAITING: say(
    p => `${p.count} 个商户还在等待`,
    p => `${p.count} merchants are waiting for others`,
  ),
  BATCH_UNANSWERED: say(
    p => `${p.count} 个商户没有得到应答;再运行同一命令`,
    p => `${p.count} merchants got no answer; run the same command again`,
  ),
  SECRET_MISSING: say(
    () => '缺少 AppSecret:--secret-file FILE,或环境变量 DOUGONG_WX_SECRET',
    () => 'the AppSecret is missing: --secret-file FILE, or DOUGONG_WX_SECRET',
  ),
  WX_URL: say(
    p => `${p.url} 不能用:微信地址须是 https(本机可用 http)`,
    p => `${p.url} cannot be used: https, or http on loopback`,
  ),
  WX_REFUSED: say(
    p => `微信拒绝:${p.errcode} ${p.errmsg}`,
    p => `WeChat refused: ${p.errcode} ${p.errmsg}`,
  ),
  WX_ANSWER: say(
    p => `微信的应答读不懂(HTTP ${p.status})`,
    p => `WeChat's answer does not read (HTTP ${p.status})`,
  ),
};
