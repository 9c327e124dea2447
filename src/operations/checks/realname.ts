import type {Data} from '../../core/wire.ts';
import {str} from '../tools.ts';
import type {Check, CheckDesk, Outcome} from './types.ts';
import {unasked} from './wechat.ts';

/** UNAUTHORIZED contains AUTHORIZED: it is tested first. */
function authorized(data: Data): boolean | undefined {
  const word = (str(data, 'authorize_stat', 'authorise_stat') ?? '').toUpperCase();
  if (/UN_?AUTHORI[SZ]ED|未授权/.test(word)) return false;
  return /AUTHORI[SZ]ED|已授权/.test(word) ? true : undefined;
}

/** The states of an application by their words; the spellings with double T are WeChat's. */
const STATES: [RegExp, Pick<Outcome, 'code' | 'verdict' | 'waiting'>][] = [
  [/NO_?APPLY/, {verdict: 'fail', code: 'APPLYMENT_NOAPPLY'}],
  [/CONFIRM_CONTACT/, {verdict: 'fail', code: 'APPLYMENT_CONTACT'}],
  [/CONFIRM_LEGALPERSON/, {verdict: 'fail', code: 'APPLYMENT_LEGALPERSON'}],
  [/WAIT+ING_FOR_AUDIT|AUDIT/, {verdict: 'fail', code: 'APPLYMENT_AUDIT', waiting: true}],
  [/EDITT?ING/, {verdict: 'fail', code: 'APPLYMENT_EDITTING'}],
  [/REJECTED/, {verdict: 'fail', code: 'APPLYMENT_REJECTED'}],
  [/FREEZED|FROZEN/, {verdict: 'fail', code: 'APPLYMENT_FREEZED'}],
  [/CANCELL?ED/, {verdict: 'fail', code: 'APPLYMENT_CANCELED'}],
  [/PASSED/, {verdict: 'pass', code: 'APPLYMENT_PASSED'}],
];

async function judgeApplyment(desk: CheckDesk): Promise<Outcome> {
  const asked = await desk.ask('realname-query');
  if (!('data' in asked)) return unasked(asked, 'realname-query');
  const {data} = asked;
  const state = str(data, 'applyment_stat') ?? '';
  const reason = [str(data, 'reject_param'), str(data, 'reject_reason')].filter(Boolean).join(': ');
  const params = {state: state || '-', reason: reason || '-'};
  const [, found] = STATES.find(([word]) => word.test(state.toUpperCase())) ?? [];
  if (!found) return {verdict: 'warn', code: 'APPLYMENT_UNKNOWN', params};
  // Authorised is what payments need; an application in another state beside it is odd, no hindrance.
  if (found.code !== 'APPLYMENT_PASSED' && authorized(data)) return {verdict: 'warn', code: 'APPLYMENT_ODD', params};
  const qrcode = str(data, 'qrcode_data');
  return {...found, params, ...(qrcode && found.verdict === 'fail' && {qrcode})};
}

/** Layer 6: WeChat's real-name check of the merchant. */
export const realnameChecks: readonly Check[] = [
  {id: 'realname.applyment', layer: 'realname', needs: ['relation.merchant'], run: judgeApplyment},
  {
    id: 'realname.authorized',
    layer: 'realname',
    needs: ['realname.applyment'],
    async run(desk) {
      const asked = await desk.ask('realname-query');
      if (!('data' in asked)) return unasked(asked, 'realname-query');
      const state = str(asked.data, 'authorize_stat', 'authorise_stat') ?? '-';
      const found = authorized(asked.data);
      if (found === undefined) return {verdict: 'skip', code: 'AUTHORIZE_UNKNOWN', params: {state}};
      if (found) return {verdict: 'pass', code: 'AUTHORIZED', params: {state}};
      const qrcode = str(asked.data, 'qrcode_data');
      return {verdict: 'fail', code: 'UNAUTHORIZED', params: {state}, ...(qrcode && {qrcode})};
    },
  },
];
