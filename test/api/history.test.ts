// The history of a submission: who changed what, when; and what it was before.
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { publishForm, submissionOf } from '../support/forms.ts'
import { edit, history, rowOf, sent } from '../support/life.ts'

async function start() {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, fixtureS)
  return { ...cast, form, one: await sent(cast.amina, form, { data: validAnswersS }) }
}

test('one that was never changed has one entry: how it came', async () => {
  const { amina, bruno, one } = await start()
  expect(await history(bruno, one.id)).toEqual([
    {
      revision: 1,
      change: 'create',
      at: one.submitted_at,
      actor: { kind: 'user', id: amina.id, label: 'amina@example.org' },
      review_state: 'received',
      diff: [],
    },
  ])
  const first = expectStatus(200, await bruno.get(`/submissions/${one.id}/revisions/1`))
  expect(first.body).toMatchObject({ revision: 1, change: 'create', data: validAnswersS })
  expect((await bruno.get(`/submissions/${one.id}/revisions/2`)).status).toBe(404)
})

test('each entry tells what differs from the one before, by path', async () => {
  const { advance, amina, bruno, one } = await start()
  advance(1000)
  const hh = [{ m_name: 'Moussa', m_age: 13 }]
  expectStatus(200, await edit(amina, one.id, { base_revision: 1, changes: { set: { hh, age: 35 }, unset: ['src'] } }))
  advance(1000)
  expectStatus(200, await bruno.post(`/submissions/${one.id}/review`, { state: 'approved', comment: 'Fine' }))
  const entries = await history(amina, one.id)
  expect(entries).toMatchObject([
    { revision: 3, change: 'review', review_state: 'approved', diff: [], actor: { label: 'bruno@example.org' } },
    { revision: 2, change: 'edit', at: '2026-11-23T08:00:01Z', actor: { id: amina.id } },
    { revision: 1, change: 'create', at: '2026-11-23T08:00:00Z' },
  ])
  expect(entries[1].diff.sort((a: any, b: any) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: 'age', from: 34, to: 35 },
    { path: 'hh[0].m_age', from: 12, to: 13 },
    { path: 'hh[1]', from: { m_name: 'Awa', m_age: 9 } },
    { path: 'src', from: 'x' },
  ])
})

test('pages of a history follow each other', async () => {
  const { bruno, one } = await start()
  for (let age = 1; age <= 6; age++)
    expectStatus(200, await edit(bruno, one.id, { base_revision: age, changes: { set: { age } } }))
  const path = `/submissions/${one.id}/history`
  const whole = (await bruno.get(path)).body
  const first = (await bruno.get(`${path}?limit=3`)).body
  const second = (await bruno.get(`${path}?limit=3&before=${first.at(-1).revision}`)).body
  const third = (await bruno.get(`${path}?limit=3&before=${second.at(-1).revision}`)).body
  expect([...first, ...second, ...third]).toEqual(whole)
  expect(whole.map(({ revision }: any) => revision)).toEqual([7, 6, 5, 4, 3, 2, 1])
  expect((await bruno.get(`${path}?before=1`)).body).toEqual([])
})

test('a device and a key are named in the history', async () => {
  const { bruno, chiara, addKey, form, pair } = await start()
  const phone = await pair(bruno, "Bruno's phone")
  const item = submissionOf(form, { data: validAnswersS })
  const byPhone = expectStatus(200, await phone.post('/submissions/bulk', [item])).body.accepted[0]
  expect(await history(bruno, byPhone.id)).toMatchObject([{ actor: { kind: 'device', label: "Bruno's phone" } }])
  const key = await addKey(chiara, { name: 'river gauge' })
  const byKey = expectStatus(201, await key.post('/headless/submit', submissionOf(form, { data: validAnswersS }))).body
  expect(await history(bruno, byKey.id)).toMatchObject([{ actor: { kind: 'key', label: 'river gauge' } }])
})

test('the history of a deleted submission stays, for those who may see it', async () => {
  const { amina, bruno, chiara, addUser, dario, one } = await start()
  const omar = await addUser(chiara, 'omar@example.org', 'field_worker')
  expectStatus(204, await bruno.delete(`/submissions/${one.id}`))
  expect(await history(amina, one.id)).toHaveLength(2)
  for (const stranger of [omar, dario])
    for (const path of ['history', 'revisions/1', 'comments'])
      expect((await stranger.get(`/submissions/${one.id}/${path}`)).status).toBe(404)
  expect(await rowOf(one.id)).toMatchObject({ revision: 2 })
})
