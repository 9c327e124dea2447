import {existsSync} from 'node:fs';
import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Writable} from 'node:stream';
import {environmentOf, isLoopback} from '../../core/environments.ts';
import {DougongError} from '../../core/errors.ts';
import type {NoticeStore} from '../../journal/notices.ts';
import type {Listener, ListenTools} from '../../listen/engine.ts';
import type {ListenEvent} from '../../listen/events.ts';
import type {Tunnel} from '../../listen/tunnel/tunnel.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context} from '../context.ts';
import {choice, duration, leaf, list, value} from '../flags.ts';
import {toJson} from '../io/streams.ts';
import {listen} from '../messages/listen.ts';
import {summaries} from '../messages/summaries.ts';
import {resolveProfile} from '../profile/resolve.ts';
import {addReachFlags, makeReach, type ReachFlags} from './listen-reach.ts';
import {readTargets} from './listen-targets.ts';
import {makeAsk, readExpected, shellRunner} from './listen-tools.ts';
import {openStore, ownMerchants, readNoticeKeys} from './notices-store.ts';

interface ListenFlags extends ReachFlags {
  port?: number;
  host?: string;
  webhookKeyFile?: string[];
  merchants?: string[];
  acceptUnverified?: boolean;
  forwardTo?: string[];
  forwardTimeout?: number;
  ack?: 'auto' | 'relay';
  retry?: number;
  pairTimeout?: number;
  crossCheck?: boolean;
  expect?: string;
  missedAfter?: number;
  exec?: string;
  once?: boolean;
  printNotifyUrl?: boolean;
}

/** The ports Huifu calls; checkNotifyUrl holds the same. */
const PORTS = Array.from({length: 1006}, (_, at) => 8000 + at);
const TICK_MS = 200;
const BUSY_MS = 100;
const DAY_MS = 86_400_000;
const PRUNE_AFTER_MS = 60_000;

const number = (max: number) => (text: string, flag: string) => {
  if (!/^\d{1,5}$/.test(text) || Number(text) > max)
    throw new DougongError('usage', 'FLAG_INVALID', {flag, value: text, choices: `0-${max}`});
  return Number(text);
};

export function addListen(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program.command('listen').description(t(summaries.listen)) as DougongCommand;
  command
    .addOption(value('--port <port>', t(listen.port), number(65_535)))
    .addOption(value('--host <address>', t(listen.host)))
    .addOption(list('--forward-to <url>', t(listen.forwardTo)))
    .addOption(duration('--forward-timeout <time>', t(listen.forwardTimeout)))
    .addOption(choice('--ack <who>', t(listen.ack), ['auto', 'relay']))
    .addOption(value('--retry <n>', t(listen.retry), number(20)))
    .addOption(list('--merchants <ids>', t(listen.merchants)))
    .addOption(list('--webhook-key-file <file>', t(listen.webhookKeyFile)))
    .option('--accept-unverified', t(listen.acceptUnverified))
    .addOption(duration('--pair-timeout <time>', t(listen.pairTimeout)))
    .option('--cross-check', t(listen.crossCheck))
    .addOption(value('--expect <file>', t(listen.expect)))
    .addOption(duration('--missed-after <time>', t(listen.missedAfter)))
    .addOption(value('--exec <command>', t(listen.exec)))
    .option('--once', t(listen.once))
    .option('--print-notify-url', t(listen.printNotifyUrl));
  addReachFlags(command, ctx);
  leaf<ListenFlags>(command, ctx, 'dougong listen --forward-to http://localhost:3000/notify', async flags =>
    flags.printNotifyUrl ? printUrl(ctx, flags) : run(ctx, flags),
  );
}

