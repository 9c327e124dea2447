// Money under fire: the built binary is killed or met by a fault at a random instant and run again to the end; then the
// gateway's ledger and the journal are compared. Everything random comes from one printed seed.
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {formatYuan} from '../../src/core/amount.ts';
import {beijingDate} from '../../src/core/beijing.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import type {Intent} from '../../src/journal/store.ts';
import {type FaultKind, type Sandbox, startSandbox} from '../../src/sandbox/index.ts';
import {keys, runIn, writeProfile} from '../helpers/cli.ts';

export interface Report {
  seed: number;
  refunds: number;
  pays: number;
  runs: number;
  killed: number;
  faults: number;
  midnights: number;
  /** Intents that only a person may settle: of unknown outcome, never seen by the gateway, their day over. */
  leftToPersons: number;
  refundedTwice: number;
  intentsLost: number;
  settledWrongly: number;
  /** Not over in the journal although the gateway knows how it ended. */
  leftOpen: number;
  secondOrders: number;
  fenApart: bigint;
}

export interface Options {
  refunds: number;
  seed: number;
  print?(line: string): void;
}

const BIN = new URL('../../bin/dougong.js', import.meta.url).pathname;
const FAULTS: FaultKind[] = [
  'reset-before-body',
  'reset-before-commit',
  'drop-after-commit',
  'half-answer',
  'bad-signature',
  'unsigned',
  'html',
  'status',
  'empty',
  'throttled',
  'duplicate',
  'delay',
  'forget',
  'refund-fails',
];
const SWITCHES = [
  {uniqueBy: 'req_date', acceptOldReqDate: true},
  {uniqueBy: 'req_date', acceptOldReqDate: false},
  {uniqueBy: 'arrival', acceptOldReqDate: true},
  {uniqueBy: 'arrival', acceptOldReqDate: false},
] as const;
const STEPS_MS = [1000, 5000, 70_000, 200_000, 400_000, 700_000, 3_600_000, 5 * 3_600_000];
const TURNS = 14;
const LANES = 2;

/** mulberry32: the same seed gives the same story, as far as the processes let it. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A sandbox and a home whose clocks move together, far from the machine's own. */
class Field {
  readonly home = mkdtempSync(join(tmpdir(), 'dougong-torture-'));
  sandbox!: Sandbox;
  /** How far the clocks are from the machine's. */
  shift = Date.UTC(2027, 2, 1, 15, 40) - Date.now();

  async start(switches: (typeof SWITCHES)[number]): Promise<void> {
    mkdirSync(this.home, {recursive: true});
    this.sandbox = await startSandbox({keys, now: () => this.now(), switches: {...switches, refundMs: 2000}});
    writeProfile(this.home, 'sandbox', this.sandbox.profile);
  }

  now(): number {
    return Date.now() + this.shift;
  }

  async end(): Promise<void> {
    await this.sandbox.close();
    rmSync(this.home, {recursive: true, force: true});
  }

  /** One run of the built binary, killed after `killAfter` milliseconds where that is given. */
  run(words: string, killAfter?: number): Promise<number | null> {
    const env = {
      PATH: process.env.PATH,
      HOME: this.home,
      DOUGONG_HOME: this.home,
      DOUGONG_LANG: 'en',
      DOUGONG_TEST_CLOCK: `${this.shift < 0 ? '' : '+'}${this.shift}`,
    };
    return new Promise(done => {
      const child = spawn(process.execPath, [BIN, ...words.split(' ')], {env, cwd: this.home, stdio: 'ignore'});
      const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
      child.on('close', code => {
        clearTimeout(timer);
        done(code);
      });
    });
  }

  async intents(): Promise<Intent[]> {
    const store = await openJournal(join(this.home, 'journal.db'), {now: () => this.now()});
    try {
      return await store.list({});
    } finally {
      await store.close();
    }
  }
}

