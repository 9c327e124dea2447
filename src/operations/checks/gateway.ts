import {beijingDate} from '../../core/beijing.ts';
import {explain} from '../../core/explanations.ts';
import {parseKey} from '../../core/keys.ts';
import {verifyRsa} from '../../core/sign.ts';
import {isEnvelopeRejection} from '../../core/transport.ts';
import type {Answer} from '../../core/wire.ts';
import {str, wordsOf} from '../tools.ts';
import type {Check, CheckDesk, Outcome} from './types.ts';

const MAX_SKEW_MS = 60_000;

/** The gateway turned the request's signature away: 40002, 验签失败 or HTTP 922, all unsigned. */
function isSignatureNo(answer: Answer): boolean {
  const {resp_code, resp_desc} = wordsOf(answer);
  return answer.status === 922 || resp_code === '40002' || /验签失败/.test(resp_desc ?? '');
}

/** sys_id itself is unknown or barred here: 20001 or HTTP 921. */
function isSysIdNo(answer: Answer): boolean {
  return answer.status === 921 || str(answer.data, 'resp_code') === '20001';
}

function isPermissionNo(answer: Answer): boolean {
  const code = str(answer.data, 'resp_code') ?? '';
  return code === '20003' || code === '00000103' || /接口权限认证失败/.test(str(answer.data, 'resp_desc') ?? '');
}

async function answered(
  desk: CheckDesk,
  judge: (answer: Answer, endpoint: string) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  const probe = await desk.probe();
  if ('reason' in probe) return {verdict: 'fail', code: 'NO_ANSWER', params: {reason: probe.reason}};
  return judge(probe.answer, probe.endpoint);
}

/** Gateway words with what is known about them. */
function told(answer: Answer): Pick<Outcome, 'gateway' | 'explained'> {
  const gateway = wordsOf(answer);
  const said = [answer.status === 200 ? '' : `HTTP ${answer.status}`, gateway.resp_code, gateway.resp_desc];
  return {gateway, explained: explain(said.filter(Boolean).join(' '))};
}

/** Layer 3: signatures in both directions, and the clocks. */
export const signatureChecks: readonly Check[] = [
  {
    id: 'sign.request',
    layer: 'signature',
    needs: ['key.private.parse', 'key.huifu.not-own', 'profile.environment', 'network.proxy', 'network.tls'],
    run: desk =>
      answered(desk, answer => {
        if (answer.verdict === 'ok') return {verdict: 'pass', code: 'REQUEST_ACCEPTED'};
        if (answer.verdict !== 'bad_signature' && isSignatureNo(answer)) {
          const {fingerprint} = parseKey(desk.privateKey);
          return {verdict: 'fail', code: 'REQUEST_SIGNATURE', params: {fingerprint}, ...told(answer)};
        }
        return {verdict: 'skip', code: 'REQUEST_UNJUDGED', params: {status: String(answer.status)}, ...told(answer)};
      }),
  },
  {
    id: 'sign.answer',
    layer: 'signature',
    needs: ['key.private.parse', 'key.huifu.not-own', 'profile.environment', 'network.proxy', 'network.tls'],
    run: desk =>
      answered(desk, answer => {
        if (answer.verdict === 'ok')
          return {verdict: 'pass', code: 'ANSWER_VERIFIED', params: {how: answer.how ?? 'raw'}};
        if (isEnvelopeRejection(answer) || isSignatureNo(answer))
          return {verdict: 'skip', code: 'REQUEST_UNJUDGED', params: {status: String(answer.status)}, ...told(answer)};
        if (answer.verdict === 'unsigned') return {verdict: 'fail', code: 'ANSWER_UNSIGNED', ...told(answer)};
        if (answer.verdict === 'malformed')
          return {verdict: 'fail', code: 'ANSWER_MALFORMED', params: {status: String(answer.status)}, ...told(answer)};
        return {verdict: 'fail', code: mistake(desk, answer)};
      }),
  },
  {
    id: 'clock.gateway',
    layer: 'signature',
    optional: true,
    needs: ['key.private.parse', 'key.huifu.not-own', 'network.proxy', 'network.tls'],
    run: desk =>
      answered(desk, ({gatewayTime}) => {
        if (gatewayTime === undefined) return {verdict: 'skip', code: 'CLOCK_UNKNOWN'};
        const now = desk.now();
        const seconds = String(Math.round((now - gatewayTime) / 1000));
        const params = {seconds, ours: beijingDate(now), theirs: beijingDate(gatewayTime)};
        if (params.ours !== params.theirs) return {verdict: 'fail', code: 'CLOCK_DAY', params};
        const off = Math.abs(now - gatewayTime) > MAX_SKEW_MS;
        return {verdict: off ? 'warn' : 'pass', code: off ? 'CLOCK_OFF' : 'CLOCK_GOOD', params};
      }),
  },
];

