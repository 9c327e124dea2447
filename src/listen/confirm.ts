import {formatYuan, readYuan} from '../core/amount.ts';
import {DougongError} from '../core/errors.ts';
import type {Data} from '../core/wire.ts';
import type {Notice, NoticeStore} from '../journal/notices.ts';
import type {Store} from '../journal/store.ts';
import type {Emit} from './events.ts';

/** Which trade is asked about: its own number with its own date, or Huifu's. */
export interface Asked {
  huifu_id: string;
  hf_seq_id?: string;
  req_date?: string;
  req_seq_id?: string;
}

/** Signed queries; the verified `data` of the answer. */
export interface Ask {
  payment(about: Asked): Promise<Data>;
  refund(about: Asked): Promise<Data>;
}

const PATIENCE_MS = 30_000;
const PAUSE_MS = 2000;

/**
 * The closed loop: asks the gateway about the trade a message speaks of, under the message's own merchant and date, for
 * up to 30 s while it is still P there.
 */
export async function crossCheck(
  ask: Ask,
  notice: Notice,
  tools: {now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void>; emit: Emit},
): Promise<void> {
  const {kind, huifu_id, hf_seq_id, req_date, req_seq_id, trans_stat, acct_stat, amount} = notice.facts;
  const about = kind === 'refund' ? 'refund' : kind === 'trade' || kind === 'booked' ? 'payment' : undefined;
  if (about === undefined || huifu_id === undefined || (trans_stat !== 'S' && trans_stat !== 'F')) return;
  const asked: Asked = req_seq_id && req_date ? {huifu_id, req_date, req_seq_id} : {huifu_id, hf_seq_id};
  const booked = kind === 'booked';
  const expected = words(trans_stat, amount, booked ? acct_stat : undefined);
  const deadline = tools.now() + PATIENCE_MS;
  for (;;) {
    let got: string;
    let data: Data;
    try {
      data = await ask[about](asked);
      got = words(
        text(data, 'trans_stat'),
        text(data, about === 'refund' ? 'ord_amt' : 'trans_amt'),
        booked ? text(data, 'acct_stat') : undefined,
      );
    } catch (error) {
      tools.emit({
        type: 'checked',
        at: tools.now(),
        notice,
        agrees: undefined,
        expected,
        got: (error as Error).message,
      });
      return;
    }
    const open =
      !['S', 'F'].includes(text(data, 'trans_stat') ?? '') ||
      (booked && ['I', 'P'].includes(text(data, 'acct_stat') ?? ''));
    if (open && tools.now() + PAUSE_MS <= deadline) {
      await tools.sleep(PAUSE_MS);
      continue;
    }
    tools.emit({type: 'checked', at: tools.now(), notice, agrees: !open && same(expected, got), expected, got});
    return;
  }
}

function text(data: Data, name: string): string | undefined {
  const value = data[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function words(trans_stat: string | undefined, amount: string | undefined, acct_stat: string | undefined): string {
  const fen = readYuan(amount);
  return [trans_stat ?? '-', fen === undefined ? '-' : formatYuan(fen), acct_stat].filter(Boolean).join(' ');
}

/** An amount that one side does not say contradicts nothing. */
function same(expected: string, got: string): boolean {
  const [a, b] = [expected.split(' '), got.split(' ')];
  return a.every((word, at) => word === '-' || b[at] === '-' || b[at] === undefined || word === b[at]);
}

/** An order that should have been notified. */
export interface Expected {
  huifu_id: string;
  req_date: string;
  req_seq_id: string;
  /** Epoch ms from which it counts. */
  since: number;
}

/** How far back orders of the journal are watched. */
const WATCH_MS = 24 * 3_600_000;

/**
 * Looks for orders that have ended and were never notified: those expected by a list, and those this profile placed.
 *
 * The platform has no list of its messages, so a query of each order is the only honest back-fill.
 */
export class Missed {
  readonly #scope: {environment: string; profile: string; missedAfter: number};
  readonly #tools: {
    store: Pick<NoticeStore, 'ofPayment'>;
    journal?: () => Store | undefined;
    ask: Ask;
    now(): number;
    emit: Emit;
  };
  readonly #expected = new Map<string, Expected>();
  /** Orders that are settled here, and when the others are asked for next. */
  readonly #told = new Set<string>();
  readonly #next = new Map<string, number>();
  #running = false;
  #listedAt = 0;

  constructor(
    scope: {environment: string; profile: string; missedAfter: number},
    tools: {
      store: Pick<NoticeStore, 'ofPayment'>;
      journal?: () => Store | undefined;
      ask: Ask;
      now(): number;
      emit: Emit;
    },
    expected: readonly Expected[] = [],
  ) {
    this.#scope = scope;
    this.#tools = tools;
    for (const one of expected) this.#expected.set(keyOf(one), one);
  }

  /** One round where none is under way: asks for every order that is overdue. */
  async tick(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      await this.#fromJournal();
      const {now} = this.#tools;
      for (const [key, order] of this.#expected) {
        if (now() < order.since + this.#scope.missedAfter || now() < (this.#next.get(key) ?? 0)) continue;
        await this.#look(key, order);
      }
    } finally {
      this.#running = false;
    }
  }

  async #fromJournal(): Promise<void> {
    const {now} = this.#tools;
    const journal = this.#tools.journal?.();
    const at = now();
    if (!journal || at < this.#listedAt + Math.min(this.#scope.missedAfter, 60_000)) return;
    this.#listedAt = at;
    const {environment, profile} = this.#scope;
    const placed = await journal.list({kind: 'pay', environment, profile, since: at - WATCH_MS});
    for (const {huifu_id, req_date, req_seq_id, created_at, state} of placed) {
      const order = {huifu_id, req_date, req_seq_id, since: created_at};
      const key = keyOf(order);
      if (state !== 'intended' && !this.#told.has(key) && !this.#expected.has(key)) this.#expected.set(key, order);
    }
  }

  async #look(key: string, order: Expected): Promise<void> {
    const {store, ask, now, emit} = this.#tools;
    const {huifu_id, req_date, req_seq_id} = order;
    const known = store
      .ofPayment({environment: this.#scope.environment, huifu_id, req_date, req_seq_id})
      .some(one => one.facts.kind === 'trade' || one.facts.kind === 'booked');
    if (known) return this.#done(key);
    try {
      const data = await ask.payment({huifu_id, req_date, req_seq_id});
      const trans_stat = text(data, 'trans_stat') ?? '-';
      if (trans_stat === 'S' || trans_stat === 'F') {
        const amount = text(data, 'trans_amt') ?? '';
        // An order that nobody paid ends as F without any message: that is no loss.
        if (trans_stat === 'S') emit({type: 'missed', at: now(), huifu_id, req_date, req_seq_id, trans_stat, amount});
        return this.#done(key);
      }
    } catch (error) {
      // A signed no is an answer; a line that is down is not, and is tried again.
      if (error instanceof DougongError && error.kind === 'refused') {
        const told = error.gateway?.resp_desc ?? error.message;
        emit({type: 'missed', at: now(), huifu_id, req_date, req_seq_id, trans_stat: '-', amount: '', error: told});
        return this.#done(key);
      }
    }
    this.#next.set(key, now() + this.#scope.missedAfter);
  }

  #done(key: string): void {
    this.#told.add(key);
    this.#expected.delete(key);
    this.#next.delete(key);
  }
}

function keyOf({huifu_id, req_date, req_seq_id}: Expected): string {
  return `${huifu_id} ${req_date} ${req_seq_id}`;
}