async function run(ctx: Context, flags: ListenFlags): Promise<void> {
  const {world, io} = ctx;
  const targets = readTargets(flags.forwardTo ?? []);
  const profile = await resolveProfile(world, ctx.stateDir, flags.profile);
  const environment = environmentOf(profile.base_url);
  const [{startListener}, {eventJson, eventLine}, {makeStatusLine}, keys, store, reach] = await Promise.all([
    import('../../listen/engine.ts'),
    import('../io/notices.ts'),
    import('../io/status-line.ts'),
    readNoticeKeys(ctx, profile, flags.webhookKeyFile ?? []),
    openStore(ctx, {busyTimeout: BUSY_MS}),
    makeReach(ctx, flags),
  ]);
  const line = makeStatusLine(world, world.isTTY.stderr && !io.json && flags.quiet !== true);
  let listener: Listener | undefined;
  let tunnel: Tunnel | undefined;
  let finished: () => void = () => {};
  const first = new Promise<void>(resolve => {
    finished = resolve;
  });
  const drawn: ListenEvent[] = [];
  const draw = () => {
    // One write for all that came in one turn of the loop: under load the lines must not cost more than the messages.
    const stdout = world.stdout as Partial<Writable>;
    stdout.cork?.();
    line.above(() => {
      for (const event of drawn.splice(0)) {
        const shown = io.json ? undefined : eventLine(ctx, event);
        if (io.json) io.row(eventJson(event), () => '');
        else if (shown?.level === 'data') io.row(event, () => shown.line);
        else if (shown?.level === 'warn') io.warn(shown.line);
        else if (shown) io.note(shown.line);
      }
    });
    stdout.uncork?.();
    if (listener) line.set(statusText(ctx, listener, tunnel));
  };
  const emit = (event: ListenEvent) => {
    if (drawn.push(event) === 1) setImmediate(draw);
    if (flags.once && event.type === 'message' && event.notice.verdict === 'ok') finished();
    if (event.type === 'tunnel-ready' || event.type === 'tunnel-back') reachedBy(event.url);
    else if (event.type === 'tunnel-moved') reachedBy(event.to);
  };
  let reachedBy: (url: string) => void = () => {};
  const watch = flags.expect !== undefined || flags.missedAfter !== undefined;
  const ask = flags.crossCheck || watch ? await makeAsk(ctx) : undefined;
  const tools: ListenTools = {
    store,
    now: world.now,
    sleep: world.sleep,
    emit,
    ...(ask && {ask}),
    ...(flags.exec && {execute: await shellRunner(flags.exec, world)}),
  };
  // The journal may be made after the listener started, by the first order.
  const openKnown = async () => {
    if (tools.journal || !existsSync(ctx.journalFile)) return;
    const {openJournal} = await import('../../journal/sqlite.ts');
    const journal = await openJournal(ctx.journalFile, {now: world.now});
    if (tools.journal) return journal.close();
    tools.journal = journal;
    ctx.atEnd(() => journal.close());
  };
  await openKnown();
  const expected = flags.expect === undefined ? [] : await readExpected(ctx, flags.expect, profile);
  listener = await startListener(
    {
      host: flags.host ?? '127.0.0.1',
      ports: flags.port === undefined ? PORTS : [flags.port],
      environment,
      profile: profile.name,
      merchants: ownMerchants(ctx, profile, flags.merchants),
      keys,
      webhookPath: '/webhook',
      acceptUnverified: flags.acceptUnverified === true,
      targets,
      ack: flags.ack ?? 'auto',
      retry: flags.retry ?? 3,
      forwardTimeout: flags.forwardTimeout ?? 10_000,
      pairTimeout: flags.pairTimeout ?? 120_000,
      crossCheck: flags.crossCheck === true,
      intercept: reach.intercept,
    },
    tools,
  );
  const {url} = listener;
  const file = runFile(ctx, profile.name);
  const started = {type: 'listening', at: world.now(), url, profile: profile.name, environment, pid: world.pid};
  let timer: NodeJS.Timeout | undefined;
  try {
    await rm(file, {force: true});
    const note = (notify_url: string) => writeFile(file, toJson({...started, notify_url}), {mode: 0o600});
    await note(`${url}/`);
    // What --print-notify-url gives to scripts: the way that was proved last.
    reachedBy = found => {
      note(`${found}/`).catch(error => emit({type: 'fault', at: world.now(), error}));
    };
    if (io.json) io.row(started, () => '');
    else io.note(ctx.say(listen.listening, {url, profile: profile.name, environment}));
    if (flags.acceptUnverified) io.warn(ctx.t(listen.unverifiedWarning));
    const {elsewhere} = store.outbox({
      environment,
      profile: profile.name,
      targets: targets.map(target => target.url),
    });
    if (elsewhere > 0) io.warn(ctx.say(listen.held, {count: String(elsewhere)}));
    tunnel = await reach.open({host: listener.host, port: listener.port}, emit);
    if (!tunnel && !isLoopback(profile.base_url)) io.note(ctx.t(listen.localOnly));
    let missed: {tick(): Promise<void>} | undefined;
    if (ask && watch) {
      const {Missed} = await import('../../listen/confirm.ts');
      const scope = {environment, profile: profile.name, missedAfter: flags.missedAfter ?? 600_000};
      missed = new Missed(scope, {...tools, ask, journal: () => tools.journal}, expected);
    }
    line.set(statusText(ctx, listener, tunnel));
    const running = listener;
    let prunedAt = world.now() - DAY_MS + PRUNE_AFTER_MS;
    timer = setInterval(() => {
      running.tick();
      openKnown().catch(error => emit({type: 'fault', at: world.now(), error}));
      if (world.now() >= prunedAt + DAY_MS) {
        prunedAt = world.now();
        pruneKept(store, prunedAt, emit);
      }
      tunnel?.tick();
      missed?.tick().catch(error => emit({type: 'fault', at: world.now(), error}));
    }, TICK_MS);
    await Promise.race([aborted(world.signal), first, ...(tunnel ? [tunnel.lost] : [])]);
  } finally {
    clearInterval(timer);
    await tunnel?.stop();
    await listener.stop();
    draw();
    line.clear();
    await rm(file, {force: true});
  }
  const {received, verified, forwarded} = listener.counts;
  const said = {received: String(received), verified: String(verified), forwarded: String(forwarded)};
  io.note(ctx.say(listen.stopped, said));
}

