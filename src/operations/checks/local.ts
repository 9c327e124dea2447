import {environmentOf, GATEWAYS, isLoopback} from '../../core/environments.ts';
import {DougongError} from '../../core/errors.ts';
import {arePair, type KeyInfo, parseKey} from '../../core/keys.ts';
import type {Check, CheckDesk, Outcome} from './types.ts';

const HUIFU_ID = /^6666\d{12}$/;

/** Layer 1: what can be said without a network. */
export const localChecks: readonly Check[] = [
  {
    id: 'profile.ids',
    layer: 'local',
    optional: true,
    run({profile, huifuId}) {
      const odd = Object.entries({sys_id: profile.sys_id, huifu_id: huifuId}).filter(([, id]) => !HUIFU_ID.test(id));
      if (odd.length === 0)
        return {verdict: 'pass', code: 'IDS_GOOD', params: {sys_id: profile.sys_id, huifu_id: huifuId}};
      const ids = odd.map(([name, id]) => `${name}=${id}`).join(', ');
      return {verdict: 'warn', code: 'IDS_ODD', params: {ids}};
    },
  },
  {
    id: 'profile.environment',
    layer: 'local',
    run({profile: {base_url}}) {
      const params = {environment: environmentOf(base_url), url: base_url};
      if (new URL(base_url).protocol !== 'https:' && !isLoopback(base_url))
        return {verdict: 'fail', code: 'ENVIRONMENT_PLAIN', params};
      const known = isLoopback(base_url) || (Object.values(GATEWAYS) as string[]).includes(new URL(base_url).origin);
      return known
        ? {verdict: 'pass', code: 'ENVIRONMENT_KNOWN', params}
        : {verdict: 'warn', code: 'ENVIRONMENT_OTHER', params};
    },
  },
  {
    id: 'profile.permissions',
    layer: 'local',
    optional: true,
    async run({profile, probes}) {
      const modes = await Promise.all(profile.files.map(async file => ({file, mode: await probes.mode(file)})));
      const open = modes.filter(({mode}) => mode !== undefined && (mode & 0o077) !== 0);
      if (open.length > 0)
        return {verdict: 'warn', code: 'FILES_OPEN', params: {files: open.map(({file}) => file).join(' ')}};
      return modes.some(({mode}) => mode !== undefined)
        ? {verdict: 'pass', code: 'FILES_PRIVATE'}
        : {verdict: 'skip', code: 'FILES_UNKNOWN'};
    },
  },
  {
    id: 'key.private.parse',
    layer: 'local',
    run: ({privateKey}) => judgeKey(privateKey, 'private'),
  },
  {
    id: 'key.huifu.parse',
    layer: 'local',
    run({huifuKeys}) {
      const outcomes = huifuKeys.map(text => judgeKey(text, 'public'));
      return outcomes.find(({verdict}) => verdict === 'fail') ?? outcomes[0]!;
    },
  },
  {
    id: 'key.huifu.not-own',
    layer: 'local',
    needs: ['key.private.parse', 'key.huifu.parse'],
    run: desk => (ownKey(desk) ? {verdict: 'fail', code: 'KEY_OWN'} : {verdict: 'pass', code: 'KEY_NOT_OWN'}),
  },
];

/** Whether one of the "Huifu keys" is the public half of the merchant's own. */
function ownKey({privateKey, huifuKeys}: Pick<CheckDesk, 'privateKey' | 'huifuKeys'>): boolean {
  const own = parseKey(privateKey);
  return huifuKeys.some(text => arePair(parseKey(text).key, own.key));
}

function judgeKey(text: string, wanted: KeyInfo['kind']): Outcome {
  try {
    const {kind, bits, fingerprint} = parseKey(text);
    if (kind !== wanted) return {verdict: 'fail', code: 'KEY_BAD', params: {wanted, reason: 'KEY_WRONG_KIND'}};
    return {
      verdict: 'pass',
      code: 'KEY_GOOD',
      params: {wanted, bits: String(bits), fingerprint: fingerprint.slice(0, 16)},
    };
  } catch (error) {
    if (!(error instanceof DougongError)) throw error;
    return {verdict: 'fail', code: 'KEY_BAD', params: {wanted, reason: error.code, ...error.params}};
  }
}
