import {beijingDate} from '../core/beijing.ts';
import {billTypeOf} from '../core/bill-types.ts';
import {DougongError} from '../core/errors.ts';
import {type BillItem, periodOf, stateOf} from './answer.ts';
import type {BillAnswer} from './cache.ts';
import {alreadyThere, DeadLink, type Fetched, type FetchOptions, type FetchTools, fetchBill} from './fetch.ts';
import {askBill, type BillTools, DAILY_LIMIT, isDue, momentOf, openKinds, type Want} from './query.ts';

/** What became of one kind of one day. */
export interface Outcome {
  /** yyyyMMdd, or yyyyMM of a month's statement. */
  period: string;
  file_date: string;
  bill_type: string;
  state: 'fetched' | 'kept' | 'none' | 'working' | 'failed' | 'absent' | 'unasked';
  /** The task's own state, '' where none was named. */
  stat: string;
  file?: Fetched;
  /** working: when to come back, epoch ms. */
  at?: number;
}

export interface DownloadWishes extends Omit<FetchOptions, 'environment' | 'huifu_id' | 'progress'> {
  wants: Want[];
  /** Kinds the platform does not name are no error: every kind was asked for. */
  everyKind: boolean;
  /** Ask again at the hour when what is missing should be there, and once more after that. */
  wait: boolean;
  waitTimeoutMs: number;
  /** Ask even where the kept answer would do. */
  refresh: boolean;
  progress?(file: string, bytes: number, total: number | undefined): void;
  done?(outcome: Outcome): void;
  /** Told before a wait, epoch ms. */
  waiting?(until: number): void;
}

const PARALLEL = 3;
const EXTRA_ASKS = 2;

/**
 * Asks for what is not known, within the day's count, and fetches what is there; nothing is fetched twice.
 *
 * @returns every kind of every day with what became of it, and the first thing that kept it from being complete: a
 * DougongError `pending` BILL_QUOTA or BILL_NOT_READY, `refused` BILL_FAILED or BILL_ABSENT, or of one file.
 */
export async function downloadBills(
  tools: BillTools & FetchTools,
  wishes: DownloadWishes,
): Promise<{outcomes: Outcome[]; error?: DougongError}> {
  const deadline = tools.now() + wishes.waitTimeoutMs;
  let {refresh} = wishes;
  for (let asks = 0; ; asks += 1) {
    const turn = await once(tools, {...wishes, refresh});
    refresh = false;
    const waiting = turn.outcomes.filter(({state}) => state === 'working');
    const at = Math.min(...waiting.map(one => one.at ?? Number.POSITIVE_INFINITY));
    const used = await tools.cache.used(beijingDate(Math.max(at === Number.POSITIVE_INFINITY ? 0 : at, tools.now())));
    const more = wishes.wait && waiting.length > 0 && asks < EXTRA_ASKS && at <= deadline && used < DAILY_LIMIT;
    if (!more || tools.signal?.aborted || turn.error?.code !== 'BILL_NOT_READY') return turn;
    wishes.waiting?.(at);
    await tools.sleep(Math.max(0, at - tools.now()), tools.signal);
    if (tools.signal?.aborted) throw new DougongError('interrupted', 'INTERRUPTED');
  }
}

async function once(
  tools: BillTools & FetchTools,
  wishes: DownloadWishes,
): Promise<{outcomes: Outcome[]; error?: DougongError}> {
  const outcomes: Outcome[] = [];
  const jobs: {want: Want; item: BillItem}[] = [];
  let error: DougongError | undefined;
  let quota: DougongError | undefined;
  let unasked = 0;
  for (const want of wishes.wants) {
    let answer = await tools.cache.answer(want.file_date);
    if (isDue(want, answer, tools.now()) || (wishes.refresh && answer)) {
      if (!quota) {
        try {
          answer = await askBill(tools, want.file_date);
        } catch (cause) {
          if (!(cause instanceof DougongError) || cause.code !== 'BILL_QUOTA') throw cause;
          quota = cause;
        }
      }
      if (quota) unasked += 1;
    }
    outcomes.push(...judge(want, answer, Boolean(quota), tools.now()));
    jobs.push(...itemsOf(want, answer, wishes.everyKind).map(item => ({want, item})));
  }
  const dead = new Map<string, Promise<BillAnswer>>();
  const work = jobs[Symbol.iterator]();
  await Promise.all(
    Array.from({length: PARALLEL}, async () => {
      for (const job of work) {
        if (tools.signal?.aborted) return;
        try {
          const outcome = await fetchOne(tools, wishes, job.want, job.item, dead);
          outcomes.push(outcome);
          wishes.done?.(outcome);
        } catch (cause) {
          if (!(cause instanceof DougongError)) throw cause;
          error ??= cause;
          if (cause.kind === 'local' || cause.kind === 'interrupted') return;
        }
      }
    }),
  );
  if (tools.signal?.aborted) error = new DougongError('interrupted', 'INTERRUPTED');
  for (const outcome of outcomes) if (outcome.state === 'none') wishes.done?.(outcome);
  if (!error && quota) {
    const params = {limit: String(DAILY_LIMIT), left: unasked > 0 ? String(unasked) : ''};
    error = new DougongError('pending', 'BILL_QUOTA', params, {gateway: quota.gateway});
  }
  return {outcomes, error: error ?? firstOpen(outcomes, wishes.everyKind)};
}

