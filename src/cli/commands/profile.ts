import {resolve} from 'node:path';
import {environmentOf} from '../../core/environments.ts';
import {DougongError} from '../../core/errors.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {leaf, value} from '../flags.ts';
import {plain} from '../io/streams.ts';
import {setup} from '../messages/setup.ts';
import {summaries} from '../messages/summaries.ts';
import {readConfig, type StoredProfile} from '../profile/resolve.ts';

interface ImportFlags extends GlobalFlags {
  name?: string;
  baseUrl?: string;
  huifuPublicKeyFile?: string;
  force?: boolean;
}

export function addProfile(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const group = program.command('profile').description(t(summaries.profile)) as DougongCommand;

  const list = group.command('list').description(t(setup.list)) as DougongCommand;
  leaf<GlobalFlags>(list, ctx, 'dougong profile list', async () => {
    const {profiles, current} = await readConfig(ctx.stateDir);
    const all = Object.entries(profiles).map(([name, profile]) => ({
      name,
      current: name === current,
      ...summary(profile),
    }));
    if (ctx.io.json) return ctx.io.data({result: all}, () => '');
    if (all.length === 0) return ctx.io.note(t(setup.none));
    const rows = all.map(one => [one.current ? '*' : '', one.name, one.environment, one.huifu_id ?? '', one.sys_id]);
    const table = await ctx.io.table(['', t(setup.profile), t(setup.env), 'huifu_id', 'sys_id'], rows);
    ctx.io.data(all, () => table);
  });

  const show = group.command('show').argument('[name]').description(t(setup.show)) as DougongCommand;
  leaf<GlobalFlags>(show, ctx, 'dougong profile show sandbox', async (flags, given) => {
    const {profiles, current} = await readConfig(ctx.stateDir);
    const name = given ?? flags.profile ?? current;
    const profile = name === undefined ? undefined : profiles[name];
    if (!name || !profile)
      throw name ? new DougongError('config', 'PROFILE_UNKNOWN', {name}) : new DougongError('config', 'PROFILE_NONE');
    const value = {name, ...summary(profile), ...(await masked(ctx, profile))};
    const word = (one: unknown) => plain(typeof one === 'string' ? one : JSON.stringify(one));
    const known = Object.entries(value).filter(([, one]) => one !== undefined);
    const lines = known.map(([field, one]) => `${field.padEnd(24)}${word(one)}`);
    ctx.io.data({result: value}, () => lines.join('\n'));
  });

  const use = group.command('use').argument('<name>').description(t(setup.use)) as DougongCommand;
  leaf<GlobalFlags>(use, ctx, 'dougong profile use sandbox', async (_flags, name = '') => {
    await (await import('../profile/store.ts')).useProfile(ctx.stateDir, name);
    ctx.io.data({result: {current: name}}, () => ctx.say(setup.using, {name}));
  });

  const remove = group.command('remove').argument('<name>').description(t(setup.remove)) as DougongCommand;
  leaf<GlobalFlags>(remove, ctx, 'dougong profile remove sandbox', async (_flags, name = '') => {
    await (await import('../profile/store.ts')).removeProfile(ctx.stateDir, name);
    ctx.io.data({result: {removed: name}}, () => ctx.say(setup.removed, {name}));
  });

  const add = group.command('import').argument('<file>').description(t(setup.import)) as DougongCommand;
  add
    .addOption(value('--name <name>', t(setup.name)))
    .addOption(value('--base-url <url>', t(setup.baseUrl)))
    .addOption(value('--huifu-public-key-file <file>', t(setup.huifuKeyFile)))
    .option('--force', t(setup.force));
  leaf<ImportFlags>(add, ctx, 'dougong profile import sdk-config.json --name shop', async (flags, file = '') => {
    const {readNamed, saveKey, saveProfile, checkName} = await import('../profile/store.ts');
    const {importConfig} = await import('../profile/import.ts');
    const {givenKey, checkKeys} = await import('../profile/keys.ts');
    const name = flags.name ?? 'imported';
    checkName(name);
    const bytes = await readNamed(resolve(ctx.world.cwd, file));
    const found = importConfig(bytes.toString('utf8'), file, flags.baseUrl);
    const privateKey = found.privateKey === undefined ? undefined : await givenKey(ctx.world.cwd, found.privateKey);
    const given = flags.huifuPublicKeyFile ? [flags.huifuPublicKeyFile] : found.huifuKeys;
    const keys = checkKeys(privateKey, await Promise.all(given.map(text => givenKey(ctx.world.cwd, text))));
    const profile = {...found.profile, ...(flags.huifuId && {huifu_id: flags.huifuId})};
    await saveProfile(ctx.stateDir, name, profile, keys, {force: flags.force});
    if (found.webhookKey) {
      const webhook_key_file = await saveKey(ctx.stateDir, `${name}-webhook.key`, found.webhookKey);
      const files = {
        private_key_file: keys.private && `keys/${name}-private.pem`,
        huifu_public_key_files: keys.huifu?.map((_, at) => `keys/${name}-huifu-${at + 1}.pem`),
      };
      await saveProfile(ctx.stateDir, name, {...profile, ...files, webhook_key_file}, {}, {force: true});
    }
    const fingerprint = privateKey?.fingerprint ?? '-';
    const shown = {name, environment: environmentOf(profile.base_url), fingerprint};
    ctx.io.data({result: {...profile, ...shown}}, () => ctx.say(setup.saved, shown));
  });
}

function summary(profile: StoredProfile) {
  const {base_url, sys_id, product_id, huifu_id, notify_url, sub_appid, max_refund, max_refund_day} = profile;
  const environment = URL.canParse(base_url) ? environmentOf(base_url) : base_url;
  return {environment, base_url, sys_id, product_id, huifu_id, notify_url, sub_appid, max_refund, max_refund_day};
}

/** Of secrets only what identifies them: where a key lies, and the fingerprint of its public half. */
async function masked(ctx: Context, profile: StoredProfile): Promise<Record<string, unknown>> {
  const {givenKey} = await import('../profile/keys.ts');
  const describe = async (file: string) => {
    const path = resolve(ctx.stateDir, file);
    const info = await givenKey('/', path).catch((error: Error & {code?: string}) => error);
    return info instanceof Error ? `${file} (${info.code ?? 'unreadable'})` : `${file} sha256:${info.fingerprint}`;
  };
  const {private_key_file, private_key_env, huifu_public_key_files = [], webhook_key_file, headers} = profile;
  return {
    private_key: private_key_file ? await describe(private_key_file) : private_key_env ? `$${private_key_env}` : '-',
    huifu_public_keys: await Promise.all(huifu_public_key_files.map(describe)),
    ...(webhook_key_file && {webhook_key: `${webhook_key_file} ***`}),
    ...(headers && {headers: Object.keys(headers)}),
  };
}
