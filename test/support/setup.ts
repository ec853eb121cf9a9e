// Every test starts from an empty installation: storage is isolated per file only, so it is emptied before each test.
import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'
import { shardNumbers, shardOf } from '../../src/storage/shards.ts'

/** Referring ones first. */
const DIRECTORY_TABLES = ['pairing_tokens', 'devices', 'api_keys', 'sessions', 'memberships', 'users', 'tenants']

const hasNoTables = async (database: D1Database) =>
  (await database.prepare(`SELECT name FROM sqlite_master WHERE name = 'forms'`).first()) === null

async function isEmpty(): Promise<boolean> {
  const databases = await Promise.all(shardNumbers(env).map((shard) => hasNoTables(shardOf(env, shard))))
  return databases.every(Boolean) && (await env.MEDIA.list({ limit: 1 })).objects.length === 0
}

beforeEach(async () => {
  await reset()
  // A write that outlived the last test's answers (a device's presence, a file) can make one reset come to nothing.
  for (let attempt = 0; attempt < 20 && !(await isEmpty()); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    await reset()
  }
  const bindings = env as unknown as { TEST_MIGRATIONS: Parameters<typeof applyD1Migrations>[1] }
  await applyD1Migrations(env.DB, bindings.TEST_MIGRATIONS)
  for (const shard of shardNumbers(env).filter((number) => number > 0)) {
    const database = shardOf(env, shard)
    await applyD1Migrations(database, bindings.TEST_MIGRATIONS)
    // The directory is in `DB` alone: whoever looks for it elsewhere shall find no table, not an empty one.
    await database.batch(DIRECTORY_TABLES.map((table) => database.prepare(`DROP TABLE ${table}`)))
  }
})
