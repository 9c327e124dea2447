import {beijingDate} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import {DougongError} from '../core/errors.ts';
import {extraChecks} from './checks/extras.ts';
import {relationChecks, signatureChecks} from './checks/gateway.ts';
import {localChecks} from './checks/local.ts';
import {networkChecks} from './checks/network.ts';
import {realnameChecks} from './checks/realname.ts';
import type {Asked, Check, CheckDesk, CheckId, CheckInput, Finding, Layer} from './checks/types.ts';
import {wechatChecks} from './checks/wechat.ts';
import {type ReadTools, str, wordsOf} from './tools.ts';

export type {CheckId, CheckInput, CheckVerdict, Finding, FindingCode, Layer, Probes} from './checks/types.ts';

/** Every check, in the order of its layers. */
export const CHECKS: readonly Check[] = [
  ...localChecks,
  ...networkChecks,
  ...signatureChecks,
  ...relationChecks,
  ...wechatChecks,
  ...realnameChecks,
  ...extraChecks,
];

/** The layers that concern one merchant; the others hold for all of a service provider's. */
export const MERCHANT_LAYERS: readonly Layer[] = ['relation', 'wechat', 'realname', 'bills'];

export interface CheckOptions {
  /** Only these layers; findings of the others come from `before`. */
  layers?: readonly Layer[];
  before?: readonly Finding[];
  onFinding?(finding: Finding): void;
}

/**
 * Runs the checks, layer after layer, those of one layer side by side. Reads only: nothing is written anywhere.
 *
 * A check whose need failed or could not be made is skipped and says which.
 * @returns one finding a check, in the order of CHECKS.
 * @see docs/check-config.md
 */
export async function checkConfig(input: CheckInput, options: CheckOptions = {}): Promise<Finding[]> {
  const {layers, before = [], onFinding} = options;
  const desk = makeDesk(input);
  const found = new Map<CheckId, Finding>(before.map(finding => [finding.id, finding]));
  const order = [...new Set(CHECKS.map(({layer}) => layer))].filter(layer => layers?.includes(layer) ?? true);
  for (const layer of order) {
    const mine = CHECKS.filter(check => check.layer === layer);
    const running = new Map<CheckId, Promise<Finding>>();
    for (const check of mine) running.set(check.id, runCheck(desk, check, found, running));
    // All have ended before one that was interrupted is thrown.
    await Promise.allSettled(running.values());
    for (const check of mine) {
      const finding = await running.get(check.id)!;
      found.set(check.id, finding);
      onFinding?.(finding);
    }
  }
  return CHECKS.map(({id}) => found.get(id)).filter(finding => finding !== undefined);
}

async function runCheck(
  desk: CheckDesk,
  check: Check,
  found: ReadonlyMap<CheckId, Finding>,
  running: ReadonlyMap<CheckId, Promise<Finding>>,
): Promise<Finding> {
  const {id, layer, optional = false, needs = []} = check;
  for (const need of needs) {
    const {verdict, code} = (await running.get(need)) ?? found.get(need) ?? {verdict: 'skip', code: ''};
    // What a proxy does for us cannot be seen from here, and hinders nothing.
    if (verdict === 'fail' || (verdict === 'skip' && code !== 'BY_PROXY'))
      return {id, layer, optional, verdict: 'skip', code: 'NEED_FAILED', params: {need}};
  }
  return {id, layer, optional, ...(await check.run(desk))};
}

/** How a merchant stands: nothing in the way; others are at work; something to do. */
export interface Standing {
  state: 'ready' | 'waiting' | 'not-ready';
  /** What to look at first. */
  first?: Finding;
}

/** The first failure that somebody must act on, else one that waits, else a needed check that could not be made. */
export function standingOf(findings: readonly Finding[]): Standing {
  const failed = findings.filter(({verdict}) => verdict === 'fail');
  const first = failed.find(({waiting}) => !waiting);
  if (first) return {state: 'not-ready', first};
  if (failed[0]) return {state: 'waiting', first: failed[0]};
  const unchecked = findings.find(({verdict, optional}) => verdict === 'skip' && !optional);
  return unchecked ? {state: 'not-ready', first: unchecked} : {state: 'ready'};
}

/** What `--until` waits for. */
export const GOALS = {
  bound: ['wechat.appid.bound'],
  authorized: ['realname.authorized'],
  ready: undefined,
} as const satisfies Record<string, readonly CheckId[] | undefined>;
export type Goal = keyof typeof GOALS;

