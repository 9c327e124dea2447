import {formatYuan} from '../../core/amount.ts';
import {DougongError} from '../../core/errors.ts';
import {REQ_SEQ_ID} from '../../core/request-id.ts';
import type {Data} from '../../core/wire.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {amount, data, leaf, moment, value} from '../flags.ts';
import {plain} from '../io/streams.ts';
import {frame} from '../messages/frame.ts';
import {money} from '../messages/money.ts';
import {summaries} from '../messages/summaries.ts';
import {afterwards, type ConsentFlags, checkUrl, consent, readData, warnSkew} from './consent.ts';

interface PayFlags extends GlobalFlags, ConsentFlags {
  amount?: bigint;
  goodsDesc?: string;
  tradeType?: string;
  reqSeqId?: string;
  openid?: string;
  subAppid?: string;
  subOpenid?: string;
  timeExpire?: string;
  notifyUrl?: string;
  remark?: string;
  data?: Record<string, string>;
  snippet?: boolean;
}

export function addPay(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program.command('pay').description(t(summaries.pay)) as DougongCommand;
  command
    .addOption(amount('--amount <yuan>', t(money.amount)))
    .addOption(value('--goods-desc <text>', t(money.goodsDesc)))
    .addOption(value('--sub-appid <appid>', t(money.subAppid)))
    .addOption(value('--sub-openid <openid>', t(money.subOpenid)))
    .addOption(value('--openid <openid>', t(money.openid)))
    .addOption(value('--trade-type <type>', t(money.tradeType)))
    .addOption(value('--req-seq-id <id>', t(money.ownReqSeqId)))
    .addOption(moment('--time-expire <time>', t(money.timeExpire), ctx.world.now))
    .addOption(value('--notify-url <url>', t(frame.notifyUrl)))
    .addOption(value('--remark <text>', t(frame.remark)))
    .addOption(data(ctx))
    .option('--snippet', t(money.snippet))
    .option('--yes', t(frame.yes))
    .option('--live', t(frame.live));
  const example = 'dougong pay --amount 0.10 --goods-desc tea --sub-appid wx1 --sub-openid o1 --yes --profile sandbox';
  leaf<PayFlags>(command, ctx, example, async flags => {
    if (flags.amount === undefined) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--amount'});
    if (flags.goodsDesc === undefined) throw new DougongError('usage', 'FLAG_REQUIRED', {flag: '--goods-desc'});
    if (flags.reqSeqId !== undefined && !REQ_SEQ_ID.test(flags.reqSeqId)) {
      throw new DougongError('usage', 'FIELD_INVALID', {field: '--req-seq-id', value: flags.reqSeqId});
    }
    const session = await ctx.session();
    const notify_url = flags.notifyUrl ?? session.profile.notify_url;
    await checkUrl(ctx, notify_url, 'pay');
    const {pay, checkPayer} = await import('../../operations/pay.ts');
    const sub_appid = flags.subAppid ?? (flags.subOpenid && session.profile.sub_appid);
    const request = {
      amount: flags.amount,
      goods_desc: flags.goodsDesc,
      trade_type: flags.tradeType ?? 'T_MINIAPP',
      req_seq_id: flags.reqSeqId,
      openid: flags.openid,
      sub_appid,
      sub_openid: flags.subOpenid,
      time_expire: flags.timeExpire,
      notify_url,
      remark: flags.remark,
      data: await readData(ctx, flags.data),
    };
    checkPayer(request);
    const tools = await session.money();
    const asked = {environment: session.environment, huifu_id: tools.huifuId, amount: formatYuan(flags.amount)};
    await consent(ctx, session, flags, money.confirm.pay, asked);
    const moved = await pay(tools, request);
    warnSkew(ctx, tools.send);
    const {data: answer, raw} = moved.verified!;
    const {recordText} = await import('../io/record.ts');
    const text = () =>
      flags.snippet ? snippet(answer) : `${recordText(ctx, 'payment', withoutInfo(answer))}${decoded(answer)}`;
    ctx.io.data(answer, text, raw);
    const {req_seq_id, req_date} = moved.intent;
    const lost = !moved.created && answer.trans_stat === 'P' && !answer.pay_info && !answer.qr_code;
    if (lost) ctx.io.warn(ctx.say(money.payInfoLost, {req_seq_id, req_date}));
    afterwards(ctx, moved, {verb: 'query', flags: {req_seq_id, req_date}});
  });
}

/** pay_info is shown taken apart, below. */
function withoutInfo(answer: Data): Data {
  const {pay_info: _info, ...rest} = answer;
  return readInfo(answer) ? rest : answer;
}

function readInfo(answer: Data): Record<string, string> | undefined {
  try {
    return JSON.parse(String(answer.pay_info)) as Record<string, string>;
  } catch {
    return undefined;
  }
}

function decoded(answer: Data): string {
  const info = readInfo(answer);
  return info
    ? `\n\npay_info\n${Object.entries(info)
        .map(([name, word]) => `  ${name}  ${plain(String(word))}`)
        .join('\n')}`
    : '';
}

/** appId is no argument of wx.requestPayment, timeStamp is a string, and signType is passed on as it came. */
function snippet(answer: Data): string {
  const {appId: _appId, ...rest} = readInfo(answer) ?? {};
  const named = Object.entries(rest).map(([name, word]) => `  ${name}: ${JSON.stringify(String(word))},`);
  return ['wx.requestPayment({', ...named, '  success(res) {},', '  fail(err) {},', '});'].join('\n');
}
