// Editing submissions: revisions, merging, conflicts, validation, rights.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { publishForm } from '../support/forms.ts'
import { all, edit, history, rowOf, sent } from '../support/life.ts'

const FORM = {
  fields: [
    { id: 'name', type: 'text', label: 'Name', required: true },
    { id: 'age', type: 'number', label: 'Age' },
    { id: 'note', type: 'textarea', label: 'Note' },
  ],
}
const DATA = { name: 'Awa', age: 9, note: 'shy' }

async function start() {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, FORM)
  return { ...cast, form, one: await sent(cast.amina, form, { data: DATA }) }
}

test('an edit of single fields makes a revision with a new seq, and keeps the rest', async () => {
  const { advance, bruno, one } = await start()
  const before = await rowOf(one.id)
  advance(60_000)
  const edited = await edit(bruno, one.id, { base_revision: 1, changes: { set: { age: 10 }, unset: ['note'] } })
  expect(edited).toMatchObject({ status: 200, body: { revision: 2, data: { name: 'Awa', age: 10 } } })
  expect(edited.body.data).not.toHaveProperty('note')
  expect(edited.headers.get('etag')).toBe('"2"')
  const after = await rowOf(one.id)
  expect(after.seq).toBeGreaterThan(before.seq)
  expect(after).toMatchObject({ created_seq: before.created_seq, user_id: before.user_id, revision: 2 })
  expect(edited.body.updated_at).toBe('2026-11-23T08:01:00Z')
  expect(await all('SELECT revision, change, seq FROM submission_revisions ORDER BY revision')).toEqual([
    { revision: 1, change: 'create', seq: before.seq },
    { revision: 2, change: 'edit', seq: after.seq },
  ])
})

test('a whole new set of answers replaces the old one', async () => {
  const { bruno, one } = await start()
  const edited = await edit(bruno, one.id, { base_revision: 1, data: { name: 'Moussa' } })
  expect(edited).toMatchObject({ status: 200, body: { revision: 2, data: { name: 'Moussa' } } })
  expect(edited.body.data).toEqual({ name: 'Moussa' })
})

test('edits of different fields from the same base are merged', async () => {
  const { amina, bruno, one } = await start()
  expectStatus(200, await edit(bruno, one.id, { base_revision: 1, changes: { set: { age: 10 } } }))
  const merged = await edit(amina, one.id, { base_revision: 1, data: { ...DATA, note: 'bold' } })
  expect(merged).toMatchObject({ status: 200, body: { revision: 3, data: { name: 'Awa', age: 10, note: 'bold' } } })
})

test('edits of the same field from the same base conflict, and the answer has both sides', async () => {
  const { amina, bruno, one } = await start()
  expectStatus(200, await edit(bruno, one.id, { base_revision: 1, changes: { set: { age: 10 } } }))
  const conflict = await edit(amina, one.id, { base_revision: 1, changes: { set: { age: 11, note: 'bold' } } })
  expect(conflict).toMatchObject({
    status: 409,
    body: {
      code: 'revision_conflict',
      base: 1,
      fields: ['age'],
      yours: { name: 'Awa', age: 11, note: 'bold' },
      theirs: { id: one.id, revision: 2, data: { age: 10 } },
    },
  })
  expect(await rowOf(one.id)).toMatchObject({ revision: 2 })
  const again = await edit(amina, one.id, { base_revision: 2, changes: { set: { age: 11, note: 'bold' } } })
  expect(again).toMatchObject({ status: 200, body: { revision: 3, data: { age: 11, note: 'bold' } } })
})

test('the same change made twice is made once', async () => {
  const { amina, bruno, one } = await start()
  expectStatus(200, await edit(bruno, one.id, { base_revision: 1, changes: { set: { age: 10 } } }))
  const again = await edit(amina, one.id, { base_revision: 1, changes: { set: { age: 10 } } })
  expect(again).toMatchObject({ status: 200, body: { revision: 2 } })
  expect(await history(bruno, one.id)).toHaveLength(2)
})

test('a review in between is no conflict', async () => {
  const { bruno, one } = await start()
  expectStatus(200, await bruno.post(`/submissions/${one.id}/review`, { state: 'approved' }))
  const edited = await edit(bruno, one.id, { base_revision: 1, changes: { set: { age: 10 } } })
  expect(edited).toMatchObject({ status: 200, body: { revision: 3, review_state: 'approved' } })
})

test('If-Match with the ETag of the detail stands for the base revision', async () => {
  const { bruno, one } = await start()
  const detail = expectStatus(200, await bruno.get(`/submissions/${one.id}`))
  const tag = detail.headers.get('etag')!
  expect(tag).toBe('"1"')
  const changes = { set: { age: 10 } }
  expect((await edit(bruno, one.id, { changes }, { 'if-match': tag })).status).toBe(200)
  expect((await edit(bruno, one.id, { changes: { set: { age: 12 } } }, { 'if-match': tag })).status).toBe(409)
  expect((await edit(bruno, one.id, { changes: { set: { age: 12 } } }, { 'if-match': '*' })).status).toBe(200)
  expect((await edit(bruno, one.id, { changes })).status).toBe(422)
  expect((await edit(bruno, one.id, { changes }, { 'if-match': 'W/"3"' })).status).toBe(422)
})

