import type {Data} from '../../core/wire.ts';
import type {Context, Text} from '../context.ts';
import {fields, states} from '../messages/fields.ts';
import {plain} from './streams.ts';
import {maskPersonal} from './trace.ts';

/** One answer as lines: what matters first, unknown fields last under their own names, none hidden. */
export function recordText(ctx: Context, kind: 'payment' | 'refund' | 'close', data: Data): string {
  const known = Object.keys(fields).filter(
    name => data[name] !== undefined && data[name] !== '' && data[name] !== null,
  );
  const other = Object.keys(data).filter(name => !(name in fields) && data[name] !== '' && data[name] !== null);
  const lines = [
    ...known.map(name => [ctx.t(fields[name]!), shown(ctx, kind, name, text(data[name]))] as const),
    ...other.map(name => [name, maskValue(name, text(data[name]))] as const),
  ];
  const width = Math.max(...lines.map(([label]) => widthOf(label)));
  return lines.map(([label, value]) => `${label}${' '.repeat(width - widthOf(label))}  ${value}`).join('\n');
}

const PERSONAL = new Set(['openid', 'sub_openid', 'wx_user_id', 'buyer_logon_id', 'buyer_id', 'user_id']);

function maskValue(name: string, value: string): string {
  if (PERSONAL.has(name)) return plain(value.length > 6 ? `${value.slice(0, 2)}***${value.slice(-2)}` : '***');
  return plain(maskPersonal(value));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shown(ctx: Context, kind: 'payment' | 'refund' | 'close', name: string, value: string): string {
  const words: Record<string, Text> =
    name === 'trans_stat'
      ? states[kind]
      : name === 'org_trans_stat'
        ? states.payment
        : name === 'acct_stat'
          ? states.acct
          : {};
  const word = words[value];
  if (!word) return plain(value);
  const paint = value === 'S' ? ctx.io.out.green : value === 'F' ? ctx.io.out.red : ctx.io.out.yellow;
  return `${paint(`${value} ${ctx.t(word)}`)}`;
}

/** Columns a text takes in a terminal: CJK letters take two. */
export function widthOf(word: string): number {
  let width = 0;
  for (const c of word)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(c)
      ? 2
      : 1;
  return width;
}
