import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import iconv from 'iconv-lite';
import {type UnpackLimits, unpack} from '../../src/bills/unpack.ts';
import {DougongError} from '../../src/core/errors.ts';
import {tempDir} from '../helpers/cli.ts';
import {type ZipEntry, zipOf} from '../helpers/zip.ts';

const CSV = '商户号,交易金额\n6666000100000001,1.00\n';
const NAME = '20261123_6666000100000001_order_001.csv';

/** Unpacks bytes in a folder of their own. */
async function open(t: TestContext, bytes: Buffer | string, limits: Partial<UnpackLimits> = {}, name = 'bill.zip') {
  const folder = tempDir(t);
  const file = join(folder, name);
  const into = join(folder, 'out');
  writeFileSync(file, bytes);
  return {into, run: () => unpack(file, into, {limits})};
}

/** What a bad file is refused with, and that it left nothing behind. */
async function refused(t: TestContext, bytes: Buffer | string, limits: Partial<UnpackLimits> = {}): Promise<string> {
  const {into, run} = await open(t, bytes, limits);
  let code = '';
  await assert.rejects(run, error => {
    assert.ok(error instanceof DougongError, String(error));
    assert.ok(!error.message.includes('\n'));
    code = error.code;
    return true;
  });
  assert.deepEqual(existsSync(into) ? readdirSync(into) : [], []);
  return code;
}

const entry = (more: Partial<ZipEntry> = {}): ZipEntry => ({name: NAME, body: CSV, ...more});

test('a zip of several parts is unpacked, folders dropped, bytes kept', async t => {
  const second = NAME.replace('001', '002');
  const {into, run} = await open(t, zipOf([entry(), {name: `a/b/${second}`, body: 'x', store: true}]));
  const parts = await run();
  assert.deepEqual(
    parts.map(({name, bytes, form}) => [name, bytes, form]),
    [
      [NAME, Buffer.byteLength(CSV), 'csv'],
      [second, 1, 'csv'],
    ],
  );
  assert.equal(readFileSync(join(into, NAME), 'utf8'), CSV);
  assert.deepEqual(readdirSync(into).sort(), [NAME, second]);
});

test('zip64 sizes, folder entries, and a name in GBK without the flag are read', async t => {
  const name = iconv.encode('20261123_对账单.csv', 'gbk');
  const bytes = zipOf([entry({zip64: true}), {name: 'dir/', body: '', mode: 0o040755}, {name, body: 'x', flags: 0}]);
  const {run} = await open(t, bytes);
  assert.deepEqual(
    (await run()).map(part => part.name),
    [NAME, '20261123_对账单.csv'],
  );
});

test('a plain CSV or .xlsx that came instead of a zip stays where it is', async t => {
  const csv = await open(t, CSV, {}, 'tmp123');
  assert.deepEqual((await csv.run())[0], {
    name: 'tmp123',
    file: csv.into.replace(/out$/, 'tmp123'),
    bytes: Buffer.byteLength(CSV),
    form: 'csv',
  });
  const sheet = zipOf([
    {name: '[Content_Types].xml', body: '<Types/>'},
    {name: 'xl/workbook.xml', body: '<workbook/>'},
  ]);
  const {into, run} = await open(t, sheet, {}, 'x.zip');
  assert.equal((await run())[0]?.form, 'xlsx');
  assert.equal(existsSync(into), false);
});

const LINK = 0o120777;
const bad: [string, string, Buffer | string][] = [
  ['a path that climbs out', 'BILL_ZIP_PATH', zipOf([entry(), entry({name: '../evil.csv'})])],
  ['one that climbs by backslashes', 'BILL_ZIP_PATH', zipOf([entry({name: 'a\\..\\..\\evil.csv'})])],
  ['an absolute path', 'BILL_ZIP_PATH', zipOf([entry({name: '/etc/evil.csv'})])],
  ['a drive', 'BILL_ZIP_PATH', zipOf([entry({name: 'C:evil.csv'})])],
  ['a line break in a name', 'BILL_ZIP_PATH', zipOf([entry({name: 'a\nb.csv'})])],
  ['a link', 'BILL_ZIP_LINK', zipOf([entry({mode: LINK, body: '/etc/passwd'})])],
  ['a device', 'BILL_ZIP_LINK', zipOf([entry({mode: 0o060644})])],
  ['a wrong CRC', 'BILL_ZIP_CRC', zipOf([entry(), entry({name: 'b.csv', crc: 1})])],
  ['an encrypted entry', 'BILL_ZIP_ENCRYPTED', zipOf([entry({flags: 0x801})])],
  ['a zip inside', 'BILL_ZIP_NESTED', zipOf([entry({name: 'inner.zip', body: zipOf([entry()])})])],
  ['a zip inside under another name', 'BILL_ZIP_NESTED', zipOf([entry({body: zipOf([entry()])})])],
  ['more bytes than it says', 'BILL_ZIP_BROKEN', zipOf([entry({body: 'x'.repeat(500), size: 100})])],
  ['fewer bytes than it says', 'BILL_ZIP_BROKEN', zipOf([entry({size: 5000})])],
  ['two entries of one name', 'BILL_ZIP_BROKEN', zipOf([entry(), entry({name: `x/${NAME}`})])],
  ['no entry', 'BILL_ZIP_BROKEN', zipOf([])],
  ['its second half missing', 'BILL_ZIP_BROKEN', zipOf([entry({body: 'x,y\n'.repeat(500)})]).subarray(0, 60)],
  ['a page', 'BILL_NOT_A_FILE', '<!DOCTYPE html><html>login</html>'],
  ['JSON', 'BILL_NOT_A_FILE', '{"resp_code":"90000000"}'],
  ['nothing', 'BILL_NOT_A_FILE', ''],
  ['gzip', 'BILL_NOT_A_FILE', Buffer.from([0x1f, 0x8b, 8, 0])],
];
for (const [what, code, bytes] of bad) {
  test(`a file with ${what} is refused and leaves nothing`, async t => {
    assert.equal(await refused(t, bytes), code);
  });
}

test('a bomb is refused before it unpacks: by ratio, by total, by count', async t => {
  const zeros = zipOf([entry({body: Buffer.alloc(32 * 2 ** 20)})]);
  assert.equal(await refused(t, zeros), 'BILL_ZIP_BOMB');
  assert.equal(await refused(t, zipOf([entry()]), {total: 10}), 'BILL_ZIP_BOMB');
  assert.equal(await refused(t, zipOf([entry(), entry({name: 'b.csv'})]), {entries: 1}), 'BILL_ZIP_BOMB');
  // The twin: as regular as a real statement may be, and let through.
  const regular = Array.from({length: 400_000}, (_, at) => `6666000100000001,20261122,${at},1.00\n`).join('');
  const {run} = await open(t, zipOf([entry({body: regular})]));
  assert.equal((await run())[0]?.bytes, regular.length);
});
