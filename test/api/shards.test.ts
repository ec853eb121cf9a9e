// Tenants on several databases: DB (the directory and shard 0), DB_1 and DB_2. Runs in the project `two-shards`, which
// also repeats every API test that has more than one tenant in it (vitest.config.ts).
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { buildDeps } from '../../src/background/deps.ts'
import { sweep } from '../../src/background/sweep.ts'
import type { Job } from '../../src/domain/context.ts'
import { SETTLE_MS } from '../../src/domain/forms/purge.ts'
import { shardNumbers, shardOf } from '../../src/storage/shards.ts'
import { type Cast, expectStatus, makeCast, startApp, type User } from '../support/app.ts'
import { readFeed } from '../support/feed.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { objectsLeft, runJobs } from '../support/full-form.ts'
import { filePart, upload } from '../support/media.ts'

const PHOTO_FORM = { fields: [...NOTE_FORM.fields, { id: 'pic', type: 'photo', label: 'Picture' }] }
const SHARDS = [0, 1, 2]
const DATA_TABLES = ['projects', 'forms', 'form_versions', 'submissions', 'media', 'audit_log', 'tenant_settings']

const operatorOf = ({ as, deps }: Pick<Cast, 'as' | 'deps'>) =>
  as({ authorization: `Bearer ${deps.config.platformToken}` })

const tenantIdOf = async (user: User): Promise<string> => (await user.get('/auth/me')).body.tenant_id

