import {Chalk} from 'chalk';
import type {World} from '../context.ts';
import {makePrompts, type Prompts} from './prompt.ts';

/** What is printed how; set from the flags of the command that runs. */
export interface IoSettings {
  json: boolean;
  quiet: boolean;
  color: boolean;
  input: boolean;
}

type Paint = (text: string) => string;

/** stdout is data, stderr is everything else. */
export interface Io extends Prompts {
  readonly json: boolean;
  /** Prints `text()`, or one JSON document under --json; `raw` is a gateway's own JSON text, printed as it is. */
  data(value: unknown, text: () => string, raw?: string): void;
  /** One of many: an object a line under --json, else a line. */
  row(value: unknown, line: () => string): void;
  /** A line for a person, on stderr; silent under --quiet and --json. */
  note(line: string): void;
  /** Like note, even under --quiet: what must be read. */
  warn(line: string): void;
  /** Colours of stdout (`out`) and stderr (`err`), each by its own stream. */
  out: Record<'bold' | 'red' | 'green' | 'yellow' | 'dim', Paint>;
  err: Record<'bold' | 'red' | 'green' | 'yellow' | 'dim', Paint>;
  table(head: string[], rows: string[][]): Promise<string>;
  configure(settings: Partial<IoSettings>): void;
  /** Whether whoever read stdout has gone. */
  readonly closed: boolean;
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text of others with nothing in it that a terminal would obey. */
export function plain(text: string): string {
  return text.replace(CONTROL, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** bigint has no JSON of its own; amounts leave as text. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_name, one) => (typeof one === 'bigint' ? String(one) : one), indent);
}

export function makeIo(world: World, given: IoSettings): Io {
  const settings = {...given};
  let closed = false;
  const onError = (error: NodeJS.ErrnoException) => {
    // `dougong … | head`: the reader has what it wanted. What was begun is finished all the same.
    if (error.code === 'EPIPE') closed = true;
    else throw error;
  };
  for (const stream of [world.stdout, world.stderr])
    if (stream.listenerCount('error') === 0) stream.on('error', onError);
  const print = (text: string) => {
    if (!closed) world.stdout.write(`${text}\n`);
  };
  const paints = (terminal: boolean): Io['out'] => {
    const chalk = () => new Chalk({level: settings.color && terminal && !world.env.NO_COLOR ? 1 : 0});
    return {
      bold: text => chalk().bold(text),
      red: text => chalk().red(text),
      green: text => chalk().green(text),
      yellow: text => chalk().yellow(text),
      dim: text => chalk().dim(text),
    };
  };
  const err = paints(world.isTTY.stderr);
  return {
    get json() {
      return settings.json;
    },
    get closed() {
      return closed;
    },
    data: (value, text, raw) => print(settings.json ? (raw ?? toJson(value)) : text()),
    row: (value, line) => print(settings.json ? toJson(value) : line()),
    note(line) {
      if (!settings.quiet && !settings.json) world.stderr.write(`${line}\n`);
    },
    warn(line) {
      world.stderr.write(settings.json ? `${toJson({warning: {message: line}})}\n` : `${err.yellow(line)}\n`);
    },
    out: paints(world.isTTY.stdout),
    err,
    async table(head, rows) {
      const {default: Table} = await import('cli-table3');
      const table = new Table({head: head.map(plain), style: {head: [], border: [], compact: true}});
      table.push(...rows.map(row => row.map(plain)));
      return table.toString();
    },
    configure: next => void Object.assign(settings, next),
    ...makePrompts(world, () => settings.input && !settings.json),
  };
}
