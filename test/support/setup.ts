// Every test starts from an empty installation: storage is isolated per file only, so it is emptied before each test.
import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'

const isEmpty = async () =>
  (await env.DB.prepare(`SELECT name FROM sqlite_master WHERE name = 'tenants'`).first()) === null

beforeEach(async () => {
  await reset()
  // A write that outlived the last test's answers (a device's presence) can make one reset come to nothing.
  for (let attempt = 0; attempt < 20 && !(await isEmpty()); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    await reset()
  }
  const bindings = env as unknown as { TEST_MIGRATIONS: Parameters<typeof applyD1Migrations>[1] }
  await applyD1Migrations(env.DB, bindings.TEST_MIGRATIONS)
})
