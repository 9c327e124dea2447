import type {Notice, NoticeStore, PaymentKey} from '../journal/notices.ts';
import type {Emit} from './events.ts';

interface Open {
  notice: Notice;
  due: number;
}

/** Trades whose booking is waited for; past it the oldest are only in the store. */
const MAX_OPEN = 50_000;

/** Brings the two messages of one payment together: traded, then booked; in whatever order they arrive. */
export class Pairs {
  readonly #timeout: number;
  readonly #scope: {environment: string; profile: string};
  readonly #tools: {store: Pick<NoticeStore, 'ofPayment' | 'list'>; now(): number; emit: Emit};
  readonly #open = new Map<string, Open>();

  constructor(
    options: {environment: string; profile: string; pairTimeout: number},
    tools: {store: Pick<NoticeStore, 'ofPayment' | 'list'>; now(): number; emit: Emit},
  ) {
    this.#timeout = options.pairTimeout;
    this.#scope = {environment: options.environment, profile: options.profile};
    this.#tools = tools;
  }

  /** Trades that came before a restart and still wait. */
  resume(): void {
    const {store, now} = this.#tools;
    const since = now() - this.#timeout;
    const recent = store.list({...this.#scope, kinds: ['trade'], verdict: 'ok', since, limit: 2000});
    for (const notice of recent) if (waits(notice) && !this.#partner(notice)) this.#wait(notice);
  }

  /** Looks at a genuine message of ours. */
  take(notice: Notice, fresh: boolean): void {
    const {kind, acct_stat} = notice.facts;
    if (notice.channel !== 'notify' || (kind !== 'trade' && kind !== 'booked')) return;
    const {now, emit} = this.#tools;
    if (fresh && kind === 'booked' && acct_stat === 'F') emit({type: 'not-booked', at: now(), notice});
    if (!fresh) return;
    const partner = this.#partner(notice);
    if (partner) {
      const [trade, booked] = kind === 'trade' ? [notice, partner] : [partner, notice];
      this.#open.delete(keyText(trade));
      const order = trade.at <= booked.at ? 'trade-first' : 'booked-first';
      emit({type: 'paired', at: now(), notice, apartMs: Math.abs(booked.at - trade.at), order});
    } else if (waits(notice)) this.#wait(notice);
  }

  tick(): void {
    const {now, emit} = this.#tools;
    const at = now();
    for (const [key, {notice, due}] of this.#open) {
      // They stand in the order they came, all with the same patience.
      if (due > at) return;
      this.#open.delete(key);
      if (!this.#partner(notice)) emit({type: 'unpaired', at, notice, waitedMs: at - notice.at});
    }
  }

  #wait(notice: Notice): void {
    if (this.#open.size >= MAX_OPEN) this.#open.delete(this.#open.keys().next().value!);
    // Its body is in the store; here it would only weigh.
    const {body: _body, ...light} = notice;
    this.#open.set(keyText(notice), {notice: light, due: notice.at + this.#timeout});
  }

  #partner(notice: Notice): Notice | undefined {
    const key = paymentOf(notice);
    const wanted = notice.facts.kind === 'trade' ? 'booked' : 'trade';
    if (!key) return undefined;
    return this.#tools.store
      .ofPayment(key, wanted)
      .find(one => one.channel === 'notify' && one.conflictOf === undefined);
  }
}

/** A second message is due after a successful trade that is not booked later on purpose. */
function waits({facts}: Notice): boolean {
  return facts.kind === 'trade' && facts.trans_stat === 'S' && facts.notify_type === '1' && !facts.delayed;
}

function paymentOf({environment, facts}: Notice): PaymentKey | undefined {
  const {huifu_id, hf_seq_id, req_date, req_seq_id} = facts;
  return huifu_id === undefined ? undefined : {environment, huifu_id, hf_seq_id, req_date, req_seq_id};
}

function keyText({facts}: Notice): string {
  return `${facts.huifu_id} ${facts.hf_seq_id ?? `${facts.req_date} ${facts.req_seq_id}`}`;
}
