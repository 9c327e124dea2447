import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DougongError} from '../../core/errors.ts';
import type {Action} from '../../sandbox/control.ts';
import type {Context} from '../context.ts';

/** Where a running sandbox says how it can be asked. */
export const RUN_FILE = 'sandbox.json';

/** Puts a request to the running sandbox. */
export async function ask(ctx: Context, action: Action, body: Record<string, unknown>): Promise<unknown> {
  const text = await readFile(join(ctx.stateDir, RUN_FILE), 'utf8').catch(() => {
    throw new DougongError('local', 'SANDBOX_NOT_RUNNING', {url: '-'});
  });
  const {control_url, token} = JSON.parse(text) as {control_url: string; token: string};
  const {callControl} = await import('../../sandbox/control.ts');
  return callControl(control_url, token, action, body);
}
