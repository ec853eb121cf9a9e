// The rules of a form as submissions meet them over HTTP: cases 40, 48, 50-53 and 116-122 of the native contract,
// calculations, and the clock of those who fill in.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'

async function startWith(schema: unknown): Promise<Cast & { form: PublishedForm; phone: Device }> {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, schema)
  return { ...cast, form, phone: await cast.pair(cast.bruno) }
}

type Started = Awaited<ReturnType<typeof startWith>>

const send = ({ bruno, form }: Started, data: Record<string, unknown>, collected_at?: string) =>
  bruno.post('/submissions', submissionOf(form, { data, ...(collected_at && { collected_at }) }))

/** The issues of an item that a phone hands over. */
async function issuesOf({ phone, form }: Started, data: Record<string, unknown>, collected_at?: string) {
  const item = submissionOf(form, { data, ...(collected_at && { collected_at }) })
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', [item]))
  return (body.accepted[0].issues ?? []).map(({ path, code }: any) => `${path}: ${code}`)
}

/** Replaces the definition of a version behind the back of every check. */
const plant = (versionId: string, schema: unknown) =>
  env.DB.prepare('UPDATE form_versions SET schema = ?2, schema_sha256 = ?3 WHERE id = ?1')
    .bind(versionId, JSON.stringify(schema), crypto.randomUUID())
    .run()

test('case 40: an expression that does not parse is refused when it is written and when it is published', async () => {
  const cast = await makeCast()
  const project = expectStatus(201, await cast.bruno.post('/projects', { name: 'Survey' })).body.id
  const broken = {
    fields: [
      { id: 'a', type: 'text' },
      { id: 'b', type: 'text', relevant: "a = 'x' and" },
    ],
  }
  const fault = 'fields[1]: relevant, column 12: the expression ends too early'
  const created = await cast.bruno.post('/forms', { project_id: project, name: 'Broken', schema: broken })
  expect(created).toMatchObject({ status: 422, body: { code: 'schema_invalid', detail: [fault] } })
  const form = expectStatus(201, await cast.bruno.post('/forms', { project_id: project, name: 'x', schema: NOTE_FORM }))
  expect((await cast.bruno.put(`/forms/${form.body.id}`, { schema: broken })).body.detail).toEqual([fault])
  await plant(form.body.draft_version_id, broken)
  const published = await cast.bruno.post(`/forms/${form.body.id}/publish`)
  expect(published).toMatchObject({ status: 422, body: { detail: [fault] } })
})

test('a form that speaks of fields it does not have, or in circles, is refused', async () => {
  const { bruno } = await makeCast()
  const project = expectStatus(201, await bruno.post('/projects', { name: 'Survey' })).body.id
  const schema = {
    fields: [
      { id: 'a', type: 'number', constraint: 'nope > 1', calculation: 'b' },
      { id: 'b', type: 'calculated', expression: 'a + round()' },
    ],
  }
  const { body } = await bruno.post('/forms', { project_id: project, name: 'x', schema })
  expect(body.detail).toEqual([
    "fields[0]: constraint, column 1: there is no field 'nope'",
    'fields[1]: expression, column 5: round() takes 1 to 2 arguments, not 0',
    "fields[0]: circular: 'a' needs 'b' needs 'a'",
  ])
})

test('cases 48 and 50 to 53: answers are held against the form, every fault named with its path', async () => {
  const started = await startWith(fixtureS)
  const answer = async (data: Record<string, unknown>) => {
    const { status, body } = await send(started, { ...validAnswersS, ...data })
    return status === 201 ? 'accepted' : body.detail.split('; ')
  }
  expect(await answer({ consent: 'yes' })).toBe('accepted')
  expect(await answer({ consent: 'no' })).toEqual(["Field 'reason' is required"])
  expect(await answer({ hh: [{ m_name: 'Awa' }, { m_age: 9 }] })).toEqual(["Field 'hh[1].m_name' is required"])
  expect(await answer({ tags: ['a', 'zzz'] })).toEqual(["Field 'tags' has no option 'zzz'"])
  expect(await answer({ tags: 'a' })).toEqual(["Field 'tags' must be a list of option values"])
  for (const src of ['x', { selection: '__other__', other_text: 'foo' }, { choice: '__other__', other: 'foo' }])
    expect(await answer({ src })).toBe('accepted')
  expect(await answer({ gps: { latitude: 95, longitude: 0 } })).toHaveLength(1)
  expect(await answer({ age: '25', total: 26 })).toBe('accepted')
  expect(await answer({ age: 'abc' })).toContainEqual("Field 'age' must be a number")
})

