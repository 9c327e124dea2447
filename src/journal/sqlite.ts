import {randomUUID} from 'node:crypto';
import {chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync} from 'node:fs';
import {dirname} from 'node:path';
import Database from 'libsql';
import {DougongError} from '../core/errors.ts';
import {migrate, SCHEMA_VERSION} from './schema.ts';
import {ENDED, HOLDING} from './states.ts';
import type {
  AnswerRecord,
  GuardView,
  Intent,
  IntentFilter,
  IntentState,
  JournalEvent,
  NewIntent,
  Payment,
  Store,
} from './store.ts';

/** statfs types of NFS, SMB, CIFS, SMB2, AFS, 9p and Ceph: their locks cannot be trusted with money. */
const NETWORK_FS = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x01021997, 0x00c36400]);

export interface JournalOptions {
  now(): number;
  /** Milliseconds to wait for another process's write. */
  busyTimeout?: number;
  /** The type of a folder's file system, as statfs numbers it; the kernel's word by default. */
  fileSystem?(folder: string): number;
}

type Row = Record<string, string | number | null>;

/**
 * Opens (or makes, 0600) the journal file.
 *
 * SQLite in WAL with synchronous FULL, both read back on the live connection; every write is BEGIN IMMEDIATE.
 * @param file absolute path, its folder made with 0700; or ":memory:", which ends with the process.
 * @throws DougongError `local` JOURNAL_NETWORK_FS, JOURNAL_UNWRITABLE, JOURNAL_CORRUPT, JOURNAL_NEWER, JOURNAL_LOCKED.
 */
export async function openJournal(file: string, options: JournalOptions): Promise<Store> {
  const memory = file === ':memory:';
  if (!memory) prepareFile(file, options.fileSystem ?? (folder => statfsSync(folder).type));
  const fail = (error: unknown): never => {
    throw localError(error, file);
  };
  let db: Database.Database | undefined;
  try {
    db = new Database(file, {timeout: options.busyTimeout ?? 10_000});
    db.exec(
      `PRAGMA busy_timeout = ${options.busyTimeout ?? 10_000}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON`,
    );
    const {journal_mode, synchronous} = pragmas(db);
    if (journal_mode !== (memory ? 'memory' : 'wal') || synchronous !== 2)
      throw new Error(`journal_mode ${journal_mode}, synchronous ${synchronous}`);
    const found = migrate(db);
    if (found > SCHEMA_VERSION) throw new DougongError('local', 'JOURNAL_NEWER', {file, version: String(found)});
    return new SqliteStore(db, file, options.now);
  } catch (error) {
    db?.close();
    return fail(error);
  }
}

function pragmas(db: Database.Database): {journal_mode: string; synchronous: number} {
  const read = (name: string) => (db.prepare(`PRAGMA ${name}`).get() as Row)[name];
  return {journal_mode: String(read('journal_mode')), synchronous: Number(read('synchronous'))};
}

function prepareFile(file: string, fileSystem: (folder: string) => number): void {
  const folder = dirname(file);
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700});
    if (NETWORK_FS.has(fileSystem(folder))) throw new DougongError('local', 'JOURNAL_NETWORK_FS', {file});
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    throw localError(error, file);
  }
}

function localError(error: unknown, file: string): DougongError {
  if (error instanceof DougongError) return error;
  const {code = '', message} = error as {code?: string; message: string};
  const params = {file, reason: message};
  if (/BUSY|LOCKED/.test(code) || /database is locked/.test(message)) {
    return new DougongError('local', 'JOURNAL_LOCKED', params, {cause: error});
  }
  if (/NOTADB|CORRUPT/.test(code) || /malformed|not a database/.test(message)) {
    return new DougongError('local', 'JOURNAL_CORRUPT', params, {cause: error});
  }
  return new DougongError('local', 'JOURNAL_UNWRITABLE', params, {cause: error});
}

const COLUMNS = `id, kind, state, environment, profile, huifu_id, req_date, req_seq_id, pay_req_date, pay_req_seq_id,
  pay_hf_seq_id, amount, text, path, created_at, updated_at, owner, lease_until, hf_seq_id, resp_code, resp_desc,
  trans_stat, answer, sends`;