/** Runs the whole story and compares; the numbers that have to be zero are zero or something is broken. */
export async function torture({refunds, seed, print = () => {}}: Options): Promise<Report> {
  const report: Report = {
    seed,
    refunds: 0,
    pays: 0,
    runs: 0,
    killed: 0,
    faults: 0,
    midnights: 0,
    leftToPersons: 0,
    refundedTwice: 0,
    intentsLost: 0,
    settledWrongly: 0,
    leftOpen: 0,
    secondOrders: 0,
    fenApart: 0n,
  };
  const random = dice(seed);
  const each = Math.ceil(refunds / SWITCHES.length);
  for (const switches of SWITCHES) {
    const field = new Field();
    await field.start(switches);
    await storm(field, each, random, report);
    await compare(field, report);
    await field.end();
    print(
      `${switches.uniqueBy}, old req_date ${switches.acceptOldReqDate ? 'accepted' : 'refused'}: ${report.runs} runs so far`,
    );
  }
  return report;
}

const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

async function storm(field: Field, count: number, random: () => number, report: Report): Promise<void> {
  const {sandbox} = field;
  const clock = {
    get now() {
      return field.now();
    },
    set now(_: number) {},
  };
  const jobs: (() => Promise<void>)[] = [];
  for (let at = 0; at < count; at += 1) {
    const name = `o${at}`;
    const fen = BigInt(1 + Math.floor(random() * 20_000));
    const order = `pay --amount ${formatYuan(fen)} --goods-desc tea --sub-appid wx1 --sub-openid o1234567 --yes --json --req-seq-id ${name}`;
    const {code} = await runIn(field.home, clock, order);
    if (code !== 0) throw new Error(`the order could not be placed: ${code}`);
    const {req_date} = sandbox.pay({req_seq_id: name});
    const part = fen > 1n && random() < 0.5 ? fen / 2n : fen;
    const words = `refund --req-seq-id ${name} --req-date ${req_date} --amount ${formatYuan(part)} --yes --json --http-timeout 1s`;
    report.refunds += 1;
    jobs.push(() =>
      hunt(field, words, random, report, intent => intent.payment.req_seq_id === name && intent.kind === 'refund'),
    );
  }
  // Orders are placed under fire as well: one number, one payable order.
  for (let at = 0; at < Math.ceil(count / 5); at += 1) {
    const name = `p${at}`;
    const words = `pay --amount 1.00 --goods-desc tea --sub-appid wx1 --sub-openid o1234567 --yes --json --http-timeout 1s --req-seq-id ${name}`;
    report.pays += 1;
    jobs.push(() => hunt(field, words, random, report, intent => intent.req_seq_id === name && intent.kind === 'pay'));
  }
  const lane = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await job();
  };
  await Promise.all(Array.from({length: LANES}, lane));
}

/** One intent until it has ended, or until only a person may go on. */
async function hunt(
  field: Field,
  words: string,
  random: () => number,
  report: Report,
  mine: (intent: Intent) => boolean,
): Promise<void> {
  const {sandbox} = field;
  const day = beijingDate(field.now());
  for (let turn = 0; turn < TURNS; turn += 1) {
    if (random() < 0.6) {
      const kind = pick(random, FAULTS);
      const endpoint = random() < 0.75 ? (words.startsWith('pay') ? 'pay' : 'refund') : 'refund-query';
      sandbox.fault({kind, endpoint, ...(kind === 'delay' && {ms: 1300}), ...(kind === 'forget' && {ms: 2})});
      report.faults += 1;
    }
    const killAfter = random() < 0.4 ? 60 + random() * 420 : undefined;
    if (killAfter !== undefined) report.killed += 1;
    // An order is typed again on its own day only: on another day it would be another order.
    const again = turn === 0 || (random() < 0.5 && (words.startsWith('refund') || beijingDate(field.now()) === day));
    await field.run(again ? words : 'journal resume --json --http-timeout 1s', killAfter);
    report.runs += 1;
    const before = beijingDate(field.now());
    field.shift += pick(random, STEPS_MS);
    if (beijingDate(field.now()) !== before) report.midnights += 1;
    if (turn < 2) continue;
    const found = (await field.intents()).filter(mine);
    if (found.length > 0 && found.every(({state, kind}) => isOver(state) || (kind === 'pay' && state === 'pending')))
      return;
  }
}