/** Rows of a tenant in a database, over all tables with data. */
async function rowsIn(shard: number, tenantId: string): Promise<number> {
  const database = shardOf(env, shard)
  const results = await database.batch<{ n: number }>(
    DATA_TABLES.map((table) =>
      database.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = ?`).bind(tenantId),
    ),
  )
  return results.reduce((sum, { results: [row] }) => sum + row!.n, 0)
}

const shardsOf = async (tenantId: string): Promise<number[]> => {
  const counts = await Promise.all(SHARDS.map((shard) => rowsIn(shard, tenantId)))
  return SHARDS.filter((shard) => counts[shard]! > 0)
}

/** A form, a submission with a photo, one from a device, one from a key, one in quarantine; read back by every way. */
async function liveThrough({ addKey, pair }: Pick<Cast, 'addKey' | 'pair'>, admin: User): Promise<PublishedForm> {
  const form = await publishForm(admin, PHOTO_FORM)
  const own = submissionOf(form)
  expectStatus(201, await admin.post('/submissions', own))
  expectStatus(201, await upload(admin, own.local_uuid, filePart('photo')))
  const phone = await pair(admin)
  expect((await phone.get('/mobile/forms')).body).toHaveLength(1)
  const unknown = { ...submissionOf(form), form_version_id: '00000000-0000-4000-8000-000000000000' }
  const bulk = expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form), unknown]))
  expect([bulk.body.accepted.length, bulk.body.errors.length]).toEqual([1, 1])
  const key = await addKey(admin, { scopes: ['submissions:write', 'changes:read'] })
  expectStatus(201, await key.post('/headless/submit', { form_id: form.id, data_json: { note: 'rain' } }))
  expectStatus(200, await admin.put('/settings/mobile/server-url', { server_url: 'https://field.example' }))
  expect((await admin.get('/submissions')).headers.get('x-total-count')).toBe('3')
  expect((await readFeed(key)).items.map(({ kind }) => kind).sort()).toEqual([
    'form',
    'media',
    'submission',
    'submission',
    'submission',
  ])
  expect((await admin.get(`/audit?subject=${form.id}`)).body.items).toHaveLength(2)
  return form
}

const addTenantOn = async (cast: Cast, slug: string, shard: number): Promise<User> => {
  const email = `${slug}@example.net`
  const body = { name: slug, slug, admin_email: email, admin_password: 'a-long-password', shard }
  expect(expectStatus(201, await operatorOf(cast).post('/platform/tenants', body)).body.shard).toBe(shard)
  return cast.logIn(email, 'a-long-password')
}

describe('where data goes', () => {
  test('each tenant lives in its own database, whole, and nowhere else', async () => {
    const cast = await makeCast()
    const { chiara, dario } = cast
    const emil = await addTenantOn(cast, 'emil', 2)
    for (const [shard, admin] of [chiara, dario, emil].entries()) {
      await liveThrough(cast, admin)
      expect(await shardsOf(await tenantIdOf(admin))).toEqual([shard])
      expect(await shardOf(env, shard).prepare('SELECT count(*) AS n FROM quarantine').first('n')).toBe(1)
    }
  })

  test('the setting chooses for tenants that name no shard, the operator sees and may name it', async () => {
    const cast = await makeCast()
    const { body } = await operatorOf(cast).get('/platform/tenants')
    expect(body.map(({ slug, shard }: any) => [slug, shard]).sort()).toEqual([
      ['default', 0],
      ['other', 1],
    ])
    const made = { name: 'X', slug: 'x-1', admin_email: 'x@example.org', shard: 3 }
    const refused = await operatorOf(cast).post('/platform/tenants', made)
    expect([refused.status, refused.body.detail[0].loc]).toEqual([422, ['body', 'shard']])
    expect((await operatorOf(cast).post('/platform/tenants', { ...made, shard: -1 })).status).toBe(422)
    expect((await operatorOf(cast).get('/platform/tenants')).body).toHaveLength(2)
  })

  test('a setting that names a database which is not bound stops the Worker, with the name', () => {
    const settings = { NEW_TENANT_SHARD: { value: '7', enumerable: true } }
    expect(() => buildDeps(Object.create(env, settings))).toThrow('DB_7')
  })
})

test('a further database is added by its binding: nobody moves, everybody works on', async () => {
  // Before: the Worker has DB and DB_1.
  const two = { shards: [0, 1], shard: (shard: number) => shardOf({ DB: env.DB, DB_1: shardOf(env, 1) }, shard) }
  const before = await makeCast({ deps: two })
  const { chiara, dario } = before
  for (const admin of [chiara, dario]) await liveThrough(before, admin)
  const refused = { name: 'X', slug: 'x-1', admin_email: 'x@example.org', shard: 2 }
  expect((await operatorOf(before).post('/platform/tenants', refused)).status).toBe(422)
  const feeds = await Promise.all([readFeed(chiara), readFeed(dario)])

  // After: it has DB_2, too, and the same tokens and cursors go on.
  expect(shardNumbers(env)).toEqual(SHARDS)
  const after = startApp()
  const again = [chiara, dario].map(({ accessToken }) => after.as({ authorization: `Bearer ${accessToken}` }))
  for (const [position, caller] of again.entries()) {
    expect(await readFeed(caller)).toEqual(feeds[position])
    expect((await readFeed(caller, feeds[position]!.cursor)).items).toEqual([])
    await publishForm(caller, NOTE_FORM, 'Since then')
    expect((await readFeed(caller, feeds[position]!.cursor)).items).toHaveLength(1)
  }
  const emil = await addTenantOn({ ...before, ...after }, 'emil', 2)
  await liveThrough(after, emil)
  expect(await shardsOf(await tenantIdOf(chiara))).toEqual([0])
  expect(await shardsOf(await tenantIdOf(dario))).toEqual([1])
  expect(await shardsOf(await tenantIdOf(emil))).toEqual([2])
})

describe('background work reaches every database', () => {
  async function stage() {
    const jobs: Job[] = []
    const cast = await makeCast({ deps: { sendJob: async (job) => void jobs.push(job) } })
    const form = await liveThrough(cast, cast.dario)
    return { ...cast, form, jobs, tenant: await tenantIdOf(cast.dario) }
  }

  const countIn = (shard: number, table: string) =>
    shardOf(env, shard).prepare(`SELECT count(*) AS n FROM ${table}`).first<number>('n')

  test('a deleted form whose message was lost is found by the sweep and purged there', async () => {
    const { advance, dario, deps, form, jobs } = await stage()
    expectStatus(204, await dario.delete(`/forms/${form.id}`))
    jobs.length = 0
    advance(SETTLE_MS + 150_000)
    await sweep(deps)
    expect(jobs).toMatchObject([{ kind: 'purge-form', shard: 1, formId: form.id }])
    await runJobs(deps, jobs)
    expect([await countIn(1, 'submissions'), await countIn(1, 'media')]).toEqual([0, 0])
    expect((await objectsLeft()).length).toBe(0)
  })

  test('half-written uploads of every shard are swept', async () => {
    const { advance, deps, tenant } = await stage()
    await env.MEDIA.put(`${tenant}/half`, 'half')
    await shardOf(env, 1)
      .prepare('INSERT INTO media_uploads (tenant_id, media_id, object_key, started_at_ms) VALUES (?, ?, ?, ?)')
      .bind(tenant, 'half', `${tenant}/half`, deps.clock())
      .run()
    advance(25 * 3_600_000)
    await sweep(deps)
    expect(await objectsLeft()).not.toContain(`${tenant}/half`)
    expect(await countIn(1, 'media_uploads')).toBe(0)
  })

  test('a deleted tenant is purged from its own database', async () => {
    const { advance, as, deps, jobs, tenant } = await stage()
    expectStatus(204, await operatorOf({ as, deps }).delete(`/platform/tenants/${tenant}`))
    await runJobs(deps, jobs)
    advance(SETTLE_MS + 150_000)
    await sweep(deps)
    await runJobs(deps, jobs)
    expect(await shardsOf(tenant)).toEqual([])
    expect(await env.DB.prepare('SELECT count(*) AS n FROM tenants WHERE id = ?').bind(tenant).first('n')).toBe(0)
  })
})

describe('a database that is away', () => {
  const away = { prepare: () => ({ run: async () => Promise.reject(new Error('D1_ERROR: overloaded')) }) }

  test('makes health say so, whichever it is', async () => {
    const well = expectStatus(200, await startApp().nobody.get('/health'))
    const names = ['D1 DB: SELECT 1', 'D1 DB_1: SELECT 1', 'D1 DB_2: SELECT 1', 'R2: HEAD of an object']
    expect(well.body.checked).toEqual(names)
    const shard = (number: number) => (number === 2 ? (away as unknown as D1Database) : shardOf(env, number))
    const { body } = expectStatus(503, await startApp({ deps: { shard } }).nobody.get('/health'))
    expect(body).toMatchObject({ status: 'error', database: 'unreachable', storage: 'connected' })
  })

  test('stops the tenants in it, and no others', async () => {
    const cast = await makeCast()
    const { chiara, dario, deps } = cast
    const form = await publishForm(chiara, NOTE_FORM)
    const { shard } = deps
    deps.shard = (number) => {
      if (number === 1) throw new Error('D1_ERROR: Network connection lost')
      return shard(number)
    }
    expect((await dario.get('/forms')).status).toBe(503)
    expectStatus(201, await chiara.post('/submissions', submissionOf(form)))
    expect((await readFeed(chiara)).items).toHaveLength(2)
  })
})
