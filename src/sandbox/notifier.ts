import type {KeyObject} from 'node:crypto';
import {request as httpRequest} from 'node:http';
import {request as httpsRequest} from 'node:https';
import {isLoopback} from '../core/environments.ts';
import {buildNotice, buildWebhook} from '../core/notice.ts';
import {signText} from '../core/sign.ts';
import type {Ended, Ledger} from './ledger.ts';
import type {Switches} from './types.ts';
import {paymentWords, refundWords} from './words.ts';

/** One try to deliver one message. */
export interface Delivery {
  url: string;
  kind: 'payment' | 'refund' | 'webhook';
  notify_type: string;
  req_seq_id: string;
  attempt: number;
  status: number;
  /** Whether the answer was 2xx; the body is told, not demanded. */
  acknowledged: boolean;
  /** Whether the body was RECV_ORD_ID_<req_seq_id>, as the platform asks. */
  exact: boolean;
  error: string;
}

interface Waiting {
  url: string;
  body: string | Buffer;
  kind: 'payment' | 'refund' | 'webhook';
  notify_type: string;
  req_seq_id: string;
  attempt: number;
  due: number;
}

const TIMEOUT_MS = 5000;
const RETRIES = 3;
const RETRY_MS = 2000;
/** A Webhook is tried three times again, a second apart, then every hour until somebody takes it. */
const WEBHOOK_QUICK = 3;
const WEBHOOK_RETRY_MS = 1000;
const WEBHOOK_HOUR_MS = 3_600_000;

/** The body of a Webhook: flat, nested, camelCase, or as the platform's own sandbox sends it. */
export type WebhookShape = 'flat' | 'nested' | 'camel' | 'event';

export interface WebhookTarget {
  url: string;
  shape?: WebhookShape;
}

