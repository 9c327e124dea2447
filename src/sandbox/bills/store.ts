import {createHash, createHmac, type KeyObject, timingSafeEqual} from 'node:crypto';
import {existsSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {monthDays} from '../../core/beijing.ts';
import {type BillType, billFileName, billTypes, tradeDateOf} from '../../core/bill-types.ts';
import type {Ledger} from '../ledger.ts';
import type {Switches} from '../types.ts';
import {type Days, type Sheet, sheetOf} from './rows.ts';

/** What a link stands for; it is signed, so that nothing needs to be kept of it. */
export interface Ticket {
  type: BillType;
  huifu_id: string;
  file_date: string;
  expires_at: number;
}

/** The body of a download: bytes made from the ledger, or a file of the folder given at the start. */
export type Body = {etag: string; size: number} & ({bytes: Buffer} | {file: string});

/** The statements of one sandbox: made from its ledger, or lying in a folder under the platform's names. */
export class BillStore {
  readonly #ledger: Ledger;
  readonly #switches: Switches;
  readonly #folder: string | undefined;
  readonly #secret: Buffer;
  readonly #made = new Map<string, Promise<Body>>();

  constructor(ledger: Ledger, switches: Switches, key: KeyObject, folder: string | undefined) {
    this.#ledger = ledger;
    this.#switches = switches;
    this.#folder = folder;
    this.#secret = key.export({format: 'der', type: 'pkcs8'});
  }

  exists(type: BillType, huifu_id: string, file_date: string): boolean {
    return (
      this.#file(type, huifu_id, file_date) !== undefined || this.#sheet(type, huifu_id, file_date).rows.length > 0
    );
  }

  /** A path under which it can be had until it expires (epoch ms). */
  path(ticket: Ticket): string {
    const {type, huifu_id, file_date, expires_at} = ticket;
    const body = [type.name, huifu_id, file_date, String(expires_at)].join('.');
    const token = `${Buffer.from(body).toString('base64url')}.${this.#seal(body)}`;
    return `/bills/${token}/${billFileName(type, huifu_id, file_date)}`;
  }

  /** Undefined for a link that this sandbox did not make. */
  ticket(path: string): Ticket | undefined {
    const [packed = '', given = ''] = (path.split('/')[2] ?? '').split('.');
    const body = Buffer.from(packed, 'base64url').toString();
    const [wanted, got] = [Buffer.from(this.#seal(body)), Buffer.from(given)];
    if (wanted.length !== got.length || !timingSafeEqual(wanted, got)) return undefined;
    const [name = '', huifu_id = '', file_date = '', expires = ''] = body.split('.');
    const type = billTypes[name as keyof typeof billTypes];
    return type && {type, huifu_id, file_date, expires_at: Number(expires)};
  }

  /** The same bytes for the same ledger, so that a broken download can go on. */
  body({type, huifu_id, file_date}: Ticket): Promise<Body> {
    const file = this.#file(type, huifu_id, file_date);
    if (file !== undefined) {
      const {size, mtimeMs} = statSync(file);
      return Promise.resolve({file, size, etag: `"${size}-${mtimeMs}"`});
    }
    const {billEncoding, billStyle, billRowsPerPart} = this.#switches;
    const {payments, refunds} = this.#ledger;
    const key = JSON.stringify([
      type.name,
      huifu_id,
      file_date,
      billEncoding,
      billStyle,
      billRowsPerPart,
      payments.size,
      refunds.size,
    ]);
    let made = this.#made.get(key);
    if (!made) {
      made = this.#make(type, huifu_id, file_date);
      this.#made.set(key, made);
    }
    return made;
  }

  clear(): void {
    this.#made.clear();
  }

  async #make(type: BillType, huifu_id: string, file_date: string): Promise<Body> {
    const {writeBill} = await import('./files.ts');
    const bytes = await writeBill(this.#sheet(type, huifu_id, file_date), type, huifu_id, file_date, this.#switches);
    return {bytes, size: bytes.length, etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`};
  }

  #sheet(type: BillType, huifu_id: string, file_date: string): Sheet {
    return sheetOf(this.#ledger, type, huifu_id, daysOf(type, file_date));
  }

  #file(type: BillType, huifu_id: string, file_date: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    const file = join(this.#folder, billFileName(type, huifu_id, file_date));
    return existsSync(file) ? file : undefined;
  }

  #seal(body: string): string {
    return createHmac('sha256', this.#secret).update(body).digest('base64url');
  }
}

function daysOf(type: BillType, file_date: string): Days {
  const day = tradeDateOf(file_date);
  return type.monthly ? monthDays(day.slice(0, 6)) : {first: day, last: day};
}