const isOver = (state: string) => ['done', 'failed', 'refused', 'abandoned'].includes(state);

/** What must be zero: counted from the gateway's ledger against the journal. */
async function compare(field: Field, report: Report): Promise<void> {
  const {sandbox} = field;
  // The last word: every lease over, no fault left, `resume` alone.
  sandbox.clearFaults();
  field.shift += 5 * 60_000;
  sandbox.advance(0);
  for (let turn = 0; turn < 2; turn += 1) await field.run('journal resume --json');
  report.runs += 2;
  const intents = await field.intents();
  const {refunds, payments} = sandbox.ledger();
  const perPayment = new Map<string, number>();
  for (const refund of refunds) {
    const live = refund.trans_stat !== 'F';
    if (live) perPayment.set(refund.payment, (perPayment.get(refund.payment) ?? 0) + 1);
    const intent = intents.find(
      one => one.kind === 'refund' && one.req_seq_id === refund.req_seq_id && one.req_date === refund.req_date,
    );
    if (!intent) {
      report.intentsLost += 1;
      continue;
    }
    const wrong =
      (intent.state === 'done' && refund.trans_stat === 'F') ||
      (['failed', 'refused', 'abandoned'].includes(intent.state) && live) ||
      intent.amount !== refund.ord_fen;
    if (wrong) report.settledWrongly += 1;
    if (!isOver(intent.state)) report.leftOpen += 1;
    if (intent.state === 'done') report.fenApart += refund.ord_fen - intent.amount;
  }
  report.refundedTwice += [...perPayment.values()].filter(count => count > 1).length;
  for (const intent of intents.filter(one => one.kind === 'refund')) {
    const known = refunds.find(one => one.req_seq_id === intent.req_seq_id && one.req_date === intent.req_date);
    if (intent.state === 'done' && !known) report.settledWrongly += 1;
    if (!isOver(intent.state) && !known) report.leftToPersons += 1;
  }
  for (const intent of intents.filter(one => one.kind === 'pay')) {
    const known = payments.find(one => one.req_seq_id === intent.req_seq_id && one.req_date === intent.req_date);
    const gone = ['failed', 'refused', 'abandoned'].includes(intent.state);
    if (gone ? known && known.trans_stat !== 'F' : intent.state === 'done' && known?.trans_stat !== 'S')
      report.settledWrongly += 1;
    if (known && known.trans_stat !== 'P' && !isOver(intent.state)) report.leftOpen += 1;
  }
  for (const {req_seq_id, req_date} of payments)
    if (!intents.some(one => one.kind === 'pay' && one.req_seq_id === req_seq_id && one.req_date === req_date))
      report.intentsLost += 1;
  const sum = (list: bigint[]) => list.reduce((total, fen) => total + fen, 0n);
  const settled = intents.filter(({kind, state}) => kind === 'refund' && state === 'done');
  const numbers = new Set(settled.map(({req_seq_id}) => req_seq_id));
  report.fenApart +=
    sum(settled.map(({amount}) => amount)) -
    sum(
      refunds
        .filter(({req_seq_id, trans_stat}) => numbers.has(req_seq_id) && trans_stat === 'S')
        .map(one => one.ord_fen),
    );
  const orders = new Map<string, number>();
  for (const {req_seq_id, trans_stat} of payments)
    if (req_seq_id.startsWith('p') && trans_stat !== 'F') orders.set(req_seq_id, (orders.get(req_seq_id) ?? 0) + 1);
  report.secondOrders += [...orders.values()].filter(count => count > 1).length;
}

export interface CrowdReport {
  rows: number;
  runs: number;
  refundedTwice: number;
  missing: number;
  fenApart: bigint;
}