test('cases 116 to 118, 120 and 121: what is hidden is not required, what is shown is', async () => {
  const conditions = {
    blank: '  ',
    status: "status = 'active'",
    count: 'count = 3',
    older: 'age > 18 and age >= -1',
    binds: "type = 'form' or status = 'active' and role = 'admin'",
    tagged: "selected(tags, 'health')",
    later: "d > '2026-01-01' and t > '08:30'",
    grouped: '(a = 1 or b = 1) and not(age = 3)',
  }
  const known = ['status', 'count', 'age', 'type', 'role', 'd', 't', 'a', 'b']
  const fields = [
    ...known.map((id) => ({ id, type: 'text' })),
    { id: 'tags', type: 'select_multiple', options: [{ value: 'health' }, { value: 'food' }] },
    ...Object.entries(conditions).map(([id, relevant]) => ({ id: `q_${id}`, type: 'text', required: true, relevant })),
  ]
  const started = await startWith({ fields })
  const missing = async (data: Record<string, unknown>) => {
    const { status, body } = await send(started, data)
    return status === 201 ? [] : body.detail.split('; ').map((line: string) => /'q_(\w+)'/.exec(line)![1])
  }
  expect(await missing({})).toEqual(['blank'])
  expect(await missing({ status: 'active', role: 'admin' })).toEqual(['blank', 'status', 'binds'])
  expect(await missing({ count: '3', age: '25' })).toEqual(['blank', 'count', 'older'])
  expect(await missing({ tags: ['food', 'health'] })).toEqual(['blank', 'tagged'])
  expect(await missing({ d: '2026-12-31', t: '08:45', b: '1' })).toEqual(['blank', 'later', 'grouped'])
})

test('case 119: a condition that cannot be read shows its field and demands nothing', async () => {
  const started = await startWith(NOTE_FORM)
  await plant(started.form.versionId, {
    version: 1,
    fields: [{ id: 'note', type: 'text', required: true, relevant: 'a ==== 1' }],
  })
  started.advance(3_000)
  expect((await send(started, {})).status).toBe(201)
  expect((await send(started, { note: 'shown and answered' })).status).toBe(201)
})

test('case 122: a calculation that was sent otherwise is an issue and refuses nothing', async () => {
  const fields = [
    ...['a', 'b', 'c'].map((id) => ({ id, type: 'number' })),
    { id: 'x', type: 'calculated', expression: 'a + b * c' },
    { id: 'y', type: 'calculated', expression: '(a+b)*c' },
    { id: 'z', type: 'calculated', expression: 'a-b' },
    { id: 'q', type: 'calculated', expression: 'a / 0' },
  ]
  const started = await startWith({ fields })
  expect(await issuesOf(started, { a: 1, b: 2, c: 3, x: 7, y: 9, z: -1, q: null })).toEqual([])
  expect(await issuesOf(started, { a: 1, b: -3, x: 1, y: 0, z: 4 })).toEqual([])
  expect(await issuesOf(started, { a: 1, b: 2, c: 3, x: 8, y: 9, z: -1 })).toEqual(['x: calculation'])
  const single = expectStatus(201, await send(started, { a: 1, x: 5 }))
  const read = expectStatus(200, await started.bruno.get(`/submissions/${single.body.id}`))
  expect(read.body.issues).toMatchObject([{ path: 'x', code: 'calculation' }])
  expect(read.body.data).toEqual({ a: 1, x: 5 })
})

test('today is the day on which the answers were collected, where they were collected', async () => {
  const started = await startWith({ fields: [{ id: 'd', type: 'date', constraint: '. <= today()' }] })
  const late = { d: '2026-11-21' }
  expect(await issuesOf(started, late, '2026-11-21T01:00:00+03:00')).toEqual([])
  expect(await issuesOf(started, late, '2026-11-20T23:00:00-03:00')).toEqual(['d: constraint'])
  expect((await send(started, late, '2026-11-20T23:00:00-03:00')).status).toBe(422)
  // Written in UTC, the time does not say where: it may have been the 21st there already.
  expect(await issuesOf(started, late, '2026-11-20T22:00:00Z')).toEqual([])
  expect(await issuesOf(started, late, '2026-11-19T22:00:00Z')).toEqual(['d: constraint'])
  expect(await issuesOf(started, late)).toEqual([])
  expect((await send(started, late)).status).toBe(201)
})

test('a form is compiled once, however often it is asked whether it is still the same', async () => {
  const started = await startWith(fixtureS)
  const { compiled } = started.deps.caches
  const compiledForms: string[] = []
  const { set } = compiled
  compiled.set = (key, ...rest) => {
    compiledForms.push(key)
    return set.call(compiled, key, ...rest)
  }
  for (let round = 0; round < 3; round++) {
    expectStatus(201, await send(started, validAnswersS))
    started.advance(10_000)
  }
  expect(compiledForms).toHaveLength(1)
})
