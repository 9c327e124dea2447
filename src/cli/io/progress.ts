import type {Context} from '../context.ts';

const BAR = 24;
const EVERY_MS = 100;

export interface Progress {
  tick(): void;
  end(): void;
}

/** A bar with rate and remaining time on a terminal's stderr; silent everywhere else. */
export function makeProgress(ctx: Context, total: number): Progress {
  const {world, io} = ctx;
  if (!world.isTTY.stderr || io.json || ctx.flags.quiet || total === 0) return {tick: () => {}, end: () => {}};
  const begun = world.now();
  let done = 0;
  let drawn = 0;
  const draw = () => {
    const seconds = Math.max(0.001, (world.now() - begun) / 1000);
    const rate = done / seconds;
    const left = rate > 0 ? Math.ceil((total - done) / rate) : 0;
    const filled = Math.round((done / total) * BAR);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
    world.stderr.write(`\r${bar} ${done}/${total}  ${rate.toFixed(1)}/s  ${left}s \u001b[K`);
    drawn = world.now();
  };
  return {
    tick() {
      done += 1;
      if (done === total || world.now() - drawn >= EVERY_MS) draw();
    },
    end: () => void world.stderr.write('\r\u001b[K'),
  };
}
