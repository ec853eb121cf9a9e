// Changing many submissions by filter: at once, through the queue, and back again.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import type { Job } from '../../src/domain/context.ts'
import { type Caller, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { runJobs } from '../support/full-form.ts'
import { all, counts, edit, history, sent } from '../support/life.ts'

async function start() {
  const jobs: Job[] = []
  const cast = await makeCast({
    deps: {
      sendJob: async (job) => {
        jobs.push(job)
      },
    },
  })
  return { ...cast, jobs, form: await publishForm(cast.bruno, NOTE_FORM) }
}

async function fill(by: Caller, form: PublishedForm, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let from = 0; from < count; from += 100) {
    const items = Array.from({ length: Math.min(100, count - from) }, () => submissionOf(form))
    const { accepted } = expectStatus(200, await by.post('/submissions/bulk', items)).body
    ids.push(...accepted.map(({ id }: { id: string }) => id))
  }
  return ids
}

const act = (by: Caller, json: unknown) => by.post('/submissions/bulk-actions', json)
const total = async (by: Caller, query = '') =>
  Number((await by.get(`/submissions?limit=1${query}`)).headers.get('x-total-count'))

test('deletes what matches, nothing else, and brings exactly that back', async () => {
  const { bruno, form } = await start()
  const other = await publishForm(bruno, NOTE_FORM, 'Other')
  await fill(bruno, form, 3)
  await fill(bruno, other, 2)
  const gone = await sent(bruno, form)
  expectStatus(204, await bruno.delete(`/submissions/${gone.id}`))
  const done = await act(bruno, { action: 'delete', filter: { form_id: form.id }, expected_count: 3 })
  expect(done).toMatchObject({ status: 200, body: { state: 'done', action: 'delete', matched: 3, affected: 3 } })
  expect(await total(bruno)).toBe(2)
  expect(await counts()).toEqual({ counted: 2, there: 2 })
  const path = `/submissions/bulk-actions/${done.body.operation_id}`
  expect((await bruno.get(path)).body).toEqual(done.body)
  const undone = await bruno.post(`${path}/undo`)
  expect(undone).toMatchObject({ status: 200, body: { state: 'undone', undone: 3 } })
  expect(await total(bruno)).toBe(5)
  expect((await bruno.get('/submissions?deleted=true')).body).toMatchObject([{ id: gone.id }])
  expect(await counts()).toEqual({ counted: 5, there: 5 })
  expect((await bruno.post(`${path}/undo`)).body).toMatchObject({ state: 'undone', undone: 3 })
})

test('a count that is not the expected one changes nothing', async () => {
  const { bruno, form } = await start()
  await fill(bruno, form, 2)
  const refused = await act(bruno, { action: 'delete', filter: {}, expected_count: 3 })
  expect(refused).toMatchObject({ status: 409, body: { code: 'bulk_count_changed' } })
  expect(await total(bruno)).toBe(2)
})

test('a review of many is in the history of each, and its undo gives each its own state back', async () => {
  const { bruno, form } = await start()
  const [first, second, third] = (await fill(bruno, form, 3)) as [string, string, string]
  expectStatus(200, await bruno.post(`/submissions/${first}/review`, { state: 'rejected' }))
  expectStatus(200, await bruno.post(`/submissions/${third}/review`, { state: 'approved' }))
  const done = await act(bruno, { action: 'review', state: 'approved', filter: {} })
  expect(done.body).toMatchObject({ matched: 2, affected: 2, review_state: 'approved' })
  expect(await total(bruno, '&review_state=approved')).toBe(3)
  expect(await history(bruno, second)).toMatchObject([
    { change: 'review', review_state: 'approved', actor: { id: bruno.id } },
    { change: 'create', review_state: 'received' },
  ])
  // Somebody had another look since: theirs stands.
  expectStatus(200, await edit(bruno, second, { base_revision: 2, changes: { set: { note: 'two owls' } } }))
  const undone = await bruno.post(`/submissions/bulk-actions/${done.body.operation_id}/undo`)
  expect(undone.body).toMatchObject({ state: 'undone', affected: 2, undone: 1 })
  const states = async (id: string) => (await bruno.get(`/submissions/${id}`)).body.review_state
  expect([await states(first), await states(second), await states(third)]).toEqual(['rejected', 'approved', 'approved'])
})

test('restores from the trash by filter', async () => {
  const { bruno, form } = await start()
  await fill(bruno, form, 3)
  expectStatus(200, await act(bruno, { action: 'delete', filter: {} }))
  const restored = await act(bruno, { action: 'restore', filter: { form_id: form.id } })
  expect(restored.body).toMatchObject({ matched: 3, affected: 3, state: 'done' })
  expect(await total(bruno)).toBe(3)
})

