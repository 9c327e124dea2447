import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import {promisify} from 'node:util';
import {DougongError} from './errors.ts';

/** What was odd about a key and was put right; told by `key inspect`. */
export type KeyFinding =
  | 'bom'
  | 'quoted'
  | 'literal-newlines'
  | 'wrapped'
  | 'mislabelled'
  | 'pkcs1'
  | 'certificate'
  | 'short';

/** A key, whatever form it came in. */
export interface KeyInfo {
  key: KeyObject;
  kind: 'private' | 'public';
  /** Modulus length. */
  bits: number;
  /** SHA-256 of the public half (SPKI DER), hex: the two halves of a pair share it. */
  fingerprint: string;
  format: 'PKCS#8' | 'PKCS#1' | 'SPKI' | 'X.509' | 'PKCS#12';
  container: 'PEM' | 'base64' | 'DER';
  findings: KeyFinding[];
}

const MIN_BITS = 2048;

/**
 * Reads a key by its content, not its label: PEM, one-line or wrapped base64, PKCS#8, PKCS#1, SPKI or a certificate,
 * through a BOM, quotes and literal "\n".
 *
 * @param options.anyLength accept fewer than 2048 bits (to describe a key, never to use it).
 * @throws DougongError `config` KEY_EMPTY, KEY_UNREADABLE, KEY_ENCRYPTED, KEY_NOT_RSA, KEY_TOO_SHORT. Never its text.
 */
export function parseKey(text: string, options: {anyLength?: boolean} = {}): KeyInfo {
  const findings: KeyFinding[] = [];
  const pem = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/.exec(tidy(text, findings));
  const cleaned = tidy(text, []);
  if (cleaned === '') throw fail('KEY_EMPTY');
  if (pem && /ENCRYPTED/.test(pem[1]! + pem[2]!)) throw fail('KEY_ENCRYPTED');
  const base64 = (pem ? pem[2]! : cleaned).replace(/\s+/g, '');
  if (!pem && /\s/.test(cleaned)) findings.push('wrapped');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw fail('KEY_UNREADABLE');
  const found = fromDer(Buffer.from(base64, 'base64'));
  if (pem && LABELS[pem[1]!] !== found.format) findings.push('mislabelled');
  return describe(found.key, found.format, pem ? 'PEM' : 'base64', findings, options);
}

/**
 * Reads a key from the bytes of a file: text as parseKey, DER, or a .p12/.pfx with its passphrase.
 *
 * @throws as parseKey; KEY_PASSPHRASE where a .p12 does not open.
 */
export async function readKey(
  bytes: Buffer,
  options: {passphrase?: string; anyLength?: boolean} = {},
): Promise<KeyInfo> {
  if (bytes[0] !== 0x30) return parseKey(bytes.toString('utf8'), options);
  try {
    const {key, format} = fromDer(bytes);
    return describe(key, format, 'DER', [], options);
  } catch (error) {
    if (!(error instanceof DougongError) || error.code !== 'KEY_UNREADABLE') throw error;
  }
  const key = await fromPkcs12(bytes, options.passphrase ?? '');
  return describe(key, 'PKCS#12', 'DER', [], options);
}

const LABELS: Record<string, KeyInfo['format']> = {
  'PRIVATE KEY': 'PKCS#8',
  'RSA PRIVATE KEY': 'PKCS#1',
  'PUBLIC KEY': 'SPKI',
  'RSA PUBLIC KEY': 'PKCS#1',
  CERTIFICATE: 'X.509',
};

function fail(code: 'KEY_EMPTY' | 'KEY_UNREADABLE' | 'KEY_NOT_RSA' | 'KEY_ENCRYPTED' | 'KEY_PASSPHRASE'): DougongError {
  return new DougongError('config', code);
}

