import type {RowProblem} from '../../operations/batch-rows.ts';
import type {RowState} from '../../operations/refund-batch.ts';
import type {Sentence, Text} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

/** What is wrong with a row, in words. */
export const problems: Record<RowProblem['problem'], Sentence<P>> = {
  scientific: say(
    p => `${p.column} 是科学计数法“${p.value}”(Excel 改坏了;把列设为文本再导出)`,
    p => `${p.column} is in scientific notation, "${p.value}" (a spreadsheet did that; export it as text)`,
  ),
  rounded: say(
    p => `${p.column}“${p.value}”第 15 位之后都是 0(Excel 改坏了;把列设为文本再导出)`,
    p => `${p.column} "${p.value}" ends in zeros after the 15th digit (a spreadsheet did that; export it as text)`,
  ),
  date: say(
    p => `${p.column}“${p.value}”不是 yyyyMMdd 或 yyyy-MM-dd`,
    p => `${p.column} "${p.value}" is neither yyyyMMdd nor yyyy-MM-dd`,
  ),
  amount: say(
    p => `金额“${p.value}”只能是数字和最多两位小数,且大于 0`,
    p => `the amount "${p.value}" must be digits with at most two decimals, more than 0`,
  ),
  'no-locator': say(
    () => '没有 hf_seq_id,也没有 req_seq_id',
    () => 'neither hf_seq_id nor req_seq_id',
  ),
  'no-date': say(
    () => 'req_seq_id 需要 req_date',
    () => 'req_seq_id needs req_date',
  ),
  number: say(
    p => `${p.column}“${p.value}”不能用作流水号`,
    p => `${p.column} "${p.value}" cannot be a number`,
  ),
  merchant: say(
    () => '服务商需要 huifu_id 列,或 --huifu-id',
    () => 'a service provider needs the column huifu_id, or --huifu-id',
  ),
  'no-key': say(
    p => `${p.column} 是空的`,
    p => `${p.column} is empty`,
  ),
};

export const rowStates: Record<RowState, Text> = {
  done: {zh: '成功', en: 'done'},
  pending: {zh: '处理中', en: 'pending'},
  failed: {zh: '失败', en: 'failed'},
  refused: {zh: '被拒绝', en: 'refused'},
  unknown: {zh: '结果未知', en: 'unknown'},
  'not-sent': {zh: '没有发出', en: 'not sent'},
  'not-begun': {zh: '没有开始', en: 'not begun'},
};

/** Words of refund, query and close from a file. */
export const batch = {
  file: {
    zh: 'CSV 文件(- 为标准输入);列名用平台字段名或中文',
    en: "a CSV (- is stdin); columns by the platform's names or in Chinese",
  },
  out: {zh: '结果文件;再次运行同一命令时接着做', en: 'result file; the same command continues it'},
  map: {zh: '列名对应,如 ord_amt=金额,可重复', en: 'which column is what, e.g. ord_amt=AMOUNT, repeatable'},
  rowKey: {zh: '区分同一交易同一金额各行的列', en: 'the column that tells rows of one payment and amount apart'},
  dryRun: {
    zh: '只检查:每行、合计与余额;什么都不发送',
    en: 'only check: every row, totals against the balance; nothing is sent',
  },
  concurrency: {zh: '同时几笔,默认 4', en: 'rows at once, 4 by default'},
  rate: {zh: '每秒最多几笔,默认 10', en: 'rows a second at most, 10 by default'},
  expectCount: {
    zh: '预期行数(生产环境无终端时必填)',
    en: 'how many rows it must be (needed on production without a terminal)',
  },
  expectSum: {zh: '预期合计(元)', en: 'the sum in yuan that it must be'},
  lookingUp: say(
    p => `查询 ${p.count} 笔原交易…`,
    p => `looking up ${p.count} payments…`,
  ),
  totals: say(
    p => `商户 ${p.huifu_id}:${p.count} 笔,合计 ${p.sum} 元,可用余额 ${p.balance}`,
    p => `merchant ${p.huifu_id}: ${p.count} rows, ${p.sum} yuan, available balance ${p.balance}`,
  ),
  short: say(
    p => `!!! 商户 ${p.huifu_id} 的可用余额 ${p.balance} 少于合计 ${p.sum}`,
    p => `!!! the available balance ${p.balance} of merchant ${p.huifu_id} is less than the sum ${p.sum}`,
  ),
  guarded: {
    zh: '防重只对本机有效:别的机器上同时运行同一文件,本机看不到',
    en: 'only this machine is guarded: the same file run on another one cannot be seen from here',
  },
  confirm: say(
    p => `在 ${p.environment} 退 ${p.count} 笔,合计 ${p.sum} 元?`,
    p => `Refund ${p.count} rows, ${p.sum} yuan in all, in ${p.environment}?`,
  ),
  confirmClose: say(
    p => `在 ${p.environment} 关闭 ${p.count} 笔订单?`,
    p => `Close ${p.count} orders in ${p.environment}?`,
  ),
  typeSum: say(
    p => `${p.environment} 是真钱。请输入合计金额确认 ${p.count} 笔退款`,
    p => `${p.environment} moves real money. Type the sum to agree to ${p.count} refunds`,
  ),
  again: say(
    p => `${p.count} 行被限流,稍后按原号再问`,
    p => `${p.count} rows were throttled; they are asked about under their own numbers`,
  ),
  dryDone: say(
    p => `检查完毕:${p.good} 行可退,合计 ${p.sum} 元;${p.bad} 行会被拒绝。什么都没有发送`,
    p => `checked: ${p.good} rows can be refunded, ${p.sum} yuan; ${p.bad} would be refused. Nothing was sent`,
  ),
  summary: say(
    p => `${p.count} 行,合计 ${p.sum} 元:${p.parts}`,
    p => `${p.count} rows, ${p.sum} yuan: ${p.parts}`,
  ),
  part: say(
    p => `${p.state} ${p.count} 行 ${p.sum} 元`,
    p => `${p.state} ${p.count} rows ${p.sum}`,
  ),
  partRows: say(
    p => `${p.state} ${p.count} 行`,
    p => `${p.state} ${p.count}`,
  ),
  ok: {zh: '可退', en: 'ok'},
  known: {zh: '本机已有记录', en: 'known to this machine'},
  same: say(
    p => `与第 ${p.first} 行是同一笔(同交易同金额);确实是两笔就加一列并用 --row-key`,
    p =>
      `the same refund as line ${p.first} (payment and amount); if they are two, add a column and name it by --row-key`,
  ),
  over: say(
    p => `只剩 ${p.left} 元可退`,
    p => `only ${p.left} yuan are left`,
  ),
  reasons: {
    balance: {zh: '可用余额不足或账户冻结', en: 'balance too low, or account frozen'},
    unknowns: {zh: '连续三笔结果未知', en: 'three unknown outcomes in a row'},
  },
} as const;
