import {explain} from '../../core/explanations.ts';
import type {Finding, Layer} from '../../operations/check-config.ts';
import type {Context} from '../context.ts';
import {check, findings, layers} from '../messages/check.ts';
import {explanations, who} from '../messages/explanations.ts';
import {plain} from './streams.ts';

const MARKS = {pass: '✓', warn: '!', fail: '✗', skip: '–'} as const;

export function layerText(ctx: Context, layer: Layer): string {
  return ctx.io.out.bold(ctx.t(layers[layer]));
}

/** What a finding says, in one sentence. */
export function sentenceOf(ctx: Context, {code, params = {}}: Finding): string {
  return plain(ctx.say(findings[code].text, params));
}

interface Told {
  gateway?: string;
  verified?: boolean;
  cause?: string;
  remedy?: string;
  who?: string;
}

/** Evidence, cause, remedy and who acts; for findings that somebody should look at. */
function told(ctx: Context, {code, params = {}, gateway, explained, verdict}: Finding): Told {
  if (verdict === 'pass' || code === 'NEED_FAILED') return {};
  const words = findings[code];
  const said = [
    gateway?.http_status && gateway.http_status !== 200 ? `HTTP ${gateway.http_status}` : '',
    gateway?.resp_code,
    gateway?.resp_desc,
  ].filter(Boolean);
  const [key] = explained ?? explain(said.join(' '));
  const known = key === undefined ? undefined : explanations[key];
  const remedy = words.remedy ? ctx.say(words.remedy, params) : known && ctx.t(known.remedy);
  const actor = words.who ?? known?.who;
  return {
    ...(said.length > 0 && {gateway: said.join(' '), verified: gateway?.verified === true}),
    ...(known && {cause: ctx.t(known.cause)}),
    ...(remedy && {remedy}),
    ...(actor && {who: ctx.t(who[actor])}),
  };
}

/** One line, and under it what is known of a warning or failure. */
export function findingText(ctx: Context, finding: Finding): string {
  const {out} = ctx.io;
  const paint = {pass: out.green, warn: out.yellow, fail: out.red, skip: out.dim}[finding.verdict];
  const {gateway, verified, cause, remedy, who: actor} = told(ctx, finding);
  const {t} = ctx;
  const sources = Object.entries(finding.sources ?? {}).map(([name, word]) => `${name}: ${word}`);
  const lines = [
    gateway && `${t(check.evidence)}: ${plain(gateway)}${verified ? '' : ` (${t(check.unverified)})`}`,
    cause && `${t(check.cause)}: ${cause}`,
    remedy && `${t(check.remedy)}: ${plain(remedy)}`,
    actor && `${t(check.who)}: ${actor}`,
    sources.length > 0 && `${t(check.sources)}: ${plain(sources.join('; '))}`,
  ].filter(Boolean);
  const line = `${paint(MARKS[finding.verdict])} ${finding.id}  ${sentenceOf(ctx, finding)}`;
  return [line, ...lines.map(one => `    ${one}`)].join('\n');
}

/** A finding as --json shows it; see docs/json.md. */
export function findingJson(ctx: Context, finding: Finding): Record<string, unknown> {
  const {id, layer, verdict, code, params, waiting, gateway, qrcode, sources, optional} = finding;
  const {cause, remedy, who: actor} = told(ctx, finding);
  return {
    id,
    layer,
    verdict,
    code,
    optional,
    message: sentenceOf(ctx, finding),
    ...(params && {params}),
    ...(waiting && {waiting}),
    ...(gateway && {gateway}),
    ...(sources && {sources}),
    ...(cause && {cause}),
    ...(remedy && {remedy}),
    ...(actor && {who: actor}),
    ...(qrcode && {qrcode_data: qrcode}),
  };
}
