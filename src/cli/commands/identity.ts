import {readFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {isLoopback} from '../../core/environments.ts';
import {DougongError} from '../../core/errors.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {leaf, value} from '../flags.ts';
import {plain} from '../io/streams.ts';
import {identity} from '../messages/check.ts';
import {setup} from '../messages/setup.ts';
import {summaries} from '../messages/summaries.ts';

interface UserIdFlags extends GlobalFlags {
  authCode: string;
  subAppid?: string;
}

interface OpenidFlags extends GlobalFlags {
  jsCode: string;
  subAppid?: string;
  secretFile?: string;
  wxUrl?: string;
}

const WX_URL = 'https://api.weixin.qq.com';

export function addUserId(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program.command('user-id').description(t(summaries['user-id'])) as DougongCommand;
  command
    .addOption(value('--auth-code <digits>', t(identity.authCode)).makeOptionMandatory())
    .addOption(value('--sub-appid <appid>', t(setup.subAppid)));
  leaf<UserIdFlags>(command, ctx, 'dougong user-id --auth-code 130000000000000001 --profile sandbox', async flags => {
    const {read, profile} = await ctx.session();
    const {queryUserId} = await import('../../operations/user-id.ts');
    const sub_appid = flags.subAppid ?? profile.sub_appid;
    const {data, raw} = await queryUserId(read, {auth_code: flags.authCode, sub_appid});
    // Who the customer is was asked for: nothing is masked here.
    const lines = Object.entries(data).map(([name, text]) => `${name}  ${plain(String(text))}`);
    ctx.io.data(data, () => lines.join('\n'), raw);
  });
}

export function addOpenid(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program.command('openid').description(t(summaries.openid)) as DougongCommand;
  command
    .addOption(value('--js-code <code>', t(identity.jsCode)).makeOptionMandatory())
    .addOption(value('--sub-appid <appid>', t(setup.subAppid)))
    .addOption(value('--secret-file <file>', t(identity.secretFile)))
    .addOption(value('--wx-url <url>', t(identity.wxUrl)));
  leaf<OpenidFlags>(
    command,
    ctx,
    'dougong openid --js-code 0a1b… --sub-appid wx… --secret-file wx.secret',
    async flags => {
      const {world} = ctx;
      const secret = await readSecret(ctx, flags.secretFile);
      const baseUrl = flags.wxUrl ?? world.env.DOUGONG_WX_URL ?? WX_URL;
      if (!URL.canParse(baseUrl) || (new URL(baseUrl).protocol !== 'https:' && !isLoopback(baseUrl)))
        throw new DougongError('usage', 'WX_URL', {url: baseUrl});
      const appid = flags.subAppid ?? world.env.DOUGONG_SUB_APPID ?? (await profileAppid(ctx, flags.profile));
      if (!appid) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--sub-appid'});
      const [{createHttp}, {exchangeJsCode}] = await Promise.all([
        import('../../core/http.ts'),
        import('../../operations/user-id.ts'),
      ]);
      const caFile = flags.caFile === undefined ? undefined : await readFile(resolve(world.cwd, flags.caFile), 'utf8');
      const http = await createHttp({totalTimeout: flags.httpTimeout ?? 15_000, proxyEnv: world.env, caFile});
      ctx.atEnd(() => http.close());
      const get = (url: string) => http.get(url, {accept: 'application/json'}, world.signal).catch(asRead);
      const result = {appid, ...(await exchangeJsCode(get, {baseUrl, appid, secret, jsCode: flags.jsCode}))};
      ctx.io.data({result}, () => result.openid);
    },
  );
}

/** A code that may be used up moves no money: whatever was lost, the person logs in again. */
function asRead(error: unknown): never {
  if (error instanceof DougongError && error.kind === 'unknown-outcome')
    throw new DougongError('network', error.code, error.params, {cause: error.cause});
  throw error;
}

async function readSecret(ctx: Context, file: string | undefined): Promise<string> {
  if (file === undefined) {
    const secret = ctx.world.env.DOUGONG_WX_SECRET?.trim();
    if (!secret) throw new DougongError('config', 'SECRET_MISSING');
    return secret;
  }
  try {
    return (await readFile(resolve(ctx.world.cwd, file), 'utf8')).trim();
  } catch (cause) {
    throw new DougongError(
      'config',
      'FILE_UNREADABLE',
      {file, reason: String((cause as {code?: string}).code)},
      {cause},
    );
  }
}

async function profileAppid(ctx: Context, wanted: string | undefined): Promise<string | undefined> {
  const {readConfig} = await import('../profile/resolve.ts');
  const config = await readConfig(ctx.stateDir);
  const name = wanted ?? ctx.world.env.DOUGONG_PROFILE ?? config.current;
  return name === undefined ? undefined : config.profiles[name]?.sub_appid;
}
