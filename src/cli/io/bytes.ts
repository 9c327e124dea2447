import type {Context} from '../context.ts';
import {plain} from './streams.ts';

const BAR = 24;
const EVERY_MS = 100;
const MIB = 2 ** 20;

/** Bytes of the files that are under way, as one line on a terminal's stderr; silent everywhere else. */
export function makeBytes(ctx: Context): {
  show(file: string, bytes: number, total: number | undefined): void;
  clear(): void;
} {
  const {world, io} = ctx;
  if (!world.isTTY.stderr || io.json || ctx.flags.quiet) return {show: () => {}, clear: () => {}};
  let drawn = 0;
  return {
    show(file, bytes, total) {
      if (world.now() - drawn < EVERY_MS) return;
      drawn = world.now();
      const share = total ? Math.round((bytes / total) * BAR) : 0;
      const bar = total ? `${'█'.repeat(share)}${'░'.repeat(BAR - share)} ` : '';
      const of = total ? `/${(total / MIB).toFixed(1)}` : '';
      world.stderr.write(`\r${bar}${(bytes / MIB).toFixed(1)}${of} MiB  ${plain(file)}\u001b[K`);
    },
    clear: () => void (drawn && world.stderr.write('\r\u001b[K')),
  };
}
