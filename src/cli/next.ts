import type {Next} from '../core/errors.ts';
import type {Context} from './context.ts';

/** The next command as a line to type, with the profile and merchant of this run. */
export function nextLine(ctx: Context, {verb, flags = {}}: Next): string {
  const all: Record<string, string | true> = {
    ...flags,
    ...(ctx.flags.profile && {profile: ctx.flags.profile}),
    ...(ctx.flags.huifuId && {huifu_id: ctx.flags.huifuId}),
  };
  const words = Object.entries(all).map(([name, value]) => {
    const flag = `--${name.replaceAll('_', '-')}`;
    return value === true ? flag : `${flag} ${quote(value)}`;
  });
  return ['dougong', verb, ...words].join(' ');
}

function quote(word: string): string {
  return /^[\w.:/=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