test('a base that does not exist yet, and an edit that says nothing, are refused', async () => {
  const { bruno, one } = await start()
  expect((await edit(bruno, one.id, { base_revision: 7, data: DATA })).status).toBe(422)
  expect((await edit(bruno, one.id, { base_revision: 1 })).status).toBe(422)
  expect((await edit(bruno, one.id, { base_revision: 1, data: DATA, changes: { set: {} } })).status).toBe(422)
})

test('faulty answers are refused with every fault, unless a manager accepts them', async () => {
  const { amina, bruno, one } = await start()
  const faulty = { base_revision: 1, data: { age: 'old' } }
  const refused = await edit(bruno, one.id, faulty)
  expect(refused).toMatchObject({ status: 422, body: { code: 'answers_invalid' } })
  expect(refused.body.detail).toContain("'name'")
  expect(refused.body.detail).toContain("'age'")
  expect((await edit(amina, one.id, { ...faulty, accept_issues: true })).status).toBe(403)
  const accepted = await edit(bruno, one.id, { ...faulty, accept_issues: true })
  expect(accepted).toMatchObject({ status: 200, body: { review_state: 'has_issues', revision: 2 } })
  expect(accepted.body.issues.map(({ path }: { path: string }) => path)).toEqual(['name', 'age'])
  const mended = await edit(amina, one.id, { base_revision: 2, data: DATA })
  expect(mended).toMatchObject({ status: 200, body: { review_state: 'received', issues: [] } })
})

test('a doubt about the time of collection survives an edit of the answers', async () => {
  const { amina, bruno, form } = await start()
  const one = await sent(amina, form, { data: DATA, collected_at: '2027-01-01T00:00:00Z' })
  expect(one.issues).toHaveLength(1)
  const edited = await edit(bruno, one.id, { base_revision: 1, changes: { set: { age: 10 } } })
  expect(edited.body.issues).toMatchObject([{ path: 'collected_at', code: 'future' }])
})

test('field workers edit their own until it is reviewed; nobody else sees it', async () => {
  const { amina, bruno, chiara, addUser, dario, form, one } = await start()
  const omar = await addUser(chiara, 'omar@example.org', 'field_worker')
  const change = (age: number) => ({ base_revision: age - 9, changes: { set: { age } } })
  expect((await edit(omar, one.id, change(10))).status).toBe(404)
  expect((await edit(dario, one.id, change(10))).status).toBe(404)
  expect((await edit(amina, one.id, change(10))).status).toBe(200)
  expectStatus(200, await bruno.post(`/submissions/${one.id}/review`, { state: 'rejected' }))
  const late = await edit(amina, one.id, { base_revision: 3, changes: { set: { age: 11 } } })
  expect(late).toMatchObject({ status: 403, body: { code: 'submission_reviewed' } })
  expect((await edit(bruno, one.id, { base_revision: 3, changes: { set: { age: 11 } } })).status).toBe(200)
  const other = await sent(bruno, form, { data: DATA })
  expect((await edit(amina, other.id, change(10))).status).toBe(404)
})

test('answers that grow beyond a row move to the object storage, and back', async () => {
  const { bruno, one } = await start()
  const note = 'é'.repeat(200_000)
  const grown = await edit(bruno, one.id, { base_revision: 1, changes: { set: { note } } })
  expect(grown).toMatchObject({ status: 200, body: { data: { note } } })
  const row = await rowOf(one.id)
  expect(row.data).toBeNull()
  expect(await env.MEDIA.head(row.data_key as string)).not.toBeNull()
  expect(await all('SELECT * FROM media_uploads')).toEqual([])
  const shrunk = await edit(bruno, one.id, { base_revision: 2, changes: { set: { note: 'short' } } })
  expect(shrunk).toMatchObject({ status: 200, body: { data: { note: 'short' } } })
  const second = expectStatus(200, await bruno.get(`/submissions/${one.id}/revisions/2`))
  expect(second.body.data.note).toBe(note)
})

test('an edit is in the audit log without its answers, a refused one is not', async () => {
  const { bruno, one } = await start()
  expectStatus(200, await edit(bruno, one.id, { base_revision: 1, changes: { set: { note: 'a secret' } } }))
  expectStatus(409, await edit(bruno, one.id, { base_revision: 1, changes: { set: { note: 'mine' } } }))
  const rows = await all(`SELECT * FROM audit_log WHERE action LIKE 'submission.%'`)
  expect(rows).toMatchObject([{ action: 'submission.edited', subject_id: one.id, user_id: bruno.id }])
  expect(JSON.stringify(rows)).not.toContain('secret')
})

test('of many who edit at once, each change is kept', async () => {
  const { bruno, one } = await start()
  const fields = ['a', 'b', 'c', 'd', 'e']
  const answers = await Promise.all(
    fields.map((field) => edit(bruno, one.id, { base_revision: 1, changes: { set: { [field]: field } } })),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  const { data, revision } = (await bruno.get(`/submissions/${one.id}`)).body
  expect(data).toEqual({ ...DATA, ...Object.fromEntries(fields.map((field) => [field, field])) })
  expect(revision).toBe(6)
})
