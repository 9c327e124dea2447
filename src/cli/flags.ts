import {Option} from 'commander';
import {parseYuan} from '../core/amount.ts';
import {beijingInstant, beijingTime, readDay} from '../core/beijing.ts';
import {DougongError} from '../core/errors.ts';
import type {DougongCommand} from './commander.ts';
import type {Context, GlobalFlags} from './context.ts';
import {frame} from './messages/frame.ts';

type Read = (text: string, flag: string) => unknown;

/** A flag with one value: given twice, empty, blank, or having swallowed the next flag is exit 2. */
export function value(flags: string, description: string, read: Read = text => text): Option {
  const option = new Option(flags, description);
  const flag = option.long ?? flags;
  let seen = false;
  return option.argParser((text: string) => {
    if (seen) throw new DougongError('usage', 'FLAG_TWICE', {flag});
    seen = true;
    if (text.trim() === '') throw new DougongError('usage', 'FLAG_EMPTY', {flag});
    if (text.startsWith('--')) throw new DougongError('usage', 'FLAG_SWALLOWED', {flag, value: text});
    return read(text, flag);
  });
}

/** A flag that may be given several times, with one value each. */
export function list(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((text: string, before: string[] | undefined) => {
    if (text.trim() === '') throw new DougongError('usage', 'FLAG_EMPTY', {flag: option.long ?? flags});
    return [...(before ?? []), text];
  });
}

/** A Beijing day as yyyyMMdd or yyyy-MM-dd, kept as yyyyMMdd. */
export function day(flags: string, description: string): Option {
  return value(flags, description, (text, flag) => {
    const found = readDay(text);
    if (found === undefined) throw new DougongError('usage', 'DATE_INVALID', {flag, value: text});
    return found;
  });
}

/** Yuan, more than nothing, at most two decimals; kept as fen. */
export function amount(flags: string, description: string): Option {
  return value(flags, description, text => parseYuan(text, {positive: true}));
}

const UNITS: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/** "30s", "5m", "2d" in milliseconds. */
export function readDuration(text: string, flag: string): number {
  const match = /^([1-9]\d{0,5})(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new DougongError('usage', 'DURATION_INVALID', {flag, value: text});
  return Number(match[1]) * UNITS[match[2]!]!;
}

export function duration(flags: string, description: string): Option {
  return value(flags, description, readDuration);
}

/** A Beijing time (yyyyMMddHHmmss) or a span from now ("30m"); kept as yyyyMMddHHmmss. */
export function moment(flags: string, description: string, now: () => number): Option {
  return value(flags, description, (text, flag) => {
    if (/^\d{14}$/.test(text) && beijingInstant(text) !== undefined) return text;
    if (/^\d+[a-z]+$/.test(text)) return beijingTime(now() + readDuration(text, flag));
    throw new DougongError('usage', 'TIME_INVALID', {flag, value: text});
  });
}

/** A whole number within bounds. */
export function count(flags: string, description: string, least: number, most: number): Option {
  return value(flags, description, (text, flag) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most)
      throw new DougongError('usage', 'FLAG_INVALID', {flag, value: text, choices: `${least}-${most}`});
    return Number(text);
  });
}

/** --map name=HEADING, repeatable. */
export function mapping(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((text: string, before: Record<string, string> | undefined) => {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1) throw new DougongError('usage', 'DATA_INVALID', {value: text});
    return {...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim()};
  });
}

export function choice(flags: string, description: string, choices: readonly string[]): Option {
  return value(flags, `${description} (${choices.join(', ')})`, (text, flag) => {
    if (!choices.includes(text))
      throw new DougongError('usage', 'FLAG_INVALID', {flag, value: text, choices: choices.join(', ')});
    return text;
  });
}

/** Fields that a command sets or guards itself, and the flag that does. */
const GUARDED: Record<string, string> = {
  huifu_id: '--huifu-id',
  req_seq_id: '--req-seq-id',
  req_date: '-',
  trans_amt: '--amount',
  ord_amt: '--amount',
  notify_url: '--notify-url',
  org_hf_seq_id: '--hf-seq-id',
  org_req_seq_id: '--req-seq-id',
  org_req_date: '--req-date',
  org_party_order_id: '--party-order-id',
};

