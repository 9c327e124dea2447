import {readYuan} from '../core/amount.ts';
import {beijingInstant} from '../core/beijing.ts';
import type {BillType} from '../core/bill-types.ts';
import type {ApiVersion} from '../core/endpoints/index.ts';
import type {Data} from '../core/wire.ts';
import type {Ledger} from './ledger.ts';
import type {Merchant} from './merchants.ts';
import {type Fault, Refusal, type Switches} from './types.ts';

/** What a handler works with. It returns the business fields of the answer, or throws a Refusal. */
export interface Desk {
  ledger: Ledger;
  switches: Switches;
  now: number;
  version: ApiVersion;
  merchants: ReadonlyMap<string, Merchant>;
  merchant(huifu_id: string): Merchant;
  /** A merchant that changed is logged. */
  keepMerchant(merchant: Merchant): void;
  /** Uses a one-time code up; false the second time. */
  takeCode(code: string): boolean;
  /** Twelve hex digits, never twice. */
  unique(): string;
  /** What a fault wants of the next refund. */
  refundFails: boolean;
  forget: number;
  /** What a fault wants statements to be. */
  billFault?: Fault;
  billExists(type: BillType, huifu_id: string, file_date: string): boolean;
  /** A link for a download, good for as long as the switches say. */
  billLink(type: BillType, huifu_id: string, file_date: string): string;
}

export type Handler = (data: Data, desk: Desk) => Record<string, unknown>;

export function text(data: Data, name: string): string {
  const value = data[name];
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function need(data: Data, name: string, max: number): string {
  const value = text(data, name);
  if (value === '') throw new Refusal('10000000', `${name}不能为空`);
  if ([...value].length > max) throw new Refusal('10000000', `${name}最大长度为${max}位`);
  return value;
}

export function needDate(data: Data, name: string): string {
  const value = need(data, name, 8);
  if (value.length !== 8) throw new Refusal('10000000', `${name}长度固定8位`);
  if (beijingInstant(value) === undefined) throw new Refusal('10000000', `${name}不符合yyyyMMdd格式`);
  return value;
}

export function needAmount(data: Data, name: string): bigint {
  const value = need(data, name, 14);
  const fen = /^\d+\.\d{2}$/.test(value) ? readYuan(value) : undefined;
  if (fen === undefined || fen === 0n) throw new Refusal('10000000', `${name}不符合金额格式`);
  return fen;
}

export function needMerchant(data: Data, desk: Desk): string {
  const huifu_id = need(data, 'huifu_id', 32);
  const merchant = desk.merchants.get(huifu_id);
  if (!merchant) throw new Refusal('22000002', '商户信息不存在');
  if (merchant.refusal) throw new Refusal(merchant.refusal.resp_code, merchant.refusal.resp_desc);
  return huifu_id;
}
