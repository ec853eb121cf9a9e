// Every test starts from an empty installation, and with nothing of earlier tests under way: they share one runtime and
// its storage, which is emptied before each.
import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'
import { shardNumbers, shardOf } from '../../src/storage/shards.ts'
import { atRest } from './app.ts'

const DIRECTORY_TABLES = ['pairing_tokens', 'devices', 'api_keys', 'sessions', 'memberships', 'users', 'tenants']

const hasNoTables = async (database: D1Database) =>
  (await database.prepare(`SELECT name FROM sqlite_master WHERE name = 'forms'`).first()) === null

async function isEmpty(): Promise<boolean> {
  const databases = await Promise.all(shardNumbers(env).map((shard) => hasNoTables(shardOf(env, shard))))
  return databases.every(Boolean) && (await env.MEDIA.list({ limit: 1 })).objects.length === 0
}

beforeEach(async () => {
  await atRest()
  await reset()
  // A write of a Durable Object that outlived the last test (a device's presence) can make one reset come to nothing.
  for (let attempt = 0; attempt < 20 && !(await isEmpty()); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    await reset()
  }
  const { TEST_SCHEMA } = env as unknown as { TEST_SCHEMA: { table: string; sql: string }[] }
  await Promise.all(
    shardNumbers(env).map(async (shard) => {
      const database = shardOf(env, shard)
      // The directory is in `DB` alone: whoever looks for it elsewhere shall find no table, not an empty one.
      const wanted = TEST_SCHEMA.filter(({ table }) => shard === 0 || !DIRECTORY_TABLES.includes(table))
      // One statement of many is as much quicker as one request is than ninety; the local D1 takes it.
      await database.prepare(wanted.map(({ sql }) => sql).join(';\n')).run()
    }),
  )
})
