import {resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import {arePair, exportKey, type KeyInfo, readKey} from '../../core/keys.ts';
import {readNamed} from './store.ts';

/** Reads a key from what a person gave: a path, or the key itself pasted. */
export async function givenKey(cwd: string, given: string, passphrase?: string): Promise<KeyInfo> {
  const pasted = given.includes('-----BEGIN') || /^[A-Za-z0-9+/=\s]{200,}$/.test(given);
  const bytes = pasted ? Buffer.from(given) : await readNamed(resolve(cwd, given));
  try {
    return await readKey(bytes, {passphrase});
  } catch (error) {
    if (!(error instanceof DougongError) || pasted) throw error;
    throw new DougongError(error.kind, error.code, {...error.params, file: given}, {cause: error});
  }
}

/**
 * The checks that catch the common mistakes before the first call: the right halves, and not one's own public key
 * where Huifu's belongs.
 *
 * @throws DougongError `config` KEY_WRONG_KIND, KEY_IS_OWN.
 */
export function checkKeys(privateKey: KeyInfo | undefined, huifuKeys: KeyInfo[]): {private?: string; huifu?: string[]} {
  if (privateKey && privateKey.kind !== 'private')
    throw new DougongError('config', 'KEY_WRONG_KIND', {wanted: 'private'});
  for (const one of huifuKeys) {
    if (privateKey && arePair(one.key, privateKey.key)) throw new DougongError('config', 'KEY_IS_OWN');
    if (one.kind !== 'public') throw new DougongError('config', 'KEY_WRONG_KIND', {wanted: 'public'});
  }
  return {
    ...(privateKey && {private: exportKey(privateKey.key).pem}),
    ...(huifuKeys.length > 0 && {huifu: huifuKeys.map(({key}) => exportKey(key).pem)}),
  };
}