test('more than 500 go through the queue in steps; a lost message is found by the sweep', async () => {
  const { advance, bruno, deps, form, jobs } = await start()
  await fill(bruno, form, 700)
  const begun = await act(bruno, { action: 'delete', filter: {} })
  expect(begun).toMatchObject({ status: 202, body: { state: 'running', matched: 700, affected: 0 } })
  const path = `/submissions/bulk-actions/${begun.body.operation_id}`
  expect(await bruno.post(`${path}/undo`)).toMatchObject({ status: 409, body: { code: 'bulk_action_busy' } })
  expect(jobs).toMatchObject([{ kind: 'bulk-action' }])
  jobs.length = 0
  // Arrived after the beginning: not meant.
  const late = await sent(bruno, form)
  advance(5 * 60_000)
  await sweep(deps)
  expect(jobs).toHaveLength(1)
  // A message that comes twice at once.
  await Promise.all([runJobs(deps, [...jobs]), runJobs(deps, jobs)])
  expect((await bruno.get(path)).body).toMatchObject({ state: 'done', matched: 700, affected: 700 })
  expect((await bruno.get('/submissions')).body).toMatchObject([{ id: late.id }])
  expect(await counts()).toEqual({ counted: 1, there: 1 })
  const undoing = await bruno.post(`${path}/undo`)
  expect(undoing).toMatchObject({ status: 202, body: { state: 'undoing' } })
  await runJobs(deps, jobs)
  expect((await bruno.get(path)).body).toMatchObject({ state: 'undone', undone: 700 })
  expect(await total(bruno)).toBe(701)
  expect(await all('SELECT revision, count(*) AS n FROM submissions GROUP BY 1 ORDER BY 1')).toEqual([
    { revision: 1, n: 1 },
    { revision: 3, n: 700 },
  ])
  expect(await all('SELECT count(*) AS n FROM submission_revisions')).toEqual([{ n: 2100 }])
})

test('only managers act in bulk, each where it manages, and only they see it', async () => {
  const { amina, bruno, chiara, dario, form, logIn } = await start()
  const other = await publishForm(bruno, NOTE_FORM, 'Other')
  await sent(amina, form)
  await sent(bruno, other)
  expect((await act(amina, { action: 'delete', filter: {} })).status).toBe(403)
  expect((await act(dario, { action: 'delete', filter: {} })).body).toMatchObject({ matched: 0 })
  expect((await act(dario, { action: 'delete', filter: { form_id: form.id } })).status).toBe(404)
  const memberships = [{ project_id: other.projectId, role: 'manager' }]
  expectStatus(200, await chiara.patch(`/users/${amina.id}`, { memberships }))
  const manager = await logIn(amina.email, amina.password)
  expect((await act(manager, { action: 'delete', filter: { form_id: form.id } })).status).toBe(403)
  const done = await act(manager, { action: 'delete', filter: {} })
  expect(done.body).toMatchObject({ matched: 1, affected: 1 })
  expect((await bruno.get('/submissions')).body).toMatchObject([{ form_id: form.id }])
  expect((await dario.get(`/submissions/bulk-actions/${done.body.operation_id}`)).status).toBe(404)
  const mine = await act(bruno, { action: 'review', state: 'approved', filter: {} })
  expect((await manager.post(`/submissions/bulk-actions/${mine.body.operation_id}/undo`)).status).toBe(404)
})

test('nonsense is refused before anything happens', async () => {
  const { bruno, form } = await start()
  await fill(bruno, form, 1)
  for (const body of [
    { action: 'erase', filter: {} },
    { action: 'delete' },
    { action: 'review', filter: {} },
    { action: 'delete', state: 'approved', filter: {} },
    { action: 'delete', filter: { frm_id: form.id } },
    { action: 'delete', filter: { from: 'yesterday' } },
  ])
    expect((await act(bruno, body)).status, JSON.stringify(body)).toBe(422)
  expect(await total(bruno)).toBe(1)
})

test('an action is forgotten when it can no longer be undone', async () => {
  const { advance, bruno, deps, form } = await start()
  await fill(bruno, form, 2)
  expectStatus(200, await act(bruno, { action: 'review', state: 'approved', filter: {} }))
  advance(32 * 24 * 3_600_000)
  await sweep(deps)
  expect(await all('SELECT * FROM bulk_action_rows')).toEqual([])
  expect(await env.DB.prepare('SELECT count(*) AS n FROM bulk_actions').first('n')).toBe(0)
})