/** Everything that is not a file: what the answer says of each kind. */
function judge(want: Want, answer: BillAnswer | undefined, quota: boolean, now: number): Outcome[] {
  const open = openKinds(want, answer);
  return want.types.flatMap((type): Outcome[] => {
    const {name: bill_type} = type;
    const base = {period: periodOf(type, want.file_date), file_date: want.file_date, bill_type};
    const found = open.find(one => one.type === type);
    if (!found) {
      const none = answer && stateOf(answer.items, type).state === 'none';
      return none ? [{...base, state: 'none', stat: 'S'}] : [];
    }
    const {stat, state, at} = found;
    if (!answer) return [{...base, state: quota ? 'unasked' : 'working', stat, at}];
    if (state === 'failed') return [{...base, state, stat}];
    // Not named before its hour is only early.
    const early = state === 'absent' && isDue(want, answer, at);
    return [{...base, state: early || state === 'working' ? 'working' : 'absent', stat, at: Math.max(at, now)}];
  });
}

/** The files to fetch; with every kind asked for, also those of kinds that we do not know. */
function itemsOf(want: Want, answer: BillAnswer | undefined, everyKind: boolean): BillItem[] {
  if (!answer) return [];
  const known = want.types.flatMap(type => {
    const {state, items} = stateOf(answer.items, type);
    return state === 'file' ? items : [];
  });
  const strange = answer.items.filter(one => one.download_url !== '' && billTypeOf(one.bill_type) === undefined);
  return everyKind ? [...known, ...strange] : known;
}

async function fetchOne(
  tools: BillTools & FetchTools,
  wishes: DownloadWishes,
  want: Want,
  item: BillItem,
  dead: Map<string, Promise<BillAnswer>>,
): Promise<Outcome> {
  const {environment, huifuId: huifu_id} = tools;
  const {out, unpack, allowHttp} = wishes;
  const period = periodOf(billTypeOf(item.bill_type), want.file_date);
  const base = {period, file_date: want.file_date, bill_type: item.bill_type, stat: 'S'};
  const there = await alreadyThere(out, item, environment);
  if (there) return {...base, state: 'kept', file: there};
  const progress = (bytes: number, total: number | undefined) => wishes.progress?.(item.file_name, bytes, total);
  const options = {out, environment, huifu_id, unpack, allowHttp, progress};
  try {
    return {...base, state: 'fetched', file: await fetchBill(tools, item, options)};
  } catch (error) {
    if (!(error instanceof DeadLink)) throw error;
  }
  // One more query serves every dead link of that day.
  const asking = dead.get(want.file_date) ?? askBill(tools, want.file_date);
  dead.set(want.file_date, asking);
  const answer = await asking;
  const fresh = answer.items.find(
    one => one.bill_type === item.bill_type && one.file_id === item.file_id && one.download_url !== '',
  );
  try {
    return {...base, state: 'fetched', file: await fetchBill(tools, fresh ?? item, options)};
  } catch (error) {
    if (!(error instanceof DeadLink)) throw error;
    throw new DougongError('refused', 'BILL_LINK', {file: item.file_name, status: String(error.status)});
  }
}

function firstOpen(outcomes: Outcome[], everyKind: boolean): DougongError | undefined {
  const word = (one: Outcome) => billTypeOf(one.bill_type)?.word ?? one.bill_type;
  const of = (state: Outcome['state']) => outcomes.filter(one => one.state === state);
  const params = (list: Outcome[]) => ({
    date: list[0]!.period,
    types: list
      .filter(({period}) => period === list[0]!.period)
      .map(word)
      .join(', '),
  });
  const failed = of('failed');
  if (failed[0]) {
    const type = word(failed[0]);
    const {period} = failed[0];
    const flags = {date: period.length === 6 ? `${period}01` : period, type};
    return new DougongError('refused', 'BILL_FAILED', params(failed), {next: {verb: 'bill replay', flags}});
  }
  const working = of('working');
  if (working[0]) {
    const at = momentOf(Math.min(...working.map(one => one.at ?? 0)));
    return new DougongError('pending', 'BILL_NOT_READY', {...params(working), stat: working[0].stat, at});
  }
  const absent = of('absent');
  if (absent[0] && !everyKind) return new DougongError('refused', 'BILL_ABSENT', params(absent));
  return undefined;
}
