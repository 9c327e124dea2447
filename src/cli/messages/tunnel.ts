import type {ProbeReason} from '../../listen/tunnel/probe.ts';
import type {Sentence, Text} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Why an echo did not come back. */
export const probeReasons: Record<ProbeReason, Text> = {
  rules: {zh: '汇付不会通知这个地址', en: 'Huifu would not call this URL'},
  redirect: {zh: '地址会跳转,汇付不跟随', en: 'the URL redirects, which Huifu does not follow'},
  'reminder-page': {zh: '得到的是网页(提醒页或登录页)', en: 'a page came back (a reminder or a log-in)'},
  'other-answer': {zh: '应答的不是本程序', en: 'something else answered'},
  status: {zh: '应答的不是本程序', en: 'something else answered'},
  unreached: {zh: '访问不到', en: 'not reached'},
};

/** Words of the ways to be reached from outside. */
export const tunnel = {
  tunnel: {
    zh: '用系统的 ssh 开隧道:ssh://用户@主机[:22][?bind=0.0.0.0:8010]',
    en: "tunnel by the system's ssh: ssh://user@host[:22][?bind=0.0.0.0:8010]",
  },
  command: {
    zh: "运行打印公网地址的程序,如 'cloudflared tunnel --url http://127.0.0.1:{port}'",
    en: "run a program that prints its public URL, e.g. 'cloudflared tunnel --url http://127.0.0.1:{port}'",
  },
  publicUrl: {zh: '自己的反向代理的公网地址', en: 'public URL of your own reverse proxy'},
  probeEvery: {zh: '多久验证一次,默认 30s', en: 'how often the way is proved, 30s by default'},
  giveUpAfter: {zh: '多久不通就退出 9,默认 10m', en: 'without an echo for so long exit 9, 10m by default'},
  waiting: {
    zh: '等待公网地址,经过验证才算就绪…',
    en: 'waiting for the public URL; it is ready once an echo has come back…',
  },
  ready: say(
    p => `就绪:${p.url}(已从公网地址验证往返)。notify_url 用 ${p.url}/`,
    p => `Ready: ${p.url} (an echo has come back through it). Use ${p.url}/ as notify_url`,
  ),
  lost: say(
    p => `隧道断开:${p.reason}`,
    p => `tunnel lost: ${p.reason}`,
  ),
  notYet: say(
    p => `还没有通:${p.reason}`,
    p => `not through yet: ${p.reason}`,
  ),
  back: say(
    p => `隧道恢复:${p.url},中断 ${p.seconds} 秒;其间汇付会重试三次,之后用 --cross-check 或 --expect 查漏`,
    p =>
      `tunnel back: ${p.url}, away for ${p.seconds} s; Huifu retries three times, look for what was missed with --expect`,
  ),
  moved: say(
    p => `!!! 公网地址变了:${p.from} → ${p.to}。旧订单的 notify_url 仍是旧地址`,
    p => `!!! the public URL has changed: ${p.from} -> ${p.to}. Orders made before keep the old notify_url`,
  ),
} as const;
