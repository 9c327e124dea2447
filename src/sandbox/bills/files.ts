import {type BillType, billPartName, readyAt} from '../../core/bill-types.ts';
import {DougongError} from '../../core/errors.ts';
import type {Switches} from '../types.ts';
import type {Sheet} from './rows.ts';

type Style = Pick<Switches, 'billEncoding' | 'billStyle' | 'billRowsPerPart'>;

/** The bytes that a download of one statement gives: a zip of CSV parts, or an .xlsx. */
export async function writeBill(
  sheet: Sheet,
  type: BillType,
  huifu_id: string,
  file_date: string,
  style: Style,
): Promise<Buffer> {
  const made = new Date(readyAt(type, file_date));
  if (type.form === 'xlsx') return writeXlsx(sheet, made);
  const parts: {name: string; bytes: Buffer}[] = [];
  for (let from = 0; from < Math.max(sheet.rows.length, 1); from += style.billRowsPerPart) {
    const batch = String(parts.length + 1).padStart(3, '0');
    const rows = sheet.rows.slice(from, from + style.billRowsPerPart);
    parts.push({
      name: billPartName(type, huifu_id, file_date, batch),
      bytes: await encode(await writeCsv({...sheet, rows}, style.billStyle, huifu_id, file_date), style.billEncoding),
    });
  }
  return zip(parts, made);
}

async function writeCsv(
  sheet: Sheet,
  style: Switches['billStyle'],
  huifu_id: string,
  file_date: string,
): Promise<string> {
  const {stringify} = await import('csv-stringify/sync');
  const {headings, rows, ids, amounts} = sheet;
  if (style === 'plain') return stringify([headings, ...rows], {record_delimiter: '\r\n'});
  // As finance departments know it: titled, long digits behind a tab, thousands with commas, a total at the end.
  const dressed = rows.map(row =>
    row.map((cell, at) => {
      if (ids.includes(at) && cell !== '') return `\t${cell}`;
      return amounts.includes(at) ? cell.replace(/\B(?=(\d{3})+(?!\d))/g, ',') : cell;
    }),
  );
  const title = ['对账单', `\t${huifu_id}`, file_date];
  const total = ['合计', `${rows.length}笔`];
  return stringify([title, headings, ...dressed, total], {record_delimiter: '\r\n'});
}

async function encode(text: string, encoding: Switches['billEncoding']): Promise<Buffer> {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-8-bom') return Buffer.from(`\uFEFF${text}`);
  const {default: iconv} = await import('iconv-lite');
  return iconv.encode(text, 'gb18030');
}

async function zip(parts: {name: string; bytes: Buffer}[], mtime: Date): Promise<Buffer> {
  const {ZipFile} = await import('yazl');
  const file = new ZipFile();
  for (const {name, bytes} of parts) file.addBuffer(bytes, name, {mtime, mode: 0o100644});
  file.end();
  const chunks: Buffer[] = [];
  for await (const chunk of file.outputStream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}

async function writeXlsx({headings, rows}: Sheet, made: Date): Promise<Buffer> {
  const {default: excel} = await import('exceljs').catch(cause => {
    throw new DougongError('local', 'SANDBOX_DATA', {file: 'exceljs', reason: 'npm install exceljs'}, {cause});
  });
  const book = new excel.Workbook();
  book.created = made;
  book.modified = made;
  const sheet = book.addWorksheet('结算资金');
  sheet.addRow(headings);
  for (const row of rows) sheet.addRow(row);
  return Buffer.from(await book.xlsx.writeBuffer());
}
