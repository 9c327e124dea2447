import {checkNotifyUrl} from '../../core/notify-url.ts';
import {str} from '../tools.ts';
import type {Check} from './types.ts';
import {unasked} from './wechat.ts';

/** Layers 7 and 8: what payments do without, but nobody wants to. */
export const extraChecks: readonly Check[] = [
  {
    id: 'notify.url',
    layer: 'notify',
    optional: true,
    run({notifyUrl}) {
      if (!notifyUrl) return {verdict: 'skip', code: 'URL_NOT_GIVEN'};
      const found = checkNotifyUrl(notifyUrl);
      const rules = (level: string) =>
        found
          .filter(one => one.level === level)
          .map(({rule}) => rule)
          .join(', ');
      if (rules('error')) return {verdict: 'fail', code: 'URL_RULES', params: {url: notifyUrl, rules: rules('error')}};
      if (rules('warning'))
        return {verdict: 'warn', code: 'URL_WARNED', params: {url: notifyUrl, rules: rules('warning')}};
      return {verdict: 'pass', code: 'URL_GOOD', params: {url: notifyUrl}};
    },
  },
  {
    id: 'notify.redirect',
    layer: 'notify',
    optional: true,
    needs: ['notify.url'],
    async run({notifyUrl = '', probes}) {
      try {
        const {status, location = '-'} = await probes.head(notifyUrl);
        const params = {status: String(status), location};
        if (status >= 300 && status < 400) return {verdict: 'fail', code: 'URL_REDIRECTS', params};
        return {verdict: 'pass', code: 'URL_ANSWERS', params};
      } catch (error) {
        const reason = String((error as {code?: string}).code ?? (error as Error).message);
        return {verdict: 'warn', code: 'URL_UNREACHED', params: {reason}};
      }
    },
  },
  {
    id: 'bill.generation',
    layer: 'bills',
    optional: true,
    needs: ['relation.merchant'],
    async run(desk) {
      const asked = await desk.ask('bill-query');
      if (!('data' in asked)) return unasked(asked, 'bill-query');
      const flag = str(asked.data, 'recon_send_flag');
      const params = {types: str(asked.data, 'file_type') ?? '-'};
      if (flag === 'Y') return {verdict: 'pass', code: 'BILLS_ON', params};
      if (flag === 'N') return {verdict: 'warn', code: 'BILLS_OFF', params};
      return {verdict: 'skip', code: 'BILLS_UNKNOWN', params};
    },
  },
];
