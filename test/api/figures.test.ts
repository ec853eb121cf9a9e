// What the submissions of a form come to, as the charts show it.
import { beforeEach, expect, test } from 'vitest'
import { type Caller, type Cast, expectStatus, makeCast } from '../support/app.ts'
import { type PublishedForm, publishAgain, publishFormIn, submissionOf } from '../support/forms.ts'

const yesNo = [
  { value: 'yes', label: { en: 'Yes', es: 'Sí' } },
  { value: 'no', label: 'No' },
]
const SURVEY = {
  default_language: 'en',
  choices: { water: [{ value: 'well', label: 'Well' }, { value: 'tap' }] },
  fields: [
    { id: 'name', type: 'text', label: 'Name' },
    { id: 'consent', type: 'select_one', label: { es: 'Permiso', en: 'Consent' }, options: yesNo },
    { id: 'house', type: 'group', fields: [{ id: 'water', type: 'select_multiple', label: 'Water', list: 'water' }] },
    { id: 'roof', type: 'select_one_other', label: 'Roof', options: [{ value: 'iron', label: 'Iron' }] },
    { id: 'age', type: 'integer', label: 'Age' },
    { id: 'visit', type: 'date', label: 'Visit' },
    { id: 'sum', type: 'calculated', label: 'Sum', calculation: '1' },
    {
      id: 'members',
      type: 'repeat',
      label: 'Members',
      fields: [{ id: 'm_age', type: 'number', label: "Member's age" }],
    },
  ],
}

let cast: Cast
let form: PublishedForm

beforeEach(async () => {
  cast = await makeCast()
  const project = expectStatus(201, await cast.bruno.post('/projects', { name: 'Far east', time_zone: 'Asia/Tokyo' }))
  form = await publishFormIn(cast.bruno, project.body.id, SURVEY, 'Survey')
})

const send = async (data: Record<string, unknown>, more: Record<string, unknown> = {}, by: Caller = cast.amina) =>
  expectStatus(200, await by.post('/submissions/bulk', [{ ...submissionOf(form, { data }), ...more }])).body.accepted[0]
    .id as string

const figuresOf = async (by: Caller, query = '') =>
  expectStatus(200, await by.get(`/forms/${form.id}/figures?${query}`)).body

const question = (figures: any, id: string) => figures.questions.find((one: any) => one.field_id === id)

test('options, numbers and dates are counted, in groups and in rows, as clients spell them', async () => {
  await send({
    consent: 'yes',
    house: { water: ['well', 'tap'] },
    roof: { selection: '__other__', other_text: 'reed' },
    age: 30,
    visit: '2026-11-20',
    members: [{ m_age: 9 }, { m_age: '41' }, {}, 'no row'],
  })
  await send({ consent: 'no', water: ['well', 'lake'], roof: { choice: 'iron' }, age: 34, visit: '2026-11-20' })
  await send({ consent: 'yes', age: 'about ten', visit: 'some day', roof: 'iron', sum: 'none' })
  const figures = await figuresOf(cast.bruno)
  expect([figures.total, figures.counted, figures.answers_of]).toEqual([3, 3, 3])
  expect(figures.questions.map((one: any) => [one.field_id, one.answered])).toEqual([
    ['consent', 3],
    ['water', 2],
    ['roof', 3],
    ['age', 3],
    ['visit', 3],
    ['m_age', 2],
  ])
  expect(question(figures, 'consent')).toEqual({
    field_id: 'consent',
    label: 'Consent',
    type: 'select_one',
    repeat: null,
    answered: 3,
    distribution: {
      kind: 'choices',
      options: [
        { value: 'yes', label: 'Yes', count: 2 },
        { value: 'no', label: 'No', count: 1 },
      ],
      others: 0,
    },
  })
  expect(question(figures, 'water').distribution.options).toEqual([
    { value: 'well', label: 'Well', count: 2 },
    { value: 'tap', label: 'tap', count: 1 },
    { value: 'lake', label: null, count: 1 },
  ])
  expect(question(figures, 'roof').distribution.options).toEqual([
    { value: 'iron', label: 'Iron', count: 2 },
    { value: '__other__', label: null, count: 1 },
  ])
  expect(question(figures, 'age').distribution).toEqual({
    kind: 'numbers',
    min: 30,
    max: 34,
    mean: 32,
    bins: [30, 31, 32, 33, 34].map((from) => ({ from, to: from + 1, count: from === 30 || from === 34 ? 1 : 0 })),
  })
  expect(question(figures, 'visit').distribution.days).toEqual([{ day: '2026-11-20', count: 2 }])
  expect(question(figures, 'm_age')).toMatchObject({ repeat: 'members', distribution: { min: 9, max: 41 } })
  const spanish = await figuresOf(cast.bruno, 'lang=es')
  expect(question(spanish, 'consent').label).toBe('Permiso')
  expect(question(spanish, 'consent').distribution.options[0].label).toBe('Sí')
})

