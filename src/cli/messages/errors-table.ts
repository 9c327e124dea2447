import type {TableCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** Errors of what stands in statements and order files. */
export const tableErrors: Record<TableCode, Sentence<P>> = {
  TABLE_HEADER: say(
    p => `${p.file} 里没有认得的表头;第一行是:${p.found};用 --map trans_amt=列名 指明`,
    p =>
      `no heading line is recognised in ${p.file}; it begins: ${p.found}; say which column is what by --map trans_amt=HEADING`,
  ),
  TABLE_EMPTY: say(
    p => `${p.file} 是空的`,
    p => `${p.file} is empty`,
  ),
  TABLE_COLUMN: say(
    p => `${p.file} 里没有 ${p.column};现有:${p.found};用 --map ${p.column}=列名 指明`,
    p => `${p.file} has no column for ${p.column}; it has: ${p.found}; say --map ${p.column}=HEADING`,
  ),
  TABLE_AMOUNT: say(
    p => `${p.column} 里的“${p.value}”不是金额(数字,最多两位小数);没有猜测,没有输出`,
    p =>
      `"${p.value}" in ${p.column} is no amount (digits, at most two decimals); nothing was guessed, nothing written`,
  ),
  TABLE_TEXT: say(
    p => `${p.file} 不是文本(${p.reason})`,
    p => `${p.file} is no text (${p.reason})`,
  ),
  TABLE_LINE: say(
    p => `${p.file} 有一行超过 ${p.limit} MB,不像对账单`,
    p => `${p.file} has a line longer than ${p.limit} MB; that is no statement`,
  ),
  TABLE_BROKEN: say(
    p => `${p.file} 读不了:${p.reason}`,
    p => `${p.file} does not read: ${p.reason}`,
  ),
  TABLE_DUPLICATE: say(
    p =>
      `${p.side === 'bill' ? '对账单' : '订单文件'}里键不唯一,没有对账:${p.key} 出现 ${p.times} 次(共 ${p.keys} 个这样的键)`,
    p =>
      `a key is not unique in the ${p.side === 'bill' ? 'statement' : 'order file'}, nothing was reconciled: ${p.key} stands ${p.times} times (${p.keys} such keys)`,
  ),
  TABLE_STATE: say(
    p => `订单状态里有不认识的词:${p.words};用 --map-state 词=S 指明(S 已付,P 未完成,F 失败)`,
    p => `unknown words in the orders' state: ${p.words}; say --map-state WORD=S (S paid, P not finished, F failed)`,
  ),
  TABLE_STATES_NEEDED: say(
    () => '订单文件没有状态列:用 --map trans_stat=列名,或 --assume-paid 表示全部已付',
    () => 'the orders have no state column: --map trans_stat=HEADING, or --assume-paid if all of them are paid',
  ),
  TABLE_DIFFERS: say(
    p => `对不平:${p.count} 处差异`,
    p => `not balanced: ${p.count} differences`,
  ),
  TABLE_OUT_SAME: say(
    p => `输出 ${p.file} 就是输入文件;换一个 --out`,
    p => `the output ${p.file} is an input; choose another --out`,
  ),
  DUCKDB_MISSING: say(
    () => '这里没有 DuckDB(可选依赖):npm install @duckdb/node-api;下载、解压、转换为 CSV/NDJSON 不需要它',
    () =>
      'DuckDB is missing here (an optional package): npm install @duckdb/node-api; download, unpacking and conversion to CSV or NDJSON work without it',
  ),
  EXCELJS_MISSING: say(
    () => '读 .xlsx 需要 exceljs(可选依赖):npm install exceljs',
    () => 'reading .xlsx needs exceljs (an optional package): npm install exceljs',
  ),
};
