import assert from 'node:assert/strict';
import {test} from 'node:test';
import {DougongError} from '../../src/core/errors.ts';
import {type ColumnSpec, cleanCell, readRows} from '../../src/core/rows.ts';

const specs: ColumnSpec[] = [
  {name: 'huifu_id', aliases: ['商户号'], required: true},
  {name: 'sub_appid', aliases: ['小程序appid']},
];
const utf8 = (text: string) => new TextEncoder().encode(text);
const code = (wanted: string) => (error: unknown) => error instanceof DougongError && error.code === wanted;

test('columns are found by heading in any order, Chinese or wire names, and unknown ones are kept', async () => {
  const table = await readRows(utf8('备注,小程序 appid,商户号\r\nx,wx1,66\r\n\r\ny,,67\r\n'), specs);
  assert.deepEqual(
    table.rows.map(({line, cells, other}) => [line, cells, other]),
    [
      [2, {sub_appid: 'wx1', huifu_id: '66'}, {备注: 'x'}],
      [3, {sub_appid: '', huifu_id: '67'}, {备注: 'y'}],
    ],
  );
  assert.deepEqual([table.unknown, table.encoding], [['备注'], 'utf-8']);
});

test('a BOM and GB18030 read the same', async () => {
  const plain = await readRows(utf8('商户号\n66\n'), specs);
  const bom = await readRows(utf8('\uFEFF商户号\n66\n'), specs);
  // 商户号 in GB18030.
  const gb = await readRows(Uint8Array.from([0xc9, 0xcc, 0xbb, 0xa7, 0xba, 0xc5, 10, 0x36, 0x36, 10]), specs);
  assert.deepEqual(bom.rows, plain.rows);
  assert.deepEqual(gb.rows, plain.rows);
  assert.equal(gb.encoding, 'gb18030');
});

test('cells lose what spreadsheets put around text, and nothing else', () => {
  assert.deepEqual(['="0012"', '\t0012', '`0012', "'0012", ' 00 12 ', '0012'].map(cleanCell), [
    '0012',
    '0012',
    '0012',
    '0012',
    '00 12',
    '0012',
  ]);
});

test('--map names a column, and a heading that is not there is refused', async () => {
  const table = await readRows(utf8('M\n66\n'), specs, {huifu_id: 'M'});
  assert.equal(table.rows[0]!.cells.huifu_id, '66');
  await assert.rejects(readRows(utf8('M\n66\n'), specs, {huifu_id: 'N'}), code('ROWS_MAP'));
});

test('a missing column, a double one, an empty file, broken quotes and a binary file are refused', async () => {
  await assert.rejects(readRows(utf8('a\n1\n'), specs), code('ROWS_COLUMN'));
  await assert.rejects(readRows(utf8('huifu_id,商户号\n1,2\n'), specs), code('ROWS_TWICE'));
  await assert.rejects(readRows(utf8(''), specs), code('ROWS_EMPTY'));
  await assert.rejects(readRows(utf8('huifu_id\n"66\n'), specs), code('ROWS_BROKEN'));
  await assert.rejects(readRows(utf8('huifu_id\n66,67\n'), specs), code('ROWS_BROKEN'));
  await assert.rejects(readRows(utf8('PK\u0003\u0004\u0000'), specs), code('ROWS_BROKEN'));
});
