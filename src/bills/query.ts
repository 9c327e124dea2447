import {addDays, beijingDate, beijingTime, monthDays} from '../core/beijing.ts';
import {type BillType, billTypes, fileDateOf, readyAt, tradeDateOf} from '../core/bill-types.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError, type GatewayWords} from '../core/errors.ts';
import type {Send} from '../core/wire.ts';
import {type BillItem, readAnswer, stateOf} from './answer.ts';
import type {BillAnswer, BillCache} from './cache.ts';

/** What a query of statements needs. */
export interface BillTools {
  send: Send;
  huifuId: string;
  environment: string;
  cache: BillCache;
  now(): number;
  newId(now: number): string;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  signal?: AbortSignal;
}

/** The platform's limit of queries of one huifu_id in a Beijing day (docs/gateway.md#bills). */
export const DAILY_LIMIT = 3;
const YEAR_DAYS = 365;
const HOUR_MS = 3_600_000;
const TOO_OFTEN = /请求过于频繁/;

/** What a person asked for; dates yyyyMMdd, the month yyyyMM. `from` and `to` are trade dates, both included. */
export interface BillWish {
  types: BillType[];
  from?: string;
  to?: string;
  file_date?: string;
  month?: string;
  /** Never a month's statement instead of its days. */
  daily?: boolean;
}

/** One file_date, which one query answers, and the kinds wanted of it. */
export interface Want {
  file_date: string;
  types: BillType[];
}

/**
 * Turns a wish into file_dates, oldest first. Whole months become one month's statement where every kind has one.
 *
 * @throws DougongError `usage` BILL_DATE_FUTURE, BILL_DATE_OLD, BILL_MONTH_OPEN, BILL_RANGE.
 */
export function wantsOf(wish: BillWish, now: number): Want[] {
  const today = beijingDate(now);
  const {types, file_date, month} = wish;
  if (file_date) {
    checkDay(file_date, file_date, today, today);
    return [{file_date, types: kindsOn(types, file_date)}];
  }
  const days = month ? monthDays(month) : {first: wish.from!, last: wish.to!};
  if (days.first > days.last) throw new DougongError('usage', 'BILL_RANGE', {from: days.first, to: days.last});
  if (month && days.last >= today)
    throw new DougongError('usage', 'BILL_MONTH_OPEN', {
      value: month,
      latest: addDays(`${today.slice(0, 6)}01`, -1).slice(0, 6),
    });
  const yesterday = addDays(today, -1);
  if (types.every(({monthly}) => monthly)) {
    const wants = monthsOf(days.first, days.last).map(one => ({file_date: fileDateOf(monthDays(one).last), types}));
    for (const want of wants)
      if (want.file_date > today)
        throw new DougongError('usage', 'BILL_MONTH_OPEN', {
          value: tradeDateOf(want.file_date).slice(0, 6),
          latest: addDays(`${today.slice(0, 6)}01`, -1).slice(0, 6),
        });
    for (const want of wants) checkDay(tradeDateOf(want.file_date), want.file_date, yesterday, today);
    return wants;
  }
  checkDay(days.last, fileDateOf(days.last), yesterday, today);
  const wants: Want[] = [];
  const monthly = types.every(type => type.monthly || type.month !== undefined);
  for (let day = days.first; day <= days.last; day = addDays(day, 1)) {
    const {first, last} = monthDays(day.slice(0, 6));
    if (!wish.daily && monthly && day === first && last <= days.last) {
      const whole = types.map(type => (type.month ? billTypes[type.month] : type));
      wants.push({file_date: fileDateOf(last), types: [...new Set(whole)]});
      day = last;
    } else wants.push({file_date: fileDateOf(day), types: kindsOn(types, fileDateOf(day))});
  }
  for (const {file_date: one} of wants) checkDay(tradeDateOf(one), one, yesterday, today);
  return wants.filter(want => want.types.length > 0);
}

function monthsOf(from: string, to: string): string[] {
  const months: string[] = [];
  for (let day = `${from.slice(0, 6)}01`; day <= to; day = addDays(monthDays(day.slice(0, 6)).last, 1))
    months.push(day.slice(0, 6));
  return months;
}

/** A month's statement is made on the first of the next month only. */
function kindsOn(types: BillType[], file_date: string): BillType[] {
  return types.length === 1 ? types : types.filter(({monthly}) => !monthly || file_date.endsWith('01'));
}

function checkDay(value: string, file_date: string, latest: string, today: string): void {
  if (file_date > today) throw new DougongError('usage', 'BILL_DATE_FUTURE', {value, latest});
  const earliest = addDays(today, -YEAR_DAYS);
  if (file_date < earliest)
    throw new DougongError('usage', 'BILL_DATE_OLD', {
      value,
      earliest: value === file_date ? earliest : tradeDateOf(earliest),
    });
}

/** When a kind that is not there yet is worth another query (epoch ms). */
export function comeBack(type: BillType, file_date: string, asked_at: number | undefined): number {
  const [ready, advised] = [readyAt(type, file_date), readyAt(type, file_date, 'advised')];
  if (asked_at === undefined || asked_at < ready) return ready;
  return asked_at < advised ? advised : asked_at + HOUR_MS;
}

/** The kinds of a want that are neither there nor known to be empty, and when to come back for the first of them. */
export function openKinds(
  want: Want,
  answer: BillAnswer | undefined,
): {type: BillType; stat: string; state: 'working' | 'failed' | 'absent'; at: number}[] {
  return want.types.flatMap(type => {
    const {state, stat} = answer ? stateOf(answer.items, type) : {state: 'absent' as const, stat: ''};
    if (state === 'file' || state === 'none') return [];
    return [{type, stat, state, at: comeBack(type, want.file_date, answer?.asked_at)}];
  });
}