/** The one place where columns get their names: libsql adds a member of its own to every row. */
function toIntent(row: Row): Intent {
  const text = (name: string) => (row[name] === null ? undefined : String(row[name]));
  return {
    id: String(row.id),
    kind: row.kind as Intent['kind'],
    state: row.state as IntentState,
    environment: String(row.environment),
    profile: String(row.profile),
    huifu_id: String(row.huifu_id),
    req_date: String(row.req_date),
    req_seq_id: String(row.req_seq_id),
    payment: {
      environment: String(row.environment),
      huifu_id: String(row.huifu_id),
      req_date: String(row.pay_req_date),
      req_seq_id: String(row.pay_req_seq_id),
      hf_seq_id: text('pay_hf_seq_id'),
    },
    amount: BigInt(String(row.amount)),
    text: String(row.text),
    path: String(row.path),
    created_at: Number(row.created_at),
    updated_at: Number(row.updated_at),
    owner: text('owner'),
    lease_until: row.lease_until === null ? undefined : Number(row.lease_until),
    hf_seq_id: text('hf_seq_id'),
    resp_code: text('resp_code'),
    resp_desc: text('resp_desc'),
    trans_stat: text('trans_stat'),
    answer: text('answer'),
    sends: Number(row.sends),
  };
}

class SqliteStore implements Store {
  #db: Database.Database;
  #file: string;
  #now: () => number;

  constructor(db: Database.Database, file: string, now: () => number) {
    this.#db = db;
    this.#file = file;
    this.#now = now;
  }

