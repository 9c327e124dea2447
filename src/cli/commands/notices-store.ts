import {join, resolve} from 'node:path';
import type {NoticeKeys} from '../../core/notice.ts';
import type {NoticeStore} from '../../journal/notices.ts';
import type {Context} from '../context.ts';
import type {Profile} from '../profile/resolve.ts';

/** The file of kept notifications: DOUGONG_NOTICES, else in the state directory. */
export function noticesFile({world, stateDir}: Context): string {
  const {DOUGONG_NOTICES: given} = world.env;
  return given ? resolve(world.cwd, given) : join(stateDir, 'notices.db');
}

/** Opens the kept notifications and closes them when the command ends. */
export async function openStore(ctx: Context, options: {busyTimeout?: number} = {}): Promise<NoticeStore> {
  const {openNotices} = await import('../../journal/notices-sqlite.ts');
  const store = openNotices(noticesFile(ctx), options);
  ctx.atEnd(async () => store.close());
  return store;
}

/** The keys a message may be signed with: Huifu's of the profile, and those of Webhook endpoints. */
export async function readNoticeKeys(
  ctx: Context,
  profile: Profile,
  webhookKeyFiles: readonly string[],
): Promise<NoticeKeys & {webhook: string[]}> {
  const {parseKey} = await import('../../core/keys.ts');
  const huifu = profile.huifu_public_keys.map(text => parseKey(text).key);
  const files = webhookKeyFiles.map(file => resolve(ctx.world.cwd, file));
  if (files.length === 0 && profile.webhook_key_file) files.push(resolve(ctx.stateDir, profile.webhook_key_file));
  const {readNamed} = await import('../profile/store.ts');
  const webhook = await Promise.all(files.map(async file => (await readNamed(file)).toString('utf8').trim()));
  const {DOUGONG_WEBHOOK_KEY: fromEnv} = ctx.world.env;
  if (fromEnv) webhook.push(fromEnv);
  return {huifu, webhook: webhook.filter(key => key !== '')};
}

/** The merchants whose messages are ours. */
export function ownMerchants(ctx: Context, profile: Profile, more: readonly string[] = []): Set<string> {
  const given = more.flatMap(text => text.split(',')).map(text => text.trim());
  const own = [profile.huifu_id ?? profile.sys_id, ctx.flags.huifuId ?? '', ...given];
  return new Set(own.filter(id => id !== ''));
}
