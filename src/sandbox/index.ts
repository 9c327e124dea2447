import {createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {parseYuan} from '../core/amount.ts';
import type {BillType} from '../core/bill-types.ts';
import type {EndpointName} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import {exportKey, parseKey} from '../core/keys.ts';
import {serveBill} from './bills/serve.ts';
import {BillStore} from './bills/store.ts';
import {seedTrades, type Trades, type TradesOptions} from './bills/trades.ts';
import {controlServer} from './control.ts';
import {Faults} from './faults.ts';
import {serve} from './gateway.ts';
import {Ledger} from './ledger.ts';
import {noLog, openLog} from './log.ts';
import {type Merchant, makeMerchant, SANDBOX_APPID} from './merchants.ts';
import {type Delivery, Notifier, type WebhookTarget} from './notifier.ts';
import type {
  CloseRecord,
  Fault,
  PaymentRecord,
  RecordedCall,
  RecordedDownload,
  RefundRecord,
  Switches,
} from './types.ts';

export {callControl} from './control.ts';
export {type Merchant, SANDBOX_APPID, SCENARIOS} from './merchants.ts';
export type {Delivery, WebhookShape, WebhookTarget} from './notifier.ts';
export type {
  CloseRecord,
  Fault,
  FaultKind,
  PaymentRecord,
  RecordedCall,
  RecordedDownload,
  RefundRecord,
  Switches,
} from './types.ts';

export interface SandboxOptions {
  /** 0 for any free port. */
  port?: number;
  controlPort?: number;
  host?: string;
  /** Keep the ledger and the keys here; without it they end with the process. */
  dataDir?: string;
  /** The clock, epoch ms. With it given, time passes only by it and by `advance`. */
  now?: () => number;
  /** How many times faster than the real one the clock runs. */
  speed?: number;
  switches?: Partial<Switches>;
  /** Private keys, in any form parseKey reads. */
  keys?: {merchant: string; huifu: string};
  /** Further merchants under the same sys_id, by number, or with a scenario (see docs/sandbox.md). */
  merchants?: string[] | Record<string, string>;
  /** The scenario of the sandbox's own merchant. */
  scenario?: string;
  /** For faults with a probability. */
  seed?: number;
  /** Subscribes a console Webhook to every event. */
  webhook?: WebhookTarget;
  /** Statements lying here under the platform's names are handed out as they are. */
  billsDir?: string;
}

export interface SandboxProfile {
  base_url: string;
  sys_id: string;
  product_id: string;
  huifu_id: string;
  private_key: string;
  huifu_public_keys: string[];
  sub_appid: string;
  headers: Record<string, string>;
}

/** Names a payment to act on as the customer would: by either number, else the latest unpaid one. */
export interface PaymentName {
  hf_seq_id?: string;
  req_seq_id?: string;
}

export interface PayOptions extends PaymentName {
  result?: 'S' | 'F';
  /** Yuan that a coupon took off. */
  coupon?: string;
  /** The money is taken but not booked: acct_stat F. */
  booking_fails?: boolean;
}

export interface Sandbox {
  url: string;
  controlUrl: string;
  controlToken: string;
  /** A ready profile: everything a client needs. */
  profile: SandboxProfile;
  switches: Switches;
  /** The key (终端密钥) its Webhooks are signed with. */
  webhookKey: string;
  /** Where the console sends Webhooks; undefined for nowhere. */
  subscribe(webhook: WebhookTarget | undefined): void;
  calls(endpoint?: EndpointName): RecordedCall[];
  deliveries: Delivery[];
  /** The GETs of statements. */
  downloads: RecordedDownload[];
  ledger(): {payments: PaymentRecord[]; refunds: RefundRecord[]; closes: CloseRecord[]};
  /** The customer pays. */
  pay(options?: PayOptions): PaymentRecord;
  /** An unpaid order runs out now. */
  expire(name?: PaymentName): PaymentRecord;
  /** Moves the clock and ends what became due. */
  advance(ms: number): void;
  now(): number;
  fault(fault: Fault): void;
  /** Disarms every fault. */
  clearFaults(): void;
  /** Puts a merchant (the sandbox's own by default; a new one where the number is new) into a scenario. */
  merchant(scenario: string, huifu_id?: string): Merchant;
  /** Puts trades of past days into the ledger, and tells what a merchant would have written down of them. */
  trades(options: TradesOptions): Trades;
  /** Changes switches while it runs. */
  set(switches: Partial<Switches>): void;
  /** Forgets every payment, refund, close, fault and call. */
  reset(): void;
  /** Resolves when no notification is under way. */
  idle(): Promise<void>;
  /** Resolves when somebody asked it to stop through the control port. */
  stopped: Promise<void>;
  close(): Promise<void>;
}

const SYS_ID = '6666000100000001';
const PRODUCT_ID = 'SANDBOX';
const DEFAULTS: Switches = {
  uniqueBy: 'req_date',
  acceptOldReqDate: true,
  refundInheritsNotifyUrl: true,
  requireSkillHeaders: false,
  closeCodes: 'B',
  refundMs: 2000,
  bookingMs: 1000,
  closeMs: 0,
  notifyAnywhere: false,
  billShape: 'array',
  billNameField: 'file_name',
  billEncoding: 'utf-8',
  billStyle: 'plain',
  billRowsPerPart: 400_000,
  billReady: 'by-hour',
  billRange: true,
  billLinkMs: 3_600_000,
  billQueriesPerDay: 3,
};
const CHOICES: Partial<Record<keyof Switches, readonly string[]>> = {
  uniqueBy: ['req_date', 'arrival'],
  closeCodes: ['A', 'B'],
  billShape: ['array', 'object', 'text'],
  billNameField: ['file_name', 'file_Name'],
  billEncoding: ['utf-8', 'utf-8-bom', 'gb18030'],
  billStyle: ['plain', 'finance'],
  billReady: ['by-hour', 'at-once'],
};
const TICK_MS = 200;

/**
 * Starts a Dougong gateway on this machine: it verifies what it is sent, keeps a ledger and notifies.
 *
 * @throws DougongError `local` PORT_IN_USE, SANDBOX_DATA.
 * @see docs/sandbox.md
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {host = '127.0.0.1', speed = 1} = options;
  const base = options.now ?? fasterClock(speed);
  let offset = 0;
  const now = () => base() + offset;
  const switches = {...DEFAULTS, ...options.switches};
  const log = options.dataDir === undefined ? noLog : openLog(options.dataDir);
  const keys = keysOf(options);
  const ledger = new Ledger(change => log.append(change));
  for (const change of log.changes) {
    if (change.type === 'offset') offset += change.ms;
    else if (change.type !== 'merchant') ledger.replay(change);
  }
  const notifier = new Notifier(keys.huifu, ledger, switches, now, keys.webhook);
  notifier.webhook = options.webhook;
  ledger.onEnd = ended => notifier.ended(ended);
  const faults = new Faults(options.seed ?? 1);
  const calls: RecordedCall[] = [];
  const downloads: RecordedDownload[] = [];
  const bills = new BillStore(ledger, switches, keys.huifu, options.billsDir);
  const tick = () => {
    ledger.tick(now());
    notifier.tick();
  };
  const merchants = new Map<string, Merchant>();
  const settle = (huifu_id: string, scenario?: string): Merchant => {
    const merchant = makeMerchant(huifu_id, scenario);
    merchants.set(huifu_id, merchant);
    return merchant;
  };
  const known = Array.isArray(options.merchants)
    ? options.merchants.map((id): [string, undefined] => [id, undefined])
    : Object.entries(options.merchants ?? {});
  for (const [id, scenario] of [[SYS_ID, options.scenario] as const, ...known]) settle(id, scenario);
  for (const change of log.changes)
    if (change.type === 'merchant') merchants.set(change.record.huifu_id, change.record);
  const keepMerchant = (record: Merchant) => log.append({type: 'merchant', record});
  const codes = new Set<string>();
  const face = {
    sysId: SYS_ID,
    productId: PRODUCT_ID,
    merchantKey: createPublicKey(keys.merchant),
    huifuKey: keys.huifu,
    otherKey: keys.merchant,
    faults,
    requireSkillHeaders: () => switches.requireSkillHeaders,
    now,
    tick,
    desk: (version: 'v2' | 'v3' | 'v4') => ({
      ledger,
      switches,
      now: now(),
      version,
      merchants,
      merchant: (huifu_id: string) => merchants.get(huifu_id)!,
      keepMerchant,
      takeCode: (code: string) => !codes.has(code) && Boolean(codes.add(code)),
      unique: () => randomBytes(6).toString('hex'),
      billExists: bills.exists.bind(bills),
      billLink: (type: BillType, huifu_id: string, file_date: string) =>
        url + bills.path({type, huifu_id, file_date, expires_at: now() + switches.billLinkMs}),
    }),
    record: (call: RecordedCall) => void calls.push(call),
    merchant: (huifu_id: string) => merchants.get(huifu_id),
  };
  const downloadFace = {bills, faults, switches, now, record: (one: RecordedDownload) => void downloads.push(one)};
  const gateway = createServer((req, res) => {
    req.on('error', () => {});
    const download = req.url?.startsWith('/bills/');
    const done = download ? serveBill(downloadFace, req, res) : serve(face, req, res);
    done.catch(() => req.socket.destroy());
  });
  let stop: () => void = () => {};
  const stopped = new Promise<void>(resolve => {
    stop = resolve;
  });

  const find = ({hf_seq_id, req_seq_id}: PaymentName): PaymentRecord => {
    const open = [...ledger.payments.values()].filter(one => one.trans_stat === 'P');
    const named = hf_seq_id || req_seq_id;
    const found = named ? open.find(one => one.hf_seq_id === hf_seq_id || one.req_seq_id === req_seq_id) : open.at(-1);
    if (!found) throw new Error(named ? `no unpaid order ${named}` : 'no unpaid order');
    return found;
  };
  const sandbox: Omit<Sandbox, 'url' | 'controlUrl' | 'controlToken' | 'profile' | 'close'> = {
    switches,
    webhookKey: keys.webhook,
    subscribe(webhook) {
      notifier.webhook = webhook;
    },
    calls: endpoint => calls.filter(call => endpoint === undefined || call.endpoint === endpoint),
    deliveries: notifier.deliveries,
    ledger: () => ({
      payments: [...ledger.payments.values()],
      refunds: [...ledger.refunds.values()],
      closes: [...ledger.closes],
    }),
    pay(paid = {}) {
      tick();
      const payment = find(paid);
      const coupon_fen = paid.coupon === undefined ? undefined : parseYuan(paid.coupon);
      ledger.pay(payment, now(), switches, {result: paid.result, booking_fails: paid.booking_fails, coupon_fen});
      return ledger.payments.get(payment.hf_seq_id)!;
    },
    expire(name = {}) {
      const payment = find(name);
      ledger.end(payment, '订单已超时', now());
      return ledger.payments.get(payment.hf_seq_id)!;
    },
    advance(ms) {
      offset += ms;
      log.append({type: 'offset', ms});
      tick();
    },
    now,
    downloads,
    fault: fault => faults.arm(fault),
    clearFaults: () => faults.clear(),
    merchant(scenario, huifu_id = SYS_ID) {
      const merchant = settle(huifu_id, scenario);
      keepMerchant(merchant);
      return merchant;
    },
    trades: wanted => seedTrades(ledger, SYS_ID, now(), wanted),
    set: next => void Object.assign(switches, checkSwitches(next)),
    reset() {
      ledger.clear();
      notifier.clear();
      faults.clear();
      bills.clear();
      calls.length = 0;
      downloads.length = 0;
      log.clear();
    },
    idle: () => notifier.idle(),
    stopped,
  };

  const controlToken = randomBytes(24).toString('base64url');
  const control = controlServer(controlToken, async (action, body) => {
    switch (action) {
      case 'pay':
        return sandbox.pay(body as PayOptions);
      case 'expire':
        return sandbox.expire(body as PaymentName);
      case 'advance':
        return sandbox.advance(Number(body.ms));
      case 'fault':
        return body.clear === true ? sandbox.clearFaults() : sandbox.fault(body as unknown as Fault);
      case 'merchant':
        return sandbox.merchant(String(body.scenario), body.huifu_id === undefined ? undefined : String(body.huifu_id));
      case 'webhook':
        return sandbox.subscribe(body.url === undefined ? undefined : (body as unknown as WebhookTarget));
      case 'trades':
        return sandbox.trades(body as unknown as TradesOptions);
      case 'set':
        return sandbox.set(body as Partial<Switches>);
      case 'reset':
        return sandbox.reset();
      case 'stop':
        return stop();
      default:
        tick();
        return {now: now(), ...sandbox.ledger(), deliveries: notifier.deliveries, switches};
    }
  });
  const url = await listen(gateway, options.port ?? 0, host);
  const controlUrl = await listen(control, options.controlPort ?? 0, '127.0.0.1').catch(error => {
    gateway.close();
    throw error;
  });
  const timer = options.now ? undefined : setInterval(tick, TICK_MS).unref();
  const profile = {
    base_url: url,
    sys_id: SYS_ID,
    product_id: PRODUCT_ID,
    huifu_id: SYS_ID,
    private_key: exportKey(keys.merchant).line,
    huifu_public_keys: [exportKey(createPublicKey(keys.huifu)).line],
    sub_appid: SANDBOX_APPID,
    headers: {},
  };
  return {
    ...sandbox,
    url,
    controlUrl,
    controlToken,
    profile,
    async close() {
      clearInterval(timer);
      await Promise.all([shut(gateway), shut(control)]);
      await notifier.idle();
      log.close();
    },
  };
}

/** Switches as they are, or as text from a command line. */
function checkSwitches(given: Partial<Record<keyof Switches, unknown>>): Partial<Switches> {
  const entries = Object.entries(given).map(([name, value]) => {
    const was = DEFAULTS[name as keyof Switches];
    const text = String(value);
    const choices = CHOICES[name as keyof Switches] ?? (typeof was === 'boolean' ? ['true', 'false'] : undefined);
    if (was === undefined) throw new Error(`no switch ${name}; there are: ${Object.keys(DEFAULTS).join(', ')}`);
    if (choices ? !choices.includes(text) : !/^\d{1,12}$/.test(text))
      throw new Error(`${name} cannot be ${text}; ${choices ? choices.join(', ') : 'a number'}`);
    return [name, typeof was === 'number' ? Number(text) : typeof was === 'boolean' ? text === 'true' : text];
  });
  return Object.fromEntries(entries);
}

function fasterClock(speed: number): () => number {
  const start = Date.now();
  return () => start + (Date.now() - start) * speed;
}

function keysOf({dataDir, keys}: SandboxOptions): {merchant: KeyObject; huifu: KeyObject; webhook: string} {
  if (keys)
    return {merchant: parseKey(keys.merchant).key, huifu: parseKey(keys.huifu).key, webhook: webhookKey(undefined)};
  const load = (name: string): KeyObject => {
    const file = dataDir === undefined ? undefined : join(dataDir, `${name}.pem`);
    if (file && existsSync(file)) return createPrivateKey(readFileSync(file));
    const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
    if (file) {
      mkdirSync(dataDir!, {recursive: true, mode: 0o700});
      writeFileSync(file, exportKey(privateKey).pem, {mode: 0o600});
    }
    return privateKey;
  };
  return {merchant: load('merchant'), huifu: load('huifu'), webhook: webhookKey(dataDir)};
}

/** 32 letters and digits, as the console gives them. */
function webhookKey(dataDir: string | undefined): string {
  const file = dataDir === undefined ? undefined : join(dataDir, 'webhook.key');
  if (file && existsSync(file)) return readFileSync(file, 'utf8').trim();
  const key = randomBytes(16).toString('hex');
  if (file) writeFileSync(file, key, {mode: 0o600});
  return key;
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'SANDBOX_DATA';
      reject(new DougongError('local', code, {port: String(port), reason: cause.code ?? ''}, {cause}));
    });
    server.listen(port, host, () => resolve(`http://${host}:${(server.address() as AddressInfo).port}`));
  });
}

function shut(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
