import type {DougongCommand} from '../commander.ts';
import type {Context, Text} from '../context.ts';
import {summaries} from '../messages/summaries.ts';

type Add = (program: DougongCommand, ctx: Context) => void;

/** Every command, in the order of `dougong --help`; its file is loaded only when it is the one that runs. */
const commands: Record<keyof typeof summaries, () => Promise<Add>> = {
  pay: async () => (await import('./pay.ts')).addPay,
  query: async () => (await import('./query.ts')).addQuery,
  refund: async () => (await import('./refund.ts')).addRefund,
  close: async () => (await import('./close.ts')).addClose,
  balance: async () => (await import('./balance.ts')).addBalance,
  'check-config': async () => (await import('./check-config.ts')).addCheckConfig,
  'user-id': async () => (await import('./identity.ts')).addUserId,
  openid: async () => (await import('./identity.ts')).addOpenid,
  journal: async () => (await import('./journal.ts')).addJournal,
  bill: async () => (await import('./bill.ts')).addBill,
  listen: async () => (await import('./listen.ts')).addListen,
  privacy: async () => (await import('./journal-keep.ts')).addPrivacy,
  notify: async () => (await import('./notify.ts')).addNotify,
  explain: async () => (await import('./explain.ts')).addExplain,
  init: async () => (await import('./init.ts')).addInit,
  profile: async () => (await import('./profile.ts')).addProfile,
  key: async () => (await import('./key.ts')).addKey,
  sandbox: async () => (await import('./sandbox.ts')).addSandbox,
};

/** Adds the wanted command whole and the others by name; all of them whole for 'all'. */
export async function addCommands(program: DougongCommand, ctx: Context, wanted: string | undefined): Promise<void> {
  for (const [name, load] of Object.entries(commands)) {
    if (wanted === 'all' || wanted === name) (await load())(program, ctx);
    else program.command(name).description(ctx.t(summaries[name as keyof typeof summaries] as Text));
  }
}
