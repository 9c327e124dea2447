import type {GatewayWords} from '../../core/errors.ts';
import type {ExplanationKey} from '../../core/explanations.ts';
import type {Answer, Data} from '../../core/wire.ts';
import type {ReadTools} from '../tools.ts';

export type Layer = 'local' | 'network' | 'signature' | 'relation' | 'wechat' | 'realname' | 'notify' | 'bills';
export type CheckVerdict = 'pass' | 'warn' | 'fail' | 'skip';

/** What the checks need to know of the machine; the command line gives it. */
export interface Probes {
  /** Permission bits of a file; undefined where the platform has none. */
  mode(file: string): Promise<number | undefined>;
  /** Addresses of a host. */
  resolve(host: string): Promise<string[]>;
  /** Milliseconds until a TCP connection stands. */
  connect(host: string, port: number): Promise<number>;
  /** A verified TLS connection: who it is and until when. */
  tls(host: string, port: number): Promise<{subject: string; issuer: string; validTo: string}>;
  /** Asks a URL by HEAD, following nothing. */
  head(url: string): Promise<{status: number; location?: string}>;
  /** The proxy that a call to this URL goes through, as host:port. */
  proxyOf(url: string): {host: string; port: number} | undefined;
}

/** Everything that is checked. Keys are text as configured; they are parsed here and never leave. */
export interface CheckInput {
  profile: {
    name: string;
    base_url: string;
    sys_id: string;
    product_id: string;
    huifu_id?: string;
    /** Absolute paths of configuration and key files. */
    files: string[];
  };
  privateKey: string;
  huifuKeys: string[];
  huifuId: string;
  subAppid?: string;
  /** pay_scene / fee_type that has to be opened, e.g. "01". */
  feeType?: string;
  notifyUrl?: string;
  probes: Probes;
  /** Opens the connection; called once the keys are known to be good. */
  open(): Promise<ReadTools>;
  now(): number;
}

/** What one call of the gateway gave: its verified data, or why there is none. */
export type Asked = {data: Data} | {gateway: GatewayWords; verified: boolean} | {reason: string};

/** What the checks share: each answer is fetched once a run. */
export interface CheckDesk extends CheckInput {
  /** A signed read that harms nothing, whatever its verdict; the error where none came. */
  probe(): Promise<{answer: Answer; endpoint: string} | {reason: string}>;
  ask(
    name: 'wx-config-query' | 'merchant-query' | 'application-query' | 'realname-query' | 'bill-query',
  ): Promise<Asked>;
  tools(): Promise<ReadTools>;
}

/** What a check found; `code` and `params` become a sentence in cli/messages/check.ts. */
export interface Outcome {
  verdict: CheckVerdict;
  code: FindingCode;
  params?: Record<string, string | undefined>;
  /** A failure that mends by itself: an audit, a configuration under way. */
  waiting?: boolean;
  gateway?: GatewayWords;
  explained?: ExplanationKey[];
  /** What WeChat wants scanned, as the gateway sent it. */
  qrcode?: string;
  /** Where each part of the finding comes from. */
  sources?: Record<string, string>;
}

export interface Check {
  id: CheckId;
  layer: Layer;
  /** Checks that must not have failed or been skipped. */
  needs?: readonly CheckId[];
  /** Whether a merchant counts as ready while this could not be checked. */
  optional?: boolean;
  run(desk: CheckDesk): Promise<Outcome> | Outcome;
}

export interface Finding extends Outcome {
  id: CheckId;
  layer: Layer;
  optional: boolean;
}

export type CheckId =
  | 'profile.ids'
  | 'profile.environment'
  | 'profile.permissions'
  | 'key.private.parse'
  | 'key.huifu.parse'
  | 'key.huifu.not-own'
  | 'network.proxy'
  | 'network.dns'
  | 'network.tcp'
  | 'network.tls'
  | 'network.latency'
  | 'sign.request'
  | 'sign.answer'
  | 'clock.gateway'
  | 'relation.sys-id'
  | 'relation.product'
  | 'relation.merchant'
  | 'relation.permission'
  | 'wechat.business.opened'
  | 'wechat.fee.present'
  | 'wechat.appid.bound'
  | 'realname.applyment'
  | 'realname.authorized'
  | 'notify.url'
  | 'notify.redirect'
  | 'bill.generation';

