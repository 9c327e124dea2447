import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import {parseYuan} from './core/amount.ts';
import type {ApiVersion} from './core/endpoints/index.ts';
import {environmentOf} from './core/environments.ts';
import {createHttp} from './core/http.ts';
import {parseKey} from './core/keys.ts';
import {newRequestId} from './core/request-id.ts';
import {createSend} from './core/transport.ts';
import type {HttpClient, Send} from './core/wire.ts';
import {openJournal} from './journal/sqlite.ts';
import type {Store} from './journal/store.ts';
import {queryBalance} from './operations/balance.ts';
import {closePayment, planClose, queryClose} from './operations/close.ts';
import type {Moved} from './operations/money.ts';
import {type PayRequest, pay} from './operations/pay.ts';
import {type Locator, queryPayment, waitForPayment} from './operations/query.ts';
import {planBlind, planRefund, type RefundRequest, refund} from './operations/refund.ts';
import {queryRefund, type RefundLocator} from './operations/refund-query.ts';
import {type Resumed, resumeOpen} from './operations/resume.ts';
import type {MoneyTools, Verified} from './operations/tools.ts';

export {formatYuan, parseYuan} from './core/amount.ts';
export {DougongError, type ErrorCode, type ErrorKind} from './core/errors.ts';
export type {Message, Notice} from './core/notice.ts';
export type {NoticeFacts, NoticeKind} from './core/notice-facts.ts';
export type {Answer, Data, Verdict} from './core/wire.ts';
export {openJournal} from './journal/sqlite.ts';
export type {Intent, IntentState, Payment, Store} from './journal/store.ts';
export {type HandlerOptions, type NotificationKeys, notifyHandler, verifyNotification} from './listen/handler.ts';
export type {Locator, Moved, PayRequest, RefundLocator, RefundRequest, Resumed, Verified};

/** How a client reaches one merchant. Keys in any form the console hands out: PEM or one line of base64. */
export interface ClientOptions {
  /** One of Huifu's hosts or a sandbox, e.g. "https://api.huifu.com". */
  baseUrl: string;
  sysId: string;
  productId: string;
  huifuId: string;
  privateKey: string;
  huifuPublicKeys: string[];
  /** Where money requests are remembered: a Store, or the word 'none' for one that ends with the process. */
  journal: Store | 'none';
  headers?: Record<string, string>;
  apiVersion?: ApiVersion;
  /** Milliseconds for one whole call; 30,000 by default. */
  totalTimeout?: number;
  /** PEM of further certificate authorities. */
  ca?: string;
}

/** Amounts in yuan as text ("12.30"), as in every field of the platform. */
export type PayInput = Omit<PayRequest, 'amount' | 'trade_type'> & {trans_amt: string; trade_type?: string};
export type RefundInput = Locator & Omit<RefundRequest, 'amount'> & {ord_amt: string | 'all'; noLookup?: boolean};

const TOTAL_TIMEOUT_MS = 30_000;
const MINUTE_MS = 60_000;

/**
 * The operations of the command line as a library.
 *
 * @example
 * const client = new DougongClient({baseUrl, sysId, productId, huifuId, privateKey, huifuPublicKeys, journal});
 * const {verified} = await client.refund({hf_seq_id, ord_amt: '12.30'});
 */
export class DougongClient {
  readonly #options: ClientOptions;
  #opened: Promise<{tools: MoneyTools; http: HttpClient}> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Places an order; the same req_seq_id on the same day gives the kept answer. */
  async pay({trans_amt, trade_type = 'T_MINIAPP', ...rest}: PayInput): Promise<Moved> {
    return pay(await this.#tools(), {...rest, trade_type, amount: parseYuan(trans_amt, {positive: true})});
  }

  /** Asks for one payment; `trans_stat` alone says whether money moved. */
  async query(locator: Locator): Promise<Verified> {
    return queryPayment(await this.#tools(), locator);
  }

  /** Asks until the payment has ended or the time is over. */
  async waitForPayment(locator: Locator, options: {timeoutMs: number; intervalMs?: number}): Promise<Verified> {
    return waitForPayment(await this.#tools(), locator, options);
  }

  /** Refunds part or all of one payment, once. docs/reliability.md says what a repetition does. */
  async refund(input: RefundInput): Promise<Moved> {
    const {ord_amt, noLookup, hf_seq_id, req_seq_id, req_date, party_order_id, out_ord_id, ...request} = input;
    const tools = await this.#tools();
    const locator = {hf_seq_id, req_seq_id, req_date, party_order_id, out_ord_id};
    const plan = noLookup
      ? await planBlind(tools, {...locator, req_date: req_date ?? ''})
      : await planRefund(tools, locator);
    return refund(tools, plan, {...request, amount: ord_amt === 'all' ? 'all' : parseYuan(ord_amt, {positive: true})});
  }

  async refundQuery(locator: RefundLocator): Promise<Verified> {
    return queryRefund(await this.#tools(), locator);
  }

  /** Closes an unpaid order; a payment query decides what became of it. */
  async close(locator: Locator, options: {close_req_seq_id?: string} = {}): Promise<Moved> {
    const tools = await this.#tools();
    return closePayment(tools, await planClose(tools, locator), options);
  }

  async closeQuery(locator: Locator): Promise<Verified> {
    return queryClose(await this.#tools(), locator);
  }

  async balance(): ReturnType<typeof queryBalance> {
    return queryBalance(await this.#tools());
  }

  /** Asks about every open intent; only a refund unknown to the gateway for ten minutes goes out again, unchanged. */
  async resume(): Promise<Resumed[]> {
    return resumeOpen(await this.#tools());
  }

  /** Closes the connections; a Store that was passed in stays open. */
  async end(): Promise<void> {
    if (!this.#opened) return;
    const {http, tools} = await this.#opened;
    await http.close();
    if (this.#options.journal === 'none') await tools.journal.close();
  }

  async #tools(): Promise<MoneyTools> {
    this.#opened ??= this.#open();
    return (await this.#opened).tools;
  }

  async #open(): Promise<{tools: MoneyTools; http: HttpClient}> {
    const {baseUrl, sysId, productId, huifuId, headers = {}, journal, apiVersion, ca} = this.#options;
    const totalTimeout = this.#options.totalTimeout ?? TOTAL_TIMEOUT_MS;
    const http = await createHttp({totalTimeout, caFile: ca});
    const now = () => Date.now();
    const sleep = async (ms: number, signal?: AbortSignal) => delay(ms, undefined, {signal}).catch(() => undefined);
    const send: Send = createSend({
      baseUrl,
      sysId,
      productId,
      privateKey: parseKey(this.#options.privateKey).key,
      huifuKeys: this.#options.huifuPublicKeys.map(key => parseKey(key).key),
      headers,
      http,
      now,
      sleep,
      random: Math.random,
    });
    const tools: MoneyTools = {
      send,
      huifuId,
      version: apiVersion,
      now,
      newId: newRequestId,
      sleep,
      journal: journal === 'none' ? await openJournal(':memory:', {now}) : journal,
      environment: environmentOf(baseUrl),
      profile: '',
      owner: `${hostname()} ${randomBytes(6).toString('hex')}`,
      leaseMs: totalTimeout + MINUTE_MS,
    };
    return {tools, http};
  }
}
