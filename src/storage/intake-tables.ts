// The tables inside an Intake object: its own SQLite, not D1. One object belongs to one credential, so nothing here
// carries a tenant. The files intake-*.ts beside this one hold the statements.

/** Makes what is missing; called each time an object starts. */
export function prepareIntakeTables(sql: SqlStorage): void {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS ledger (
      position INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      epoch INTEGER NOT NULL,
      outcomes TEXT,
      at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS backlog (
      position INTEGER PRIMARY KEY,
      header TEXT NOT NULL,
      request_keys TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      row_count INTEGER NOT NULL,
      ids TEXT NOT NULL,
      rows TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS backlog_ids (
      id TEXT PRIMARY KEY,
      position INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS backlog_ids_position ON backlog_ids (position);
    CREATE TABLE IF NOT EXISTS known_versions (
      id TEXT PRIMARY KEY,
      form_id TEXT NOT NULL,
      project_id TEXT NOT NULL,
      version_num INTEGER NOT NULL,
      published INTEGER NOT NULL,
      schema TEXT NOT NULL,
      learned_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS known_live (
      form_id TEXT PRIMARY KEY,
      version_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS known_sessions (
      id TEXT PRIMARY KEY,
      grant_json TEXT NOT NULL,
      checked_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `)
}
