import type {ListenCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Errors of listen and notify. */
export const listenErrors: Record<ListenCode, Sentence<P>> = {
  TUNNEL_INVALID: say(
    p => `--tunnel“${p.value}”不对;写法:ssh://用户@主机[:22][?bind=0.0.0.0:8010]`,
    p => `--tunnel "${p.value}" is wrong; it is written ssh://user@host[:22][?bind=0.0.0.0:8010]`,
  ),
  TUNNEL_LOST: say(
    p => `隧道断开,没有恢复(${p.reason})`,
    p => `the tunnel was lost and did not come back (${p.reason})`,
  ),
  LISTEN_FAILED: say(
    p => `无法在 ${p.host}:${p.port} 监听(${p.reason});检查 --host 和 --port`,
    p => `cannot listen on ${p.host}:${p.port} (${p.reason}); look at --host and --port`,
  ),
  NOTICES_LOCKED: say(
    p => `通知库被另一进程占用:${p.file};稍后再试`,
    p => `another process holds the kept notifications: ${p.file}; try again`,
  ),
  NOTICES_UNWRITABLE: say(
    p => `通知库写不了:${p.file}(${p.reason})`,
    p => `the kept notifications cannot be written: ${p.file} (${p.reason})`,
  ),
  NOTICES_CORRUPT: say(
    p => `通知库文件损坏:${p.file};移走它再启动,汇付会重发未确认的通知`,
    p =>
      `the file of kept notifications is damaged: ${p.file}; move it away, Huifu sends again what was not acknowledged`,
  ),
  NOTICES_NEWER: say(
    p => `通知库由更新的版本写成(${p.version}):${p.file};请升级 dougong`,
    p => `a newer dougong wrote the kept notifications (${p.version}): ${p.file}; upgrade`,
  ),
  NOTICES_NETWORK_FS: say(
    p => `通知库不能放在网络文件系统上:${p.file};用 DOUGONG_NOTICES 指到本地磁盘`,
    p => `kept notifications must not lie on a network file system: ${p.file}; point DOUGONG_NOTICES to a local disk`,
  ),
  NOTICE_UNKNOWN: say(
    p => `没有保存过这样的通知:${p.id};用 dougong notify list 查看`,
    p => `no notification kept under ${p.id}; dougong notify list shows them`,
  ),
  NOTICE_ERASED: say(
    p => `通知 ${p.id} 的原文已按期限删除,无法重发或验签`,
    p => `the body of ${p.id} was erased after its time; it cannot be sent or verified again`,
  ),
  NOTICES_INVALID: say(
    p => `${p.count} 条通知验签不通过;核对控台的汇付公钥和 Webhook 终端密钥`,
    p => `${p.count} notifications do not verify; compare Huifu's public key and the Webhook key with the console`,
  ),
  RESEND_MANY: say(
    p => `选中 ${p.count} 条,超过上限 ${p.max};缩小范围或用 --max`,
    p => `${p.count} messages are selected, more than ${p.max}; narrow the selection or raise --max`,
  ),
  RESEND_FAILED: say(
    p => `${p.count} 条没有被 ${p.target} 接收`,
    p => `${p.count} messages were not taken by ${p.target}`,
  ),
  TARGET_INVALID: say(
    p => `${p.flag} 应为 http(s)://… 或 类别=http(s)://…,收到:${p.value}`,
    p => `${p.flag} wants http(s)://… or kind=http(s)://…, got ${p.value}`,
  ),
};
