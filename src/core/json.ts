import type {Value} from './wire.ts';

/** One first-level member of an object text: its name, and its value exactly as written. */
export interface Member {
  name: string;
  raw: string;
}

const MAX_DEPTH = 200;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPES: Record<string, string> = {'"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'};

/**
 * Parses JSON so that every number keeps its text (as a string): 0.00 stays "0.00", a 20-digit id stays whole.
 *
 * @throws SyntaxError for anything RFC 8259 does not allow, a member given twice, or more than 200 levels.
 */
export function parseValue(text: string): Value {
  return new Scanner(text).whole().value;
}

/**
 * The first-level members of one JSON object, each with its raw text.
 *
 * @throws SyntaxError as parseValue, and where the text is not an object.
 */
export function members(text: string): Member[] {
  const scanner = new Scanner(text);
  const {members: found} = scanner.whole(true);
  if (!found) throw new SyntaxError('not an object');
  return found;
}

/** The same JSON without white space between its tokens; strings and numbers keep their text. */
export function compact(text: string): string {
  let out = '';
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i]!;
    if (c === '"') i = endOfString(text, i) - 1;
    else if (c === ' ' || c === '\t' || c === '\n' || c === '\r') {
      out += text.slice(start, i);
      start = i + 1;
    }
  }
  return out + text.slice(start);
}

/** The first-level items of one JSON array, each with its raw text. */
export function items(text: string): string[] {
  return new Scanner(text).whole(true).items ?? [];
}

/** Position behind the closing quote of a string that begins at `start`; text must be valid JSON. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

class Scanner {
  #text: string;
  #at = 0;
  #top: Member[] | undefined;
  #items: string[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  whole(collect = false): {value: Value; members?: Member[]; items?: string[]} {
    this.#space();
    const value = this.#value(collect ? 0 : 1);
    this.#space();
    if (this.#at !== this.#text.length) this.#fail();
    return {value, members: this.#top, items: this.#items};
  }

  #fail(): never {
    throw new SyntaxError(`invalid JSON at ${this.#at}`);
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #take(c: string): boolean {
    if (this.#text[this.#at] !== c) return false;
    this.#at += 1;
    return true;
  }

  /** Level 0 is the outermost value of a scan that collects raw texts; plain parsing starts at 1. */
  #value(level: number): Value {
    if (level > MAX_DEPTH) throw new SyntaxError('nested too deeply');
    const c = this.#text[this.#at];
    if (c === '{') return this.#object(level);
    if (c === '[') return this.#array(level);
    if (c === '"') return this.#string();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) this.#fail();
    this.#at = NUMBER.lastIndex;
    return match[0];
  }

  #object(level: number): Value {
    const entries = new Map<string, Value>();
    const raws: Member[] = [];
    this.#at += 1;
    this.#space();
    if (!this.#take('}')) {
      do {
        this.#space();
        if (this.#text[this.#at] !== '"') this.#fail();
        const name = this.#string();
        if (entries.has(name)) throw new SyntaxError('a member is given twice');
        this.#space();
        if (!this.#take(':')) this.#fail();
        this.#space();
        const start = this.#at;
        entries.set(name, this.#value(level + 1));
        if (level === 0) raws.push({name, raw: this.#text.slice(start, this.#at)});
        this.#space();
      } while (this.#take(','));
      if (!this.#take('}')) this.#fail();
    }
    if (level === 0) this.#top = raws;
    return Object.fromEntries(entries);
  }

  #array(level: number): Value {
    const list: Value[] = [];
    const raws: string[] = [];
    this.#at += 1;
    this.#space();
    if (!this.#take(']')) {
      do {
        this.#space();
        const start = this.#at;
        list.push(this.#value(level + 1));
        if (level === 0) raws.push(this.#text.slice(start, this.#at));
        this.#space();
      } while (this.#take(','));
      if (!this.#take(']')) this.#fail();
    }
    if (level === 0) this.#items = raws;
    return list;
  }

  #string(): string {
    let out = '';
    let start = this.#at + 1;
    for (let i = start; ; i += 1) {
      const code = this.#text.charCodeAt(i);
      if (Number.isNaN(code) || code < 0x20) {
        this.#at = i;
        this.#fail();
      }
      if (code === 0x22) {
        this.#at = i + 1;
        return out + this.#text.slice(start, i);
      }
      if (code !== 0x5c) continue;
      out += this.#text.slice(start, i);
      const letter = this.#text[i + 1] ?? '';
      if (letter === 'u') {
        const hex = this.#text.slice(i + 2, i + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail();
        out += String.fromCharCode(Number.parseInt(hex, 16));
        i += 5;
      } else {
        const plain = ESCAPES[letter];
        if (plain === undefined) this.#fail();
        out += plain;
        i += 1;
      }
      start = i + 1;
    }
  }
}