/** -d key=value: any further field by its wire name, one value each. */
export function data(ctx: Context): Option {
  const option = new Option('-d, --data <key=value>', ctx.t(frame.data));
  return option.argParser((text: string, before: Record<string, string> | undefined) => {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    if (at < 1 || !/^[a-z][a-z0-9_]*$/.test(name) || at === text.length - 1)
      throw new DougongError('usage', 'DATA_INVALID', {value: text});
    const flag = GUARDED[name] ?? (name.startsWith('org_') ? '-' : undefined);
    if (flag !== undefined) throw new DougongError('usage', 'DATA_GUARDED', {field: name, flag});
    if (before && name in before) throw new DougongError('usage', 'FLAG_TWICE', {flag: `-d ${name}`});
    return {...before, [name]: text.slice(at + 1)};
  });
}

/** The locators of a payment, on the commands that act on one. */
export function locators(
  command: DougongCommand,
  ctx: Context,
  more: {party?: boolean; out?: boolean} = {},
): DougongCommand {
  command
    .addOption(value('--hf-seq-id <id>', ctx.t(frame.hfSeqId)))
    .addOption(value('--req-seq-id <id>', ctx.t(frame.reqSeqId)))
    .addOption(day('--req-date <yyyyMMdd>', ctx.t(frame.reqDate)));
  if (more.party) command.addOption(value('--party-order-id <id>', ctx.t(frame.partyOrderId)));
  if (more.out) command.addOption(value('--out-ord-id <id>', ctx.t(frame.outOrdId)));
  return command;
}

export interface LocatorFlags {
  hfSeqId?: string;
  reqSeqId?: string;
  reqDate?: string;
  partyOrderId?: string;
  outOrdId?: string;
}

/** Exactly one locator; a req_seq_id with its date. */
export function toLocator(flags: LocatorFlags, options: {dated?: boolean} = {}): Record<string, string> {
  const given = [
    ['--hf-seq-id', flags.hfSeqId],
    ['--req-seq-id', flags.reqSeqId],
    ['--party-order-id', flags.partyOrderId],
    ['--out-ord-id', flags.outOrdId],
  ].filter(([, text]) => text !== undefined);
  if (given.length === 0) throw new DougongError('usage', 'LOCATOR_NONE');
  if (given.length > 1)
    throw new DougongError('usage', 'LOCATOR_SEVERAL', {flags: given.map(([flag]) => flag).join(', ')});
  if ((flags.reqSeqId || options.dated) && !flags.reqDate)
    throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--req-date'});
  const {
    hfSeqId: hf_seq_id,
    reqSeqId: req_seq_id,
    reqDate: req_date,
    partyOrderId: party_order_id,
    outOrdId: out_ord_id,
  } = flags;
  return Object.fromEntries(
    Object.entries({hf_seq_id, req_seq_id, req_date, party_order_id, out_ord_id}).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}

/** Makes a leaf: the globals, an example under --help, and the action, which finds ctx set up by the flags. */
export function leaf<Flags extends GlobalFlags>(
  command: DougongCommand,
  ctx: Context,
  example: string,
  action: (flags: Flags, ...args: string[]) => Promise<void>,
): DougongCommand {
  const {t} = ctx;
  command
    .addOption(value('--profile <name>', t(frame.profile)))
    .addOption(value('--huifu-id <id>', t(frame.huifuId)))
    .option('--json', t(frame.json))
    .addOption(choice('--lang <lang>', t(frame.lang), ['zh', 'en']))
    .option('--verbose', t(frame.verbose))
    .option('--quiet', t(frame.quiet))
    .option('--no-input', t(frame.noInput))
    .option('--no-color', t(frame.noColor))
    .addOption(duration('--http-timeout <time>', t(frame.httpTimeout)))
    .addOption(value('--ca-file <file>', t(frame.caFile)))
    .addOption(choice('--api-version <version>', t(frame.apiVersion), ['v2', 'v3', 'v4']))
    .addHelpText('after', `\n${t(frame.example)}\n  ${example}`)
    .action(async (...args: unknown[]) => {
      const self = args.at(-1) as DougongCommand;
      const flags = self.optsWithGlobals() as Flags;
      ctx.begin(flags);
      await action(flags, ...(self.args as string[]));
    });
  return command;
}
