// Deleting and restoring submissions: the trash, its time, its counts.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import { TRASH_MS } from '../../src/domain/submissions/trash.ts'
import { expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../support/forms.ts'
import { all, counts, edit, history, rowOf, sent } from '../support/life.ts'

async function start() {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, NOTE_FORM)
  return { ...cast, form, one: await sent(cast.amina, form), two: await sent(cast.bruno, form) }
}

test('a deleted submission is gone from lists and counts, stands in the trash, and its replay is a duplicate', async () => {
  const { amina, bruno, form, one, two } = await start()
  const before = await rowOf(one.id)
  expect((await bruno.delete(`/submissions/${one.id}`)).status).toBe(204)
  expect((await bruno.get(`/submissions/${one.id}`)).status).toBe(404)
  const list = await bruno.get('/submissions')
  expect(list.body).toMatchObject([{ id: two.id, deleted_at: null }])
  expect(list.headers.get('x-total-count')).toBe('1')
  const trash = await bruno.get('/submissions?deleted=true')
  expect(trash.body).toMatchObject([{ id: one.id, deleted_at: '2026-11-23T08:00:00Z', data: { note: 'an owl' } }])
  expect(trash.headers.get('x-total-count')).toBe('1')
  expect((await rowOf(one.id)).seq).toBeGreaterThan(before.seq)
  expect(await counts()).toEqual({ counted: 1, there: 1 })
  const again = await amina.post('/submissions', submissionOf(form, { local_uuid: one.local_uuid }))
  expect(again).toMatchObject({ status: 201, body: { status: 'ignored', id: one.id } })
  expect((await bruno.delete(`/submissions/${one.id}`)).status).toBe(404)
  expect((await edit(bruno, one.id, { base_revision: 2, data: { note: 'x' } })).status).toBe(404)
  expect((await bruno.post(`/submissions/${one.id}/review`, { state: 'approved' })).status).toBe(404)
})

test('a restored submission is as it was, with both acts in its history', async () => {
  const { bruno, one } = await start()
  expectStatus(204, await bruno.delete(`/submissions/${one.id}`))
  const restored = expectStatus(200, await bruno.post(`/submissions/${one.id}/restore`))
  expect(restored.body).toMatchObject({ id: one.id, revision: 3, data: one.data, deleted_at: null })
  expect((await bruno.get(`/submissions/${one.id}`)).status).toBe(200)
  expect(await counts()).toEqual({ counted: 2, there: 2 })
  expect((await history(bruno, one.id)).map(({ change }: any) => change)).toEqual(['restore', 'delete', 'create'])
  const twice = expectStatus(200, await bruno.post(`/submissions/${one.id}/restore`))
  expect(twice.body.revision).toBe(3)
  expect(await all(`SELECT action FROM audit_log WHERE action LIKE 'submission.%' ORDER BY id`)).toEqual([
    { action: 'submission.deleted' },
    { action: 'submission.restored' },
  ])
})

test('field workers delete and restore their own until it is reviewed', async () => {
  const { amina, bruno, chiara, addUser, dario, one, two } = await start()
  const omar = await addUser(chiara, 'omar@example.org', 'field_worker')
  for (const stranger of [omar, dario]) {
    expect((await stranger.delete(`/submissions/${one.id}`)).status).toBe(404)
    expect((await stranger.post(`/submissions/${one.id}/restore`)).status).toBe(404)
  }
  expect((await amina.delete(`/submissions/${two.id}`)).status).toBe(404)
  expect((await amina.delete(`/submissions/${one.id}`)).status).toBe(204)
  expect((await amina.get('/submissions?deleted=true')).body).toHaveLength(1)
  expect((await omar.get('/submissions?deleted=true')).body).toEqual([])
  expect((await amina.post(`/submissions/${one.id}/restore`)).status).toBe(200)
  expectStatus(200, await bruno.post(`/submissions/${one.id}/review`, { state: 'approved' }))
  expect((await amina.delete(`/submissions/${one.id}`)).status).toBe(403)
})

test('ten callers who delete one submission delete it once', async () => {
  const { bruno, one } = await start()
  const answers = await Promise.all(Array.from({ length: 10 }, () => bruno.delete(`/submissions/${one.id}`)))
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  expect(await counts()).toEqual({ counted: 1, there: 1 })
  expect(await rowOf(one.id)).toMatchObject({ revision: 2 })
})

test('after 30 days it is too late to restore, and the sweep erases what is in the trash', async () => {
  const { advance, bruno, deps, logIn, one } = await start()
  expectStatus(204, await bruno.delete(`/submissions/${one.id}`))
  advance(TRASH_MS)
  await sweep(deps)
  expect((await rowOf(one.id)).erased_at_ms).toBeNull()
  advance(1)
  const late = await (await logIn(bruno.email, bruno.password)).post(`/submissions/${one.id}/restore`)
  expect(late).toMatchObject({ status: 409, body: { code: 'restore_too_late' } })
  await sweep(deps)
  expect(await rowOf(one.id)).toMatchObject({ data: null, submitted_by_label: null })
  expect((await rowOf(one.id)).erased_at_ms).not.toBeNull()
  expect((await all('SELECT * FROM submissions WHERE data IS NOT NULL')).length).toBe(1)
  expect(await all('SELECT * FROM erasures')).toEqual([])
})

test('large answers come back from the trash, too', async () => {
  const { amina, bruno, form } = await start()
  const note = 'x'.repeat(300_000)
  const large = await sent(amina, form, { data: { note } })
  expectStatus(204, await bruno.delete(`/submissions/${large.id}`))
  const restored = expectStatus(200, await bruno.post(`/submissions/${large.id}/restore`))
  expect(restored.body.data.note).toBe(note)
  expect((await env.MEDIA.list()).objects).toHaveLength(1)
})
