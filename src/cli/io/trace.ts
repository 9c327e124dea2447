import type {CallTrace} from '../../core/wire.ts';
import type {Context} from '../context.ts';
import {plain} from './streams.ts';

const PERSONAL =
  /("(?:openid|sub_openid|wx_user_id|buyer_logon_id|buyer_id|user_id|mobile|phone|name|paySign|nonceStr)\\?":\s*\\?")([^"\\]{1,})/g;
const PERSONAL_ESCAPED =
  /(\\"(?:openid|sub_openid|wx_user_id|buyer_logon_id|mobile|phone|name|paySign)\\":\\")([^"\\]+)/g;

/** Keeps the first two and last two letters of what belongs to a person. */
export function maskPersonal(text: string): string {
  const mask = (_all: string, head: string, word: string) =>
    head + (word.length > 6 ? `${word.slice(0, 2)}***${word.slice(-2)}` : '***');
  return text.replace(PERSONAL, mask).replace(PERSONAL_ESCAPED, mask);
}

/** --verbose: one block a call on stderr; keys are not in it, personal fields are masked. */
export function printTrace({io}: Context): (call: CallTrace) => void {
  return call => {
    const again = call.attempt > 1 ? ` #${call.attempt}` : '';
    io.note(io.err.dim(`> ${call.endpoint}${again} POST ${call.url} ${call.bytesOut} B`));
    io.note(io.err.dim(`> ${plain(maskPersonal(call.text))}`));
    if (call.error) io.note(io.err.dim(`< ${plain(call.error)}`));
    if (!call.answer) return;
    const {status, verdict, how, ms, bytesIn, raw} = call.answer;
    io.note(
      io.err.dim(`< HTTP ${status} ${bytesIn} B ${Math.round(ms)} ms signature ${verdict}${how ? ` (${how})` : ''}`),
    );
    if (raw !== undefined) io.note(io.err.dim(`< ${plain(maskPersonal(raw))}`));
  };
}