test('days are those of the project, workers and devices have their names', async () => {
  const phone = await cast.pair(cast.bruno, "Bruno's phone")
  await send({}, { collected_at: '2026-11-20T14:59:00Z' })
  await send({}, { collected_at: '2026-11-20T15:01:00Z', device_id: 'old tablet' })
  await send({}, { collected_at: '2026-11-21T01:00:00Z' }, phone)
  const { over_time, time_zone, workers, devices } = await figuresOf(cast.chiara)
  expect(time_zone).toBe('Asia/Tokyo')
  expect(over_time).toEqual({
    unit: 'day',
    days: [
      { day: '2026-11-20', count: 1 },
      { day: '2026-11-21', count: 2 },
    ],
  })
  expect(workers).toEqual([
    { id: cast.amina.id, name: cast.amina.email, count: 2 },
    { id: cast.bruno.id, name: cast.bruno.email, count: 1 },
  ])
  expect(devices.map(({ name, count }: any) => [name, count])).toEqual(
    expect.arrayContaining([
      ["Bruno's phone", 1],
      [null, 1],
    ]),
  )
  expect(devices.map(({ id }: any) => id)).toContain('old tablet')
})

test('the filters are those of the list, and field workers count their own only', async () => {
  const approved = await send({ age: 1 }, { collected_at: '2026-11-01T10:00:00Z' })
  expectStatus(200, await cast.bruno.post(`/submissions/${approved}/review`, { state: 'approved' }))
  await send({ age: 2 }, {}, cast.bruno)
  const ages = async (by: Caller, query = '') => {
    const figures = await figuresOf(by, query)
    const { distribution } = question(figures, 'age') ?? {}
    return [figures.total, distribution?.min ?? null, distribution?.max ?? null]
  }
  expect(await ages(cast.bruno)).toEqual([2, 1, 2])
  expect(await ages(cast.bruno, 'review_state=approved')).toEqual([1, 1, 1])
  expect(await ages(cast.bruno, 'start_date=2026-11-02')).toEqual([1, 2, 2])
  expect(await ages(cast.bruno, `submitter=${cast.amina.id}`)).toEqual([1, 1, 1])
  expect(await ages(cast.amina)).toEqual([1, 1, 1])
  expect(await ages(cast.bruno, 'mode=test')).toEqual([0, null, null])
})

test('a question that was renamed is one question, one that became another type is two', async () => {
  await send({ age: 5, consent: 'yes' })
  const { schema } = expectStatus(200, await cast.bruno.get(`/forms/${form.id}`)).body
  form.versionId = await publishAgain(cast.bruno, form.id, {
    ...schema,
    fields: schema.fields.map((field: any) => (field.id === 'age' ? { ...field, id: 'years', label: 'Years' } : field)),
  })
  await send({ years: 7 })
  expect(question(await figuresOf(cast.bruno), 'years')).toMatchObject({
    answered: 2,
    distribution: { min: 5, max: 7 },
  })
})

test('a form without submissions, another tenant, bad values', async () => {
  const empty = await figuresOf(cast.bruno)
  expect([empty.total, empty.over_time.days, empty.workers, empty.devices]).toEqual([0, [], [], []])
  expect(question(empty, 'consent').answered).toBe(0)
  expectStatus(404, await cast.dario.get(`/forms/${form.id}/figures`))
  for (const query of ['start_date=soon', 'version=9', 'mode=dead', 'review_state=fine', 'issues=perhaps'])
    expectStatus(422, await cast.bruno.get(`/forms/${form.id}/figures?${query}`))
})
