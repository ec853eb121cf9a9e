// Brings the embedded databases up to date. The book-keeping table is the one of `wrangler d1 migrations apply`, so that
// either can take over from the other.
export interface Migration {
  /** File name, e.g. `0000_first.sql`. */
  name: string
  statements: string[]
}

const BOOK = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

/** Applies what is missing, each file in one transaction, and returns the names of the applied files. */
export async function migrate(database: D1Database, migrations: Migration[]): Promise<string[]> {
  await database.prepare(BOOK).run()
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
  const done = new Set(results.map(({ name }) => name))
  const missing = migrations.filter(({ name }) => !done.has(name))
  for (const { name, statements } of missing) {
    const note = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)
    try {
      await database.batch([...statements.map((sql) => database.prepare(sql)), note])
    } catch (error) {
      throw new Error(`The migration ${name} failed, and nothing of it was applied: ${(error as Error).message}`)
    }
  }
  return missing.map(({ name }) => name)
}
