import {beijingDate} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import type {HttpAnswer} from '../core/wire.ts';
import {handled, type ReadTools, type Verified} from './tools.ts';

/**
 * 微信用户标识查询: who stands behind a payment code that a customer shows.
 *
 * @param auth_code digits of the payment code; it works once, so the call is never repeated by itself.
 * @returns the verified `data`; its fields are not documented by the platform.
 * @throws DougongError `refused`, `network`, `signature`.
 * @see docs/gateway.md#user-id
 */
export async function queryUserId(
  tools: ReadTools,
  request: {auth_code: string; sub_appid?: string},
): Promise<Verified> {
  const now = tools.now();
  const fields = {req_date: beijingDate(now), req_seq_id: tools.newId(now), huifu_id: tools.huifuId, ...request};
  return handled(await tools.send.read(endpoints['user-id'], fields, tools.version), 'REFUSED');
}

/** What WeChat's jscode2session gives. The session key it also gives is left out: nobody needs to see it. */
export interface WxUser {
  openid: string;
  unionid?: string;
}

/**
 * WeChat's jscode2session: the openid for a code of wx.login. The secret goes into the query, as WeChat wants it, and
 * nowhere else.
 *
 * @throws DougongError `refused` WX_REFUSED with WeChat's errcode, `network` WX_ANSWER.
 * @see docs/gateway.md#openid
 */
export async function exchangeJsCode(
  get: (url: string) => Promise<HttpAnswer>,
  {baseUrl, appid, secret, jsCode}: {baseUrl: string; appid: string; secret: string; jsCode: string},
): Promise<WxUser> {
  const url = new URL('/sns/jscode2session', baseUrl);
  url.search = new URLSearchParams({appid, secret, js_code: jsCode, grant_type: 'authorization_code'}).toString();
  const answer = await get(url.href);
  let body: {openid?: unknown; unionid?: unknown; errcode?: unknown; errmsg?: unknown};
  try {
    body = JSON.parse(answer.body.toString('utf8'));
  } catch (cause) {
    throw new DougongError('network', 'WX_ANSWER', {status: String(answer.status)}, {cause});
  }
  if (typeof body.openid === 'string')
    return {openid: body.openid, ...(typeof body.unionid === 'string' && {unionid: body.unionid})};
  if (body.errcode === undefined) throw new DougongError('network', 'WX_ANSWER', {status: String(answer.status)});
  throw new DougongError('refused', 'WX_REFUSED', {
    errcode: String(body.errcode),
    errmsg: String(body.errmsg ?? '').replaceAll(secret, '***'),
  });
}
