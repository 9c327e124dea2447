import {resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {CheckInput, Finding, Goal} from '../../operations/check-config.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {choice, count, duration, leaf, mapping, value} from '../flags.ts';
import {check} from '../messages/check.ts';
import {frame} from '../messages/frame.ts';
import {summaries} from '../messages/summaries.ts';

export interface CheckFlags extends GlobalFlags {
  subAppid?: string;
  feeType?: string;
  notifyUrl?: string;
  qr?: string;
  wait?: boolean;
  until?: Goal;
  interval?: number;
  waitTimeout?: number;
  batch?: string;
  out?: string;
  map?: Record<string, string>;
  concurrency?: number;
  rate?: number;
  bindAppid?: string;
  bankChannelNo?: string;
  yes?: boolean;
  live?: boolean;
}

const DAY_MS = 86_400_000;

export function addCheckConfig(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program.command('check-config').description(t(summaries['check-config'])) as DougongCommand;
  command
    .addOption(value('--sub-appid <appid>', t(check.subAppid)))
    .addOption(value('--fee-type <type>', t(check.feeType)))
    .addOption(value('--notify-url <url>', t(check.notifyUrl)))
    .addOption(value('--qr <file>', t(check.qr)))
    .option('--wait', t(check.wait))
    .addOption(choice('--until <goal>', t(check.until), ['ready', 'authorized', 'bound']))
    .addOption(duration('--interval <time>', t(check.interval)))
    .addOption(duration('--wait-timeout <time>', t(check.waitTimeout)))
    .addOption(value('--batch <file>', t(check.batch)).conflicts(['wait', 'bindAppid', 'qr']))
    .addOption(value('--out <path>', t(check.out)))
    .addOption(mapping('--map <name=heading>', t(check.map)))
    .addOption(count('--concurrency <n>', t(check.concurrency), 1, 64))
    .addOption(count('--rate <n>', t(check.rate), 1, 1000))
    .addOption(value('--bind-appid <appid>', t(check.bindAppid)).conflicts(['wait']))
    .addOption(value('--bank-channel-no <no>', t(check.bankChannelNo)))
    .option('--yes', t(frame.yes))
    .option('--live', t(frame.live));
  leaf<CheckFlags>(
    command,
    ctx,
    'dougong check-config --sub-appid wx48abf94e085e98e1 --profile sandbox',
    async flags => {
      for (const flag of ['out', 'map', 'concurrency', 'rate'] as const)
        if (flags[flag] !== undefined && flags.batch === undefined)
          throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--batch'});
      for (const flag of ['until', 'interval'] as const)
        if (flags[flag] !== undefined && !flags.wait && !flags.bindAppid)
          throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--wait'});
      const input = await checkInput(ctx, flags);
      if (flags.batch !== undefined) return (await import('./check-batch.ts')).checkBatch(ctx, input, flags);
      if (flags.bindAppid !== undefined) return (await import('./check-bind.ts')).checkBind(ctx, input, flags);
      if (input.profile.huifu_id === undefined && flags.huifuId === undefined) ctx.io.note(t(check.noMerchant));
      await checkOne(ctx, input, flags);
    },
  );
}

/** What is checked, from profile and flags; keys stay text until the checks parse them. */
export async function checkInput(ctx: Context, flags: CheckFlags): Promise<CheckInput> {
  const {world, stateDir} = ctx;
  const [{resolveProfile, CONFIG_FILE}, {makeProbes}, {readFile}] = await Promise.all([
    import('../profile/resolve.ts'),
    import('../probes.ts'),
    import('node:fs/promises'),
  ]);
  const profile = await resolveProfile(world, stateDir, flags.profile);
  const ca =
    flags.caFile === undefined
      ? undefined
      : await readFile(resolve(world.cwd, flags.caFile), 'utf8').catch(() => undefined);
  const {name, base_url, sys_id, product_id, huifu_id, private_key_file} = profile;
  const keyFile = world.env.DOUGONG_PRIVATE_KEY ? [] : [world.env.DOUGONG_PRIVATE_KEY_FILE ?? private_key_file];
  const files = [CONFIG_FILE, ...keyFile].filter(file => file !== undefined).map(file => resolve(stateDir, file));
  return {
    profile: {name, base_url, sys_id, product_id, huifu_id, files},
    privateKey: profile.private_key,
    huifuKeys: profile.huifu_public_keys,
    huifuId: flags.huifuId ?? huifu_id ?? sys_id,
    subAppid: (flags.subAppid ?? flags.bindAppid ?? profile.sub_appid)?.trim(),
    feeType: flags.feeType,
    notifyUrl: flags.notifyUrl ?? profile.notify_url,
    probes: makeProbes(world, ca),
    open: async () => (await ctx.session()).read,
    now: world.now,
  };
}

/** One merchant, every layer; throws what makes the exit code. */
export async function checkOne(ctx: Context, input: CheckInput, flags: CheckFlags): Promise<void> {
  const {checkConfig, reached, standingOf, waitForConfig} = await import('../../operations/check-config.ts');
  const {findingJson, findingText, layerText} = await import('../io/findings.ts');
  let layer = '';
  const show = (finding: Finding) => {
    if (ctx.io.json) return;
    const head = finding.layer === layer ? '' : `${layerText(ctx, finding.layer)}\n`;
    layer = finding.layer;
    ctx.io.data(finding, () => head + findingText(ctx, finding));
  };
  let findings = await checkConfig(input, {onFinding: show});
  const goal = flags.until ?? 'ready';
  if (flags.wait && !reached(goal, findings)) {
    const intervalMs = flags.interval ?? 60_000;
    ctx.io.note(ctx.say(check.waiting, {seconds: String(Math.round(intervalMs / 1000))}));
    findings = await waitForConfig({...input, sleep: ctx.world.sleep, signal: ctx.world.signal}, findings, {
      goal,
      intervalMs,
      timeoutMs: flags.waitTimeout ?? 2 * DAY_MS,
      onChange: finding => (ctx.io.json ? ctx.io.row({check: findingJson(ctx, finding)}, () => '') : show(finding)),
    });
  }
  const standing = standingOf(findings);
  const {huifuId: huifu_id} = input;
  const result = {
    huifu_id,
    state: standing.state,
    ...(standing.first && {first: standing.first.id}),
    checks: findings.map(finding => findingJson(ctx, finding)),
  };
  if (ctx.io.json) ctx.io.row({result}, () => '');
  const {showQr} = await import('../io/qr.ts');
  await showQr(ctx, findings.find(({qrcode}) => qrcode !== undefined)?.qrcode, flags.qr);
  if (ctx.world.signal.aborted) throw new DougongError('interrupted', 'INTERRUPTED');
  if (flags.wait && goal !== 'ready' && reached(goal, findings)) return ctx.io.note(ctx.t(check.reached));
  if (!standing.first) return ctx.io.note(ctx.io.err.green(ctx.say(check.ready, {huifu_id})));
  throw await notReady(ctx, standing.state, standing.first, flags.wait === true);
}

/** The error that ends the command: where the tool itself could not start, that is its kind. */
export async function notReady(
  ctx: Context,
  state: 'ready' | 'waiting' | 'not-ready',
  first: Finding,
  waited: boolean,
  code: 'NOT_READY' | 'BIND_FIRST' = 'NOT_READY',
): Promise<DougongError> {
  const {sentenceOf} = await import('../io/findings.ts');
  const params = {check: first.id, what: sentenceOf(ctx, first)};
  if (state === 'waiting')
    return new DougongError('pending', code === 'BIND_FIRST' ? code : 'NOT_READY_YET', params, {
      next: {verb: 'check-config', flags: {wait: true}},
    });
  if (first.layer === 'local' && first.verdict === 'fail') return new DougongError('config', code, params);
  if (first.layer === 'network') return new DougongError('network', code, params);
  // Waiting ended before its goal, with something that a person may still do.
  const mends = waited && (first.code === 'UNAUTHORIZED' || first.code.startsWith('APPLYMENT_CONFIRM'));
  return new DougongError(mends ? 'pending' : 'refused', code, params);
}
