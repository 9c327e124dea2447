import type {NoticeKeys} from '../core/notice.ts';
import type {NewNotice, Notice, NoticeStore} from '../journal/notices.ts';
import type {Store} from '../journal/store.ts';
import {type Ask, crossCheck} from './confirm.ts';
import {type Counts, type Emit, type ListenEvent, noCounts} from './events.ts';
import {Forwarder, type ForwardTarget, targetsFor} from './forward.ts';
import {compareWithJournal} from './intent.ts';
import {Keeper} from './keep.ts';
import {Pairs} from './pair.ts';
import {verdictOf} from './resend.ts';
import {type Reply, type Request, startServer} from './server.ts';

export interface ListenOptions {
  host: string;
  /** Tried in this order. */
  ports: readonly number[];
  environment: string;
  profile: string;
  /** The merchants whose messages are ours. */
  merchants: ReadonlySet<string>;
  keys: NoticeKeys;
  /** Where console Webhooks arrive; everything else is notify_url. */
  webhookPath: string;
  /** Keep and acknowledge what is not genuine. */
  acceptUnverified: boolean;
  targets: readonly ForwardTarget[];
  /** auto: answer for the handler; relay: the first target's answer is ours. */
  ack: 'auto' | 'relay';
  /** Further tries of a forward that failed. */
  retry: number;
  /** Milliseconds for a handler to answer. */
  forwardTimeout: number;
  /** Milliseconds until a traded payment without its booking is told. */
  pairTimeout: number;
  maxBody?: number;
  /** Milliseconds for a request to arrive. */
  requestTimeout?: number;
  /** Ask the gateway about every final state. */
  crossCheck: boolean;
  /** Answers ahead of the messages: the echo of the tunnel's probe. */
  intercept?: (request: {method: string; url: string}) => string | undefined;
}

export interface ListenTools {
  store: NoticeStore;
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  emit: Emit;
  /** The money journal, where there is one. */
  journal?: Store;
  /** Signed queries, for the cross-check. */
  ask?: Ask;
  /** --exec: runs the user's command with the message on stdin; gives its exit code. */
  execute?: (notice: Notice) => Promise<number>;
}

export interface Listener {
  host: string;
  port: number;
  /** e.g. http://127.0.0.1:8000 */
  url: string;
  counts: Counts;
  /** Does what is due by the clock: retries, pairs that did not come. Called a few times a second. */
  tick(): void;
  /** Resolves when nothing that arrived still waits for anything. */
  idle(): Promise<void>;
  /** Stops accepting, finishes what is in flight; the store stays open. */
  stop(): Promise<void>;
}

const MAX_BODY = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
/** Headers of the platform's request that a handler may read. */
const KEPT_HEADERS = ['content-type', 'charset', 'user-agent', 'accept'];
/** Unverified messages that wait to be kept; past it they are only counted. */
const MAX_UNVERIFIED = 200;

/**
 * Starts listening: reads, verifies, keeps durably, only then acknowledges; forwards, pairs and checks afterwards.
 *
 * @throws DougongError `local` PORT_IN_USE, LISTEN_FAILED.
 * @see docs/listen.md
 */