  /** One immediate transaction: the write lock is taken before anything is read. */
  #write<T>(work: () => T): T {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        // After a failed COMMIT there may be no transaction left to roll back.
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    } catch (error) {
      throw localError(error, this.#file);
    }
  }

  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw localError(error, this.#file);
    }
  }

  #event(id: string, what: string, detail?: string): void {
    this.#db
      .prepare('INSERT INTO events(at, intent_id, what, detail) VALUES (?, ?, ?, ?)')
      .run(this.#now(), id, what, detail ?? null);
  }

  #rows(sql: string, ...params: unknown[]): Intent[] {
    return (this.#db.prepare(`SELECT ${COLUMNS} FROM intents ${sql}`).all(...params) as Row[]).map(toIntent);
  }

  async intend(payment: Payment, guard: (view: GuardView) => NewIntent | {existing: Intent}) {
    return this.#write(() => {
      const intents = this.#rows(
        `WHERE environment = ? AND huifu_id = ? AND ((pay_req_date = ? AND pay_req_seq_id = ?) OR pay_hf_seq_id = ?)
         ORDER BY created_at, rowid`,
        payment.environment,
        payment.huifu_id,
        payment.req_date,
        payment.req_seq_id,
        payment.hf_seq_id ?? '',
      );
      const refundedOn = (reqDate: string) =>
        this.#rows(
          `WHERE environment = ? AND huifu_id = ? AND kind = 'refund' AND req_date = ?`,
          payment.environment,
          payment.huifu_id,
          reqDate,
        )
          .filter(intent => HOLDING.includes(intent.state))
          .reduce((sum, intent) => sum + intent.amount, 0n);
      const decided = guard({intents, refundedOn});
      if ('existing' in decided) return {intent: decided.existing, created: false};
      return {intent: this.#insert(decided), created: true};
    });
  }

  #insert(fresh: NewIntent): Intent {
    const id = randomUUID();
    const now = this.#now();
    const taken = this.#rows(
      'WHERE environment = ? AND huifu_id = ? AND req_date = ? AND req_seq_id = ?',
      fresh.environment,
      fresh.huifu_id,
      fresh.req_date,
      fresh.req_seq_id,
    );
    if (taken.length > 0)
      throw new DougongError('usage', 'NUMBER_TAKEN', {req_seq_id: fresh.req_seq_id, req_date: fresh.req_date});
    this.#db
      .prepare(
        `INSERT INTO intents(id, kind, state, environment, profile, huifu_id, req_date, req_seq_id, pay_req_date,
           pay_req_seq_id, pay_hf_seq_id, amount, text, path, created_at, updated_at, sends)
         VALUES (?, ?, 'intended', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      )
      .run(
        id,
        fresh.kind,
        fresh.environment,
        fresh.profile,
        fresh.huifu_id,
        fresh.req_date,
        fresh.req_seq_id,
        fresh.payment.req_date,
        fresh.payment.req_seq_id,
        fresh.payment.hf_seq_id ?? null,
        fresh.amount.toString(),
        fresh.text,
        fresh.path,
        now,
        now,
      );
    this.#event(id, 'intended');
    return this.#one(id);
  }

  #one(id: string): Intent {
    const [intent] = this.#rows('WHERE id = ?', id);
    if (!intent) throw new Error(`no intent ${id}`);
    return intent;
  }

  async sent(id: string, from: IntentState, owner: string, leaseUntil: number): Promise<boolean> {
    return this.#write(() => {
      const {changes} = this.#db
        .prepare(
          `UPDATE intents SET state = 'sent', owner = ?, lease_until = ?, sends = sends + 1, updated_at = ?
           WHERE id = ? AND state = ?`,
        )
        .run(owner, leaseUntil, this.#now(), id, from);
      if (changes === 1) this.#event(id, 'sent', owner);
      return changes === 1;
    });
  }

  async neverSent(id: string, why: string): Promise<void> {
    this.#write(() => {
      // Only the first send may be taken back: an earlier one of the same number may have reached the gateway.
      this.#db
        .prepare(
          `UPDATE intents SET state = CASE WHEN sends <= 1 THEN 'intended' ELSE 'unknown' END, sends = sends - 1,
             owner = NULL, lease_until = NULL, updated_at = ? WHERE id = ? AND state = 'sent'`,
        )
        .run(this.#now(), id);
      this.#event(id, 'never-sent', why);
    });
  }

  async answer(id: string, record: AnswerRecord): Promise<Intent> {
    return this.#write(() => {
      const before = this.#one(id);
      const words = [record.resp_code, record.resp_desc, record.trans_stat].filter(Boolean).join(' ');
      if (record.from !== undefined && before.state !== record.from) return before;
      // An end is an end: a late "unknown" of a process that lost its answer must not undo what a query has settled.
      if (ENDED.includes(before.state) && record.state !== before.state) {
        this.#event(id, `late, not taken over: ${record.what}`, words || record.state);
        return before;
      }
      this.#db
        .prepare(
          `UPDATE intents SET state = ?, owner = NULL, lease_until = NULL, updated_at = ?,
             hf_seq_id = COALESCE(?, hf_seq_id), resp_code = COALESCE(?, resp_code), resp_desc = COALESCE(?, resp_desc),
             trans_stat = COALESCE(?, trans_stat), answer = COALESCE(?, answer),
             pay_hf_seq_id = CASE WHEN kind = 'pay' THEN COALESCE(?, pay_hf_seq_id) ELSE pay_hf_seq_id END
           WHERE id = ?`,
        )
        .run(
          record.state,
          this.#now(),
          record.hf_seq_id ?? null,
          record.resp_code ?? null,
          record.resp_desc ?? null,
          record.trans_stat ?? null,
          record.answer ?? null,
          record.hf_seq_id ?? null,
          id,
        );
      this.#event(id, record.what, words || undefined);
      return this.#one(id);
    });
  }

  async note(id: string, what: string, detail?: string): Promise<void> {
    this.#write(() => this.#event(id, what, detail));
  }

  async get(id: string): Promise<Intent | undefined> {
    return this.#read(() => this.#rows('WHERE id = ?', id)[0]);
  }

  async find(key: {environment: string; huifu_id: string; req_date?: string; req_seq_id: string}): Promise<Intent[]> {
    return this.#read(() =>
      this.#rows(
        'WHERE environment = ? AND huifu_id = ? AND req_seq_id = ? AND (? IS NULL OR req_date = ?) ORDER BY created_at',
        key.environment,
        key.huifu_id,
        key.req_seq_id,
        key.req_date ?? null,
        key.req_date ?? null,
      ),
    );
  }

  async list(filter: IntentFilter): Promise<Intent[]> {
    const where: string[] = [];
    const params: unknown[] = [];
    const only = (clause: string, ...values: unknown[]) => {
      where.push(clause);
      params.push(...values);
    };
    if (filter.kind) only('kind = ?', filter.kind);
    if (filter.states) only(`state IN (${filter.states.map(() => '?').join(', ')})`, ...filter.states);
    if (filter.environment) only('environment = ?', filter.environment);
    if (filter.huifu_id) only('huifu_id = ?', filter.huifu_id);
    if (filter.profile) only('profile = ?', filter.profile);
    if (filter.since !== undefined) only('created_at >= ?', filter.since);
    if (filter.hf_seq_id) only('(hf_seq_id = ? OR pay_hf_seq_id = ?)', filter.hf_seq_id, filter.hf_seq_id);
    if (filter.payment) {
      const {environment, huifu_id, req_date, req_seq_id, hf_seq_id} = filter.payment;
      only(
        'environment = ? AND huifu_id = ? AND ((pay_req_date = ? AND pay_req_seq_id = ?) OR pay_hf_seq_id = ?)',
        environment,
        huifu_id,
        req_date,
        req_seq_id,
        hf_seq_id ?? '',
      );
    }
    const clause = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
    return this.#read(() => this.#rows(`${clause} ORDER BY created_at, rowid`, ...params));
  }

  async events(id: string): Promise<JournalEvent[]> {
    return this.#read(() =>
      (
        this.#db
          .prepare('SELECT at, intent_id, what, detail FROM events WHERE intent_id = ? ORDER BY seq')
          .all(id) as Row[]
      ).map(row => ({
        at: Number(row.at),
        intent_id: String(row.intent_id),
        what: String(row.what),
        detail: row.detail === null ? undefined : String(row.detail),
      })),
    );
  }

  async redact(before: {texts: number; whole: number}): Promise<{erased: number; removed: number}> {
    const ended = `state IN (${ENDED.map(state => `'${state}'`).join(', ')})`;
    const counts = this.#write(() => {
      const old = `SELECT id FROM intents WHERE ${ended} AND updated_at < ?`;
      this.#db.prepare(`DELETE FROM events WHERE intent_id IN (${old})`).run(before.whole);
      const removed = this.#db
        .prepare(`DELETE FROM intents WHERE ${ended} AND updated_at < ?`)
        .run(before.whole).changes;
      const stale = `${ended} AND updated_at < ? AND text <> ''`;
      this.#db
        .prepare(`UPDATE events SET detail = NULL WHERE intent_id IN (SELECT id FROM intents WHERE ${stale})`)
        .run(before.texts);
      const erased = this.#db
        .prepare(`UPDATE intents SET text = '', answer = CASE
             WHEN json_valid(answer) AND json_extract(answer, '$.party_order_id') IS NOT NULL
             THEN json_object('party_order_id', json_extract(answer, '$.party_order_id')) END WHERE ${stale}`)
        .run(before.texts).changes;
      return {erased, removed};
    });
    this.#forget();
    return counts;
  }

  async erase(word: string): Promise<{erased: number; kept: number}> {
    const counts = this.#write(() => {
      const holds = `(instr(text, ?) > 0 OR instr(COALESCE(answer, ''), ?) > 0)`;
      const open = `state IN ('intended', 'sent', 'unknown', 'deferred') AND instr(text, ?) > 0`;
      const kept = Number(
        (this.#db.prepare(`SELECT COUNT(*) AS n FROM intents WHERE ${open}`).get(word) as Row).n ?? 0,
      );
      const {changes} = this.#db
        .prepare(
          `UPDATE intents SET text = replace(text, ?, '[erased]'), answer = replace(answer, ?, '[erased]')
           WHERE ${holds} AND NOT (${open})`,
        )
        .run(word, word, word, word, word);
      this.#db
        .prepare(`UPDATE events SET detail = replace(detail, ?, '[erased]') WHERE instr(detail, ?) > 0`)
        .run(word, word);
      return {erased: changes, kept};
    });
    this.#forget();
    return counts;
  }

  /** What was erased leaves the file as well: freed pages are overwritten, the write-ahead log is emptied. */
  #forget(): void {
    this.#read(() => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  async durability(): Promise<{journal_mode: string; synchronous: number}> {
    return this.#read(() => pragmas(this.#db));
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
