import {type BillType, billTypeOf, readBillName, tradeDateOf} from '../core/bill-types.ts';
import {parseValue} from '../core/json.ts';
import type {Data, Value} from '../core/wire.ts';

/** One file or task that an answer to a statement query names. */
export interface BillItem {
  /** The platform's own name; one we do not know is kept as it came. */
  bill_type: string;
  file_date: string;
  file_id: string;
  /** As the platform gave it, '' where it gave none; not yet safe to write to. */
  file_name: string;
  huifu_id: string;
  /** '' while there is no file. */
  download_url: string;
  /** I, P, DP, FP at work, F failed, S done (without a URL: no records that day); '' where only a file was named. */
  task_stat: string;
  /** yyyyMMddHHmmss, or ''. */
  task_start_time: string;
}

/** file_type of the answers before bill_type; 1 stood for three kinds, which the file name tells apart. */
const OLD: Record<string, string> = {2: 'TRADE_BILL', 3: 'SETTLE_BILL_MONTH', 4: 'TRADE_BILL_MONTH'};

/**
 * Takes an answer apart, in each of its shapes: `file_details` and `task_details` as an array, as one object, or as
 * the JSON text of either; `file_name` or `file_Name`; `bill_type` or the older `file_type`.
 *
 * @see docs/gateway.md#bills
 */
export function readAnswer(data: Data, file_date: string): BillItem[] {
  const files = listOf(data.file_details).map(one => itemOf(one, file_date));
  const tasks = listOf(data.task_details).map(one => itemOf(one, file_date));
  const named = files.filter(({download_url}) => download_url !== '');
  const same = (a: BillItem, b: BillItem) =>
    a.file_id !== '' && b.file_id !== ''
      ? a.file_id === b.file_id
      : a.bill_type === b.bill_type && a.file_name === b.file_name;
  return [...named, ...tasks.filter(task => !named.some(file => same(file, task)))];
}

function listOf(value: Value | undefined): Data[] {
  let list: Value | undefined = value;
  if (typeof list === 'string') {
    try {
      list = parseValue(list);
    } catch {
      return [];
    }
  }
  const all = Array.isArray(list) ? list : [list];
  return all.filter((one): one is Data => typeof one === 'object' && one !== null && !Array.isArray(one));
}

function itemOf(one: Data, asked: string): BillItem {
  const text = (...names: string[]) => {
    for (const name of names) if (typeof one[name] === 'string' && one[name] !== '') return one[name];
    return '';
  };
  const file_name = text('file_name', 'file_Name');
  const old = text('file_type');
  const type = text('bill_type') || OLD[old] || readBillName(file_name)?.type.name || old;
  return {
    bill_type: billTypeOf(type)?.name ?? type,
    file_date: text('file_date') || asked,
    file_id: text('file_id'),
    file_name,
    huifu_id: text('huifu_id'),
    download_url: text('download_url'),
    task_stat: text('task_stat'),
    task_start_time: text('task_start_time'),
  };
}

/** Where one kind of statement of one day stands. */
export type BillState = 'file' | 'none' | 'working' | 'failed' | 'absent';

/** What an answer says of one kind. `absent`: the platform named neither a file nor a task of it. */
export function stateOf(
  items: readonly BillItem[],
  type: BillType,
): {state: BillState; items: BillItem[]; stat: string} {
  const own = items.filter(({bill_type}) => bill_type === type.name);
  const files = own.filter(({download_url}) => download_url !== '');
  if (files.length > 0) return {state: 'file', items: files, stat: 'S'};
  // A replay leaves the failed task beside the new one: the latest speaks.
  const latest = own.toSorted((a, b) => (a.task_start_time < b.task_start_time ? 1 : -1))[0];
  if (!latest) return {state: 'absent', items: [], stat: ''};
  const stat = latest.task_stat;
  const state = stat === 'S' ? 'none' : stat === 'F' ? 'failed' : 'working';
  return {state, items: [latest], stat};
}

/** The trade day, or for a month's statement the month, that a file_date stands for. */
export function periodOf(type: BillType | undefined, file_date: string): string {
  const day = tradeDateOf(file_date);
  return type?.monthly ? day.slice(0, 6) : day;
}
