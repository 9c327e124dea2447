import {spawn} from 'node:child_process';
import {resolve} from 'node:path';
import type {Notice} from '../../journal/notices.ts';
import type {Ask, Expected} from '../../listen/confirm.ts';
import type {Context, World} from '../context.ts';
import {noticeJson} from '../io/notices.ts';
import {toJson} from '../io/streams.ts';
import type {Profile} from '../profile/resolve.ts';
import {readNamed} from '../profile/store.ts';

/** Signed queries, each under the merchant that is asked about. */
export async function makeAsk(ctx: Context): Promise<Ask> {
  const [{read}, {queryPayment}, {queryRefund}] = await Promise.all([
    ctx.session(),
    import('../../operations/query.ts'),
    import('../../operations/refund-query.ts'),
  ]);
  return {
    payment: async ({huifu_id, ...locator}) => (await queryPayment({...read, huifuId: huifu_id}, locator)).data,
    async refund({huifu_id, hf_seq_id, req_date, req_seq_id}) {
      const locator = {refund_hf_seq_id: hf_seq_id, refund_req_date: req_date, refund_req_seq_id: req_seq_id};
      return (await queryRefund({...read, huifuId: huifu_id}, locator)).data;
    },
  };
}

/** The orders of --expect: a CSV with req_seq_id and req_date, huifu_id where it is not the profile's. */
export async function readExpected(ctx: Context, file: string, profile: Profile): Promise<Expected[]> {
  const {readRows} = await import('../../core/rows.ts');
  const {readDay} = await import('../../core/beijing.ts');
  const table = await readRows(await readNamed(resolve(ctx.world.cwd, file)), [
    {name: 'req_seq_id', aliases: ['请求流水号', '商户订单号', '订单号'], required: true},
    {name: 'req_date', aliases: ['请求日期', '交易日期', '日期'], required: true},
    {name: 'huifu_id', aliases: ['商户号']},
  ]);
  const since = ctx.world.now();
  return table.rows.map(({cells}) => ({
    huifu_id: cells.huifu_id || ctx.flags.huifuId || profile.huifu_id || profile.sys_id,
    req_date: readDay(cells.req_date ?? '') ?? '',
    req_seq_id: cells.req_seq_id ?? '',
    since,
  }));
}

/** Commands of --exec that run at the same time. */
const MAX_RUNNING = 4;

/** --exec: a shell runs the command, the message's JSON on its stdin, its output to where ours goes. */
export async function shellRunner(command: string, world: World): Promise<(notice: Notice) => Promise<number>> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async notice => {
    if (running >= MAX_RUNNING) await new Promise<void>(done => waiting.push(done));
    running += 1;
    try {
      return await new Promise<number>(done => {
        const child = spawn(command, {shell: true, cwd: world.cwd, stdio: ['pipe', 'pipe', 'pipe']});
        child.on('error', () => done(127));
        child.on('close', (code, signal) => done(code ?? (signal ? 128 : 1)));
        // Its output is not data of ours.
        child.stdout.on('data', chunk => world.stderr.write(chunk));
        child.stderr.on('data', chunk => world.stderr.write(chunk));
        child.stdin.on('error', () => {});
        child.stdin.end(`${toJson(noticeJson(notice))}\n`);
      });
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
