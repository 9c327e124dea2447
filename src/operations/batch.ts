/** How many rows run at once, and how many may start a second. */
export interface Pace {
  /** Rows in flight at once, 1 or more. */
  concurrency: number;
  /** Rows started a second, at most; unlimited where absent. */
  rate?: number;
}

/** What became of one row. `throttled`: the gateway asks for fewer calls. `stop`: no further row is begun. */
export interface Worked<Result> {
  result: Result;
  throttled?: boolean;
  stop?: boolean;
}

export interface BatchTools {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborted by Ctrl-C: nothing new is begun, what is in flight is finished. */
  signal?: AbortSignal;
}

export interface BatchOptions<Item, Result> extends Pace {
  /** Rows with the same key never run side by side. */
  keyOf?(item: Item): string;
  /** Told in the order in which rows end; a rejection ends the batch. */
  onDone(item: Item, result: Result): void | Promise<void>;
}

export interface BatchEnd {
  done: number;
  /** Why not every row was begun. */
  stopped?: 'interrupted' | 'stopped';
}

const SLOWEST = 0.2;
const CALM_ROWS = 20;
/** What an unlimited batch falls to when the gateway asks for fewer calls. */
const FIRST_RATE = 10;

/**
 * Works through rows with bounded concurrency and rate. A throttled row halves the rate (0.2 a second at the least); 20
 * calm rows raise it by a quarter, up to what was given.
 *
 * @param work never rejects for what one row met: that is a result. A rejection stops the batch and is thrown once
 *   everything in flight has ended.
 */
export async function runBatch<Item, Result>(
  tools: BatchTools,
  items: readonly Item[],
  work: (item: Item) => Promise<Worked<Result>>,
  options: BatchOptions<Item, Result>,
): Promise<BatchEnd> {
  const {keyOf, onDone, concurrency} = options;
  const waiting = [...items].reverse();
  const parked = new Map<string, Item[]>();
  const busy = new Set<string>();
  let rate = options.rate;
  let calm = 0;
  let next = tools.now();
  let done = 0;
  let stopped: BatchEnd['stopped'];
  let failure: {error: unknown} | undefined;

  /** The next row whose key is free. */
  const take = (): Item | undefined => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      const key = keyOf?.(item);
      if (key === undefined || !busy.has(key)) {
        if (key !== undefined) busy.add(key);
        return item;
      }
      parked.set(key, [...(parked.get(key) ?? []), item]);
    }
    return undefined;
  };
  const free = (item: Item): void => {
    const key = keyOf?.(item);
    if (key === undefined) return;
    busy.delete(key);
    const [first, ...rest] = parked.get(key) ?? [];
    if (first === undefined) return;
    waiting.push(first);
    if (rest.length > 0) parked.set(key, rest);
    else parked.delete(key);
  };
  const adapt = (throttled: boolean): void => {
    if (throttled) {
      rate = Math.max(SLOWEST, (rate ?? FIRST_RATE) / 2);
      calm = 0;
    } else if (rate !== undefined && rate !== options.rate) {
      calm += 1;
      if (calm < CALM_ROWS) return;
      calm = 0;
      rate = Math.min(options.rate ?? Number.POSITIVE_INFINITY, rate * 1.25);
    }
  };
  /** Waits for this row's turn; rows are begun one interval apart. */
  const turn = async (): Promise<void> => {
    if (rate === undefined) return;
    const now = tools.now();
    const mine = Math.max(now, next);
    next = mine + 1000 / rate;
    if (mine > now) await tools.sleep(mine - now, tools.signal);
  };

  const lane = async (): Promise<void> => {
    while (stopped === undefined && failure === undefined) {
      if (tools.signal?.aborted) {
        stopped = 'interrupted';
        return;
      }
      const item = take();
      if (item === undefined) return;
      await turn();
      if (tools.signal?.aborted || stopped !== undefined || failure !== undefined) {
        if (tools.signal?.aborted) stopped ??= 'interrupted';
        return;
      }
      try {
        const worked = await work(item);
        adapt(worked.throttled === true);
        if (worked.stop) stopped ??= 'stopped';
        done += 1;
        await onDone(item, worked.result);
      } catch (error) {
        failure ??= {error};
      }
      free(item);
    }
  };
  // A lane that finds every key busy ends; the one that holds the key goes on with the rows parked behind it.
  await Promise.all(Array.from({length: Math.max(1, Math.min(concurrency, items.length))}, lane));
  if (failure) throw failure.error;
  return {done, ...(stopped && done < items.length && {stopped})};
}
