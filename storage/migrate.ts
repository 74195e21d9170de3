/**
 * The schema, as the steps that lead to it: `user_version` counts those taken. A step that has been
 * released is never edited; a change is a new step at the end.
 *
 * `application_id` marks a file as ours, so that a foreign database is never written to.
 */
import type { Database } from 'better-sqlite3'
import { AgentError } from '../platform/errors.ts'

/** "TDWT" as four bytes. */
const APPLICATION_ID = 0x54445754

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE total (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    events INTEGER NOT NULL, event_bytes INTEGER NOT NULL, evicted_events INTEGER NOT NULL,
    series INTEGER NOT NULL, observations INTEGER NOT NULL, evicted_series INTEGER NOT NULL,
    evicted_alerts INTEGER NOT NULL,
    -- Start of the newest transfer.
    newest_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO total VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0);

  CREATE TABLE event_batch (
    id INTEGER PRIMARY KEY,
    from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    count INTEGER NOT NULL, bytes INTEGER NOT NULL,
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zstd')),
    body BLOB NOT NULL
  ) STRICT;

  -- What a known series' next transfer leaves as it is, so that it writes to one table alone.
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    first_seen_ms INTEGER NOT NULL, oldest_ms INTEGER NOT NULL,
    -- Observations that the bound has taken; with those kept it is all there ever were.
    dropped INTEGER NOT NULL,
    -- 0 was seen once or twice, 1 more often, 2 recurs: what is evicted first to last.
    interest INTEGER NOT NULL,
    -- When it was last seen; of what was seen more than twice by the hour, so that it is written
    -- once an hour, not once a transfer.
    rank_ms INTEGER NOT NULL,
    -- What its transfers have in common: seldom written.
    identity TEXT NOT NULL, context TEXT
  ) STRICT;
  CREATE INDEX series_by_interest ON series (interest, rank_ms);
  CREATE INDEX series_by_oldest ON series (oldest_ms);
  CREATE TABLE observation (
    series_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    sent_bytes INTEGER, received_bytes INTEGER, connections INTEGER NOT NULL,
    -- What is its own of the latest transfer: here, since it is on the page that is written anyway.
    latest TEXT,
    PRIMARY KEY (series_id, at_ms)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE finding (
    series_key TEXT PRIMARY KEY, assessed_ms INTEGER NOT NULL,
    verdict TEXT NOT NULL, score REAL NOT NULL, risk REAL NOT NULL,
    disposition TEXT NOT NULL, detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX finding_by_risk ON finding (risk DESC) WHERE verdict = 'recurring';

  CREATE TABLE alert (
    id TEXT PRIMARY KEY, series_key TEXT NOT NULL,
    created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL,
    document TEXT NOT NULL, send INTEGER NOT NULL,
    revision INTEGER NOT NULL, sent_revision INTEGER NOT NULL,
    -- The newest revision that the endpoint has taken or refused.
    settled_revision INTEGER NOT NULL, rejected TEXT
  ) STRICT;
  CREATE INDEX alert_by_update ON alert (updated_ms);
  CREATE INDEX alert_unsent ON alert (updated_ms) WHERE revision > settled_revision;

  CREATE TABLE gap (from_ms INTEGER PRIMARY KEY, to_ms INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
  CREATE TABLE schedule (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, definition TEXT NOT NULL
  ) STRICT;
  CREATE TABLE bookmark (dataset TEXT PRIMARY KEY, position TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // Several outputs, each with its own word on an alert. In the first schema there was one.
  `
  -- Those that alerts are kept for now; the word of one that was taken out is kept with the alert.
  CREATE TABLE output (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  INSERT INTO output VALUES ('main');
  CREATE TABLE delivery (
    alert_id TEXT NOT NULL, output TEXT NOT NULL,
    sent_revision INTEGER NOT NULL,
    -- The newest revision that the output has taken or refused.
    settled_revision INTEGER NOT NULL,
    PRIMARY KEY (alert_id, output)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO delivery
    SELECT id, 'main', sent_revision, settled_revision FROM alert WHERE settled_revision > 0;
  CREATE TRIGGER alert_evicted AFTER DELETE ON alert BEGIN
    DELETE FROM delivery WHERE alert_id = OLD.id;
  END;
  CREATE TABLE dead_letter (
    sequence INTEGER PRIMARY KEY,
    output TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, reason TEXT NOT NULL, document TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX dead_letter_by_document ON dead_letter (id, output, revision);
  INSERT INTO dead_letter (output, id, revision, at_ms, reason, document)
    SELECT 'main', id, settled_revision, updated_ms, rejected, document
    FROM alert WHERE rejected IS NOT NULL ORDER BY updated_ms;
  -- From here on sent_revision and settled_revision of an alert are what every output has.
  ALTER TABLE alert DROP COLUMN rejected;
  `,
]

export const SCHEMA_VERSION = MIGRATIONS.length

/**
 * The schema version of an open database; 0 for an empty one.
 * @throws {AgentError} `ERR_STORE_NEWER` for one made by a later agent, `ERR_STORE_CORRUPT` for one
 *   that is not ours
 */
export function schemaVersion(db: Database): number {
  const version = db.pragma('user_version', { simple: true }) as number
  const id = db.pragma('application_id', { simple: true }) as number
  const isEmpty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isEmpty && version === 0 && id === 0) return 0
  if (id !== APPLICATION_ID) {
    throw new AgentError('ERR_STORE_CORRUPT', `${db.name}: a database, but not one of this agent`, {
      remedy: 'move it away, or give the agent another folder (--data-dir)',
    })
  }
  if (version > SCHEMA_VERSION) {
    throw new AgentError(
      'ERR_STORE_NEWER',
      `${db.name}: made by a newer agent (schema ${version}, this one knows ${SCHEMA_VERSION})`,
      { remedy: 'install that version again, or move the database away' },
    )
  }
  return version
}

/**
 * Brings an open database to this schema, all steps in one transaction.
 * @param migrations ours; a test hands in others
 */
export function migrate(db: Database, migrations: readonly string[] = MIGRATIONS): void {
  const version = schemaVersion(db)
  if (version >= migrations.length) return
  db.transaction(() => {
    for (const step of migrations.slice(version)) db.exec(step)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${migrations.length}`)
  }).immediate()
}
