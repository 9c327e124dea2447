import {Command, Help, type Option} from 'commander';
import {DougongError} from '../core/errors.ts';
import type {Context} from './context.ts';
import {frame} from './messages/frame.ts';

/** commander in two languages: its headings, and its errors as DougongError of kind usage. */
export class DougongCommand extends Command {
  readonly #ctx: Context;

  constructor(name: string, ctx: Context) {
    super(name);
    this.#ctx = ctx;
    this.helpOption('-h, --help', ctx.t(frame.help));
    this.helpCommand(false);
    this.exitOverride();
  }

  override createCommand(name: string): DougongCommand {
    return new DougongCommand(name, this.#ctx);
  }

  override createHelp(): Help {
    const {t} = this.#ctx;
    const titles: Record<string, string> = {
      'Usage:': t(frame.usage),
      'Options:': t(frame.options),
      'Commands:': t(frame.commands),
      'Arguments:': t(frame.arguments),
    };
    return Object.assign(new TwoLanguageHelp(titles), this.configureHelp());
  }

  missingArgument(name: string): never {
    throw new DougongError('usage', 'ARGUMENT_MISSING', {name});
  }

  optionMissingArgument(option: Option): never {
    throw new DougongError('usage', 'FLAG_MISSING_VALUE', {flag: option.long ?? option.flags});
  }

  missingMandatoryOptionValue(option: Option): never {
    throw new DougongError('usage', 'FLAG_REQUIRED', {flag: option.long ?? option.flags});
  }

  _conflictingOption(option: Option, other: Option): never {
    throw new DougongError('usage', 'FLAG_CONFLICT', {
      flag: option.long ?? option.flags,
      other: other.long ?? other.flags,
    });
  }

  unknownOption(flag: string): never {
    const [name] = this.args;
    if (!this.parent && name && !name.startsWith('-')) return this.unknownCommand();
    const known = this.options.map(option => option.long ?? '').filter(Boolean);
    throw new DougongError('usage', 'FLAG_UNKNOWN', {flag, near: nearest(flag, known)});
  }

  _excessArguments(received: string[]): never {
    if (!this.parent) return this.unknownCommand();
    throw new DougongError('usage', 'ARGUMENT_EXTRA', {value: received.at(-1) ?? ''});
  }

  unknownCommand(): never {
    const name = this.args[0] ?? '';
    const near = nearest(
      name,
      this.commands.map(command => command.name()),
    );
    throw new DougongError('usage', 'COMMAND_UNKNOWN', {name, near});
  }
}

class TwoLanguageHelp extends Help {
  readonly #titles: Record<string, string>;

  constructor(titles: Record<string, string>) {
    super();
    this.#titles = titles;
  }

  override styleTitle(title: string): string {
    return this.#titles[title] ?? title;
  }
}

/** The known word that is at most two letters away, or ''. */
function nearest(word: string, known: string[]): string {
  const scored = known.map(one => ({one, far: distance(word, one)})).sort((a, b) => a.far - b.far);
  return scored[0] && scored[0].far <= 2 ? scored[0].one : '';
}

function distance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