function tidy(text: string, findings: KeyFinding[]): string {
  let out = text;
  if (out.startsWith('\ufeff')) {
    findings.push('bom');
    out = out.slice(1);
  }
  out = out.trim();
  if (/^(["']).*\1,?$/s.test(out)) {
    findings.push('quoted');
    out = out.replace(/^["']|["'],?$/g, '');
  }
  if (/\\r|\\n/.test(out)) {
    findings.push('literal-newlines');
    out = out.replaceAll('\\r', '').replaceAll('\\n', '\n');
  }
  return out.trim();
}

/** Tries each structure in turn: labels lie, structures do not. */
function fromDer(der: Buffer): {key: KeyObject; format: KeyInfo['format']} {
  const attempts: [KeyInfo['format'], () => KeyObject][] = [
    ['PKCS#8', () => createPrivateKey({key: der, format: 'der', type: 'pkcs8'})],
    ['SPKI', () => createPublicKey({key: der, format: 'der', type: 'spki'})],
    ['PKCS#1', () => createPrivateKey({key: der, format: 'der', type: 'pkcs1'})],
    ['PKCS#1', () => createPublicKey({key: der, format: 'der', type: 'pkcs1'})],
    ['X.509', () => new X509Certificate(der).publicKey],
  ];
  for (const [format, attempt] of attempts) {
    try {
      return {key: attempt(), format};
    } catch {
      // The next structure may fit.
    }
  }
  throw fail('KEY_UNREADABLE');
}

function describe(
  key: KeyObject,
  format: KeyInfo['format'],
  container: KeyInfo['container'],
  findings: KeyFinding[],
  {anyLength = false}: {anyLength?: boolean},
): KeyInfo {
  if (key.asymmetricKeyType !== 'rsa') throw fail('KEY_NOT_RSA');
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_BITS) {
    if (!anyLength) throw new DougongError('config', 'KEY_TOO_SHORT', {bits: String(bits)});
    findings.push('short');
  }
  if (format === 'PKCS#1') findings.push('pkcs1');
  if (format === 'X.509') findings.push('certificate');
  const kind = key.type === 'private' ? 'private' : 'public';
  return {key, kind, bits, fingerprint: fingerprintOf(key), format, container, findings};
}

/** SHA-256 of the public half as SPKI DER, hex. */
export function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(publicHalf(key).export({type: 'spki', format: 'der'}))
    .digest('hex');
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** Whether two keys have the same public half: a pair, or twice the same key. */
export function arePair(one: KeyObject, other: KeyObject): boolean {
  return fingerprintOf(one) === fingerprintOf(other);
}

async function fromPkcs12(bytes: Buffer, passphrase: string): Promise<KeyObject> {
  const {default: forge} = await import('node-forge');
  let store: ReturnType<typeof forge.pkcs12.pkcs12FromAsn1>;
  try {
    const asn1 = forge.asn1.fromDer(forge.util.createBuffer(bytes.toString('binary')));
    try {
      store = forge.pkcs12.pkcs12FromAsn1(asn1, passphrase);
    } catch (cause) {
      throw /MAC|password|decrypt/i.test(String(cause))
        ? new DougongError('config', 'KEY_PASSPHRASE', {}, {cause})
        : cause;
    }
  } catch (error) {
    throw error instanceof DougongError ? error : fail('KEY_UNREADABLE');
  }
  for (const type of [forge.pki.oids.pkcs8ShroudedKeyBag!, forge.pki.oids.keyBag!]) {
    const key = store.getBags({bagType: type})[type]?.[0]?.key;
    if (key) return createPrivateKey(forge.pki.privateKeyToPem(key));
  }
  throw fail('KEY_UNREADABLE');
}

/** A key in the two forms people paste: PEM, and the platform's one line of base64 (PKCS#8 or SPKI). */
export function exportKey(key: KeyObject): {pem: string; line: string} {
  const pem =
    key.type === 'private' ? key.export({type: 'pkcs8', format: 'pem'}) : key.export({type: 'spki', format: 'pem'});
  const der =
    key.type === 'private' ? key.export({type: 'pkcs8', format: 'der'}) : key.export({type: 'spki', format: 'der'});
  return {pem: String(pem), line: der.toString('base64')};
}

/** A new RSA-2048 pair. */
export async function generateKeys(): Promise<{privateKey: KeyObject; publicKey: KeyObject}> {
  return promisify(generateKeyPair)('rsa', {modulusLength: MIN_BITS});
}
