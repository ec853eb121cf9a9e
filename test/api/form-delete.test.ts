// Deleting a form: cases 38 and 39 of the native contract, and the purge that follows.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { handleBatch } from '../../src/background/queue.ts'
import { sweep } from '../../src/background/sweep.ts'
import type { Deps, Job } from '../../src/domain/context.ts'
import { purgeForm, SETTLE_MS } from '../../src/domain/forms/purge.ts'
import { purgeTenant } from '../../src/domain/tenants/purge.ts'
import { expectStatus, makeCast } from '../support/app.ts'
import { validAnswersS } from '../support/fixture-s.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../support/forms.ts'
import { objectsLeft, purgedAt, rowsLeft, runJobs, startWithFullForm } from '../support/full-form.ts'

const epoch = async (tenantSlug: string) =>
  (await env.DB.prepare('SELECT data_epoch AS n FROM tenants WHERE slug = ?').bind(tenantSlug).first<{ n: number }>())!
    .n

test('case 38: only an admin deletes a form; it is gone at once, and its data after the purge', async () => {
  const { advance, bruno, chiara, deps, form, jobs, mediaIds, submissionIds, pair } = await startWithFullForm()
  const other = await publishForm(bruno, NOTE_FORM, 'Other')
  const kept = expectStatus(201, await bruno.post('/submissions', submissionOf(other))).body.id
  const device = await pair(bruno)
  const before = await epoch('default')
  expect((await bruno.delete(`/forms/${form.id}`)).status).toBe(403)
  expect((await device.get('/mobile/forms')).body).toHaveLength(2)

  expect((await chiara.delete(`/forms/${form.id}`)).status).toBe(204)
  expect(await epoch('default')).toBe(before + 1)
  for (const path of [
    `/forms/${form.id}`,
    `/forms/${form.id}/versions`,
    `/forms/${form.id}/versions/${form.versionId}`,
    `/submissions/${submissionIds[0]}`,
    `/media/${mediaIds[0]}`,
  ])
    expect((await chiara.get(path)).status, path).toBe(404)
  expect((await chiara.delete(`/forms/${form.id}`)).status).toBe(404)
  expect((await chiara.get('/forms')).body).toMatchObject([{ id: other.id }])
  expect((await device.get('/mobile/forms')).body).toMatchObject([{ id: other.id }])
  const late = await bruno.post('/submissions', submissionOf(form, { data: validAnswersS }))
  expect(late).toMatchObject({ status: 422, body: { code: 'version_unknown' } })

  expect(jobs).toMatchObject([{ kind: 'purge-form', formId: form.id }])
  await runJobs(deps, jobs)
  expect(await objectsLeft()).toEqual([])
  expect(await rowsLeft()).toEqual({ submissions: 1, submission_counts: 1, form_versions: 1 })
  expect((await bruno.get(`/submissions/${kept}`)).status).toBe(200)

  // Another isolate may have taken a submission a moment longer: the sweep's second look marks the end.
  expect(await purgedAt(form.id)).toBeNull()
  advance(SETTLE_MS + 120_000)
  await sweep(deps)
  await runJobs(deps, jobs)
  expect(await purgedAt(form.id)).not.toBeNull()
})

test('case 39: a form with a live version and an open draft can be deleted', async () => {
  const { chiara, deps, form, jobs } = await startWithFullForm()
  expectStatus(200, await chiara.put(`/forms/${form.id}`, { schema: NOTE_FORM }))
  expect((await chiara.delete(`/forms/${form.id}`)).status).toBe(204)
  await runJobs(deps, jobs)
  expect(await rowsLeft()).toEqual({})
})

test('a purge that stops anywhere goes on from there', async () => {
  const { chiara, deps, form, jobs } = await startWithFullForm()
  expectStatus(204, await chiara.delete(`/forms/${form.id}`))
  const job = jobs.shift() as Extract<Job, { kind: 'purge-form' }>
  let stops = 0
  // Every run gets one operation further than the last, in steps of three rows, until one gets through.
  for (let operations = 0; ; operations++) {
    const { broken, tripped } = breakAfter(deps, operations)
    await purgeForm(broken, job, 3).catch((error) => {
      expect(String(error)).toContain('power cut')
    })
    if (!tripped() && Object.keys(await rowsLeft()).length === 0) break
    if (tripped()) stops++
    expect(operations).toBeLessThan(500)
  }
  expect(stops).toBeGreaterThan(10)
  expect(await objectsLeft()).toEqual([])
})

/** Dependencies whose storage stops working after so many operations. */
function breakAfter(deps: Deps, operations: number) {
  let left = operations
  const guard = <T extends object>(target: T, methods: string[]): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (methods.includes(String(name)) && left-- <= 0) throw new Error('power cut')
          const result = Reflect.apply(value, object, args)
          return name === 'withSession' ? guard(result as object, methods) : result
        }
      },
    })
  const broken: Deps = {
    ...deps,
    shard: (n) => guard(deps.shard(n), ['prepare', 'batch']),
    blobs: guard(deps.blobs, ['delete']),
  }
  return { broken, tripped: () => left < 0 }
}

test('a purge goes in bounded steps and sends itself on', async () => {
  const { chiara, deps, form, jobs } = await startWithFullForm()
  expectStatus(204, await chiara.delete(`/forms/${form.id}`))
  const job = jobs.shift() as Extract<Job, { kind: 'purge-form' }>
  const total = async () => Object.values(await rowsLeft()).reduce((sum, n) => sum + n, 0)
  let before = await total()
  let steps = 0
  for (let more = true; more; steps++) {
    await purgeForm(deps, job, 5)
    const after = await total()
    expect(before - after).toBeLessThanOrEqual(5)
    before = after
    more = jobs.shift() !== undefined
  }
  expect(steps).toBeGreaterThan(4)
  expect(before).toBe(0)
})

test('a form that is not deleted is not purged, whatever the queue says', async () => {
  const { deps, form } = await startWithFullForm()
  const before = await rowsLeft()
  const row = await env.DB.prepare('SELECT tenant_id AS id FROM forms').first<{ id: string }>()
  await purgeForm(deps, { kind: 'purge-form', tenantId: row!.id as never, shard: 0, formId: form.id })
  await purgeTenant(deps, { kind: 'purge-tenant', tenantId: row!.id as never })
  expect(await rowsLeft()).toEqual(before)
})

test('a form is deleted even when the queue does not take the message', async () => {
  const { bruno, chiara, lines } = await makeCast({
    deps: { sendJob: () => Promise.reject(new Error('queue away')) },
  })
  const form = await publishForm(bruno, NOTE_FORM)
  expect((await chiara.delete(`/forms/${form.id}`)).status).toBe(204)
  expect((await chiara.get(`/forms/${form.id}`)).status).toBe(404)
  expect(lines).toContainEqual(expect.objectContaining({ event: 'job_not_sent' }))
})

test('a job that fails is put back, later each time, and the others of its batch are done', async () => {
  const { chiara, deps, form, jobs } = await startWithFullForm()
  expectStatus(204, await chiara.delete(`/forms/${form.id}`))
  const job = jobs.shift()!
  const events: unknown[] = []
  const message = (body: unknown, attempts: number) =>
    ({
      body,
      attempts,
      ack: () => events.push('done'),
      retry: ({ delaySeconds }: { delaySeconds: number }) => events.push(delaySeconds),
    }) as unknown as Message<Job>
  await handleBatch({ messages: [message({ kind: 'dance' }, 1), message(job, 1), message({ kind: 'dance' }, 3)] }, deps)
  expect(events).toEqual([5, 'done', 20])
  expect(await rowsLeft()).toEqual({})
})
