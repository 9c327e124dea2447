import {mkdir, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {KeyInfo} from '../../core/keys.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {leaf, value} from '../flags.ts';
import {key} from '../messages/setup.ts';
import {summaries} from '../messages/summaries.ts';
import {readAll} from './init.ts';

export function addKey(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const group = program.command('key').description(t(summaries.key)) as DougongCommand;

  const generate = group.command('generate').description(t(key.generate)) as DougongCommand;
  generate.addOption(value('--out <path>', t(key.out)));
  leaf<GlobalFlags & {out?: string}>(generate, ctx, 'dougong key generate --out keys', async flags => {
    const folder = resolve(ctx.world.cwd, flags.out ?? '.');
    const {generateKeys, exportKey, fingerprintOf} = await import('../../core/keys.ts');
    const {privateKey, publicKey} = await generateKeys();
    const [mine, theirs] = [exportKey(privateKey), exportKey(publicKey)];
    const files = {
      'private.pem': mine.pem,
      'private-line.txt': mine.line,
      'public.pem': theirs.pem,
      'public-line.txt': theirs.line,
    };
    await mkdir(folder, {recursive: true, mode: 0o700});
    for (const [name, text] of Object.entries(files)) await writeNew(join(folder, name), text);
    const shown = {folder, file: join(folder, 'private.pem'), fingerprint: fingerprintOf(publicKey)};
    ctx.io.data({result: {...shown, public_key: theirs.line}}, () => theirs.line);
    ctx.io.note(ctx.say(key.generated, shown));
  });

  const inspect = group.command('inspect').argument('<file>').description(t(key.inspect)) as DougongCommand;
  leaf<GlobalFlags>(inspect, ctx, 'dougong key inspect keys/public.pem', async (_flags, file = '') => {
    const info = await load(ctx, file);
    const {kind, format, container, bits, fingerprint, findings} = info;
    const odd = findings.map(finding => t(key.findings[finding]));
    const lines = [
      [t(key.what.kind), t(key[kind])],
      [t(key.what.format), `${format} (${container})`],
      [t(key.what.bits), String(bits)],
      [t(key.what.fingerprint), fingerprint],
      ...odd.map(text => [t(key.what.findings), text]),
    ];
    ctx.io.data({result: {kind, format, container, bits, fingerprint, findings}}, () =>
      lines.map(([a, b]) => `${a}  ${b}`).join('\n'),
    );
  });

  const match = group
    .command('match')
    .argument('<one>')
    .argument('<other>')
    .description(t(key.match)) as DougongCommand;
  leaf<GlobalFlags>(
    match,
    ctx,
    'dougong key match keys/private.pem keys/public.pem',
    async (_flags, one = '', other = '') => {
      if (one === '-' && other === '-') throw new DougongError('usage', 'STDIN_TWICE');
      const [a, b] = [await load(ctx, one), await load(ctx, other)];
      if (a.fingerprint !== b.fingerprint) throw new DougongError('refused', 'KEY_NOT_PAIR');
      const same = a.kind === b.kind;
      ctx.io.data({result: {pair: !same, same, fingerprint: a.fingerprint}}, () => t(same ? key.same : key.pair));
    },
  );
}

async function load(ctx: Context, file: string): Promise<KeyInfo> {
  const {readKey} = await import('../../core/keys.ts');
  const {readNamed} = await import('../profile/store.ts');
  const bytes = file === '-' ? Buffer.from(await readAll(ctx)) : await readNamed(resolve(ctx.world.cwd, file));
  try {
    return await readKey(bytes, {anyLength: true, passphrase: ctx.world.env.DOUGONG_PASSPHRASE});
  } catch (error) {
    if (!(error instanceof DougongError)) throw error;
    throw new DougongError(error.kind, error.code, {...error.params, file}, {cause: error});
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, {mode: 0o600, flag: 'wx'});
  } catch (cause) {
    const reason = String((cause as NodeJS.ErrnoException).code);
    throw new DougongError('local', reason === 'EEXIST' ? 'FILE_EXISTS' : 'FILE_UNWRITABLE', {file, reason}, {cause});
  }
}
