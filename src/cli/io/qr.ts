import {writeFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {Context} from '../context.ts';
import {check} from '../messages/check.ts';

/** An image that the platform may send instead of a text to encode: base64, with or without a data URL. */
function imageOf(data: string): Buffer | undefined {
  const base64 = data.replace(/^data:image\/\w+;base64,/, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]{100,}={0,2}$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const png = bytes.subarray(1, 4).toString('latin1') === 'PNG';
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  return png || jpeg ? bytes : undefined;
}

/** Draws what WeChat wants scanned on a terminal, and saves it where a file was named. */
export async function showQr(ctx: Context, data: string | undefined, file: string | undefined): Promise<void> {
  const {io, world} = ctx;
  if (data === undefined) {
    if (file !== undefined) io.note(ctx.t(check.qrNone));
    return;
  }
  const image = imageOf(data);
  const {renderSVG, renderUnicodeCompact} = await import('uqr');
  if (world.isTTY.stderr && !io.json) {
    io.note(image ? ctx.t(check.qrImage) : `${ctx.t(check.scan)}\n${renderUnicodeCompact(data)}`);
  }
  if (file === undefined) return;
  const path = resolve(world.cwd, file);
  try {
    await writeFile(path, image ?? renderSVG(data), {mode: 0o600});
  } catch (cause) {
    throw new DougongError(
      'local',
      'FILE_UNWRITABLE',
      {file, reason: String((cause as {code?: string}).code)},
      {cause},
    );
  }
  io.note(ctx.say(check.qrSaved, {file}));
}
