import {resolve} from 'node:path';
import {environmentOf, GATEWAYS} from '../../core/environments.ts';
import {DougongError} from '../../core/errors.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags, Text} from '../context.ts';
import {choice, leaf, list, value} from '../flags.ts';
import {setup} from '../messages/setup.ts';
import {summaries} from '../messages/summaries.ts';
import {checkUrl} from './consent.ts';

interface InitFlags extends GlobalFlags {
  name?: string;
  env?: keyof typeof GATEWAYS;
  baseUrl?: string;
  sysId?: string;
  productId?: string;
  privateKeyFile?: string;
  privateKeyStdin?: boolean;
  passphraseFile?: string;
  huifuPublicKeyFile?: string[];
  notifyUrl?: string;
  subAppid?: string;
  force?: boolean;
}

export function addInit(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program.command('init').description(t(summaries.init)) as DougongCommand;
  command
    .addOption(value('--name <name>', t(setup.name)))
    .addOption(choice('--env <env>', t(setup.env), Object.keys(GATEWAYS)))
    .addOption(value('--base-url <url>', t(setup.baseUrl)))
    .addOption(value('--sys-id <id>', t(setup.sysId)))
    .addOption(value('--product-id <id>', t(setup.productId)))
    .addOption(value('--private-key-file <file>', t(setup.privateKeyFile)))
    .option('--private-key-stdin', t(setup.privateKeyStdin))
    .addOption(value('--passphrase-file <file>', t(setup.passphraseFile)))
    .addOption(list('--huifu-public-key-file <file>', t(setup.huifuKeyFile)))
    .addOption(value('--notify-url <url>', t(setup.notifyUrl)))
    .addOption(value('--sub-appid <appid>', t(setup.subAppid)))
    .option('--force', t(setup.force));
  const example =
    'dougong init --env test --sys-id 6666… --product-id XLSISV --private-key-file my.pem --huifu-public-key-file huifu.pem';
  leaf<InitFlags>(command, ctx, example, async flags => init(ctx, flags));
}

async function init(ctx: Context, flags: InitFlags): Promise<void> {
  const {env, cwd} = ctx.world;
  const need = async (flag: string, given: string | undefined, question: Text): Promise<string> => {
    if (given !== undefined) return given;
    if (!ctx.io.canAsk) throw new DougongError('usage', 'FLAG_REQUIRED', {flag});
    return (await ctx.io.ask(ctx.t(question))).trim();
  };
  const base_url = await baseUrl(ctx, flags);
  const sys_id = await need('--sys-id', flags.sysId ?? env.DOUGONG_SYS_ID, setup.sysId);
  const product_id = await need('--product-id', flags.productId ?? env.DOUGONG_PRODUCT_ID, setup.productId);
  const asked = ctx.io.canAsk ? (await ctx.io.ask(ctx.t(setup.merchant), {initial: sys_id})).trim() : undefined;
  const huifu_id = flags.huifuId ?? env.DOUGONG_HUIFU_ID ?? asked;
  const {givenKey, checkKeys} = await import('../profile/keys.ts');
  const privateText = flags.privateKeyStdin ? await readAll(ctx) : (flags.privateKeyFile ?? env.DOUGONG_PRIVATE_KEY);
  const privateKey = await givenKey(
    cwd,
    await need('--private-key-file', privateText, setup.askKey),
    await passphrase(ctx, flags),
  );
  const huifuText =
    flags.huifuPublicKeyFile ?? (env.DOUGONG_HUIFU_PUBLIC_KEY ? [env.DOUGONG_HUIFU_PUBLIC_KEY] : undefined);
  const huifuGiven = huifuText ?? [await need('--huifu-public-key-file', undefined, setup.askHuifuKey)];
  const huifuKeys = await Promise.all(huifuGiven.map(given => givenKey(cwd, given)));
  const keys = checkKeys(privateKey, huifuKeys);
  const notify_url = flags.notifyUrl ?? env.DOUGONG_NOTIFY_URL;
  await checkUrl(ctx, notify_url, 'pay');
  const sub_appid = flags.subAppid ?? env.DOUGONG_SUB_APPID;
  const name = flags.name ?? (flags.env === 'production' || !flags.env ? 'default' : flags.env);
  const {saveProfile} = await import('../profile/store.ts');
  const profile = {
    base_url,
    sys_id,
    product_id,
    ...(huifu_id && {huifu_id}),
    ...(notify_url && {notify_url}),
    ...(sub_appid && {sub_appid}),
  };
  await saveProfile(ctx.stateDir, name, profile, keys, {force: flags.force, current: 'if-none'});
  const shown = {name, environment: environmentOf(base_url), fingerprint: privateKey.fingerprint};
  ctx.io.data({result: {...profile, ...shown}}, () => ctx.say(setup.saved, shown));
  ctx.io.note(ctx.t(setup.saveNext));
  if (!ctx.io.canAsk || !(await ctx.io.confirm(ctx.t(setup.checkNow)))) return;
  const {checkInput, checkOne} = await import('./check-config.ts');
  ctx.begin({...ctx.flags, profile: name});
  await checkOne(ctx, await checkInput(ctx, {profile: name}), {});
}

async function baseUrl(ctx: Context, flags: InitFlags): Promise<string> {
  if (flags.baseUrl && flags.env)
    throw new DougongError('usage', 'FLAG_CONFLICT', {flag: '--base-url', other: '--env'});
  const url = flags.baseUrl ?? ctx.world.env.DOUGONG_BASE_URL;
  if (url) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new DougongError('usage', 'PROFILE_FIELD', {field: '--base-url', value: url});
    return url;
  }
  if (flags.env) return GATEWAYS[flags.env];
  if (!ctx.io.canAsk) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--env'});
  return ctx.io.choose(
    ctx.t(setup.env),
    Object.entries(GATEWAYS).map(([name, value]) => ({name: `${name}  ${value}`, value})),
  );
}

async function passphrase(ctx: Context, {passphraseFile, privateKeyFile}: InitFlags): Promise<string | undefined> {
  const {env, cwd} = ctx.world;
  if (passphraseFile) {
    const {readNamed} = await import('../profile/store.ts');
    return (await readNamed(resolve(cwd, passphraseFile))).toString('utf8').replace(/\r?\n$/, '');
  }
  if (env.DOUGONG_PASSPHRASE) return env.DOUGONG_PASSPHRASE;
  if (!/\.(p12|pfx)$/i.test(privateKeyFile ?? '') || !ctx.io.canAsk) return undefined;
  return ctx.io.ask(ctx.t(setup.askPassphrase), {secret: true});
}

/** All of stdin: how a secret comes in without standing in `ps`. */
export async function readAll({world}: Context): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of world.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