/** Whether a goal is reached by these findings. */
export function reached(goal: Goal, findings: readonly Finding[]): boolean {
  const ids: readonly CheckId[] | undefined = GOALS[goal];
  if (!ids) return standingOf(findings).state === 'ready';
  return ids.every(id => findings.some(one => one.id === id && (one.verdict === 'pass' || one.verdict === 'warn')));
}

/** Failures that no waiting mends: somebody has to begin anew. */
const FINAL: ReadonlySet<string> = new Set([
  'APPID_FAILED',
  'APPLYMENT_REJECTED',
  'APPLYMENT_FREEZED',
  'APPLYMENT_CANCELED',
]);

/** Whether waiting for a goal makes sense: everything before the merchant's own state holds, and nothing is final. */
export function mayWait(goal: Goal, findings: readonly Finding[]): boolean {
  const ids: readonly CheckId[] | undefined = GOALS[goal];
  const open = findings.filter(({verdict}) => verdict === 'fail');
  if (open.some(({layer}) => ['local', 'network', 'signature', 'relation'].includes(layer))) return false;
  return !open.some(({id, code}) => FINAL.has(code) && (!ids || ids.includes(id) || goal === 'authorized'));
}

/** Repeats the layers that can change until the goal is reached, waiting makes no sense, or the time is over. */
export async function waitForConfig(
  input: CheckInput & Pick<ReadTools, 'sleep' | 'signal'>,
  first: readonly Finding[],
  options: {goal: Goal; intervalMs: number; timeoutMs: number; onChange(finding: Finding): void},
): Promise<Finding[]> {
  const deadline = input.now() + options.timeoutMs;
  let findings = [...first];
  while (!reached(options.goal, findings) && mayWait(options.goal, findings)) {
    if (input.signal?.aborted || input.now() + options.intervalMs > deadline) return findings;
    await input.sleep(options.intervalMs, input.signal);
    if (input.signal?.aborted) return findings;
    const before = new Map(findings.map(finding => [finding.id, finding]));
    findings = await checkConfig(input, {layers: ['wechat', 'realname', 'bills'], before: findings});
    for (const finding of findings) {
      const old = before.get(finding.id);
      if (old?.verdict !== finding.verdict || old.code !== finding.code) options.onChange(finding);
    }
  }
  return findings;
}

/** The same answers for all checks of one run: each call is made once. */
function makeDesk(input: CheckInput): CheckDesk {
  const asked = new Map<string, Promise<Asked>>();
  let opened: Promise<ReadTools> | undefined;
  let probed: ReturnType<CheckDesk['probe']> | undefined;
  const tools = () => {
    opened ??= input.open();
    return opened;
  };
  return {
    ...input,
    tools,
    probe() {
      probed ??= tools().then(signedRead);
      return probed;
    },
    ask(name) {
      const known = asked.get(name) ?? tools().then(one => askOnce(one, name));
      asked.set(name, known);
      return known;
    },
  };
}

function common(tools: ReadTools): Record<string, string> {
  const now = tools.now();
  return {req_date: beijingDate(now), req_seq_id: tools.newId(now), huifu_id: tools.huifuId};
}

/** Calls that harm nothing, the first of which the merchant needs most. */
const READS = ['query', 'balance', 'wx-config-query'] as const;

/** A query for a number that nobody has used; where that call is closed to this sys_id, another read. */
async function signedRead(tools: ReadTools): ReturnType<CheckDesk['probe']> {
  let last: Awaited<ReturnType<CheckDesk['probe']>> | undefined;
  for (const name of READS) {
    try {
      const answer = await tools.send.transmit(tools.send.prepare(endpoints[name], common(tools), tools.version));
      last ??= {answer, endpoint: name};
      if (str(answer.data, 'resp_code') !== '20003') return {answer, endpoint: name};
    } catch (error) {
      if (!(error instanceof DougongError)) throw error;
      if (error.params.reason === 'INTERRUPTED') throw new DougongError('interrupted', 'INTERRUPTED');
      return {reason: error.params.reason ?? error.code};
    }
  }
  return last!;
}

async function askOnce(tools: ReadTools, name: Parameters<CheckDesk['ask']>[0]): Promise<Asked> {
  try {
    const answer = await tools.send.read(endpoints[name], common(tools), tools.version);
    if (str(answer.data, 'resp_code') === '00000000') return {data: answer.data};
    return {gateway: wordsOf(answer), verified: true};
  } catch (error) {
    if (!(error instanceof DougongError)) throw error;
    if (error.kind === 'interrupted') throw error;
    if (error.gateway) return {gateway: error.gateway, verified: false};
    return {reason: error.params.reason ?? error.code};
  }
}
