import {addDays, beijingDate, beijingTime} from '../../core/beijing.ts';
import {type BillType, billFileName, billTypeOf, billTypes, readyAt, tradeDateOf} from '../../core/bill-types.ts';
import type {Data} from '../../core/wire.ts';
import {type Desk, type Handler, need, needDate, needMerchant, text} from '../desk.ts';
import {Refusal, type Switches} from '../types.ts';

const YEAR_DAYS = 365;
const MINUTE_MS = 60_000;
const REPLAYS: Record<string, BillType[]> = {};
for (const type of Object.values(billTypes))
  if (type.replay) REPLAYS[type.replay] = [...(REPLAYS[type.replay] ?? []), type];

/** The statements of one file_date: of every kind unless one is named. Three times a day. */
export const filequery: Handler = (data, desk) => {
  const {switches, now} = desk;
  const req_date = needDate(data, 'req_date');
  const req_seq_id = need(data, 'req_seq_id', 128);
  const huifu_id = needMerchant(data, desk);
  const file_date = needDate(data, 'file_date');
  const wanted = wantedTypes(data);
  count(desk, huifu_id);
  const today = beijingDate(now);
  if (file_date < addDays(today, -YEAR_DAYS)) throw new Refusal('10000000', 'file_date超过一年');
  const made = wanted.filter(type => file_date <= today && (!type.monthly || file_date.endsWith('01')));
  const tasks = made.map(type => taskOf(desk, type, huifu_id, file_date));
  const files = tasks
    .filter(({download_url}) => download_url !== '')
    .map(({task_stat, task_start_time, task_end_time, data_date, ...file}) => ({...file, file_date}));
  return {
    req_date,
    req_seq_id,
    file_details: shaped(files, switches),
    task_details: shaped(tasks, switches),
  };
};

/** Makes a statement again. */
export const replay: Handler = (data, desk) => {
  const req_date = needDate(data, 'req_date');
  const req_seq_id = need(data, 'req_seq_id', 128);
  const huifu_id = needMerchant(data, desk);
  const file_type = need(data, 'file_type', 1);
  const types = REPLAYS[file_type];
  if (!types) throw new Refusal('10000000', 'file_type不在枚举范围内');
  if (req_date >= beijingDate(desk.now)) throw new Refusal('10000000', 'req_date必须早于当前日期');
  for (const type of types) desk.ledger.keep({type: 'number', key: replayKey(type, huifu_id, req_date)});
  return {req_date, req_seq_id, huifu_id, file_type};
};

/** What was replayed is done, whatever fault spoke of it before. */
function replayKey(type: BillType, huifu_id: string, tradeDate: string): string {
  return `replay ${type.name} ${huifu_id} ${type.monthly ? tradeDate.slice(0, 6) : tradeDate}`;
}

function wantedTypes(data: Data): BillType[] {
  const name = text(data, 'bill_type');
  if (name === '') return Object.values(billTypes);
  const type = billTypeOf(name);
  if (!type) throw new Refusal('10000000', 'bill_type不在枚举范围内');
  return [type];
}

function count({ledger, switches, now}: Desk, huifu_id: string): void {
  const limit = switches.billQueriesPerDay;
  if (limit === 0) return;
  const key = (n: number) => `filequery ${huifu_id} ${beijingDate(now)} ${n}`;
  for (let n = 1; n <= limit; n += 1) {
    if (ledger.numberTaken(key(n))) continue;
    ledger.keep({type: 'number', key: key(n)});
    return;
  }
  throw new Refusal('20000001', '当前huifuId请求过于频繁');
}

function taskOf(desk: Desk, type: BillType, huifu_id: string, file_date: string): Record<string, string> {
  const {switches, now, ledger} = desk;
  const fault = desk.billFault;
  const period = type.monthly ? tradeDateOf(file_date).slice(0, 6) : tradeDateOf(file_date);
  const replayed = ledger.numberTaken(replayKey(type, huifu_id, period));
  const forced = fault && !replayed && (!fault.bill_type || fault.bill_type === type.name) ? fault.state : undefined;
  const at = readyAt(type, file_date);
  const task_stat = forced ?? (switches.billReady === 'at-once' ? 'S' : stateAt(now - at));
  const there = task_stat === 'S' && forced === undefined && desk.billExists(type, huifu_id, file_date);
  const file_name = there ? billFileName(type, huifu_id, file_date) : '';
  const begun = beijingTime(Math.min(at, now));
  return {
    bill_type: type.name,
    data_date: period,
    download_url: there ? desk.billLink(type, huifu_id, file_date) : '',
    file_id: there ? `${file_date}${huifu_id}${type.part}` : '',
    [switches.billNameField]: file_name,
    huifu_id,
    task_stat,
    task_start_time: begun,
    task_end_time: task_stat === 'S' || task_stat === 'F' ? begun : '',
  };
}

/** As the hour comes near: begun, at work, the data, the file. */
function stateAt(after: number): string {
  if (after >= 0) return 'S';
  if (after >= -5 * MINUTE_MS) return 'FP';
  if (after >= -15 * MINUTE_MS) return 'DP';
  return after >= -60 * MINUTE_MS ? 'P' : 'I';
}

/** The platform sends an array; its own local sandbox one object, of which there is then only the first. */
function shaped(list: Record<string, string>[], {billShape}: Switches): unknown {
  if (billShape === 'array') return list;
  if (billShape === 'text') return JSON.stringify(list);
  return list[0] ?? {};
}
