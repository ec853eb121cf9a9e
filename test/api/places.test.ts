// The spatial answers of a form, as the map draws them.
import { beforeEach, expect, test } from 'vitest'
import { type Caller, type Cast, expectStatus, makeCast } from '../support/app.ts'
import { type PublishedForm, publishAgain, publishForm, submissionOf } from '../support/forms.ts'

const WALKS = {
  fields: [
    { id: 'note', type: 'text', label: 'Note' },
    {
      id: 'where',
      type: 'group',
      label: 'Where',
      fields: [{ id: 'house', type: 'geopoint', label: { en: 'House', es: 'Casa' } }],
    },
    { id: 'field', type: 'geoshape', label: 'Field' },
    { id: 'walk', type: 'route', label: 'Walk' },
    {
      id: 'wells',
      type: 'repeat',
      label: 'Wells',
      fields: [
        { id: 'well', type: 'geopoint', label: 'Well' },
        { id: 'pipes', type: 'repeat', label: 'Pipes', fields: [{ id: 'pipe', type: 'geotrace', label: 'Pipe' }] },
      ],
    },
  ],
}

const point = (longitude: number, latitude: number) => ({ longitude, latitude, accuracy: 4 })

let cast: Cast
let form: PublishedForm

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, WALKS)
})

async function send(data: Record<string, unknown>, more: Record<string, unknown> = {}, by: Caller = cast.amina) {
  const { body } = expectStatus(200, await by.post('/submissions/bulk', [{ ...submissionOf(form, { data }), ...more }]))
  return body.accepted[0].id as string
}

const placesOf = async (by: Caller, query = '', formId = form.id) =>
  expectStatus(200, await by.get(`/forms/${formId}/places?${query}`)).body

test('points, lines and areas are there, in groups laid flat or nested and in rows within rows', async () => {
  const flat = await send({ house: point(-17.4, 14.6), field: [point(1, 1), point(2, 1), point(2, 2)] })
  const nested = await send({
    where: { house: point(36.8, -1.3) },
    walk: { points: [point(0, 0), point(1, 1), point(2, 0)], started_at: '2026-11-20T08:00:00Z' },
    wells: [{ well: point(5, 5) }, 'no row', { pipes: [{ pipe: [point(6, 6), point(7, 7)] }] }],
  })
  const { fields, items, cursor } = await placesOf(cast.bruno)
  expect(fields.map((field: any) => [field.field_id, field.label, field.type])).toEqual([
    ['house', 'House', 'geopoint'],
    ['field', 'Field', 'geoshape'],
    ['walk', 'Walk', 'route'],
    ['well', 'Well', 'geopoint'],
    ['pipe', 'Pipe', 'geotrace'],
  ])
  expect(items).toEqual([
    {
      id: nested,
      collected_at: null,
      places: [
        { field: 0, at: [36.8, -1.3] },
        { field: 2, at: [0, 0, 1, 1, 2, 0] },
        { field: 3, row: 'wells[0]', at: [5, 5] },
        { field: 4, row: 'wells[2].pipes[0]', at: [6, 6, 7, 7] },
      ],
    },
    {
      id: flat,
      collected_at: null,
      places: [
        { field: 0, at: [-17.4, 14.6] },
        { field: 1, at: [1, 1, 2, 1, 2, 2] },
      ],
    },
  ])
  expect(cursor).toBeNull()
  expect((await placesOf(cast.bruno, 'lang=es')).fields[0].label).toBe('Casa')
})

test('what has no place on the globe, or none at all, is left out and breaks nothing', async () => {
  await send({ note: 'nowhere' })
  await send({ house: point(200, 95), field: 'a wall', walk: [], wells: { well: point(1, 1) } })
  await send({ house: { latitude: 'north', longitude: null }, wells: [null, 7, []] })
  expect((await placesOf(cast.bruno)).items).toEqual([])
  const plain = await publishForm(cast.bruno, { fields: [{ id: 'note', type: 'text', label: 'Note' }] }, 'Notes')
  expect(await placesOf(cast.bruno, '', plain.id)).toEqual({ fields: [], items: [], cursor: null })
})

