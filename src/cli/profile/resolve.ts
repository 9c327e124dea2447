import {readFile} from 'node:fs/promises';
import {join, resolve as resolvePath} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {World} from '../context.ts';

/** A profile as it stands in the configuration file; paths are relative to the state directory. */
export interface StoredProfile {
  base_url: string;
  sys_id: string;
  product_id: string;
  huifu_id?: string;
  private_key_file?: string;
  private_key_env?: string;
  huifu_public_key_files?: string[];
  notify_url?: string;
  sub_appid?: string;
  headers?: Record<string, string>;
  webhook_key_file?: string;
  /** Yuan, as text. */
  max_refund?: string;
  max_refund_day?: string;
}

export interface StoredConfig {
  current?: string;
  profiles: Record<string, StoredProfile>;
}

/** A merchant in an environment, as a command sees it; keys still text, never printed. */
export interface Profile extends StoredProfile {
  name: string;
  private_key: string;
  huifu_public_keys: string[];
}

export const CONFIG_FILE = 'config.json';

/** Where all state lives: DOUGONG_HOME, else the platform's place for configuration. */
export function stateDirOf({env, home, platform, cwd}: World): string {
  if (env.DOUGONG_HOME) return resolvePath(cwd, env.DOUGONG_HOME);
  if (platform === 'win32' && env.APPDATA) return join(env.APPDATA, 'dougong');
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'dougong');
}

/**
 * Reads the configuration file; an absent one is an empty one.
 *
 * @throws DougongError `config` CONFIG_BROKEN with the file and what is wrong.
 */
export async function readConfig(stateDir: string): Promise<StoredConfig> {
  const file = join(stateDir, CONFIG_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {profiles: {}};
    throw new DougongError('config', 'CONFIG_BROKEN', {file, reason: String((error as NodeJS.ErrnoException).code)});
  }
  const v = await import('valibot');
  const words = v.optional(v.string());
  const profile = v.looseObject({
    base_url: v.pipe(v.string(), v.url()),
    sys_id: v.string(),
    product_id: v.string(),
    huifu_id: words,
    private_key_file: words,
    private_key_env: words,
    huifu_public_key_files: v.optional(v.array(v.string())),
    notify_url: words,
    sub_appid: words,
    headers: v.optional(v.record(v.string(), v.string())),
    webhook_key_file: words,
    max_refund: words,
    max_refund_day: words,
  });
  const schema = v.looseObject({current: words, profiles: v.record(v.string(), profile)});
  const broken = (reason: string) => new DougongError('config', 'CONFIG_BROKEN', {file, reason});
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the file, which may hold what nobody should read in a log.
    const at = /position \d+/.exec((error as Error).message)?.[0] ?? 'JSON';
    throw broken(at);
  }
  const result = v.safeParse(schema, value);
  if (!result.success) throw broken(v.getDotPath(result.issues[0]) ?? 'profiles');
  return result.output as StoredConfig;
}

/**
 * The profile of this run: --profile, DOUGONG_PROFILE, the current one, the only one; single fields by environment.
 *
 * @throws DougongError `config` PROFILE_NONE, PROFILE_UNKNOWN, PROFILE_INCOMPLETE, FILE_UNREADABLE.
 */
export async function resolveProfile(world: World, stateDir: string, wanted: string | undefined): Promise<Profile> {
  const {env} = world;
  const config = await readConfig(stateDir);
  const names = Object.keys(config.profiles);
  const name =
    wanted ?? (env.DOUGONG_PROFILE || undefined) ?? config.current ?? (names.length === 1 ? names[0] : undefined);
  const stored = name === undefined ? undefined : config.profiles[name];
  if (name !== undefined && !stored) throw new DougongError('config', 'PROFILE_UNKNOWN', {name});
  const from: Partial<StoredProfile> = {...stored};
  for (const field of ['base_url', 'sys_id', 'product_id', 'huifu_id', 'notify_url', 'sub_appid'] as const) {
    const word = env[`DOUGONG_${field.toUpperCase()}`];
    if (word) from[field] = word;
  }
  if (!stored && !from.sys_id) throw new DougongError('config', 'PROFILE_NONE');
  const shown = name ?? 'environment';
  for (const field of ['base_url', 'sys_id', 'product_id'] as const) {
    if (!from[field]) throw new DougongError('config', 'PROFILE_INCOMPLETE', {name: shown, field});
  }
  if (!URL.canParse(from.base_url!))
    throw new DougongError('config', 'PROFILE_FIELD', {field: 'base_url', value: from.base_url!});
  const keyText = env.DOUGONG_PRIVATE_KEY || (from.private_key_env && env[from.private_key_env]);
  const keyFile = env.DOUGONG_PRIVATE_KEY_FILE
    ? resolvePath(world.cwd, env.DOUGONG_PRIVATE_KEY_FILE)
    : from.private_key_file;
  if (!keyText && !keyFile) throw new DougongError('config', 'PROFILE_INCOMPLETE', {name: shown, field: 'private_key'});
  const publicText = env.DOUGONG_HUIFU_PUBLIC_KEY;
  const publicFiles = from.huifu_public_key_files ?? [];
  if (!publicText && publicFiles.length === 0)
    throw new DougongError('config', 'PROFILE_INCOMPLETE', {name: shown, field: 'huifu_public_key'});
  return {
    ...(from as StoredProfile),
    name: shown,
    private_key: keyText || (await readText(resolvePath(stateDir, keyFile!))),
    huifu_public_keys: publicText
      ? [publicText]
      : await Promise.all(publicFiles.map(file => readText(resolvePath(stateDir, file)))),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new DougongError('config', 'FILE_UNREADABLE', {file, reason: String((error as NodeJS.ErrnoException).code)});
  }
}