export async function startListener(options: ListenOptions, tools: ListenTools): Promise<Listener> {
  const counts = noCounts();
  const tasks = new Set<Promise<void>>();
  const emit = (event: ListenEvent) => {
    count(counts, event);
    tools.emit(event);
  };
  const fault = (error: unknown) => emit({type: 'fault', at: tools.now(), error: error as Error});
  const follow = (task: Promise<void>) => {
    const followed = task.catch(fault).finally(() => tasks.delete(followed));
    tasks.add(followed);
  };
  let failedSince: number | undefined;
  const forwarder = new Forwarder(
    {...options, retry: options.ack === 'relay' ? 0 : options.retry},
    {...tools, emit, note: result => keeper.note(result)},
  );
  const keeper = new Keeper(tools.store, {
    kept(results) {
      if (failedSince !== undefined) emit({type: 'store-back', at: tools.now(), awayMs: tools.now() - failedSince});
      failedSince = undefined;
      forwarder.committed(results);
      forwarder.pump();
    },
    failed(error) {
      if (failedSince === undefined) emit({type: 'store-failed', at: tools.now(), error});
      failedSince ??= tools.now();
    },
  });
  const pairs = new Pairs(options, {store: tools.store, now: tools.now, emit});
  let unverified = 0;

  async function receive(request: Request): Promise<Reply> {
    const at = tools.now();
    const path = request.url.split('?', 1)[0];
    const channel = path === options.webhookPath ? 'webhook' : 'notify';
    const from = {contentType: request.headers['content-type'], url: request.url, channel} as const;
    const {ack, ...found} = verdictOf(request.body, from, options.keys, options.merchants);
    const {verdict, reason, facts, foreign} = found;
    const genuine = verdict === 'ok';
    const fresh: NewNotice = {
      at,
      environment: options.environment,
      profile: options.profile,
      channel,
      method: request.method,
      url: request.url.slice(0, 2048),
      headers: Object.fromEntries(
        KEPT_HEADERS.flatMap(name => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]])),
      ),
      body: request.body,
      ...found,
      targets: genuine && !foreign ? targetsFor(options.targets, facts.kind) : [],
    };
    const ms = () => performance.now() - request.begun;
    if (!genuine && !options.acceptUnverified) {
      const status = verdict === 'malformed' ? 400 : 401;
      emit({type: 'refused', at, status, why: verdict, verdict, ...(reason && {reason}), facts, ms: ms()});
      if (unverified < MAX_UNVERIFIED) {
        unverified += 1;
        // Kept apart as evidence; nobody waits for it, and a failure shows as store-failed.
        follow(
          keeper
            .keep(fresh)
            .then(
              () => undefined,
              () => undefined,
            )
            .finally(() => (unverified -= 1)),
        );
      }
      return {status, body: ''};
    }
    let kept: Awaited<ReturnType<Keeper['keep']>>;
    try {
      kept = await keeper.keep(fresh);
    } catch {
      emit({type: 'refused', at, status: 503, why: 'store', verdict, facts, ms: ms()});
      return {status: 503, body: ''};
    }
    const {notice} = kept;
    const relayed = genuine && options.ack === 'relay' ? fresh.targets[0] : undefined;
    if (!kept.fresh && fresh.targets.length > 0) forwarder.again(notice.id);
    const reply =
      relayed === undefined
        ? {status: 200, body: ack ?? ackOf(facts.req_seq_id, channel)}
        : await forwarder.answerOf(notice.id, relayed);
    emit({type: 'message', at, notice, fresh: kept.fresh, status: reply.status, ms: ms()});
    if (genuine && !foreign) follow(after(notice, kept.fresh));
    return reply;
  }

  async function after(notice: Notice, fresh: boolean): Promise<void> {
    pairs.take(notice, fresh);
    if (!fresh) return;
    if (tools.journal) await compareWithJournal(tools.journal, notice, {now: tools.now, emit});
    if (tools.execute) {
      const begun = performance.now();
      const code = await tools.execute(notice);
      emit({type: 'executed', at: tools.now(), notice, code, ms: performance.now() - begun});
    }
    if (options.crossCheck && tools.ask)
      await crossCheck(tools.ask, notice, {now: tools.now, sleep: tools.sleep, emit});
  }

  const server = await startServer({
    host: options.host,
    ports: options.ports,
    maxBody: options.maxBody ?? MAX_BODY,
    requestTimeout: options.requestTimeout ?? REQUEST_TIMEOUT_MS,
    intercept: options.intercept,
    receive,
    refused: (status, why) => emit({type: 'refused', at: tools.now(), status, why, ms: 0}),
    fault,
  });
  forwarder.pump();
  // What waits from before can wait a little longer: the first message must not.
  let resumed = false;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  const idle = async () => {
    do {
      keeper.flush();
      await Promise.all([...tasks, forwarder.idle()]);
      keeper.flush();
    } while (tasks.size > 0 || forwarder.flying > 0);
  };
  return {
    host: server.host,
    port: server.port,
    url: `http://${host}:${server.port}`,
    counts,
    tick() {
      forwarder.pump();
      if (!resumed) pairs.resume();
      resumed = true;
      pairs.tick();
    },
    idle,
    async stop() {
      await server.close();
      forwarder.stop();
      await idle();
      keeper.flush();
      forwarder.close();
    },
  };
}

/** The acknowledgement of a message that did not verify but is taken all the same. */
function ackOf(req_seq_id: string | undefined, channel: string): string {
  if (channel === 'webhook' || !/^[\x21-\x7e]{1,128}$/.test(req_seq_id ?? '')) return '';
  return `RECV_ORD_ID_${req_seq_id}`;
}

function count(counts: Counts, event: ListenEvent): void {
  if (event.type === 'message') {
    counts.received += 1;
    if (event.notice.verdict === 'ok') counts.verified += 1;
    else counts.invalid += 1;
    if (!event.fresh) counts.again += 1;
    if (event.notice.conflictOf !== undefined) counts.conflicts += 1;
    if (event.notice.foreign) counts.foreign += 1;
  } else if (event.type === 'refused' && event.verdict !== undefined) {
    counts.received += 1;
    if (event.verdict !== 'ok') counts.invalid += 1;
  } else if (event.type === 'forwarded') {
    if (!event.again)
      counts[
        event.ack === 'exact' || event.ack === 'other-body' || (event.ack === 'slow' && event.status < 300)
          ? 'forwarded'
          : 'failed'
      ] += 1;
  } else if (event.type === 'missed') counts.missed += 1;
}
