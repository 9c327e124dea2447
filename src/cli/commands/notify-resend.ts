import {DougongError} from '../../core/errors.ts';
import type {Notice, NoticeStore} from '../../journal/notices.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {leaf, list, value} from '../flags.ts';
import {plain} from '../io/streams.ts';
import {frame} from '../messages/frame.ts';
import {ackVerdicts, listen, noticeKinds} from '../messages/listen.ts';
import {notify} from '../messages/notify.ts';
import {resolveProfile} from '../profile/resolve.ts';
import {readTargets} from './listen-targets.ts';
import {openStore, ownMerchants, readNoticeKeys} from './notices-store.ts';
import {count, type FilterFlags, filters, toFilter} from './notify.ts';

interface ResendFlags extends FilterFlags {
  forwardTo: string;
  forwardTimeout?: number;
  dryRun?: boolean;
  max?: number;
  yes?: boolean;
}

interface VerifyFlags extends FilterFlags {
  all?: boolean;
  forwardTo?: string;
  merchants?: string[];
  webhookKeyFile?: string[];
}

const MAX_RESENT = 100;
const TIMEOUT_MS = 10_000;

const oneTarget = (text: string, flag: string) => readTargets([text], flag)[0]!.url;

export function addResend(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = group.command('resend').argument('[ids...]').description(t(notify.resend)) as DougongCommand;
  command.addOption(value('--forward-to <url>', t(notify.to), oneTarget).makeOptionMandatory());
  filters(command, ctx)
    .addOption(value('--max <n>', t(notify.max), count))
    .option('--dry-run', t(notify.dryRun))
    .option('--yes', t(frame.yes));
  leaf<ResendFlags>(
    command,
    ctx,
    'dougong notify resend 17 --forward-to http://localhost:3000/notify',
    async (flags, ...ids) => {
      const store = await openStore(ctx);
      const chosen = choose(ctx, store, flags, ids);
      const max = flags.max ?? MAX_RESENT;
      if (chosen.length > max)
        throw new DougongError('usage', 'RESEND_MANY', {count: String(chosen.length), max: String(max)});
      if (chosen.length === 0) return ctx.io.note(t(notify.empty));
      if (flags.dryRun) return preview(ctx, chosen, flags.forwardTo);
      const params = {count: String(chosen.length), target: plain(flags.forwardTo)};
      if (chosen.length > 1 && !flags.yes && !(await ctx.io.confirm(ctx.say(notify.confirm, params))))
        throw new DougongError('interrupted', 'NOT_CONFIRMED');
      await send(ctx, store, chosen, flags.forwardTo);
    },
  );
}

/** The messages named, else those selected; a selection takes genuine ones unless --verdict says otherwise. */
function choose(ctx: Context, store: NoticeStore, flags: FilterFlags, ids: readonly string[]): Notice[] {
  if (ids.length > 0) {
    return ids.map(id => {
      const notice = store.get(id);
      if (!notice) throw new DougongError('usage', 'NOTICE_UNKNOWN', {id});
      return notice;
    });
  }
  const {kind, state, since, hfSeqId, reqSeqId, verdict} = flags;
  if ([kind, state, since, hfSeqId, reqSeqId, verdict].every(flag => flag === undefined))
    throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '<id> | --since | --kind | …'});
  return store.list({...toFilter(ctx, flags), verdict: flags.verdict ?? 'ok'});
}

async function preview(ctx: Context, chosen: readonly Notice[], target: string): Promise<void> {
  const {noticeJson, numberOf} = await import('../io/notices.ts');
  for (const notice of chosen) {
    const params = {
      id: notice.id,
      kind: ctx.t(noticeKinds[notice.facts.kind]),
      number: numberOf(notice),
      target: plain(target),
    };
    ctx.io.row({...noticeJson(notice), target, dry_run: true}, () => ctx.say(notify.would, params));
  }
}

async function send(ctx: Context, store: NoticeStore, chosen: readonly Notice[], target: string): Promise<void> {
  const [{resendNotice}, {createSender}] = await Promise.all([
    import('../../listen/resend.ts'),
    import('../../listen/forward.ts'),
  ]);
  const sender = createSender(ctx.flags.httpTimeout ?? TIMEOUT_MS);
  let failed = 0;
  try {
    for (const {id} of chosen) {
      if (ctx.world.signal.aborted) throw new DougongError('interrupted', 'INTERRUPTED');
      const sent = await resendNotice(store, sender, id, target);
      if (!sent.taken) failed += 1;
      const params = {
        id,
        status: sent.status === 0 ? plain(sent.answer) : String(sent.status),
        ms: String(Math.round(sent.ms)),
        ack: ctx.t(ackVerdicts[sent.ack]),
      };
      ctx.io.row({...sent, ms: Math.round(sent.ms)}, () => ctx.say(notify.sent, params));
    }
  } finally {
    sender.close();
  }
  if (failed > 0) throw new DougongError('refused', 'RESEND_FAILED', {count: String(failed), target: plain(target)});
}

export function addVerify(group: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = group.command('verify').argument('[ids...]').description(t(notify.verify)) as DougongCommand;
  filters(command, ctx)
    .option('--all', t(notify.all))
    .addOption(value('--forward-to <url>', t(notify.forwardTo), oneTarget))
    .addOption(list('--merchants <ids>', t(listen.merchants)))
    .addOption(list('--webhook-key-file <file>', t(listen.webhookKeyFile)));
  leaf<VerifyFlags & GlobalFlags>(command, ctx, 'dougong notify verify --all', async (flags, ...ids) => {
    const {reverifyNotices} = await import('../../listen/resend.ts');
    const profile = await resolveProfile(ctx.world, ctx.stateDir, flags.profile);
    const keys = await readNoticeKeys(ctx, profile, flags.webhookKeyFile ?? []);
    const store = await openStore(ctx);
    const chosen = flags.all
      ? store.list({profile: flags.profile})
      : choose(ctx, store, {...flags, verdict: flags.verdict ?? (ids.length > 0 ? undefined : 'bad_signature')}, ids);
    const {results, erased} = reverifyNotices(
      store,
      chosen.map(({id}) => id),
      keys,
      ownMerchants(ctx, profile, flags.merchants),
    );
    for (const {id, before, after, notice} of results)
      ctx.io.row({id, before, after, kept_as: notice.id, foreign: notice.foreign}, () =>
        ctx.say(notify.reverified, {id, before, after}),
      );
    const changed = results.filter(one => one.before !== 'ok' && one.after === 'ok');
    const bad = results.filter(one => one.after !== 'ok');
    const words = {
      ok: String(results.length - bad.length),
      changed: String(changed.length),
      bad: String(bad.length),
      erased: String(erased.length),
    };
    ctx.io.note(ctx.say(notify.verified, words));
    const ours = changed.map(({notice}) => notice).filter(notice => !notice.foreign);
    const target = ours.length === 0 ? undefined : (flags.forwardTo ?? (await offer(ctx, ours.length)));
    if (target) await send(ctx, store, ours, target);
    if (bad.length > 0) throw new DougongError('signature', 'NOTICES_INVALID', {count: String(bad.length)});
  });
}

/** Asks a person where messages that verify now should go; elsewhere nobody is asked and nothing is sent. */
async function offer(ctx: Context, number: number): Promise<string | undefined> {
  if (!ctx.io.canAsk) return undefined;
  const answer = await ctx.io.ask(ctx.say(notify.askForward, {count: String(number)}), {
    validate: text => (text === '' || URL.canParse(text) ? undefined : 'http(s)://…'),
  });
  return answer === '' ? undefined : oneTarget(answer, '--forward-to');
}
