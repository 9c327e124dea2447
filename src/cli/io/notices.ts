import {beijingClock} from '../../core/beijing.ts';
import type {Notice} from '../../journal/notices.ts';
import type {ListenEvent} from '../../listen/events.ts';
import type {ProbeReason} from '../../listen/tunnel/probe.ts';
import type {Context} from '../context.ts';
import {ackVerdicts, listen, noticeKinds, noticeReasons} from '../messages/listen.ts';
import {probeReasons, tunnel} from '../messages/tunnel.ts';
import {plain} from './streams.ts';

/** A kept message as --json shows it: its facts beside what we know of it; no body, no signed text. */
export function noticeJson(notice: Notice): Record<string, unknown> {
  const {id, at, lastAt, times, channel, verdict, reason, foreign, asJson, conflictOf, erased} = notice;
  const {environment, profile, facts, url} = notice;
  return {
    id,
    at,
    last_at: lastAt,
    times,
    channel,
    verdict,
    reason,
    foreign,
    conflict_of: conflictOf,
    as_json: asJson,
    environment,
    profile,
    path: url.split('?', 1)[0],
    erased,
    ...facts,
  };
}

/** The number a person knows a message by. */
export function numberOf({facts}: Pick<Notice, 'facts'>): string {
  return plain(facts.req_seq_id ?? facts.hf_seq_id ?? facts.org_req_seq_id ?? '-');
}

/** An event as one object a line. */
export function eventJson(event: ListenEvent): Record<string, unknown> {
  const {type, at, ...rest} = event;
  const shown: Record<string, unknown> = {type, at, ...rest};
  if ('notice' in event) shown.notice = noticeJson(event.notice);
  if ('error' in event && event.error instanceof Error) shown.error = event.error.message;
  if ('ms' in event) shown.ms = Math.round(event.ms * 10) / 10;
  return shown;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** An event as a line for a person, and how loud it is; undefined for what others draw. */
export function eventLine(
  ctx: Context,
  event: ListenEvent,
): {line: string; level: 'data' | 'note' | 'warn'} | undefined {
  const {t, say} = ctx;
  const {green, red, yellow, dim} = ctx.io.out;
  const clock = dim(beijingClock(event.at).slice(11));
  const data = (text: string) => ({line: `${clock} ${text}`, level: 'data' as const});
  const warn = (text: string) => ({line: `${beijingClock(event.at).slice(11)} ${text}`, level: 'warn' as const});
  const number = 'notice' in event ? numberOf(event.notice) : '';
  switch (event.type) {
    case 'message': {
      const {notice, fresh, status, ms} = event;
      const {kind, amount, trans_stat, acct_stat, event: name} = notice.facts;
      const paint = trans_stat === 'S' ? green : trans_stat === 'F' ? red : yellow;
      const words = [
        t(noticeKinds[kind]),
        name && kind === 'event' ? plain(name) : '',
        plain(amount ?? ''),
        paint(plain([trans_stat, acct_stat && acct_stat !== 'I' ? acct_stat : ''].filter(Boolean).join('/'))),
        number,
        notice.verdict === 'ok' ? '✓' : red(`✗ ${t(listen.unverified)}`),
        notice.asJson && notice.channel === 'notify' ? yellow(t(listen.json)) : '',
        `${status} ${Math.max(1, Math.round(ms))} ms`,
        fresh ? '' : dim(say(listen.again, {times: String(notice.times)})),
        notice.conflictOf ? red(say(listen.conflict, {id: notice.conflictOf})) : '',
        notice.foreign ? yellow(say(listen.foreign, {huifu_id: plain(notice.facts.huifu_id ?? '-')})) : '',
      ];
      return data(words.filter(Boolean).join('  '));
    }
    case 'refused': {
      const why = event.reason ? t(noticeReasons[event.reason]) : event.why;
      const line = say(listen.refused, {status: String(event.status), why: plain(why)});
      return data(red([line, plain(event.facts?.req_seq_id ?? '')].filter(Boolean).join('  ')));
    }
    case 'forwarded': {
      const {target, status, ms, ack, again} = event;
      const bad = ack !== 'exact';
      const taken = status >= 200 && status < 300;
      const text = say(listen.forwarded, {
        target: plain(target),
        status: status === 0 ? plain(event.answer) : String(status),
        ms: String(Math.round(ms)),
        ack: t(ackVerdicts[ack]),
        again: again ? t(listen.retries) : taken ? '' : t(listen.noRetries),
      });
      return data(`  ${number}  ${bad ? yellow(text) : text}`);
    }
    case 'paired':
      return data(
        `  ${number}  ${say(event.order === 'trade-first' ? listen.paired : listen.pairedEarly, {seconds: seconds(event.apartMs)})}`,
      );
    case 'not-booked':
      return warn(say(listen.notBooked, {number}));
    case 'unpaired':
      return warn(say(listen.unpaired, {number, seconds: seconds(event.waitedMs)}));
    case 'anomaly': {
      const {expected, got} = event;
      return warn(
        say(event.what === 'amount' ? listen.amountDiffers : listen.endedOtherwise, {
          number,
          expected,
          got: plain(got),
        }),
      );
    }
    case 'tunnel-ready':
      return {line: `${beijingClock(event.at).slice(11)} ${say(tunnel.ready, {url: plain(event.url)})}`, level: 'note'};
    case 'tunnel-lost':
      return warn(say(event.url === undefined ? tunnel.notYet : tunnel.lost, {reason: probeReason(ctx, event.reason)}));
    case 'tunnel-back':
      return warn(say(tunnel.back, {url: plain(event.url), seconds: seconds(event.awayMs)}));
    case 'tunnel-moved':
      return warn(say(tunnel.moved, {from: plain(event.from), to: plain(event.to)}));
    case 'settled':
      return data(`  ${say(listen.settled, {number, state: event.state})}`);
    case 'checked': {
      const {expected, got, agrees} = event;
      const params = {number, expected: plain(expected), got: plain(got)};
      if (agrees) return data(`  ${green(say(listen.agrees, params))}`);
      return warn(say(agrees === undefined ? listen.unchecked : listen.contradicts, params));
    }
    case 'missed': {
      const {req_seq_id, req_date, trans_stat, amount, error} = event;
      const params = {
        number: plain(req_seq_id),
        date: req_date,
        state: plain(error ?? trans_stat),
        amount: plain(amount),
      };
      return warn(say(listen.missed, params));
    }
    case 'executed':
      return data(`  ${number}  ${say(listen.executed, {code: String(event.code), ms: String(Math.round(event.ms))})}`);
    case 'store-failed':
      return warn(say(listen.storeFailed, {reason: plain(event.error.message)}));
    case 'store-back':
      return warn(say(listen.storeBack, {seconds: seconds(event.awayMs)}));
    case 'fault':
      return warn(say(listen.fault, {reason: plain(event.error.message)}));
    default:
      return undefined;
  }
}

/** "redirect: https://…" in words; what is no reason of ours is shown as it came. */
function probeReason({t}: Context, reason: string): string {
  const [key = '', ...detail] = reason.split(': ');
  const known = key in probeReasons ? t(probeReasons[key as ProbeReason]) : undefined;
  return plain(known === undefined ? reason : [known, detail.join(': ')].filter(Boolean).join(': '));
}