/** Sends notify_url messages as Huifu does: 5 s to answer, three retries, no redirects. */
export class Notifier {
  readonly deliveries: Delivery[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #flying = new Set<Promise<void>>();
  readonly #key: KeyObject;
  readonly #ledger: Ledger;
  readonly #switches: Switches;
  readonly #now: () => number;
  readonly #webhookKey: string;
  /** The console's subscription to every event. */
  webhook: WebhookTarget | undefined;

  constructor(key: KeyObject, ledger: Ledger, switches: Switches, now: () => number, webhookKey: string) {
    this.#webhookKey = webhookKey;
    this.#key = key;
    this.#ledger = ledger;
    this.#switches = switches;
    this.#now = now;
  }

  /** Queues the message of a trade that ended; nothing where no notify_url was given. */
  ended(ended: Ended): void {
    if ('close' in ended) {
      const {close, payment} = ended;
      this.#event('trans.close', {
        huifu_id: close.huifu_id,
        req_date: close.req_date,
        req_seq_id: close.req_seq_id,
        trans_stat: close.trans_stat,
        trans_type: 'TRANS_CLOSE',
        org_req_date: payment.req_date,
        org_req_seq_id: payment.req_seq_id,
        org_hf_seq_id: payment.hf_seq_id,
        org_trans_stat: payment.trans_stat,
      });
      return;
    }
    const {url, kind, notify_type, fields} = this.#message(ended);
    // The platform has no event for the booking of a plain payment.
    if (notify_type !== '2') this.#event(kind === 'refund' ? 'refund.standard' : 'pay.wx_lite', fields);
    if (url === '' || !(this.#switches.notifyAnywhere || isLoopback(url))) return;
    const body = buildNotice(signText(fields), this.#key, {resp_code: '00000000', resp_desc: '交易成功[000]'});
    const waiting = {url, body, kind, notify_type, req_seq_id: String(fields.req_seq_id), attempt: 1, due: this.#now()};
    this.#waiting.push(waiting);
    this.tick();
  }

  /** Queues a console Webhook, where one is subscribed; closes have no message but this. */
  #event(event: string, fields: Record<string, unknown>): void {
    const {webhook} = this;
    if (!webhook || !(this.#switches.notifyAnywhere || isLoopback(webhook.url))) return;
    const {body, sign} = buildWebhook(
      webhookBody(webhook.shape ?? 'flat', event, fields, this.#now()),
      this.#webhookKey,
    );
    const url = `${webhook.url}${webhook.url.includes('?') ? '&' : '?'}sign=${sign}`;
    const req_seq_id = String(fields.req_seq_id ?? '');
    this.#waiting.push({url, body, kind: 'webhook', notify_type: event, req_seq_id, attempt: 1, due: this.#now()});
    this.tick();
  }

  #message(ended: Exclude<Ended, {close: unknown}>): {
    url: string;
    kind: 'payment' | 'refund';
    notify_type: string;
    fields: Record<string, unknown>;
  } {
    const outer = {resp_code: '00000000', resp_desc: '交易成功[000]'};
    if ('refund' in ended) {
      const payment = this.#ledger.payments.get(ended.refund.payment)!;
      const {trade_type, ...fields} = refundWords(ended.refund, payment, 'answer');
      return {
        url: ended.refund.notify_url,
        kind: 'refund',
        notify_type: '',
        fields: {...fields, trans_type: trade_type, ...outer},
      };
    }
    const {payment, notify_type} = ended;
    const {div_flag, ...words} = paymentWords(payment);
    const booked = notify_type === 2;
    const fields = {
      ...words,
      ...outer,
      notify_type,
      acct_stat: booked ? payment.acct_stat : 'I',
      trans_type: payment.trade_type,
      fee_amount: words.fee_amt,
      is_div: div_flag,
      is_delay_acct: payment.delayed ? '1' : '0',
      bank_message: payment.bank_desc,
      wx_response: {...payment.wx, bank_type: 'OTHERS'},
    };
    return {url: payment.notify_url, kind: 'payment', notify_type: String(notify_type), fields};
  }

  /** Starts every delivery that is due. */
  tick(): void {
    const now = this.#now();
    for (const one of this.#waiting.filter(({due}) => due <= now)) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      const flight = this.#deliver(one).finally(() => this.#flying.delete(flight));
      this.#flying.add(flight);
    }
  }

  /** Resolves when nothing is under way; retries that are not yet due stay waiting. */
  async idle(): Promise<void> {
    while (this.#flying.size > 0) await Promise.all(this.#flying);
  }

  clear(): void {
    this.#waiting.length = 0;
    this.deliveries.length = 0;
  }

  async #deliver(one: Waiting): Promise<void> {
    const {status, text, error} = await post(one.url, one.body, one.kind === 'webhook');
    const acknowledged = status >= 200 && status < 300;
    const {url, kind, notify_type, req_seq_id, attempt} = one;
    const exact = acknowledged && (kind === 'webhook' || text === `RECV_ORD_ID_${req_seq_id}`);
    this.deliveries.push({url, kind, notify_type, req_seq_id, attempt, status, acknowledged, exact, error});
    if (!acknowledged && kind === 'webhook') {
      const pause = attempt <= WEBHOOK_QUICK ? WEBHOOK_RETRY_MS : WEBHOOK_HOUR_MS;
      this.#waiting.push({...one, attempt: attempt + 1, due: this.#now() + pause});
    } else if (!acknowledged && attempt <= RETRIES)
      this.#waiting.push({...one, attempt: attempt + 1, due: this.#now() + RETRY_MS});
  }
}

function webhookBody(
  shape: WebhookShape,
  event: string,
  fields: Record<string, unknown>,
  now: number,
): Record<string, unknown> {
  const {huifu_id, trans_stat, acct_stat} = fields;
  const namespace = 'opps-webhook';
  if (shape === 'flat') return {namespace, event_define_no: event, ...fields};
  if (shape === 'nested') return {huifu_id, namespace, event_define_no: event, trans_stat, acct_stat, data: fields};
  if (shape === 'camel') {
    const [huifuId, transStat] = [huifu_id, trans_stat];
    return {huifuId, namespace, eventDefineNo: event, transStat, env: 'TEST', receiveHuifuIds: [huifuId], data: fields};
  }
  const event_type = event.startsWith('pay.') ? 'trans.pay' : event;
  return {event_id: `evt_${now}_${fields.req_seq_id}`, event_type, occurred_at: now, synthetic: true, data: fields};
}

function post(
  url: string,
  body: string | Buffer,
  webhook: boolean,
): Promise<{status: number; text: string; error: string}> {
  return new Promise(resolve => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const headers = {
      'content-type': webhook ? 'application/json;charset=UTF-8' : 'application/x-www-form-urlencoded;charset=UTF-8',
      charset: 'UTF-8',
      'content-length': Buffer.byteLength(body),
    };
    // The platform does not check certificates of notify_url; neither does its sandbox.
    const request = send(
      url,
      {method: 'POST', headers, timeout: TIMEOUT_MS, agent: false, rejectUnauthorized: false},
      response => {
        let text = '';
        response.setEncoding('utf8').on('data', chunk => {
          if (text.length < 1024) text += chunk;
        });
        response.on('end', () => resolve({status: response.statusCode ?? 0, text, error: ''}));
        response.on('error', error => resolve({status: 0, text: '', error: error.message}));
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s')));
    request.on('error', error => resolve({status: 0, text: '', error: error.message}));
    request.end(body);
  });
}
