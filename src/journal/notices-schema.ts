import type Database from 'libsql';

/** The newest layout of the kept notifications that this program knows; a file of a newer one is refused. */
export const NOTICES_VERSION = 1;

const STEPS: readonly string[] = [
  `CREATE TABLE notices (
     seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL,
     environment TEXT NOT NULL, profile TEXT NOT NULL, channel TEXT NOT NULL,
     method TEXT NOT NULL, url TEXT NOT NULL, headers TEXT NOT NULL, body BLOB,
     verdict TEXT NOT NULL, reason TEXT, elsewhere INTEGER NOT NULL, as_json INTEGER NOT NULL,
     key TEXT NOT NULL, digest TEXT NOT NULL, conflict_of INTEGER,
     kind TEXT NOT NULL, trans_stat TEXT, hf_seq_id TEXT, req_seq_id TEXT, facts TEXT NOT NULL);
   CREATE UNIQUE INDEX notices_key ON notices (key, digest);
   CREATE INDEX notices_hf ON notices (hf_seq_id) WHERE hf_seq_id IS NOT NULL;
   CREATE INDEX notices_number ON notices (req_seq_id) WHERE req_seq_id IS NOT NULL;
   CREATE INDEX notices_invalid ON notices (seq) WHERE verdict <> 'ok';
   CREATE TABLE outbox (
     id INTEGER PRIMARY KEY, notice INTEGER NOT NULL, target TEXT NOT NULL,
     environment TEXT NOT NULL, profile TEXT NOT NULL,
     state TEXT NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL,
     status INTEGER, ack TEXT, answer TEXT, ms INTEGER,
     UNIQUE (notice, target));
   CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'pending';`,
];

/** Brings the file to NOTICES_VERSION, one step a transaction; gives the version found, which may be a newer one. */
export function migrateNotices(db: Database.Database): number {
  const version = () => Number((db.prepare('PRAGMA user_version').get() as {user_version: number}).user_version);
  if (version() >= NOTICES_VERSION) return version();
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated while this one waited for the lock.
    for (let next = version(); next < NOTICES_VERSION; next += 1)
      db.exec(`${STEPS[next]}; PRAGMA user_version = ${next + 1}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
  return version();
}
