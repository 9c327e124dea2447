import {rm, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {addDays, beijingDate} from '../../core/beijing.ts';
import {endpoints} from '../../core/endpoints/index.ts';
import {DougongError} from '../../core/errors.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {choice, day, duration, leaf, value} from '../flags.ts';
import {toJson} from '../io/streams.ts';
import {sandboxBills as bills} from '../messages/bill.ts';
import {frame} from '../messages/frame.ts';
import {sandbox} from '../messages/setup.ts';
import {summaries} from '../messages/summaries.ts';
import {ask, RUN_FILE} from './sandbox-ask.ts';
import {addSandboxBills} from './sandbox-bills.ts';

const PORT = 8766;
const FAULTS = [
  'reset-before-body',
  'reset-before-commit',
  'drop-after-commit',
  'half-answer',
  'bad-signature',
  'unsigned',
  'html',
  'empty',
  'status',
  'code',
  'refund-fails',
  'forget',
  'delay',
  'slow-body',
  'huge',
  'skew',
  'throttled',
  'duplicate',
  'bill-state',
  'link-expired',
  'link-forbidden',
  'download-break',
  'download-slow',
  'download-corrupt',
  'download-page',
];
const ENDPOINTS = [...Object.keys(endpoints), 'download'];

interface StartFlags extends GlobalFlags {
  port?: number;
  controlPort?: number;
  dataDir?: string;
  speed?: number;
  seed?: number;
  profileName?: string;
  billsDir?: string;
}

interface ActFlags extends GlobalFlags {
  hfSeqId?: string;
  reqSeqId?: string;
  result?: string;
  coupon?: string;
  by?: number;
  url?: string;
  shape?: string;
  off?: boolean;
  kind?: string;
  clear?: boolean;
  endpoint?: string;
  times?: number;
  probability?: number;
  ms?: number;
  status?: number;
  respCode?: string;
  respDesc?: string;
  scenario?: string;
  state?: string;
  billType?: string;
}

const number = (max: number) => (text: string, flag: string) => {
  if (!/^\d{1,8}$/.test(text) || Number(text) > max)
    throw new DougongError('usage', 'FLAG_INVALID', {flag, value: text, choices: `0-${max}`});
  return Number(text);
};

const share = (text: string, flag: string) => {
  if (!/^(0?\.\d+|0|1)$/.test(text))
    throw new DougongError('usage', 'FLAG_INVALID', {flag, value: text, choices: '0-1'});
  return Number(text);
};

export function addSandbox(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const group = program.command('sandbox').description(t(summaries.sandbox)) as DougongCommand;
  const start = group.command('start').description(t(sandbox.start)) as DougongCommand;
  start
    .addOption(value('--port <port>', t(sandbox.port), number(65_535)))
    .addOption(value('--control-port <port>', t(sandbox.controlPort), number(65_535)))
    .addOption(value('--data-dir <folder>', t(sandbox.dataDir)))
    .addOption(value('--speed <factor>', t(sandbox.speed), number(100_000)))
    .addOption(value('--seed <n>', t(sandbox.seed), number(999_999)))
    .addOption(value('--profile-name <name>', t(sandbox.profileName)))
    .addOption(value('--bills-dir <folder>', t(bills.billsDir)));
  leaf<StartFlags>(start, ctx, 'dougong sandbox start --port 8766', async flags => run(ctx, flags));

  const named = (name: string, text: string) => {
    const command = group.command(name).description(text) as DougongCommand;
    return command
      .addOption(value('--hf-seq-id <id>', t(frame.hfSeqId)))
      .addOption(value('--req-seq-id <id>', t(frame.reqSeqId)));
  };
  const pay = named('pay', t(sandbox.pay)) as DougongCommand;
  pay
    .addOption(choice('--result <state>', t(sandbox.result), ['S', 'F']))
    .addOption(value('--coupon <yuan>', t(sandbox.coupon)));
  leaf<ActFlags>(pay, ctx, 'dougong sandbox pay', flags =>
    act(ctx, 'pay', {...names(flags), result: flags.result, coupon: flags.coupon}),
  );
  const expire = named('expire', t(sandbox.expire)) as DougongCommand;
  leaf<ActFlags>(expire, ctx, 'dougong sandbox expire', flags => act(ctx, 'expire', names(flags)));
  const show = group.command('show').description(t(sandbox.show)) as DougongCommand;
  leaf<ActFlags>(show, ctx, 'dougong sandbox show', () => act(ctx, 'show', {}));
  const reset = group.command('reset').description(t(sandbox.reset)) as DougongCommand;
  leaf<ActFlags>(reset, ctx, 'dougong sandbox reset', () => act(ctx, 'reset', {}));
  const advance = group.command('advance').description(t(sandbox.advance)) as DougongCommand;
  advance.addOption(duration('--by <time>', t(sandbox.by)).makeOptionMandatory());
  leaf<ActFlags>(advance, ctx, 'dougong sandbox advance --by 90s', flags => act(ctx, 'advance', {ms: flags.by}));
  const webhook = group.command('webhook').description(t(sandbox.webhook)) as DougongCommand;
  webhook
    .addOption(value('--url <url>', t(sandbox.webhookUrl)))
    .addOption(choice('--shape <shape>', t(sandbox.webhookShape), ['flat', 'nested', 'camel', 'event']))
    .option('--off', t(sandbox.webhookOff));
  leaf<ActFlags>(webhook, ctx, 'dougong sandbox webhook --url http://127.0.0.1:8000/webhook', async flags => {
    if (!flags.url && !flags.off) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--url'});
    await act(ctx, 'webhook', flags.off ? {} : {url: flags.url, shape: flags.shape});
  });
  const fault = group.command('fault').description(t(sandbox.fault)) as DougongCommand;
  fault
    .addOption(choice('--kind <kind>', t(sandbox.faultKind), FAULTS))
    .option('--clear', t(sandbox.faultClear))
    .addOption(choice('--endpoint <name>', t(sandbox.endpoint), ENDPOINTS))
    .addOption(value('--times <n>', t(sandbox.times), number(1_000_000)))
    .addOption(value('--probability <share>', t(sandbox.probability), share))
    .addOption(duration('--ms <time>', t(sandbox.ms)))
    .addOption(value('--status <code>', t(sandbox.status), number(999)))
    .addOption(value('--resp-code <code>', t(sandbox.respCode)))
    .addOption(value('--resp-desc <text>', t(sandbox.respDesc)))
    .addOption(choice('--state <state>', t(bills.state), ['I', 'P', 'DP', 'FP', 'F', 'S']))
    .addOption(value('--bill-type <name>', t(bills.billType)));
  leaf<ActFlags>(fault, ctx, 'dougong sandbox fault --kind drop-after-commit --endpoint refund', flags => {
    const {kind, endpoint, times, probability, ms, status, respCode: resp_code, respDesc: resp_desc} = flags;
    const {state, billType: bill_type} = flags;
    if (flags.clear) return act(ctx, 'fault', {clear: true});
    if (kind === undefined) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--kind'});
    return act(ctx, 'fault', {kind, endpoint, times, probability, ms, status, resp_code, resp_desc, state, bill_type});
  });
  const data = group.command('bill-data').description(t(sandbox.billData)) as DougongCommand;
  data
    .addOption(value('--rows <n>', t(sandbox.rows), number(20_000_000)).makeOptionMandatory())
    .addOption(value('--seed <n>', t(sandbox.dataSeed), number(999_999)))
    .addOption(value('--out <path>', t(sandbox.billOut)).makeOptionMandatory())
    .addOption(value('--orders <file>', t(sandbox.orders)))
    .addOption(value('--planted <n>', t(sandbox.planted), number(10_000)))
    .addOption(day('--date <yyyyMMdd>', t(sandbox.billDate)))
    .option('--plain', t(sandbox.plain));
  leaf<DataFlags>(
    data,
    ctx,
    'dougong sandbox bill-data --rows 100000 --seed 7 --out bills --orders orders.csv',
    flags => billData(ctx, flags),
  );
  const merchant = group.command('merchant').description(t(sandbox.merchant)) as DougongCommand;
  merchant.addOption(value('--scenario <name>', t(sandbox.scenario)).makeOptionMandatory());
  leaf<ActFlags>(merchant, ctx, 'dougong sandbox merchant --scenario not-ready', async flags => {
    const {SCENARIOS} = await import('../../sandbox/merchants.ts');
    const {scenario: wanted = ''} = flags;
    if (!SCENARIOS.includes(wanted))
      throw new DougongError('usage', 'FLAG_INVALID', {
        flag: '--scenario',
        value: wanted,
        choices: SCENARIOS.join(', '),
      });
    return act(ctx, 'merchant', {scenario: wanted, huifu_id: flags.huifuId});
  });
  addSandboxBills(group, ctx);
}

interface DataFlags extends GlobalFlags {
  rows: number;
  seed?: number;
  out: string;
  orders?: string;
  planted?: number;
  date?: string;
  plain?: boolean;
}

async function billData(ctx: Context, flags: DataFlags): Promise<void> {
  const {makeBillData, PLANTED} = await import('../../sandbox/bill-data.ts');
  const {rows, plain} = flags;
  const planted = flags.planted ?? 0;
  if (planted > 0 && rows < 20 * (planted * PLANTED.length + 1))
    throw new DougongError('usage', 'FLAG_INVALID', {
      flag: '--planted',
      value: String(planted),
      choices: `0-${Math.max(0, Math.floor((rows / 20 - 1) / PLANTED.length))}`,
    });
  const result = await makeBillData({
    rows,
    seed: flags.seed ?? 7,
    out: resolve(ctx.world.cwd, flags.out),
    orders: flags.orders === undefined ? undefined : resolve(ctx.world.cwd, flags.orders),
    day: flags.date ?? addDays(beijingDate(ctx.world.now()), -2),
    huifu_id: flags.huifuId ?? '6666000100000001',
    planted,
    plain,
  });
  ctx.io.data({result}, () => toJson(result, 2));
}

function names({hfSeqId, reqSeqId}: ActFlags): Record<string, unknown> {
  return {hf_seq_id: hfSeqId, req_seq_id: reqSeqId};
}

async function run(ctx: Context, flags: StartFlags): Promise<void> {
  const {checkKeys, givenKey} = await import('../profile/keys.ts');
  const {checkName, saveKey, saveProfile} = await import('../profile/store.ts');
  const {startSandbox} = await import('../../sandbox/index.ts');
  const name = flags.profileName ?? 'sandbox';
  checkName(name);
  const dataDir = flags.dataDir === undefined ? undefined : resolve(ctx.world.cwd, flags.dataDir);
  const running = await startSandbox({
    port: flags.port ?? PORT,
    controlPort: flags.controlPort,
    dataDir,
    speed: flags.speed,
    seed: flags.seed,
    billsDir: flags.billsDir === undefined ? undefined : resolve(ctx.world.cwd, flags.billsDir),
  });
  const file = join(ctx.stateDir, RUN_FILE);
  try {
    const {private_key, huifu_public_keys, ...rest} = running.profile;
    const keys = checkKeys(
      await givenKey('/', private_key),
      await Promise.all(huifu_public_keys.map(text => givenKey('/', text))),
    );
    const webhook_key_file = await saveKey(ctx.stateDir, `${name}-webhook.key`, running.webhookKey);
    const stored = {...rest, webhook_key_file};
    await ctx.world.keepSignals(() => saveProfile(ctx.stateDir, name, stored, keys, {force: true}));
    const facts = {url: running.url, control_url: running.controlUrl, token: running.controlToken, pid: ctx.world.pid};
    await rm(file, {force: true});
    await writeFile(file, toJson(facts), {mode: 0o600});
    const shown = {url: running.url, profile: name};
    ctx.io.data({result: shown}, () => ctx.say(sandbox.ready, shown));
    await Promise.race([running.stopped, aborted(ctx.world.signal)]);
  } finally {
    await running.close();
    await rm(file, {force: true});
  }
  ctx.io.note(ctx.t(sandbox.stopped));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), {once: true});
  });
}

async function act(
  ctx: Context,
  action: 'pay' | 'expire' | 'show' | 'reset' | 'advance' | 'fault' | 'merchant' | 'webhook',
  body: Record<string, unknown>,
): Promise<void> {
  const result = await ask(ctx, action, body);
  const bare = Object.keys(result as object).length === 0;
  ctx.io.data({result}, () => (bare ? ctx.t(sandbox.done) : toJson(result, 2)));
}
