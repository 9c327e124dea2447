/** stdout is data, stderr is everything else. */
export interface Io {
  json: boolean;
  quiet: boolean;
  /** Prints `text(value)`, or one JSON document under --json. `raw` is a gateway's own JSON text, printed as it is. */
  data(value: unknown, text?: () => string, raw?: string): void;
  /** One of many: NDJSON under --json, else the line. */
  row(value: unknown, line: () => string): void;
  /** A line for a person, on stderr; silent under --quiet. */
  note(line: string): void;
  /** Like note, even under --quiet: what must be read. */
  warn(line: string): void;
  style: {bold(s: string): string; red(s: string): string; green(s: string): string; yellow(s: string): string; dim(s: string): string};
  table(head: string[], rows: string[][]): string;
  /** Whether questions may be asked: stdin and stderr are terminals and --no-input was not given. */
  canAsk: boolean;
  confirm(question: string): Promise<boolean>;
  ask(question: string, options?: {initial?: string; secret?: boolean; validate?: (answer: string) => string | undefined}): Promise<string>;
  choose(question: string, choices: {name: string; value: string}[]): Promise<string>;
}
