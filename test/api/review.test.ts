// Review: states, comments, and the lists that reviewers work from.
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../support/forms.ts'
import { all, history, rowOf, sent } from '../support/life.ts'

async function start() {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, NOTE_FORM)
  return { ...cast, form, one: await sent(cast.amina, form) }
}

test('a review sets the state, with a comment in the same transaction', async () => {
  const { amina, bruno, one } = await start()
  const before = await rowOf(one.id)
  const reviewed = expectStatus(
    200,
    await bruno.post(`/submissions/${one.id}/review`, { state: 'rejected', comment: 'Which owl?' }),
  )
  expect(reviewed.body).toMatchObject({ review_state: 'rejected', revision: 2 })
  expect(reviewed.headers.get('etag')).toBe('"2"')
  expect((await rowOf(one.id)).seq).toBeGreaterThan(before.seq)
  const comments = expectStatus(200, await amina.get(`/submissions/${one.id}/comments`))
  expect(comments.body).toMatchObject([
    { body: 'Which owl?', at: '2026-11-23T08:00:00Z', actor: { kind: 'user', label: 'bruno@example.org' } },
  ])
  expect(await all(`SELECT details FROM audit_log WHERE action = 'submission.reviewed'`)).toEqual([
    { details: '{"from":"received","to":"rejected"}' },
  ])
})

test('the state it has already makes no revision, but the comment is kept', async () => {
  const { bruno, one } = await start()
  const review = { state: 'approved', comment: 'Good' }
  expectStatus(200, await bruno.post(`/submissions/${one.id}/review`, review))
  expect((await bruno.post(`/submissions/${one.id}/review`, review)).body.revision).toBe(2)
  expect((await bruno.get(`/submissions/${one.id}/comments`)).body).toHaveLength(2)
  expect(await history(bruno, one.id)).toHaveLength(2)
})

test('only managers review; senders and managers comment', async () => {
  const { amina, bruno, chiara, addUser, dario, one } = await start()
  const omar = await addUser(chiara, 'omar@example.org', 'field_worker')
  expect((await amina.post(`/submissions/${one.id}/review`, { state: 'approved' })).status).toBe(403)
  expect((await dario.post(`/submissions/${one.id}/review`, { state: 'approved' })).status).toBe(404)
  expect((await bruno.post(`/submissions/${one.id}/review`, { state: 'perfect' })).status).toBe(422)
  const said = await amina.post(`/submissions/${one.id}/comments`, { body: '  A barn owl.  ' })
  expect(said).toMatchObject({ status: 201, body: { body: 'A barn owl.', actor: { id: amina.id } } })
  expect((await omar.post(`/submissions/${one.id}/comments`, { body: 'Me too' })).status).toBe(404)
  expect((await amina.post(`/submissions/${one.id}/comments`, { body: ' ' })).status).toBe(422)
  expect((await bruno.get(`/submissions/${one.id}/comments`)).body).toHaveLength(1)
})

test('a comment changes neither revision nor feed', async () => {
  const { amina, one } = await start()
  const before = await rowOf(one.id)
  expectStatus(201, await amina.post(`/submissions/${one.id}/comments`, { body: 'Seen at dusk' }))
  expect(await rowOf(one.id)).toEqual(before)
})

test('lists filter by review state and by issues, with true totals', async () => {
  const { amina, bruno, form, one } = await start()
  const two = await sent(amina, form)
  const bulk = expectStatus(200, await bruno.post('/submissions/bulk', [submissionOf(form, { data: { note: 7 } })]))
  const faulty = bulk.body.accepted[0].id
  expectStatus(200, await bruno.post(`/submissions/${one.id}/review`, { state: 'approved' }))
  const list = async (query: string) => {
    const { body, headers } = expectStatus(200, await bruno.get(`/submissions?${query}`))
    return { ids: body.map(({ id }: { id: string }) => id), total: headers.get('x-total-count') }
  }
  expect(await list('review_state=approved')).toEqual({ ids: [one.id], total: '1' })
  expect(await list('review_state=received')).toEqual({ ids: [two.id], total: '1' })
  expect(await list('issues=true')).toEqual({ ids: [faulty], total: '1' })
  expect(await list(`review_state=has_issues&form_id=${form.id}`)).toEqual({ ids: [faulty], total: '1' })
  expect(await list('issues=true&review_state=approved')).toEqual({ ids: [], total: '0' })
  expect((await bruno.get('/submissions?review_state=perfect')).status).toBe(422)
})

test('the manager of one project reviews there, and nowhere else', async () => {
  const { amina, bruno, chiara, logIn, one } = await start()
  const other = await publishForm(bruno, NOTE_FORM, 'Elsewhere')
  const there = await sent(bruno, other)
  expectStatus(
    200,
    await chiara.patch(`/users/${amina.id}`, { memberships: [{ project_id: other.projectId, role: 'manager' }] }),
  )
  const manager = await logIn(amina.email, amina.password)
  expect((await manager.post(`/submissions/${there.id}/review`, { state: 'approved' })).status).toBe(200)
  expect((await manager.post(`/submissions/${one.id}/review`, { state: 'approved' })).status).toBe(403)
})
