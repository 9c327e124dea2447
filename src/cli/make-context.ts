import {readFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {parseYuan} from '../core/amount.ts';
import {environmentOf, isLive, isLoopback} from '../core/environments.ts';
import {DougongError} from '../core/errors.ts';
import type {MoneyTools, ReadTools} from '../operations/tools.ts';
import type {Context, Lang, Session, World} from './context.ts';
import {makeIo} from './io/streams.ts';
import {type Profile, resolveProfile, stateDirOf} from './profile/resolve.ts';

const TOTAL_TIMEOUT_MS = 60_000;
const LEASE_SPARE_MS = 60_000;

/** What is known before the flags are parsed: language, colour and --json by a look at the words themselves. */
export function makeContext(argv: readonly string[], world: World): Context & {end(): Promise<void>} {
  const stateDir = stateDirOf(world);
  const {env} = world;
  const ends: (() => Promise<void>)[] = [];
  const lang = langOf(argv, env);
  const io = makeIo(world, {
    json: argv.includes('--json'),
    quiet: argv.includes('--quiet'),
    color: !argv.includes('--no-color'),
    input: !argv.includes('--no-input'),
  });
  let session: Promise<Session> | undefined;
  const ctx: Context & {end(): Promise<void>} = {
    world,
    lang,
    io,
    t: text => text[ctx.lang],
    say: (sentence, params) => sentence[ctx.lang](params),
    flags: {},
    begin(flags) {
      ctx.flags = flags;
      if (flags.lang) ctx.lang = flags.lang;
      io.configure({
        json: flags.json === true,
        quiet: flags.quiet === true,
        color: flags.color !== false,
        input: flags.input !== false,
      });
    },
    session(options) {
      session ??= openSession(ctx, options?.patient === true);
      return session;
    },
    stateDir,
    journalFile: env.DOUGONG_JOURNAL ? resolve(world.cwd, env.DOUGONG_JOURNAL) : join(stateDir, 'journal.db'),
    atEnd: task => void ends.push(task),
    async end() {
      for (const task of ends.reverse()) await task();
    },
  };
  return ctx;
}

function langOf(argv: readonly string[], env: Record<string, string | undefined>): Lang {
  const at = argv.findIndex(word => word === '--lang' || word.startsWith('--lang='));
  const given = at < 0 ? undefined : (argv[at]!.split('=')[1] ?? argv[at + 1]);
  const word = given ?? (env.DOUGONG_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || '');
  return word.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

async function openSession(ctx: Context, patient: boolean): Promise<Session> {
  const {world, flags} = ctx;
  const profile = await resolveProfile(world, ctx.stateDir, flags.profile);
  // A clock that tests set must never decide the date of real money.
  const clock = world.env.DOUGONG_TEST_CLOCK;
  if (clock && /^[+-]\d{1,13}$/.test(clock) && isLoopback(profile.base_url)) world.shiftClock?.(Number(clock));
  const [{parseKey, arePair}, {createHttp}, {createSend}] = await Promise.all([
    import('../core/keys.ts'),
    import('../core/http.ts'),
    import('../core/transport.ts'),
  ]);
  const privateKey = parseKey(profile.private_key);
  if (privateKey.kind !== 'private') throw new DougongError('config', 'KEY_WRONG_KIND', {wanted: 'private'});
  const huifuKeys = profile.huifu_public_keys.map(text => parseKey(text));
  for (const {key, kind} of huifuKeys) {
    if (arePair(key, privateKey.key)) throw new DougongError('config', 'KEY_IS_OWN');
    if (kind !== 'public') throw new DougongError('config', 'KEY_WRONG_KIND', {wanted: 'public'});
  }
  const totalTimeout = flags.httpTimeout ?? TOTAL_TIMEOUT_MS;
  const caFile = flags.caFile === undefined ? undefined : await readCa(resolve(world.cwd, flags.caFile));
  const limit = Math.min(totalTimeout, 30_000);
  const http = await createHttp({
    totalTimeout,
    headersTimeout: limit,
    connectTimeout: Math.min(totalTimeout, 10_000),
    caFile,
    proxyEnv: world.env,
  });
  ctx.atEnd(() => http.close());
  const trace = flags.verbose ? (await import('./io/trace.ts')).printTrace(ctx) : undefined;
  const {now, sleep, random, newId} = world;
  const signal = patient ? undefined : world.signal;
  const send = createSend({
    baseUrl: profile.base_url,
    sysId: profile.sys_id,
    productId: profile.product_id,
    privateKey: privateKey.key,
    huifuKeys: huifuKeys.map(({key}) => key),
    headers: profile.headers ?? {},
    http,
    now,
    sleep,
    random,
    trace,
    signal,
  });
  const huifuId = flags.huifuId ?? profile.huifu_id ?? profile.sys_id;
  const read: ReadTools = {send, huifuId, version: flags.apiVersion, now, newId, sleep, signal};
  const environment = environmentOf(profile.base_url);
  return {
    profile,
    environment,
    live: isLive(profile.base_url),
    read,
    download: http.download,
    money: options =>
      openMoney(ctx, profile, read, environment, totalTimeout + LEASE_SPARE_MS, options?.named === true),
  };
}

async function openMoney(
  ctx: Context,
  profile: Profile,
  read: ReadTools,
  environment: string,
  leaseMs: number,
  named: boolean,
): Promise<MoneyTools> {
  const provider = profile.huifu_id === undefined || profile.huifu_id !== profile.sys_id;
  if (provider && !named && ctx.flags.huifuId === undefined) throw new DougongError('usage', 'MERCHANT_NEEDED');
  const {openJournal} = await import('../journal/sqlite.ts');
  const {now, hostname, pid, random} = ctx.world;
  const journal = await openJournal(ctx.journalFile, {now});
  ctx.atEnd(() => journal.close());
  const owner = `${hostname}:${pid}:${random().toString(36).slice(2, 10)}`;
  const limit = (text: string | undefined) => (text === undefined ? undefined : parseYuan(text));
  const limits = {maxRefund: limit(profile.max_refund), maxRefundDay: limit(profile.max_refund_day)};
  return {...read, journal, environment, profile: profile.name, owner, leaseMs, ...limits};
}

async function readCa(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new DougongError('config', 'FILE_UNREADABLE', {file, reason: String((error as NodeJS.ErrnoException).code)});
  }
}
