import {chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync} from 'node:fs';
import {dirname} from 'node:path';
import Database from 'libsql';
import {DougongError} from '../core/errors.ts';
import type {NoticeKind} from '../core/notice-facts.ts';
import type {
  Forward,
  ForwardResult,
  ForwardState,
  Kept,
  NewNotice,
  Notice,
  NoticeCounts,
  NoticeFilter,
  NoticeStore,
  PaymentKey,
} from './notices.ts';
import {COLUMNS, keyOf, type Row, toForward, toNotice} from './notices-rows.ts';
import {migrateNotices, NOTICES_VERSION} from './notices-schema.ts';

/** statfs types of NFS, SMB, CIFS, SMB2, AFS, 9p and Ceph: "durable" means nothing certain there. */
const NETWORK_FS = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x01021997, 0x00c36400]);
/** Of what did not verify only so many messages are kept, and no body larger than this. */
const MAX_UNVERIFIED = 2000;
const MAX_UNVERIFIED_BODY = 64 * 1024;
const DEFAULT_LIMIT = 100_000;

type Statement = Database.Statement<unknown[]>;

export interface NoticesOptions {
  /** Milliseconds to wait for another process's write; a listener waits hardly at all, because it answers 503 at once. */
  busyTimeout?: number;
}

/**
 * Opens (or makes, 0600) the file of kept notifications: SQLite in WAL with synchronous FULL, both read back.
 *
 * @param file absolute path, or ":memory:".
 * @throws DougongError `local` NOTICES_NETWORK_FS, NOTICES_UNWRITABLE, NOTICES_CORRUPT, NOTICES_NEWER, NOTICES_LOCKED.
 */
export function openNotices(file: string, {busyTimeout = 5000}: NoticesOptions = {}): NoticeStore {
  const memory = file === ':memory:';
  try {
    if (!memory) prepareFile(file);
    const db = new Database(file, {timeout: busyTimeout});
    db.exec(
      `PRAGMA busy_timeout = ${busyTimeout}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
       PRAGMA wal_autocheckpoint = 4000; PRAGMA secure_delete = ON`,
    );
    const mode = (db.prepare('PRAGMA journal_mode').get() as Row).journal_mode;
    const synchronous = (db.prepare('PRAGMA synchronous').get() as Row).synchronous;
    if (mode !== (memory ? 'memory' : 'wal') || synchronous !== 2)
      throw new Error(`journal_mode ${mode}, synchronous ${synchronous}`);
    const found = migrateNotices(db);
    if (found > NOTICES_VERSION) throw new DougongError('local', 'NOTICES_NEWER', {file, version: String(found)});
    return new SqliteNotices(db, file);
  } catch (error) {
    throw localError(error, file);
  }
}