/** Whether one more query can bring anything now: nothing is known, or something unfinished is due. */
export function isDue(want: Want, answer: BillAnswer | undefined, now: number): boolean {
  return openKinds(want, answer).some(({type, state, at}) => {
    // What the platform did not name although its hour had come is not switched on: asking again would waste a query.
    if (answer && state === 'absent' && answer.asked_at >= readyAt(type, want.file_date, 'advised')) return false;
    return at <= now;
  });
}

/** How far a range is known, for the line that is printed before anything is asked. */
export interface BillPlan {
  dates: number;
  queries: number;
  /** Left of today's. */
  left: number;
  days: number;
  months: number;
}

export async function planBills(tools: BillTools, wants: Want[]): Promise<BillPlan> {
  const now = tools.now();
  const answers = await Promise.all(wants.map(({file_date}) => tools.cache.answer(file_date)));
  const queries = wants.filter((want, at) => isDue(want, answers[at], now)).length;
  const left = Math.max(0, DAILY_LIMIT - (await tools.cache.used(beijingDate(now))));
  const days = queries === 0 ? 0 : 1 + Math.ceil(Math.max(0, queries - left) / DAILY_LIMIT);
  const months = wants.filter(({types}) => types.every(({monthly}) => monthly)).length;
  return {dates: wants.length, queries, left, days, months};
}

/**
 * Asks for one file_date, all kinds at once, and keeps the answer. A place in today's count is taken before the send
 * and given back only where not a byte left; the call is never repeated by itself.
 *
 * @throws DougongError `pending` BILL_QUOTA, `refused` REFUSED, `signature`, `network`.
 * @see docs/gateway.md#bills
 */
export async function askBill(tools: BillTools, file_date: string): Promise<BillAnswer> {
  const {cache, huifuId: huifu_id, environment} = tools;
  const now = tools.now();
  const today = beijingDate(now);
  const before = await cache.answer(file_date);
  const slot = await cache.take(today, DAILY_LIMIT, file_date);
  if (!slot) throw new DougongError('pending', 'BILL_QUOTA', {limit: String(DAILY_LIMIT)});
  // Another process may have asked for the same day meanwhile.
  const meanwhile = await cache.answer(file_date);
  if (meanwhile && meanwhile.asked_at > (before?.asked_at ?? 0)) {
    await slot.release();
    return meanwhile;
  }
  const fields = {req_date: today, req_seq_id: tools.newId(now), huifu_id, file_date};
  const answer = await tools.send.read(endpoints.filequery, fields).catch(async error => {
    if (error instanceof DougongError && (error.code === 'NOT_SENT' || error.code === 'TLS_FAILED'))
      await slot.release();
    throw error;
  });
  await judge(tools, answer, today);
  const items: BillItem[] = readAnswer(answer.data, file_date);
  const kept: BillAnswer = {environment, huifu_id, file_date, asked_at: now, items, raw: answer.raw};
  await cache.keep(kept);
  return kept;
}

async function judge(tools: BillTools, answer: Awaited<ReturnType<Send['read']>>, today: string): Promise<void> {
  const resp_code = String(answer.data.resp_code ?? '');
  const resp_desc = String(answer.data.resp_desc ?? '');
  const gateway: GatewayWords = {verified: true, http_status: answer.status, resp_code, resp_desc};
  if (TOO_OFTEN.test(resp_desc)) {
    await tools.cache.exhaust(today, DAILY_LIMIT);
    throw new DougongError('pending', 'BILL_QUOTA', {limit: String(DAILY_LIMIT)}, {gateway});
  }
  if (resp_code !== '00000000' && resp_code !== '00000100')
    throw new DougongError('refused', 'REFUSED', {resp_code}, {gateway});
}

/**
 * The kind a replay is for, refused before anything is sent where it cannot be.
 *
 * @throws DougongError `usage` BILL_NO_REPLAY, BILL_DATE_FUTURE, BILL_DATE_OLD, BILL_MONTH_OPEN.
 */
export function replayable(types: BillType[], word: string, date: string, now: number): BillType {
  const [type] = types;
  if (!type?.replay || types.length > 1) {
    const choices = Object.values(billTypes).filter(({replay}) => replay);
    throw new DougongError('usage', 'BILL_NO_REPLAY', {types: word, choices: choices.map(one => one.word).join(', ')});
  }
  wantsOf({types, from: date, to: date}, now);
  return type;
}

/**
 * Asks for a statement to be made again; the next download asks for its state.
 *
 * @param date the trade date (yyyyMMdd); for a month's statement any day of it.
 * @throws DougongError `refused` REFUSED, `signature`, `network`.
 * @see docs/gateway.md#replay
 */
export async function replayBill(
  tools: BillTools,
  type: BillType,
  date: string,
): Promise<{data: Record<string, unknown>; raw: string}> {
  const fields = {
    req_date: date,
    req_seq_id: tools.newId(tools.now()),
    huifu_id: tools.huifuId,
    file_type: type.replay,
  };
  const answer = await tools.send.read(endpoints.replay, fields);
  await judge(tools, answer, beijingDate(tools.now()));
  await tools.cache.forget(type.monthly ? fileDateOf(monthDays(date.slice(0, 6)).last) : fileDateOf(date));
  return {data: answer.data, raw: answer.raw};
}

/** yyyyMMddHHmmss, Beijing, for messages. */
export function momentOf(at: number): string {
  return beijingTime(at);
}
