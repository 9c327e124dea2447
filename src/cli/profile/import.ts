import {GATEWAYS} from '../../core/environments.ts';
import {DougongError} from '../../core/errors.ts';
import type {StoredProfile} from './resolve.ts';

/** A configuration of another tool, as a profile and the keys it held. */
export interface Imported {
  profile: StoredProfile;
  privateKey?: string;
  huifuKeys: string[];
  webhookKey?: string;
}

/**
 * Understands two files: the JSON of Huifu's SDKs, and the flat export of Huifu's own local sandbox (whose profile
 * sends the jpt-x-skill-* headers that this sandbox demands).
 *
 * @throws DougongError `config` IMPORT_UNKNOWN.
 */
export function importConfig(text: string, file: string, baseUrl: string = GATEWAYS.production): Imported {
  const found = parse(text);
  const word = (name: string): string | undefined => {
    const value = found?.[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const sys_id = word('sys_id');
  const product_id = word('product_id');
  if (!found || !sys_id || !product_id) throw new DougongError('config', 'IMPORT_UNKNOWN', {file});
  const gateway = word('gateway_url');
  const profile: StoredProfile = {base_url: gateway ?? baseUrl, sys_id, product_id};
  const huifu_id = word('huifu_id') ?? (gateway ? undefined : sys_id);
  if (huifu_id) profile.huifu_id = huifu_id;
  const source = word('skill_source');
  if (source) profile.headers = {'jpt-x-skill-source': source, 'jpt-x-skill-huifu_id': 'auto'};
  const huifuKey = word('rsa_huifu_public_key') ?? word('huifu_public_key') ?? word('gateway_public_key');
  return {
    profile,
    privateKey: word('rsa_merch_private_key') ?? word('merchant_private_key'),
    huifuKeys: huifuKey ? [huifuKey] : [],
    webhookKey: word('webhook_endpoint_key'),
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text.replace(/^\ufeff/, '')) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
