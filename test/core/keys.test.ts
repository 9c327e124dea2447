import assert from 'node:assert/strict';
import {createPublicKey, generateKeyPairSync} from 'node:crypto';
import {test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import {arePair, exportKey, generateKeys, parseKey, readKey} from '../../src/core/keys.ts';

const {privateKey, publicKey} = await generateKeys();
const line = exportKey(privateKey).line;
const publicLine = exportKey(publicKey).line;
const wrapped = line.replace(/(.{64})/g, '$1\n');
const pem = (label: string, base64: string) =>
  `-----BEGIN ${label}-----\n${base64.replace(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;
const pkcs1 = privateKey.export({type: 'pkcs1', format: 'der'}).toString('base64');
const isCode = (code: string) => (error: unknown) =>
  error instanceof DougongError && error.kind === 'config' && error.code === code;

const forms: [string, string, string, string[]][] = [
  ['one line of base64', line, 'PKCS#8', []],
  ['wrapped base64', wrapped, 'PKCS#8', ['wrapped']],
  ['PEM', pem('PRIVATE KEY', line), 'PKCS#8', []],
  ['PEM with CRLF', pem('PRIVATE KEY', line).replaceAll('\n', '\r\n'), 'PKCS#8', []],
  ['PKCS#8 under an RSA label', pem('RSA PRIVATE KEY', line), 'PKCS#8', ['mislabelled']],
  ['PKCS#1', pem('RSA PRIVATE KEY', pkcs1), 'PKCS#1', ['pkcs1']],
  ['PKCS#1 under a PKCS#8 header', pem('PRIVATE KEY', pkcs1), 'PKCS#1', ['mislabelled', 'pkcs1']],
  ['literal \\n', pem('PRIVATE KEY', line).replaceAll('\n', '\\n'), 'PKCS#8', ['literal-newlines']],
  ['a BOM', `\ufeff${line}`, 'PKCS#8', ['bom']],
  ['quotes', `"${line}"`, 'PKCS#8', ['quoted']],
];
for (const [name, text, format, findings] of forms) {
  test(`a private key as ${name} is read and what was odd is told`, () => {
    const info = parseKey(text);
    assert.deepEqual([info.kind, info.bits, info.format, info.findings], ['private', 2048, format, findings]);
    assert.ok(arePair(info.key, publicKey));
  });
}

test('a public key is told from a private one, and its pair by the fingerprint', async () => {
  const info = parseKey(publicLine);
  assert.deepEqual([info.kind, info.format, info.fingerprint], ['public', 'SPKI', parseKey(line).fingerprint]);
  const other = await generateKeys();
  assert.equal(arePair(other.publicKey, privateKey), false);
});

test('DER files are read, and a changed byte in the structure is refused', async () => {
  const der = Buffer.from(line, 'base64');
  assert.equal((await readKey(der)).container, 'DER');
  const broken = Buffer.from(der);
  broken[4]! ^= 0xff;
  await assert.rejects(readKey(broken), isCode('KEY_UNREADABLE'));
});

test('empty, garbled, encrypted, short and foreign keys each have their own refusal', () => {
  const short = generateKeyPairSync('rsa', {modulusLength: 1024}).privateKey;
  const ec = generateKeyPairSync('ec', {namedCurve: 'P-256'}).privateKey;
  const locked = privateKey.export({type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x'}).toString();
  assert.throws(() => parseKey('  '), isCode('KEY_EMPTY'));
  assert.throws(() => parseKey('not a key!'), isCode('KEY_UNREADABLE'));
  assert.throws(() => parseKey(line.slice(0, -40)), isCode('KEY_UNREADABLE'));
  assert.throws(() => parseKey(locked), isCode('KEY_ENCRYPTED'));
  assert.throws(() => parseKey(exportKey(short).line), isCode('KEY_TOO_SHORT'));
  assert.throws(() => parseKey(ec.export({type: 'pkcs8', format: 'pem'}).toString()), isCode('KEY_NOT_RSA'));
  assert.deepEqual(parseKey(exportKey(short).line, {anyLength: true}).findings, ['short']);
});

test('no message of a refused key holds any of its text', () => {
  assert.throws(
    () => parseKey(`${line.slice(0, 400)}***`),
    (error: Error) => !JSON.stringify([error.message, error]).includes(line.slice(10, 40)),
  );
});

test('a .p12 opens with its passphrase and with no other', async () => {
  const {default: forge} = await import('node-forge');
  const key = forge.pki.privateKeyFromPem(exportKey(privateKey).pem);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(exportKey(publicKey).pem);
  certificate.sign(key);
  const asn1 = forge.pkcs12.toPkcs12Asn1(key, [certificate], 'sesame', {algorithm: '3des'});
  const bytes = Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary');
  const info = await readKey(bytes, {passphrase: 'sesame'});
  assert.deepEqual([info.format, arePair(info.key, createPublicKey(privateKey))], ['PKCS#12', true]);
  await assert.rejects(readKey(bytes, {passphrase: 'sesamf'}), isCode('KEY_PASSPHRASE'));
});