/** Which known mistake makes a signed answer fail to verify. */
function mistake(desk: CheckDesk, {raw, body}: Answer): 'ANSWER_TEXT_FORM' | 'ANSWER_OTHER_KEY' {
  const keys = desk.huifuKeys.map(text => parseKey(text).key);
  const sign = /"sign"\s*:\s*"([^"]+)"/.exec(body.toString('utf8'))?.[1]?.replaceAll('\\/', '/') ?? '';
  const forms =
    raw === undefined ? [] : [raw.replaceAll('\\/', '/'), JSON.stringify(JSON.parse(raw)), JSON.stringify(raw)];
  return forms.some(text => verifyRsa(text, sign, keys)) ? 'ANSWER_TEXT_FORM' : 'ANSWER_OTHER_KEY';
}

const MERCHANT_CODES = /^(20000005|20000006|22000002|00000106|23000002)$/;

/** Layer 4: whether sys_id, product_id and huifu_id belong together, and what they may call. */
export const relationChecks: readonly Check[] = [
  {
    id: 'relation.sys-id',
    layer: 'relation',
    needs: ['key.private.parse', 'key.huifu.not-own', 'network.proxy', 'network.tls'],
    run: desk =>
      answered(desk, answer => {
        const params = {sys_id: desk.profile.sys_id};
        if (answer.verdict === 'ok') return {verdict: 'pass', code: 'SYS_ID_KNOWN', params};
        if (isSysIdNo(answer)) return {verdict: 'fail', code: 'SYS_ID_UNKNOWN', params, ...told(answer)};
        return {verdict: 'skip', code: 'REQUEST_UNJUDGED', params: {status: String(answer.status)}};
      }),
  },
  {
    id: 'relation.permission',
    layer: 'relation',
    needs: ['key.private.parse', 'key.huifu.not-own', 'network.proxy', 'network.tls'],
    run: desk =>
      answered(desk, (answer, endpoint) => {
        if (isPermissionNo(answer))
          return {
            verdict: 'fail',
            code: 'PERMISSION_NONE',
            params: {endpoint, sys_id: desk.profile.sys_id},
            ...told(answer),
          };
        if (answer.verdict !== 'ok')
          return {verdict: 'skip', code: 'REQUEST_UNJUDGED', params: {status: String(answer.status)}};
        if (endpoint !== 'query') return {verdict: 'warn', code: 'PERMISSION_SOME', params: {endpoint: 'query'}};
        return {verdict: 'pass', code: 'PERMITTED', params: {endpoint}};
      }),
  },
  {
    id: 'relation.product',
    layer: 'relation',
    needs: ['sign.answer'],
    run: desk =>
      answered(desk, answer => {
        const params = {product_id: desk.profile.product_id};
        const {resp_code = '', resp_desc = ''} = wordsOf(answer);
        if (resp_code === '22000000') return {verdict: 'fail', code: 'PRODUCT_WRONG', params, ...told(answer)};
        if (/数据权限认证失败/.test(resp_desc)) return {verdict: 'warn', code: 'PRODUCT_UNCLEAR', params};
        return {verdict: 'pass', code: 'PRODUCT_GOOD', params};
      }),
  },
  {
    id: 'relation.merchant',
    layer: 'relation',
    needs: ['sign.answer', 'relation.product'],
    run: desk =>
      answered(desk, answer => {
        const {sys_id, product_id} = desk.profile;
        const params = {huifu_id: desk.huifuId, sys_id, product_id};
        const {resp_code = '', resp_desc = ''} = wordsOf(answer);
        if (/数据权限认证失败/.test(resp_desc))
          return {verdict: 'fail', code: 'MERCHANT_FOREIGN', params, ...told(answer)};
        if (MERCHANT_CODES.test(resp_code)) return {verdict: 'fail', code: 'MERCHANT_WRONG', params, ...told(answer)};
        return {verdict: 'pass', code: 'MERCHANT_GOOD', params};
      }),
  },
];
