// What is left when the process ends right after any step of taking a file, of purging a form and a tenant, of editing
// large answers, and that it comes right after the restart. Erasing is in erase.test.ts.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import type { Deps, Job } from '../../src/domain/context.ts'
import { purgeForm, SETTLE_MS } from '../../src/domain/forms/purge.ts'
import { purgeTenant } from '../../src/domain/tenants/purge.ts'
import { expectStatus, makeCast, startApp } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../support/forms.ts'
import { objectsLeft, rowsLeft, startWithFullForm } from '../support/full-form.ts'
import { all, edit, rowOf, sent } from '../support/life.ts'
import { filePart, noise, upload } from '../support/media.ts'
import { powerCutAfter } from '../support/power-cut.ts'

const DAY_MS = 24 * 3_600_000

/** Does something with one operation more each time, until it gets through; `look` is what must hold after each stop. */
async function stopEverywhere(
  deps: Deps,
  work: (broken: Deps) => Promise<boolean>,
  look: () => Promise<void>,
): Promise<number> {
  for (let operations = 0; operations < 300; operations++) {
    const { deps: broken, wasCut } = powerCutAfter(deps, operations)
    const done = await work(broken).catch((error) => {
      if (!wasCut()) throw error
      return false
    })
    await look()
    if (done && !wasCut()) return operations
  }
  throw new Error('It never got through')
}

for (const [size, bytes] of [
  ['small', 1_000],
  ['of several parts', 11 * 1024 * 1024],
] as const)
  test(`a ${size} file: every row has its object, every object without a row is on the list of begun uploads`, async () => {
    const { amina, advance, bruno, deps } = await makeCast()
    const form = await publishForm(bruno, fixtureS)
    const item = submissionOf(form, { data: validAnswersS })
    expectStatus(201, await amina.post('/submissions', item))
    const look = async () => {
      const stored = new Set(await objectsLeft())
      const rows = await all('SELECT object_key AS key FROM media')
      const begun = await all('SELECT object_key AS key FROM media_uploads')
      expect(rows.length).toBeLessThanOrEqual(1)
      for (const { key } of rows) expect(stored.has(key)).toBe(true)
      const named = new Set([...rows, ...begun].map(({ key }) => key))
      for (const key of stored) expect(named.has(key)).toBe(true)
    }
    const file = filePart(noise(bytes))
    const send = (broken: Deps) =>
      upload(startApp({ deps: broken }).as({ authorization: `Bearer ${amina.accessToken}` }), item.local_uuid, file)
    const steps = await stopEverywhere(deps, async (broken) => (await send(broken)).status === 201, look)
    expect(steps).toBeGreaterThan(3)
    expect((await send(deps)).status).toBe(201)
    advance(DAY_MS + 1)
    await sweep(deps)
    expect(await objectsLeft()).toHaveLength(1)
    expect(await all('SELECT id FROM media')).toHaveLength(1)
    expect(await all('SELECT * FROM media_uploads')).toEqual([])
  })

test('an edit with large answers: the head can be read after any stop, and the sweep takes what was never used', async () => {
  const { advance, bruno, deps } = await makeCast()
  const form = await publishForm(bruno, NOTE_FORM)
  const one = await sent(bruno, form)
  const note = 'n'.repeat(300_000)
  const by = (with_: Deps) => startApp({ deps: with_ }).as({ authorization: `Bearer ${bruno.accessToken}` })
  await stopEverywhere(
    deps,
    async (broken) => (await edit(by(broken), one.id, { base_revision: 1, data: { note } })).status === 200,
    async () => {
      const row = await rowOf(one.id)
      expect([1, 2]).toContain(row.revision)
      const read = expectStatus(200, await by(deps).get(`/submissions/${one.id}`)).body
      expect(read.data.note).toBe(row.revision === 1 ? 'an owl' : note)
      expect(await all('SELECT * FROM submission_revisions')).toHaveLength(row.revision === 1 ? 0 : 2)
    },
  )
  advance(DAY_MS + 1)
  await sweep(deps)
  expect(await objectsLeft()).toEqual([(await rowOf(one.id)).data_key])
  expect(await all('SELECT * FROM media_uploads')).toEqual([])
})

test('a purge of a form: what is left after any stop is still on its list, and goes with the next run', async () => {
  const { chiara, deps, form, jobs } = await startWithFullForm()
  expectStatus(204, await chiara.delete(`/forms/${form.id}`))
  const job = jobs.shift() as Extract<Job, { kind: 'purge-form' }>
  const steps = await stopEverywhere(
    deps,
    async (broken) => {
      await purgeForm(broken, job, 3)
      return Object.keys(await rowsLeft()).length === 0
    },
    everyObjectIsNamed,
  )
  expect(steps).toBeGreaterThan(3)
  expect(await objectsLeft()).toEqual([])
})

/** Objects go before the rows that name them: none is ever left without a name. */
async function everyObjectIsNamed(): Promise<void> {
  const names = [
    'SELECT object_key AS key FROM media',
    'SELECT data_key AS key FROM submissions',
    'SELECT data_key AS key FROM submission_revisions',
    'SELECT source_key AS key FROM form_versions',
    `SELECT value ->> 'objectKey' AS key FROM export_jobs, json_each(volumes)`,
  ]
  const named = new Set((await Promise.all(names.map((sql) => all(sql)))).flat().map(({ key }) => key))
  expect((await objectsLeft()).filter((key) => !named.has(key))).toEqual([])
}

test('a purge of a tenant: it stays deleted at every stop, and its row goes last', async () => {
  const { addTenant, advance, as, deps, jobs } = await startWithFullForm()
  const eva = await addTenant('leaving', 'eva@example.net')
  const theirs = await publishForm(eva, NOTE_FORM, 'Theirs')
  expectStatus(201, await eva.post('/submissions', submissionOf(theirs)))
  const tenant = (await eva.get('/auth/me')).body.tenant_id
  await env.MEDIA.put(`${tenant}/nobody-names-this`, 'x')
  const operator = as({ authorization: `Bearer ${deps.config.platformToken}` })
  expectStatus(204, await operator.delete(`/platform/tenants/${tenant}`))
  const job = jobs.shift() as Extract<Job, { kind: 'purge-tenant' }>
  const rows = async () =>
    Number(await env.DB.prepare('SELECT count(*) AS n FROM submissions WHERE tenant_id = ?').bind(tenant).first('n'))
  const there = () => env.DB.prepare('SELECT status FROM tenants WHERE id = ?').bind(tenant).first('status')
  await stopEverywhere(
    deps,
    async (broken) => {
      advance(SETTLE_MS)
      await purgeTenant(broken, job, 3)
      return (await there()) === null
    },
    async () => {
      const left = (await rows()) + (await env.MEDIA.list({ prefix: `${tenant}/` })).objects.length
      if (left > 0) expect(await there()).toBe('deleted')
      expect((await eva.get('/forms')).status).toBe(401)
    },
  )
  expect(await rows()).toBe(0)
  expect((await env.MEDIA.list({ prefix: `${tenant}/` })).objects).toEqual([])
})

test('a tenant is deleted even when the queue does not take the message', async () => {
  const { addTenant, as, deps } = await makeCast({ deps: { sendJob: () => Promise.reject(new Error('queue away')) } })
  const eva = await addTenant('leaving', 'eva@example.net')
  const tenant = (await eva.get('/auth/me')).body.tenant_id
  const operator = as({ authorization: `Bearer ${deps.config.platformToken}` })
  expect((await operator.delete(`/platform/tenants/${tenant}`)).status).toBe(204)
  expect((await eva.get('/forms')).status).toBe(401)
})
