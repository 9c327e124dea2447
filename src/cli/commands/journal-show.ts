import {existsSync} from 'node:fs';
import {beijingClock} from '../../core/beijing.ts';
import type {Notice} from '../../journal/notices.ts';
import type {Intent, Store} from '../../journal/store.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {leaf} from '../flags.ts';
import {plain} from '../io/streams.ts';
import {maskPersonal} from '../io/trace.ts';
import {journal} from '../messages/money.ts';
import {findIntents} from './journal-keep.ts';
import {noticesFile, openStore} from './notices-store.ts';

interface ShowFlags extends GlobalFlags {
  showPersonal?: boolean;
}

/** `journal show`: one timeline of all that happened to a payment, its notifications among it. */
export function addShow(group: DougongCommand, ctx: Context, open: () => Promise<Store>): void {
  const {t} = ctx;
  const show = group.command('show').argument('<id>').description(t(journal.show)) as DougongCommand;
  show.option('--show-personal', t(journal.showPersonal));
  leaf<ShowFlags>(show, ctx, 'dougong journal show 20261124…', async (flags, id = '') => {
    const store = await open();
    const named = await storyOf(store, id);
    const story = await Promise.all(named.map(async intent => ({intent, events: await store.events(intent.id)})));
    const told = await noticesOf(ctx, named);
    const {intentJson, intentsTable} = await import('../io/intents.ts');
    const table = await intentsTable(ctx, named);
    const steps = story.flatMap(({intent, events}) => {
      const of = `${t(journal.kinds[intent.kind])} ${intent.req_seq_id.slice(0, 20)}`;
      return events.map(({at, what, detail}): Step => ({at, of, what, detail}));
    });
    // The journal's order decides within a moment.
    const lines = [...steps, ...told.map(notice => stepOf(notice, t(journal.notice)))]
      .sort((a, b) => a.at - b.at)
      .map(({at, of, what, detail}) => {
        const said = detail ? `  ${plain(flags.showPersonal ? detail : maskPersonal(detail))}` : '';
        return `${beijingClock(at)}  ${plain(of)}  ${plain(what)}${said}`;
      });
    const more = ({text, answer}: Intent) => (flags.showPersonal ? {text, answer} : {});
    const result = story.map(({intent, events}) => ({...intentJson(intent), ...more(intent), events}));
    const notices = told.map(({id: number, at, times, facts}) => ({id: number, at, times, ...facts}));
    ctx.io.data({result, ...(notices.length > 0 && {notices})}, () => [table(), ...lines].join('\n'));
  });
}

interface Step {
  at: number;
  of: string;
  what: string;
  detail?: string;
}

/** Everything of the payments that an id names: the order, its refunds, its closes. */
async function storyOf(store: Store, id: string): Promise<Intent[]> {
  const found = await findIntents(store, id);
  const whole = await Promise.all(found.map(({payment}) => store.list({payment})));
  const all = [...whole.flat(), ...found];
  const unique = all.filter((one, at) => all.findIndex(({id: other}) => other === one.id) === at);
  return unique.sort((a, b) => a.created_at - b.created_at);
}

/** The genuine notifications about these payments, where the listener keeps any on this machine. */
async function noticesOf(ctx: Context, intents: Intent[]): Promise<Notice[]> {
  if (!existsSync(noticesFile(ctx))) return [];
  const store = await openStore(ctx);
  const keys = intents.flatMap(({environment, huifu_id, payment, req_date, req_seq_id, hf_seq_id}) => [
    payment,
    {environment, huifu_id, req_date, req_seq_id, hf_seq_id},
  ]);
  const found = new Map(keys.flatMap(key => store.ofPayment(key)).map(notice => [notice.id, notice]));
  return [...found.values()].sort((a, b) => a.at - b.at);
}

function stepOf({id, at, facts, times}: Notice, word: string): Step {
  const {kind, trans_stat, amount, hf_seq_id} = facts;
  const detail = [`#${id}`, trans_stat, amount, hf_seq_id, times > 1 && `x${times}`].filter(Boolean).join(' ');
  return {at, of: word, what: kind, detail};
}