function prepareFile(file: string): void {
  const folder = dirname(file);
  mkdirSync(folder, {recursive: true, mode: 0o700});
  if (NETWORK_FS.has(statfsSync(folder).type)) throw new DougongError('local', 'NOTICES_NETWORK_FS', {file});
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function localError(error: unknown, file: string): DougongError {
  if (error instanceof DougongError) return error;
  const {code = '', message} = error as {code?: string; message: string};
  const params = {file, reason: message};
  const kind =
    /BUSY|LOCKED/.test(code) || /database is locked/.test(message)
      ? 'NOTICES_LOCKED'
      : /NOTADB|CORRUPT/.test(code) || /malformed|not a database/.test(message)
        ? 'NOTICES_CORRUPT'
        : 'NOTICES_UNWRITABLE';
  return new DougongError('local', kind, params, {cause: error});
}

class SqliteNotices implements NoticeStore {
  readonly maxUnverified = MAX_UNVERIFIED;
  readonly #db: Database.Database;
  readonly #file: string;
  /** Statements are compiled once: compiling costs more than running. */
  readonly #statements = new Map<string, Statement>();

  constructor(db: Database.Database, file: string) {
    this.#db = db;
    this.#file = file;
  }

  #sql(text: string): Statement {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#db.prepare(text) as Statement;
      this.#statements.set(text, statement);
    }
    return statement;
  }

  #write<T>(work: () => T): T {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
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

  commit(notices: readonly NewNotice[], forwards: readonly ForwardResult[]): Kept[] {
    return this.#write(() => {
      for (const result of forwards) this.#result(result);
      const kept = notices.map(notice => this.#keep(notice));
      if (notices.some(({verdict}) => verdict !== 'ok')) this.#trim();
      return kept;
    });
  }

  #keep(fresh: NewNotice): Kept {
    const key = keyOf(fresh);
    const twins = this.#sql(
      'SELECT seq, digest, times FROM notices WHERE key = ? AND (digest = ? OR verdict = ?) ORDER BY seq LIMIT 50',
    ).all(key, fresh.digest, 'ok') as Row[];
    const same = twins.find(({digest}) => digest === fresh.digest);
    if (same) {
      this.#sql('UPDATE notices SET times = times + 1, last_at = ? WHERE seq = ?').run(fresh.at, same.seq);
      return {notice: this.#one(String(same.seq))!, fresh: false};
    }
    const {targets, body, facts, ...rest} = fresh;
    const keptBody = fresh.verdict === 'ok' || body.length <= MAX_UNVERIFIED_BODY ? body : null;
    const conflict = fresh.verdict === 'ok' ? twins[0]?.seq : undefined;
    const {lastInsertRowid} = this.#sql(
      `INSERT INTO notices (at, last_at, times, environment, profile, channel, method, url, headers, body, verdict, reason,
         elsewhere, as_json, key, digest, conflict_of, kind, trans_stat, hf_seq_id, req_seq_id, facts)
       VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      fresh.at,
      fresh.at,
      fresh.environment,
      fresh.profile,
      fresh.channel,
      fresh.method,
      fresh.url,
      JSON.stringify(fresh.headers),
      keptBody,
      fresh.verdict,
      fresh.reason ?? null,
      fresh.foreign ? 1 : 0,
      fresh.asJson ? 1 : 0,
      key,
      fresh.digest,
      conflict ?? null,
      facts.kind,
      facts.trans_stat ?? null,
      facts.hf_seq_id ?? null,
      facts.req_seq_id ?? null,
      JSON.stringify(facts),
    );
    for (const target of targets)
      this.#queue(Number(lastInsertRowid), target, fresh.environment, fresh.profile, fresh.at);
    const notice: Notice = {
      ...rest,
      facts,
      body,
      id: String(lastInsertRowid),
      lastAt: fresh.at,
      times: 1,
      erased: false,
      ...(conflict !== undefined && {conflictOf: String(conflict)}),
    };
    return {notice, fresh: true};
  }

  #queue(seq: number, target: string, environment: string, profile: string, at: number): void {
    this.#sql(
      `INSERT INTO outbox (notice, target, environment, profile, state, tries, due_at) VALUES (?, ?, ?, ?, 'pending', 0, ?)
       ON CONFLICT (notice, target) DO UPDATE SET state = 'pending', tries = 0, due_at = excluded.due_at,
         environment = excluded.environment, profile = excluded.profile`,
    ).run(seq, target, environment, profile, at);
  }

  #result({id, state, dueAt, status, ack, answer, ms}: ForwardResult): void {
    this.#sql(
      'UPDATE outbox SET state = ?, tries = tries + 1, due_at = ?, status = ?, ack = ?, answer = ?, ms = ? WHERE id = ?',
    ).run(state, dueAt, status, ack, answer, Math.round(ms), id);
  }

  #trim(): void {
    this.#sql(
      `DELETE FROM notices WHERE verdict <> 'ok' AND seq <=
         (SELECT seq FROM notices WHERE verdict <> 'ok' ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_UNVERIFIED})`,
    ).run();
  }

  #one(id: string): Notice | undefined {
    if (!/^\d{1,15}$/.test(id)) return undefined;
    const row = this.#sql(`SELECT ${COLUMNS}, body FROM notices WHERE seq = ?`).get(Number(id)) as Row | undefined;
    return row && toNotice(row);
  }

  get(id: string): Notice | undefined {
    return this.#read(() => this.#one(id));
  }

  list(filter: NoticeFilter): Notice[] {
    const where: string[] = [];
    const params: (string | number)[] = [];
    const only = (clause: string, ...values: (string | number)[]) => {
      where.push(clause);
      params.push(...values);
    };
    if (filter.id !== undefined) only('seq = ?', Number(filter.id));
    if (filter.kinds) only(`kind IN (${filter.kinds.map(() => '?').join(', ')})`, ...filter.kinds);
    if (filter.trans_stat) only('trans_stat = ?', filter.trans_stat);
    if (filter.verdict === 'foreign') only(`verdict = 'ok' AND elsewhere = 1`);
    else if (filter.verdict === 'conflict') only('conflict_of IS NOT NULL');
    else if (filter.verdict) only('verdict = ?', filter.verdict);
    if (filter.hf_seq_id) only('hf_seq_id = ?', filter.hf_seq_id);
    if (filter.req_seq_id) only('req_seq_id = ?', filter.req_seq_id);
    if (filter.environment) only('environment = ?', filter.environment);
    if (filter.profile) only('profile = ?', filter.profile);
    if (filter.since !== undefined) only('last_at >= ?', filter.since);
    const clause = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
    return this.#read(() =>
      (
        this.#db
          .prepare(`SELECT ${COLUMNS} FROM notices ${clause} ORDER BY seq DESC LIMIT ?`)
          .all(...params, filter.limit ?? DEFAULT_LIMIT) as Row[]
      )
        .map(toNotice)
        .reverse(),
    );
  }

  ofPayment({environment, huifu_id, hf_seq_id, req_date, req_seq_id}: PaymentKey, kind?: NoticeKind): Notice[] {
    const by = (column: string, value: string) =>
      (
        this.#sql(
          `SELECT ${COLUMNS} FROM notices WHERE ${column} = ? AND verdict = 'ok' AND kind = coalesce(?, kind) ORDER BY seq`,
        ).all(value, kind ?? null) as Row[]
      )
        .map(toNotice)
        .filter(one => one.environment === environment && one.facts.huifu_id === huifu_id);
    return this.#read(() => {
      if (hf_seq_id !== undefined) return by('hf_seq_id', hf_seq_id);
      if (req_seq_id === undefined) return [];
      // A merchant's number counts by its day only where both sides name one.
      return by('req_seq_id', req_seq_id).filter(
        ({facts}) => req_date === undefined || facts.req_date === undefined || facts.req_date === req_date,
      );
    });
  }

  due(
    at: number,
    {environment, profile, targets}: {environment: string; profile: string; targets: readonly string[]},
    limit: number,
  ): Forward[] {
    const marks = targets.map(() => '?').join(', ');
    return this.#read(() =>
      (
        this.#sql(
          `SELECT * FROM outbox WHERE state = 'pending' AND due_at <= ? AND environment = ? AND profile = ?
           AND target IN (${marks}) ORDER BY due_at, id LIMIT ?`,
        ).all(at, environment, profile, ...targets, limit) as Row[]
      ).map(toForward),
    );
  }

  forwards(noticeId: string): Forward[] {
    return this.#read(() =>
      (this.#sql('SELECT * FROM outbox WHERE notice = ? ORDER BY id').all(Number(noticeId)) as Row[]).map(toForward),
    );
  }

  outbox(scope?: {
    environment: string;
    profile: string;
    targets: readonly string[];
  }): Record<ForwardState | 'elsewhere', number> {
    return this.#read(() => {
      const found = {pending: 0, done: 0, failed: 0, elsewhere: 0};
      const rows = this.#sql(
        'SELECT environment, profile, target, state, count(*) AS count FROM outbox GROUP BY environment, profile, target, state',
      ).all() as Row[];
      for (const {environment, profile, target, state, count} of rows) {
        const ours =
          !scope ||
          (environment === scope.environment && profile === scope.profile && scope.targets.includes(String(target)));
        if (ours) found[state as ForwardState] += Number(count);
        else if (state === 'pending' && environment === scope.environment && profile === scope.profile)
          found.elsewhere += Number(count);
      }
      return found;
    });
  }

  enqueue(noticeId: string, target: string, at: number): void {
    this.#write(() => {
      const notice = this.#one(noticeId);
      if (notice) this.#queue(Number(noticeId), target, notice.environment, notice.profile, at);
    });
  }

  reverify(id: string, found: Pick<NewNotice, 'verdict' | 'reason' | 'foreign' | 'facts' | 'digest'>): Notice {
    return this.#write(() => {
      const before = this.#one(id);
      if (!before) throw new DougongError('usage', 'NOTICE_UNKNOWN', {id});
      const after = {...before, ...found};
      const key = keyOf(after);
      const twin = this.#sql('SELECT seq FROM notices WHERE key = ? AND digest = ? AND seq <> ?').get(
        key,
        found.digest,
        Number(id),
      ) as Row | undefined;
      if (twin) {
        this.#sql('UPDATE notices SET times = times + ? WHERE seq = ?').run(before.times, twin.seq);
        this.#sql('DELETE FROM notices WHERE seq = ?').run(Number(id));
        return this.#one(String(twin.seq))!;
      }
      const {facts} = found;
      this.#sql(
        `UPDATE notices SET verdict = ?, reason = ?, elsewhere = ?, facts = ?, digest = ?, key = ?, kind = ?, trans_stat = ?,
           hf_seq_id = ?, req_seq_id = ? WHERE seq = ?`,
      ).run(
        found.verdict,
        found.reason ?? null,
        found.foreign ? 1 : 0,
        JSON.stringify(facts),
        found.digest,
        key,
        facts.kind,
        facts.trans_stat ?? null,
        facts.hf_seq_id ?? null,
        facts.req_seq_id ?? null,
        Number(id),
      );
      return this.#one(id)!;
    });
  }

  counts(since = 0): NoticeCounts[] {
    return this.#read(() =>
      (
        this.#sql(
          `SELECT kind, verdict, elsewhere, conflict_of IS NOT NULL AS conflict, count(*) AS count, sum(times) AS arrivals
         FROM notices WHERE last_at >= ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
        ).all(since) as Row[]
      ).map(row => ({
        kind: String(row.kind),
        verdict: String(row.verdict),
        foreign: row.elsewhere === 1,
        conflict: row.conflict === 1,
        count: Number(row.count),
        arrivals: Number(row.arrivals),
      })),
    );
  }

  prune(before: {bodies: number; rows: number}, dryRun: boolean): {bodies: number; rows: number} {
    const count = (sql: string, at: number) => Number((this.#sql(sql).get(at) as Row).count);
    const look = () => ({
      bodies: count('SELECT count(*) AS count FROM notices WHERE body IS NOT NULL AND last_at < ?', before.bodies),
      rows: count('SELECT count(*) AS count FROM notices WHERE last_at < ?', before.rows),
    });
    if (dryRun) return this.#read(look);
    const found = this.#write(() => {
      const counted = look();
      this.#sql('DELETE FROM outbox WHERE notice IN (SELECT seq FROM notices WHERE last_at < ?)').run(before.rows);
      this.#sql('DELETE FROM notices WHERE last_at < ?').run(before.rows);
      this.#sql(
        `UPDATE outbox SET answer = NULL, state = CASE state WHEN 'pending' THEN 'failed' ELSE state END
         WHERE notice IN (SELECT seq FROM notices WHERE body IS NOT NULL AND last_at < ?)`,
      ).run(before.bodies);
      this.#sql(`UPDATE notices SET body = NULL, headers = '{}' WHERE body IS NOT NULL AND last_at < ?`).run(
        before.bodies,
      );
      return counted;
    });
    // What was erased must not linger in the log beside the file.
    this.#read(() => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    return found;
  }

  erase(word: string): number {
    const holds = `instr(COALESCE(body, x''), CAST(? AS BLOB)) > 0 OR instr(url, ?) > 0 OR instr(headers, ?) > 0
      OR instr(facts, ?) > 0`;
    const words = [word, word, word, word];
    const erased = this.#write(() => {
      const which = `notice IN (SELECT seq FROM notices WHERE ${holds})`;
      this.#sql(
        `UPDATE outbox SET answer = NULL, state = CASE state WHEN 'pending' THEN 'failed' ELSE state END WHERE ${which}`,
      ).run(...words);
      return this.#sql(
        `UPDATE notices SET body = NULL, headers = '{}', url = replace(url, ?, '[erased]'),
           facts = replace(facts, ?, '[erased]') WHERE ${holds}`,
      ).run(word, word, ...words).changes;
    });
    // What was erased must not linger in the log beside the file.
    this.#read(() => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    return erased;
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}
