import {DougongError} from '../../core/errors.ts';
import {NOTICE_KINDS, type NoticeKind} from '../../core/notice-facts.ts';
import type {ForwardTarget} from '../../listen/forward.ts';

/** The kinds a word means: `payment` is traded and booked. */
export function readKinds(text: string, flag: string): NoticeKind[] {
  return text.split(',').flatMap(word => {
    if (word === 'payment') return ['trade', 'booked'] as NoticeKind[];
    if ((NOTICE_KINDS as readonly string[]).includes(word)) return [word as NoticeKind];
    throw new DougongError('usage', 'FLAG_INVALID', {
      flag,
      value: word,
      choices: ['payment', ...NOTICE_KINDS].join(', '),
    });
  });
}

/** --forward-to: a URL, or kind=URL; its path and query stay as they were given. */
export function readTargets(given: readonly string[], flag = '--forward-to'): ForwardTarget[] {
  return given.map(text => {
    const kinds = /^([a-z,]+)=(https?:\/\/.*)$/i.exec(text);
    const url = kinds ? kinds[2]! : text;
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw new DougongError('usage', 'TARGET_INVALID', {flag, value: text});
    return kinds ? {url, kinds: readKinds(kinds[1]!, flag)} : {url};
  });
}
