import {beijingDate} from '../core/beijing.ts';
import {endpoints} from '../core/endpoints/index.ts';
import type {Data, Value} from '../core/wire.ts';
import {handled, type ReadTools, type Verified} from './tools.ts';

/**
 * The merchant's accounts and what is on them, yuan as text.
 *
 * @returns the verified `data`, and its account list (sent as a JSON string, under two spellings) taken apart.
 * @see docs/gateway.md#balance
 */
export async function queryBalance(tools: ReadTools): Promise<Verified & {accounts: Data[]}> {
  const now = tools.now();
  const fields = {req_date: beijingDate(now), req_seq_id: tools.newId(now), huifu_id: tools.huifuId};
  const found = handled(await tools.send.read(endpoints.balance, fields, tools.version), 'REFUSED');
  const name = Object.keys(found.data).find(key => key.toLowerCase() === 'acctinfo_list');
  return {...found, accounts: accountsOf(name === undefined ? undefined : found.data[name])};
}

function accountsOf(value: Value | undefined): Data[] {
  let list: unknown = value;
  if (typeof list === 'string') {
    try {
      list = JSON.parse(list);
    } catch {
      return [];
    }
  }
  const items = Array.isArray(list) ? list : list && typeof list === 'object' ? [list] : [];
  return items.map(item =>
    Object.fromEntries(Object.entries(item as object).map(([key, inner]) => [key, String(inner)])),
  );
}