test('pages of any size hold the same, newest first, and a page may be empty while more follow', async () => {
  const ids: string[] = []
  for (let i = 0; i < 7; i++) ids.push(await send(i % 3 === 0 ? { house: point(i, i) } : { note: 'nowhere' }))
  const seen: string[] = []
  let pages = 0
  for (let cursor: string | null = ''; cursor !== null; pages++) {
    const page: any = await placesOf(cast.bruno, `limit=2${cursor && `&cursor=${cursor}`}`)
    seen.push(...page.items.map(({ id }: any) => id))
    cursor = page.cursor
  }
  expect(seen).toEqual([ids[6], ids[3], ids[0]])
  expect(pages).toBe(4)
})

test('the filters are those of the list: state, issues, dates in the time zone, worker, mode, trash, version', async () => {
  const approved = await send({ house: point(1, 1) }, { collected_at: '2026-11-01T10:00:00Z' })
  expectStatus(200, await cast.bruno.post(`/submissions/${approved}/review`, { state: 'approved' }))
  const faulty = await send({ house: 'here', field: [point(1, 1), point(2, 2), point(3, 1)] })
  const brunos = await send({ house: point(3, 3) }, {}, cast.bruno)
  const trashed = await send({ house: point(4, 4) })
  expectStatus(204, await cast.bruno.delete(`/submissions/${trashed}`))
  const second = { ...submissionOf(form, { data: { house: point(5, 5) } }) }
  second.form_version_id = await publishAgain(cast.bruno, form.id, {
    fields: [...WALKS.fields, { id: 'extra', type: 'text', label: 'Extra' }],
  })
  const newer = expectStatus(200, await cast.amina.post('/submissions/bulk', [second])).body.accepted[0].id
  const ids = async (query: string) => (await placesOf(cast.bruno, query)).items.map(({ id }: any) => id)
  expect(await ids('')).toEqual([newer, brunos, faulty, approved])
  expect(await ids('review_state=approved')).toEqual([approved])
  expect(await ids('issues=true')).toEqual([faulty])
  expect(await ids('start_date=2026-11-01&end_date=2026-11-01')).toEqual([approved])
  expect(await ids(`submitter=${cast.bruno.email}`)).toEqual([brunos])
  expect(await ids('deleted=true')).toEqual([trashed])
  expect(await ids('mode=test')).toEqual([])
  expect(await ids('version=2')).toEqual([newer])
})

test('field workers see their own, managers all; another tenant and bad values are told so', async () => {
  const own = await send({ house: point(1, 1) })
  await send({ house: point(2, 2) }, {}, cast.bruno)
  expect((await placesOf(cast.amina)).items.map(({ id }: any) => id)).toEqual([own])
  expect((await placesOf(cast.chiara)).items).toHaveLength(2)
  expectStatus(404, await cast.dario.get(`/forms/${form.id}/places`))
  for (const query of ['cursor=%21', 'limit=0', 'start_date=soon', 'version=9', 'mode=dead', 'review_state=fine'])
    expectStatus(422, await cast.bruno.get(`/forms/${form.id}/places?${query}`))
})

test('answers that are objects of their own are on the map too, and their lines are thinned', async () => {
  const points = Array.from({ length: 9_000 }, (_, i) => point(i / 1_000, Math.sin(i / 50)))
  const id = await send({ walk: { points } })
  const { items } = await placesOf(cast.bruno)
  expect(items[0].id).toBe(id)
  const { at } = items[0].places[0]
  expect(at.length / 2).toBeLessThanOrEqual(300)
  expect(at.length / 2).toBeGreaterThan(100)
  expect([...at.slice(0, 2), ...at.slice(-2)]).toEqual([0, 0, 8.999, Math.sin(8_999 / 50)])
})

test('fields are found under names that SQL would stumble over, and in forms with very many of them', async () => {
  const odd = { fields: [`it's "here"`, 'a.b[0]', 'ñandú $1'].map((id) => ({ id, type: 'geopoint', label: id })) }
  const many = {
    fields: Array.from({ length: 150 }, (_, i) => ({ id: `p${i}`, type: 'geopoint', label: `Place ${i}` })),
  }
  for (const [schema, ids] of [
    [odd, odd.fields.map(({ id }) => id)],
    [{ fields: odd.fields.slice(1) }, ['a.b[0]', 'ñandú $1']],
    [many, ['p0', 'p149']],
  ] as const) {
    form = await publishForm(cast.bruno, schema)
    await send(Object.fromEntries(ids.map((id, i) => [id, point(i, i)])))
    const { fields, items } = await placesOf(cast.bruno)
    expect(items[0].places.map(({ field, at }: any) => [fields[field].field_id, at])).toEqual(
      ids.map((id, i) => [id, [i, i]]),
    )
  }
})
