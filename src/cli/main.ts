import {CommanderError} from 'commander';
import {DougongError, type ErrorKind} from '../core/errors.ts';
import {DougongCommand} from './commander.ts';
import {addCommands} from './commands/index.ts';
import type {Context, World} from './context.ts';
import {plain} from './io/streams.ts';
import {makeContext} from './make-context.ts';
import {frame} from './messages/frame.ts';
import {nextLine} from './next.ts';

/** What a caller may rely on; docs/commands.md shows the same table. */
export const EXIT_CODES: Record<ErrorKind, number> = {
  usage: 2,
  config: 3,
  refused: 4,
  signature: 5,
  network: 6,
  'unknown-outcome': 7,
  pending: 8,
  local: 9,
  interrupted: 130,
};

/** The whole program: words in, data on stdout, everything else on stderr, an exit code back. */
export async function run(argv: readonly string[], world: World): Promise<number> {
  const ctx = makeContext(argv, world);
  try {
    const program = await makeProgram(ctx, argv[0]);
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], {from: 'user'});
    return 0;
  } catch (error) {
    return await report(ctx, error);
  } finally {
    await ctx.end();
  }
}

/** The program with the wanted command whole ('all': every one; `npm run docs` prints their help). */
export async function makeProgram(ctx: Context, wanted: string | undefined): Promise<DougongCommand> {
  const program = new DougongCommand('dougong', ctx);
  program
    .description(ctx.t(frame.about))
    .version(ctx.world.version, '-V, --version', ctx.t(frame.version))
    .enablePositionalOptions()
    .configureOutput({
      writeOut: text => void ctx.world.stdout.write(text),
      writeErr: text => void ctx.world.stderr.write(text),
      getOutHelpWidth: () => ctx.world.columns,
      getErrHelpWidth: () => ctx.world.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .action(() => program.unknownCommand());
  await addCommands(program, ctx, wanted);
  return program;
}

async function report(ctx: Context, error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof DougongError)) {
    ctx.world.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
  const {kind, code, params, gateway, facts, next} = error;
  const {errors} = await import('./messages/errors.ts');
  const sentence = ctx.say(errors[code], params);
  if (ctx.io.json) {
    const body = {
      kind,
      code,
      message: sentence,
      ...(next && {next: nextLine(ctx, next)}),
      ...(gateway && {gateway}),
      ...facts,
      params,
    };
    ctx.world.stderr.write(`${JSON.stringify({error: body})}\n`);
    return EXIT_CODES[kind];
  }
  const {err} = ctx.io;
  ctx.world.stderr.write(`${err.red(plain(sentence))}\n`);
  if (gateway) {
    const words = [
      gateway.http_status && gateway.http_status !== 200 ? `HTTP ${gateway.http_status}` : '',
      gateway.resp_code,
      gateway.resp_desc,
      gateway.bank_message,
    ];
    const said = words.filter(Boolean).join(' ');
    const warning = gateway.verified ? '' : ` (${ctx.t(frame.unverified)})`;
    if (said) ctx.world.stderr.write(`  ${ctx.t(frame.gateway)}: ${plain(said)}${warning}\n`);
  }
  if (next) ctx.world.stderr.write(`  ${ctx.t(frame.next)} ${nextLine(ctx, next)}\n`);
  return EXIT_CODES[kind];
}
