import {DougongError} from '../core/errors.ts';
import {named, quoted} from './duck.ts';
import type {BillPart} from './read.ts';

/** Numbers that tell one row of detail from another; a line without any of them is a sum. */
const DETAIL = /^(req_seq_id|hf_seq_id|settle_seq_id|out_trans_id|party_order_id)$/;
/** How a line of sums begins. */
const SUM_LINE = '^(合计|总计|小计|汇总|总笔数|总金额|total|sum)';
/** What such a line begins with: looked at before the pattern, which costs more. */
const SUM_LETTERS = "('合', '总', '小', '汇', 't', 'T', 's', 'S')";
const AMOUNT = '-?[0-9]{1,16}([.][0-9]{1,2})?';

/** A cell without what exports put around text: blanks, a leading tab, backtick or quote, `="…"`. */
function clean(cell: string, tidy: boolean): string {
  if (tidy) return cell;
  return `CASE WHEN starts_with(${cell}, '="') AND ends_with(${cell}, '"') THEN substr(${cell}, 3, length(${cell}) - 3)
    ELSE rtrim(ltrim(${cell}, E' \\t\u00a0\`'''), E' \\t\\r\u00a0\`') END`;
}

/** An amount, exact. Anything that is no amount ends the whole statement: no number is guessed. */
function amount(cell: string, column: string): string {
  const bare = `replace(${cell}, ',', '')`;
  // What reads back as it stands needs no pattern: nearly every amount does.
  const quick = `TRY_CAST(${cell} AS DECIMAL(18,2))`;
  return `CASE WHEN ${cell} IS NULL OR ${cell} = '' THEN NULL
    WHEN CAST(${quick} AS VARCHAR) = ${cell} THEN ${quick}
    WHEN regexp_full_match(${bare}, '${AMOUNT}') THEN CAST(${bare} AS DECIMAL(18,2))
    ELSE error('TABLE_AMOUNT|' || ${quoted(column)} || '|' || ${cell}) END`;
}

/** The cells of one part as they stand, by position. */
function scan(part: BillPart, parallel: boolean, files: readonly string[]): string {
  const columns = part.headings.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ');
  const options = [
    'header = false',
    'auto_detect = false',
    `skip = ${part.skip}`,
    `delim = ${quoted(part.delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    'strict_mode = false',
    'null_padding = true',
    'max_line_size = 8388608',
    ...(parallel ? [] : ['parallel = false']),
  ];
  return `read_csv([${files.map(quoted).join(', ')}], columns = {${columns}}, ${options.join(', ')})`;
}

/** One part with its columns under their terms: ids and words as text, amounts as DECIMAL, lines of sums left out. */
function partSql(
  part: BillPart,
  parallel: boolean,
  only: ReadonlySet<string> | undefined,
  files: readonly string[],
): string {
  const cells = part.headings.map((_, at) => `${clean(`c${at}`, part.tidy)} AS c${at}`).join(', ');
  const shown = part.headings.flatMap(({name, column}, at) => {
    if (only && !only.has(name)) return [];
    const cell = `c${at}`;
    const value = column?.kind === 'amount' ? amount(cell, name) : `COALESCE(${cell}, '')`;
    return `${value} AS ${named(name)}`;
  });
  return `SELECT ${shown.join(', ')} FROM (SELECT ${cells} FROM ${scan(part, parallel, files)}) WHERE NOT (${isSum(part)})`;
}

function isSum(part: BillPart): string {
  const ids = part.headings.flatMap(({column}, at) =>
    column && DETAIL.test(column.name) ? [`COALESCE(c${at}, '')`] : [],
  );
  const begins = `(substr(COALESCE(c0, ''), 1, 1) IN ${SUM_LETTERS} AND regexp_matches(lower(c0), '${SUM_LINE}'))`;
  if (ids.length === 0) return begins;
  return `${begins} OR (${ids.map(cell => `${cell} = ''`).join(' AND ')})`;
}

/** All parts one after another; columns that only some of them have are empty in the others. */
export function partsSql(parts: readonly BillPart[], parallel = true, only?: ReadonlySet<string>): string {
  // Parts of one shape that follow each other are one scan: ten of them would hold ten times the buffers.
  const shape = ({skip, delimiter, tidy, headings}: BillPart) =>
    JSON.stringify([skip, delimiter, tidy, headings.map(({name, column}) => [name, column?.kind])]);
  const groups: {part: BillPart; files: string[]}[] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last && shape(last.part) === shape(part)) last.files.push(part.file);
    else groups.push({part, files: [part.file]});
  }
  return groups.map(({part, files}) => partSql(part, parallel, only, files)).join('\nUNION ALL BY NAME\n');
}

/**
 * Runs work that reads parts; where quoted line breaks do not go with reading in parallel, again without it.
 *
 * @throws DougongError `usage` TABLE_AMOUNT, TABLE_BROKEN; `local` FILE_UNWRITABLE on a full disk.
 */
export async function reading<T>(files: string, work: (parallel: boolean) => Promise<T>): Promise<T> {
  try {
    return await work(true);
  } catch (error) {
    if (
      /parallel/.test(String((error as Error).message)) &&
      /null_padding|quoted new/i.test(String((error as Error).message))
    ) {
      try {
        return await work(false);
      } catch (second) {
        throw told(second, files);
      }
    }
    throw told(error, files);
  }
}

function told(error: unknown, file: string): unknown {
  if (error instanceof DougongError || !(error instanceof Error)) return error;
  const wrong = /TABLE_AMOUNT\|([^|]*)\|([^\n]*)/.exec(error.message);
  if (wrong) {
    const params = {file, column: wrong[1]!, value: wrong[2]!.slice(0, 60)};
    return new DougongError('usage', 'TABLE_AMOUNT', params, {cause: error});
  }
  if (/No space left|could not write|Could not write|disk/i.test(error.message)) {
    const reason = /No space/i.test(error.message) ? 'ENOSPC' : error.message.split('\n')[0]!.slice(0, 120);
    return new DougongError('local', 'FILE_UNWRITABLE', {file, reason}, {cause: error});
  }
  if (/Out of Memory/i.test(error.message)) {
    const reason = 'out of memory';
    return new DougongError('local', 'TABLE_BROKEN', {file, reason}, {cause: error});
  }
  const reason = error.message.split('\n')[0]!.slice(0, 200);
  return new DougongError('usage', 'TABLE_BROKEN', {file, reason}, {cause: error});
}