/** What is kept of persons has its time; a store that cannot be written now is tried again tomorrow. */
function pruneKept(store: NoticeStore, now: number, emit: (event: ListenEvent) => void): void {
  try {
    store.prune({bodies: now - 90 * DAY_MS, rows: now - 400 * DAY_MS}, false);
  } catch (error) {
    emit({type: 'fault', at: now, error: error as Error});
  }
}

function statusText(ctx: Context, {url, counts}: Listener, tunnel: Tunnel | undefined): string {
  const word = (count: number) => String(count);
  return ctx.say(listen.status, {
    url: tunnel?.url ?? url,
    received: word(counts.received),
    verified: word(counts.verified),
    forwarded: word(counts.forwarded),
    failed: word(counts.failed),
    tunnel: tunnel ? (tunnel.url === undefined ? '  ✗' : '  ✓') : '',
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), {once: true});
  });
}

function runFile(ctx: Context, profile: string): string {
  return join(ctx.stateDir, `listen-${profile}.json`);
}

/** The notify_url of the listener that runs under this profile; else the one that these flags would give. */
async function printUrl(ctx: Context, flags: ListenFlags): Promise<void> {
  const profile = await resolveProfile(ctx.world, ctx.stateDir, flags.profile);
  const running = await readFile(runFile(ctx, profile.name), 'utf8').then(
    text => JSON.parse(text) as {notify_url: string},
    () => undefined,
  );
  const given = flags.publicUrl === undefined ? undefined : `${flags.publicUrl.replace(/\/+$/, '')}/`;
  const notify_url = given ?? running?.notify_url ?? `http://127.0.0.1:${flags.port ?? PORTS[0]}/`;
  ctx.io.data({result: {notify_url, running: running !== undefined}}, () => notify_url);
}
