import {createHash} from 'node:crypto';
import {DougongError} from '../core/errors.ts';
import {type NoticeKeys, readMessage} from '../core/notice.ts';
import type {Verdict} from '../core/wire.ts';
import type {AckVerdict, NewNotice, Notice, NoticeStore} from '../journal/notices.ts';
import {judgeAck, type Sender} from './forward.ts';

/** What became of one message that was sent again. */
export interface Resent {
  id: string;
  target: string;
  status: number;
  ack: AckVerdict;
  answer: string;
  ms: number;
  /** Whether the target took it: any 2xx. */
  taken: boolean;
}

const SHOWN_ANSWER = 300;

/**
 * Sends one kept message again, byte for byte: its signature still holds.
 *
 * @throws DougongError `usage` NOTICE_UNKNOWN; `local` NOTICE_ERASED.
 */
export async function resendNotice(
  store: Pick<NoticeStore, 'get'>,
  sender: Sender,
  id: string,
  target: string,
): Promise<Resent> {
  const notice = keptWithBody(store, id);
  const delivered = await sender.send(notice, target);
  const {status, ms, error, body} = delivered;
  const answer = error ?? body.toString('utf8').slice(0, SHOWN_ANSWER);
  const taken = error === undefined && status >= 200 && status < 300;
  return {id, target, status, ack: judgeAck(notice, delivered), answer, ms, taken};
}

function keptWithBody(store: Pick<NoticeStore, 'get'>, id: string): Notice & {body: Buffer} {
  const notice = store.get(id);
  if (!notice) throw new DougongError('usage', 'NOTICE_UNKNOWN', {id});
  const {body} = notice;
  if (body === undefined) throw new DougongError('local', 'NOTICE_ERASED', {id});
  return {...notice, body};
}

/** What a message is kept as, by what reading it found. */
export function verdictOf(
  body: Buffer,
  from: {contentType: string | undefined; url: string; channel: Notice['channel']},
  keys: NoticeKeys,
  merchants: ReadonlySet<string>,
): Pick<NewNotice, 'verdict' | 'reason' | 'foreign' | 'facts' | 'digest' | 'asJson'> & {ack: string | undefined} {
  const {verdict, reason, facts, asJson, text, ack} = readMessage({body, ...from}, keys);
  const genuine = verdict === 'ok';
  return {
    verdict,
    ...(reason && {reason}),
    facts,
    asJson,
    ack,
    foreign: genuine && !(facts.huifu_id !== undefined && merchants.has(facts.huifu_id)),
    digest: createHash('sha256')
      .update(genuine && text !== undefined ? text : body)
      .digest('base64url'),
  };
}

/** One kept message, looked at again with today's keys. */
export interface Reverified {
  id: string;
  before: Verdict;
  after: Verdict;
  /** As it stands now; another id where the same message had been kept meanwhile. */
  notice: Notice;
}

/**
 * Verifies kept messages again, e.g. after a key was corrected, and keeps the new verdicts.
 *
 * A verdict is never taken away: what was genuine when it came stays so when a key was changed since.
 */
export function reverifyNotices(
  store: Pick<NoticeStore, 'get' | 'reverify'>,
  ids: readonly string[],
  keys: NoticeKeys,
  merchants: ReadonlySet<string>,
): {results: Reverified[]; erased: string[]} {
  const results: Reverified[] = [];
  const erased: string[] = [];
  for (const id of ids) {
    const kept = store.get(id);
    if (!kept) throw new DougongError('usage', 'NOTICE_UNKNOWN', {id});
    if (!kept.body) {
      erased.push(id);
      continue;
    }
    const from = {contentType: kept.headers['content-type'], url: kept.url, channel: kept.channel};
    const {ack: _ack, asJson: _asJson, ...found} = verdictOf(kept.body, from, keys, merchants);
    const better = found.verdict === 'ok' && (kept.verdict !== 'ok' || kept.foreign !== found.foreign);
    const notice = better ? store.reverify(id, {...found, reason: undefined}) : kept;
    results.push({id, before: kept.verdict, after: found.verdict, notice});
  }
  return {results, erased};
}
