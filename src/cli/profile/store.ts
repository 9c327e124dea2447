import {existsSync} from 'node:fs';
import {chmod, mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import {readConfig, type StoredConfig, type StoredProfile} from './resolve.ts';

const KEYS = 'keys';

/** Profile names become file names, so only what is harmless there. */
export function checkName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) throw new DougongError('usage', 'PROFILE_NAME', {name});
}

/** Writes the configuration: atomic, 0600, its folder 0700; a broken file is left as it is and named. */
async function save(stateDir: string, change: (config: StoredConfig) => void): Promise<void> {
  const config = await readConfig(stateDir);
  change(config);
  try {
    await mkdir(stateDir, {recursive: true, mode: 0o700});
    const {default: Conf} = await import('conf');
    const conf = new Conf<Record<string, unknown>>({
      cwd: stateDir,
      configName: 'config',
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      clearInvalidConfig: false,
    });
    conf.store = {...config};
    await chmod(conf.path, 0o600);
  } catch (cause) {
    if (cause instanceof DougongError) throw cause;
    throw new DougongError(
      'local',
      'FILE_UNWRITABLE',
      {file: stateDir, reason: String((cause as NodeJS.ErrnoException).code)},
      {cause},
    );
  }
}

/** Keeps a profile, with its keys as files of 0600 beside the configuration. */
export async function saveProfile(
  stateDir: string,
  name: string,
  profile: StoredProfile,
  keys: {private?: string; huifu?: string[]},
  options: {force?: boolean; current?: 'always' | 'if-none'} = {},
): Promise<void> {
  checkName(name);
  const before = await readConfig(stateDir);
  if (before.profiles[name] && !options.force) throw new DougongError('usage', 'PROFILE_EXISTS', {name});
  const stored = {...profile};
  if (keys.private !== undefined)
    stored.private_key_file = await saveKey(stateDir, `${name}-private.pem`, keys.private);
  if (keys.huifu) {
    stored.huifu_public_key_files = await Promise.all(
      keys.huifu.map((pem, at) => saveKey(stateDir, `${name}-huifu-${at + 1}.pem`, pem)),
    );
  }
  await save(stateDir, config => {
    config.profiles[name] = stored;
    if (options.current === 'always' || !config.current) config.current = name;
  });
}

/** Writes a secret of a profile to a file of its own, 0600, and gives its name relative to the state directory. */
export async function saveKey(stateDir: string, file: string, text: string): Promise<string> {
  const folder = join(stateDir, KEYS);
  const path = join(folder, file);
  try {
    await mkdir(folder, {recursive: true, mode: 0o700});
    if (existsSync(path)) await rm(path);
    await writeFile(path, text, {mode: 0o600, flag: 'wx'});
  } catch (cause) {
    throw new DougongError(
      'local',
      'FILE_UNWRITABLE',
      {file: path, reason: String((cause as NodeJS.ErrnoException).code)},
      {cause},
    );
  }
  return join(KEYS, file);
}

export async function useProfile(stateDir: string, name: string): Promise<void> {
  await save(stateDir, config => {
    if (!config.profiles[name]) throw new DougongError('config', 'PROFILE_UNKNOWN', {name});
    config.current = name;
  });
}

/** Removes a profile and those of its key files that lie in the state directory. */
export async function removeProfile(stateDir: string, name: string): Promise<void> {
  const {profiles} = await readConfig(stateDir);
  const gone = profiles[name];
  if (!gone) throw new DougongError('config', 'PROFILE_UNKNOWN', {name});
  await save(stateDir, config => {
    delete config.profiles[name];
    if (config.current === name) delete config.current;
  });
  const files = [gone.private_key_file, gone.webhook_key_file, ...(gone.huifu_public_key_files ?? [])];
  for (const file of files) if (file?.startsWith(`${KEYS}/`)) await rm(join(stateDir, file), {force: true});
}

/** Reads a file that a person named; the reason is the system's word. */
export async function readNamed(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DougongError(
      'local',
      'FILE_UNREADABLE',
      {file, reason: String((cause as NodeJS.ErrnoException).code)},
      {cause},
    );
  }
}
