import type {World} from '../context.ts';
import {widthOf} from './record.ts';

/** A last line on a terminal's stderr that other lines push down; nothing at all in a pipe. */
export interface StatusLine {
  /** Writes something else above the line. */
  above(write: () => void): void;
  set(text: string): void;
  clear(): void;
}

export function makeStatusLine(world: World, shown: boolean): StatusLine {
  if (!shown) return {above: write => write(), set: () => {}, clear: () => {}};
  let text = '';
  const wipe = () => {
    if (text !== '') world.stderr.write('\r\u001b[2K');
  };
  const draw = () => {
    if (text !== '') world.stderr.write(cut(text, world.columns - 1));
  };
  return {
    above(write) {
      wipe();
      write();
      draw();
    },
    set(next) {
      if (next === text) return;
      wipe();
      text = next;
      draw();
    },
    clear() {
      wipe();
      text = '';
    },
  };
}

/** A line that wraps cannot be wiped. */
function cut(text: string, columns: number): string {
  let width = 0;
  let out = '';
  for (const c of text) {
    width += widthOf(c);
    if (width > columns) return out;
    out += c;
  }
  return out;
}