export type FindingCode =
  | 'NEED_FAILED'
  | 'NO_ANSWER'
  | 'API_REFUSED'
  | 'IDS_GOOD'
  | 'IDS_ODD'
  | 'ENVIRONMENT_KNOWN'
  | 'ENVIRONMENT_OTHER'
  | 'ENVIRONMENT_PLAIN'
  | 'FILES_PRIVATE'
  | 'FILES_OPEN'
  | 'FILES_UNKNOWN'
  | 'KEY_GOOD'
  | 'KEY_BAD'
  | 'KEY_NOT_OWN'
  | 'KEY_OWN'
  | 'PROXY_NONE'
  | 'PROXY_USED'
  | 'PROXY_DOWN'
  | 'BY_PROXY'
  | 'DNS_FOUND'
  | 'DNS_ADDRESS'
  | 'DNS_FAILED'
  | 'TCP_OPEN'
  | 'TCP_FAILED'
  | 'TLS_GOOD'
  | 'TLS_BAD'
  | 'TLS_NONE'
  | 'LATENCY_GOOD'
  | 'LATENCY_HIGH'
  | 'REQUEST_ACCEPTED'
  | 'REQUEST_SIGNATURE'
  | 'REQUEST_UNJUDGED'
  | 'ANSWER_VERIFIED'
  | 'ANSWER_TEXT_FORM'
  | 'ANSWER_OTHER_KEY'
  | 'ANSWER_UNSIGNED'
  | 'ANSWER_MALFORMED'
  | 'CLOCK_GOOD'
  | 'CLOCK_OFF'
  | 'CLOCK_DAY'
  | 'CLOCK_UNKNOWN'
  | 'SYS_ID_KNOWN'
  | 'SYS_ID_UNKNOWN'
  | 'PRODUCT_GOOD'
  | 'PRODUCT_WRONG'
  | 'PRODUCT_UNCLEAR'
  | 'MERCHANT_GOOD'
  | 'MERCHANT_WRONG'
  | 'MERCHANT_FOREIGN'
  | 'PERMITTED'
  | 'PERMISSION_SOME'
  | 'PERMISSION_NONE'
  | 'BUSINESS_OPENED'
  | 'BUSINESS_CLOSED'
  | 'FEE_PRESENT'
  | 'FEE_MISSING'
  | 'FEE_OTHER'
  | 'APPID_NOT_GIVEN'
  | 'APPID_BOUND'
  | 'APPID_PARTLY'
  | 'APPID_DISAGREE'
  | 'APPID_PROCESSING'
  | 'APPID_FAILED'
  | 'APPID_OTHER'
  | 'APPID_UNBOUND'
  | 'APPID_UNNAMED'
  | 'APPLYMENT_PASSED'
  | 'APPLYMENT_ODD'
  | 'APPLYMENT_EDITTING'
  | 'APPLYMENT_AUDIT'
  | 'APPLYMENT_CONTACT'
  | 'APPLYMENT_LEGALPERSON'
  | 'APPLYMENT_REJECTED'
  | 'APPLYMENT_FREEZED'
  | 'APPLYMENT_CANCELED'
  | 'APPLYMENT_NOAPPLY'
  | 'APPLYMENT_UNKNOWN'
  | 'AUTHORIZED'
  | 'UNAUTHORIZED'
  | 'AUTHORIZE_UNKNOWN'
  | 'URL_NOT_GIVEN'
  | 'URL_GOOD'
  | 'URL_RULES'
  | 'URL_WARNED'
  | 'URL_ANSWERS'
  | 'URL_REDIRECTS'
  | 'URL_UNREACHED'
  | 'BILLS_ON'
  | 'BILLS_OFF'
  | 'BILLS_UNKNOWN';
