import type Database from 'libsql';

/** The newest layout this program knows. A file of a newer one is refused, never guessed at. */
export const SCHEMA_VERSION = 1;

const STEPS: readonly string[] = [
  `CREATE TABLE intents (
     id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL,
     environment TEXT NOT NULL, profile TEXT NOT NULL, huifu_id TEXT NOT NULL,
     req_date TEXT NOT NULL, req_seq_id TEXT NOT NULL,
     pay_req_date TEXT NOT NULL, pay_req_seq_id TEXT NOT NULL, pay_hf_seq_id TEXT,
     amount TEXT NOT NULL, text TEXT NOT NULL, path TEXT NOT NULL,
     created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
     owner TEXT, lease_until INTEGER,
     hf_seq_id TEXT, resp_code TEXT, resp_desc TEXT, trans_stat TEXT, answer TEXT,
     sends INTEGER NOT NULL,
     UNIQUE (environment, huifu_id, req_date, req_seq_id));
   CREATE INDEX intents_payment ON intents (environment, huifu_id, pay_req_date, pay_req_seq_id);
   CREATE INDEX intents_hf ON intents (environment, huifu_id, pay_hf_seq_id);
   CREATE INDEX intents_day ON intents (environment, huifu_id, kind, req_date);
   CREATE INDEX intents_state ON intents (state, created_at);
   CREATE TABLE events (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, intent_id TEXT NOT NULL REFERENCES intents (id),
     what TEXT NOT NULL, detail TEXT);
   CREATE INDEX events_intent ON events (intent_id, seq);`,
];

/** Brings the file to SCHEMA_VERSION, one step a transaction; gives the version found, which may be a newer one. */
export function migrate(db: Database.Database): number {
  const version = () => Number((db.prepare('PRAGMA user_version').get() as {user_version: number}).user_version);
  if (version() >= SCHEMA_VERSION) return version();
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated while this one waited for the lock.
    for (let next = version(); next < SCHEMA_VERSION; next += 1) {
      db.exec(`${STEPS[next]}; PRAGMA user_version = ${next + 1}`);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
  return version();
}
