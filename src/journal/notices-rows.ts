import type {Channel, NoticeReason} from '../core/notice.ts';
import type {NoticeFacts} from '../core/notice-facts.ts';
import type {Verdict} from '../core/wire.ts';
import type {AckVerdict, Forward, ForwardState, NewNotice, Notice} from './notices.ts';

export type Row = Record<string, string | number | null | Uint8Array>;

/** What tells one message from another; the two mechanisms and every state of a payment have messages of their own. */
export function keyOf({environment, channel, verdict, facts, digest}: NewNotice | Notice): string {
  if (verdict !== 'ok') return `! ${environment}`;
  const {huifu_id, hf_seq_id, req_date, req_seq_id, kind, notify_type, trans_stat, acct_stat, event} = facts;
  const number = hf_seq_id ?? (req_seq_id === undefined ? undefined : `${req_date ?? ''} ${req_seq_id}`);
  const about = number ?? `= ${digest}`;
  return JSON.stringify([environment, huifu_id, about, channel, kind, notify_type, trans_stat, acct_stat, event]);
}

export const COLUMNS = `seq, at, last_at, times, environment, profile, channel, method, url, headers, verdict, reason, elsewhere,
  as_json, digest, conflict_of, facts, body IS NULL AS erased`;

export function toNotice(row: Row): Notice {
  return {
    id: String(row.seq),
    at: Number(row.at),
    lastAt: Number(row.last_at),
    times: Number(row.times),
    environment: String(row.environment),
    profile: String(row.profile),
    channel: row.channel as Channel,
    method: String(row.method),
    url: String(row.url),
    headers: JSON.parse(String(row.headers)) as Record<string, string>,
    ...(row.body instanceof Uint8Array && {body: Buffer.from(row.body)}),
    erased: row.erased === 1,
    verdict: row.verdict as Verdict,
    ...(row.reason !== null && {reason: row.reason as NoticeReason}),
    foreign: row.elsewhere === 1,
    asJson: row.as_json === 1,
    facts: JSON.parse(String(row.facts)) as NoticeFacts,
    digest: String(row.digest),
    ...(row.conflict_of !== null && {conflictOf: String(row.conflict_of)}),
  };
}

export function toForward(row: Row): Forward {
  return {
    id: Number(row.id),
    notice_id: String(row.notice),
    target: String(row.target),
    state: row.state as ForwardState,
    tries: Number(row.tries),
    dueAt: Number(row.due_at),
    ...(row.status !== null && {status: Number(row.status)}),
    ...(row.ack !== null && {ack: row.ack as AckVerdict}),
    ...(row.answer !== null && {answer: String(row.answer)}),
    ...(row.ms !== null && {ms: Number(row.ms)}),
  };
}