/** Four processes at once on one file, one of them killed, under faults; then single runs until all has ended. */
export async function crowd({rows, seed}: {rows: number; seed: number}): Promise<CrowdReport> {
  const random = dice(seed);
  const field = new Field();
  // Noon: what was never committed may go out again on the same day, so nothing is left to a person.
  field.shift += 12 * 3_600_000 + 20 * 60_000;
  await field.start(SWITCHES[2]);
  const {sandbox} = field;
  const clock = {now: field.now()};
  const lines: string[] = [];
  for (let at = 0; at < rows; at += 1) {
    const order = `pay --amount 10.00 --goods-desc tea --sub-appid wx1 --sub-openid o1234567 --yes --json --req-seq-id c${at}`;
    await runIn(field.home, clock, order);
    const {req_date} = sandbox.pay({req_seq_id: `c${at}`});
    lines.push(`c${at},${req_date},${formatYuan(BigInt(1 + Math.floor(random() * 1000)))}`);
  }
  writeFileSync(join(field.home, 'in.csv'), `req_seq_id,req_date,ord_amt\n${lines.join('\n')}\n`);
  for (const kind of ['drop-after-commit', 'reset-before-commit', 'half-answer', 'status'] as const)
    sandbox.fault({kind, endpoint: 'refund', probability: 0.05});
  const words = (name: string) =>
    `refund --batch in.csv --out ${name}.csv --yes --json --rate 200 --concurrency 4 --http-timeout 1s`;
  await Promise.all(['w1', 'w2', 'w3', 'w4'].map((name, at) => field.run(words(name), at === 0 ? 500 : undefined)));
  let runs = 4;
  for (let code: number | null = 7; code !== 0 && runs < 16; runs += 1) {
    field.shift += 4 * 60_000;
    code = await field.run(words('w1'));
  }
  field.shift += 5000;
  sandbox.advance(0);
  const {refunds} = sandbox.ledger();
  const perPayment = new Map<string, number>();
  for (const {payment, trans_stat} of refunds)
    if (trans_stat !== 'F') perPayment.set(payment, (perPayment.get(payment) ?? 0) + 1);
  const wanted = lines.reduce((sum, line) => sum + BigInt(line.split(',')[2]!.replace('.', '')), 0n);
  const got = refunds.filter(one => one.trans_stat === 'S').reduce((sum, one) => sum + one.ord_fen, 0n);
  const result = {
    rows,
    runs,
    refundedTwice: [...perPayment.values()].filter(count => count > 1).length,
    missing: rows - perPayment.size,
    fenApart: wanted - got,
  };
  await field.end();
  return result;
}

/** Two processes refund 60 of 100 at once, `times` over: how often both, or none, got through. */
export async function duel(times: number): Promise<{both: number; none: number}> {
  const field = new Field();
  await field.start(SWITCHES[0]);
  const clock = {now: field.now()};
  let both = 0;
  let none = 0;
  for (let at = 0; at < times; at += 1) {
    const order = `pay --amount 100.00 --goods-desc tea --sub-appid wx1 --sub-openid o1234567 --yes --json --req-seq-id d${at}`;
    await runIn(field.home, clock, order);
    const {req_date, hf_seq_id} = field.sandbox.pay({req_seq_id: `d${at}`});
    const words = (own: string, amount: string) =>
      `refund --req-seq-id d${at} --req-date ${req_date} --amount ${amount} --refund-req-seq-id ${own}${at} --yes --json`;
    // Two different refunds, so that only the sum of what is reserved can stop the second.
    await Promise.all([field.run(words('x', '60.00')), field.run(words('y', '60.01'))]);
    const made = field.sandbox.ledger().refunds.filter(({payment}) => payment === hf_seq_id).length;
    if (made > 1) both += 1;
    if (made === 0) none += 1;
  }
  await field.end();
  return {both, none};
}

export function lines(report: Report): string[] {
  return [
    `seed ${report.seed}: ${report.refunds} refunds and ${report.pays} orders, ${report.runs} runs, ${report.killed} to be killed, ${report.faults} faults, ${report.midnights} midnights`,
    `left to a person (never seen by the gateway, their day over): ${report.leftToPersons}`,
    `refunded twice: ${report.refundedTwice}`,
    `intents lost: ${report.intentsLost}`,
    `settled wrongly: ${report.settledWrongly}`,
    `left open although the gateway knows the end: ${report.leftOpen}`,
    `second payable orders: ${report.secondOrders}`,
    `fen apart: ${report.fenApart}`,
  ];
}
