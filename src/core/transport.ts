import {address} from './endpoints/index.ts';
import {DougongError, type GatewayWords} from './errors.ts';
import {signRsa, signText, verifyAnswer, wireFields} from './sign.ts';
import type {Answer, Data, Gateway, Prepared, Send} from './wire.ts';

const TRIES = 3;
const BACKOFF_MS = 400;
/** Rate limits and a gateway that could not reach its own back end. */
const AGAIN = new Set([911, 914, 502]);
/** Codes and statuses by which the gateway rejects an envelope without signing its no. */
const REJECTED_CODES = new Set(['40002', '20001', '20003']);
const REJECTED_STATUS = new Set([921, 922]);

/**
 * The one way to the gateway: fixes the text of a call, signs it, sends it, verifies what comes back.
 *
 * @see wire.ts for what each member promises; docs/gateway.md#envelope
 */
export function createSend(gateway: Gateway): Send {
  let skew: number | undefined;

  async function once(prepared: Prepared, attempt: number): Promise<Answer> {
    const url = new URL(prepared.path, gateway.baseUrl).href;
    const body = envelope(gateway, prepared.text);
    const begun = gateway.now();
    const call = {
      endpoint: prepared.endpoint.name,
      url,
      attempt,
      text: prepared.text,
      bytesOut: Buffer.byteLength(body),
    };
    try {
      const {
        status,
        headers,
        body: bytes,
      } = await gateway.http.post(url, body, headersFor(gateway, prepared), gateway.signal);
      const ended = gateway.now();
      const gatewayTime = headers.date ? Date.parse(headers.date) : Number.NaN;
      const answer: Answer = {
        status,
        headers,
        body: bytes,
        ...verifyAnswer(bytes, gateway.huifuKeys),
        ms: ended - begun,
      };
      if (!Number.isNaN(gatewayTime)) {
        answer.gatewayTime = gatewayTime;
        skew = gatewayTime - ended;
      }
      const {verdict, how, raw, ms} = answer;
      gateway.trace?.({...call, answer: {status, verdict, how, raw, ms, bytesIn: bytes.length}});
      return answer;
    } catch (error) {
      gateway.trace?.({...call, error: error instanceof DougongError ? error.message : String(error)});
      throw error;
    }
  }

  async function read(prepared: Prepared): Promise<Answer & {data: Data; raw: string}> {
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === TRIES || !prepared.endpoint.repeat || gateway.signal?.aborted === true;
      try {
        const answer = await once(prepared, attempt);
        if (last || !AGAIN.has(answer.status)) return verified(answer);
      } catch (error) {
        if (last || !mayRepeat(error)) throw asRead(error);
      }
      await gateway.sleep(BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + gateway.random()), gateway.signal);
    }
  }

  return {
    prepare(endpoint, fields, version) {
      const {path, fields: named} = address(endpoint, fields, version);
      return {endpoint, path, text: signText(wireFields(named))};
    },
    transmit: prepared => once(prepared, 1),
    read(endpoint, fields, version) {
      return read(this.prepare(endpoint, fields, version));
    },
    clockSkew: () => skew,
  };
}

function envelope({sysId, productId, privateKey}: Gateway, text: string): string {
  const sign = signRsa(text, privateKey);
  return `{"sys_id":${JSON.stringify(sysId)},"product_id":${JSON.stringify(productId)},"sign":"${sign}","data":${text}}`;
}

/** A header configured as "auto" is filled with the merchant of the call: jpt-x-skill-huifu_id wants that. */
function headersFor(gateway: Gateway, {text}: Prepared): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json;charset=UTF-8',
    accept: 'application/json',
  };
  for (const [name, value] of Object.entries(gateway.headers)) {
    headers[name.toLowerCase()] = value === 'auto' ? String((JSON.parse(text) as Data).huifu_id ?? '') : value;
  }
  return headers;
}

function mayRepeat(error: unknown): boolean {
  return (
    error instanceof DougongError &&
    (error.code === 'NOT_SENT' || error.code === 'NO_ANSWER') &&
    error.params.reason !== 'INTERRUPTED'
  );
}

/** A read moves nothing: whether its bytes left does not matter to anybody. */
function asRead(error: unknown): unknown {
  if (!(error instanceof DougongError) || error.kind !== 'unknown-outcome') return error;
  if (error.params.reason === 'INTERRUPTED') return new DougongError('interrupted', 'INTERRUPTED', {}, {cause: error});
  const kind = error.code === 'ANSWER_TOO_LARGE' ? 'signature' : 'network';
  return new DougongError(kind, error.code, error.params, {cause: error.cause});
}

function verified(answer: Answer): Answer & {data: Data; raw: string} {
  const {verdict, data, raw, status} = answer;
  if (verdict === 'ok' && data !== undefined && raw !== undefined) return {...answer, data, raw};
  const words = unverifiedWords(answer);
  const params = {
    status: String(status),
    bytes: String(answer.body.length),
    type: answer.headers['content-type'] ?? '-',
  };
  if (isEnvelopeRejection(answer)) {
    throw new DougongError(
      'refused',
      'ENVELOPE_REJECTED',
      {resp_code: words.resp_code ?? `HTTP ${status}`},
      {gateway: words},
    );
  }
  if (status < 200 || status > 299) throw new DougongError('network', 'GATEWAY_STATUS', params, {gateway: words});
  if (verdict === 'bad_signature') throw new DougongError('signature', 'ANSWER_BAD_SIGNATURE', params);
  if (verdict === 'unsigned') throw new DougongError('signature', 'ANSWER_UNSIGNED', params, {gateway: words});
  throw new DougongError('signature', 'ANSWER_MALFORMED', params);
}

/** Whether the gateway turned the envelope away before any business, in words that nobody signed. */
export function isEnvelopeRejection({verdict, status, data}: Pick<Answer, 'verdict' | 'status' | 'data'>): boolean {
  if (verdict === 'ok' || verdict === 'bad_signature') return false;
  return REJECTED_STATUS.has(status) || (verdict === 'unsigned' && REJECTED_CODES.has(String(data?.resp_code)));
}

function unverifiedWords({status, data}: Answer): GatewayWords {
  const words: GatewayWords = {verified: false, http_status: status};
  if (typeof data?.resp_code === 'string') words.resp_code = data.resp_code;
  if (typeof data?.resp_desc === 'string') words.resp_desc = data.resp_desc;
  return words;
}
