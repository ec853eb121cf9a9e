// GeoJSON, held to the rules of RFC 7946.
import { beforeEach, describe, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { exported } from '../support/exports.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

async function send(form: PublishedForm, data: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const item = { ...submissionOf(form, { data }), ...more }
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', [item]))
  return { id: body.accepted[0].id as string, localUuid: item.local_uuid }
}

async function features(form: PublishedForm, query: Record<string, string | number | boolean> = {}): Promise<any[]> {
  const { status, headers, json } = await exported(cast, cast.bruno, 'geojson', { form_id: form.id, ...query })
  expect([status, headers.get('content-type')]).toEqual([200, 'application/geo+json'])
  checkRules(json)
  return json.features
}

/** RFC 7946, sections 3.1 to 3.3, as far as the geometries here go. */
function checkRules(collection: any): void {
  expect(collection.type).toBe('FeatureCollection')
  for (const { type, geometry, properties } of collection.features) {
    expect([type, typeof properties]).toEqual(['Feature', 'object'])
    if (geometry.type === 'Point') checkPosition(geometry.coordinates)
    if (geometry.type === 'LineString') checkLine(geometry.coordinates, 2)
    if (geometry.type === 'Polygon') {
      const [ring] = geometry.coordinates
      checkLine(ring, 4)
      expect(ring[0]).toEqual(ring.at(-1))
      const doubled = ring.slice(1).map(([x, y]: number[], i: number) => ring[i][0] * y! - x! * ring[i][1])
      expect(doubled.reduce((sum: number, part: number) => sum + part, 0)).toBeGreaterThan(0)
    }
    expect(['Point', 'LineString', 'Polygon']).toContain(geometry.type)
  }
}

function checkLine(positions: unknown[], least: number): void {
  expect(positions.length).toBeGreaterThanOrEqual(least)
  for (const position of positions) checkPosition(position)
}

function checkPosition(position: any): void {
  expect(position.every(Number.isFinite)).toBe(true)
  expect([2, 3]).toContain(position.length)
  expect(Math.abs(position[0])).toBeLessThanOrEqual(180)
  expect(Math.abs(position[1])).toBeLessThanOrEqual(90)
}

test('case 84: positions, traces and routes, with the other answers beside them', async () => {
  const form = await publishForm(cast.bruno, fixtureS)
  const { id, localUuid } = await send(form, validAnswersS, { collected_at: '2026-03-17T09:30:00Z' })
  const { body } = expectStatus(201, await upload(phone, localUuid, filePart('1', 'photo-1.jpg')))
  const [gps, trace, walk] = await features(form)
  const base = { submission_id: id, collected_at: '2026-03-17T09:30:00Z' }
  const answers = {
    full_name: 'Amina Diallo',
    age: 34,
    consent: 'yes',
    reason: null,
    tags: ['a', 'c'],
    src: 'x',
    pic: [body.media_file_id],
    hh: validAnswersS.hh,
    street: 'Rue 10',
    city: 'Dakar',
    total: 35,
  }
  expect(gps).toEqual({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [-17.4441, 14.6937, 22] },
    properties: {
      ...base,
      field_id: 'gps',
      field_label: 'Position',
      accuracy_m: 4.5,
      captured_at: '2026-03-17T09:30:00Z',
      ...answers,
    },
  })
  expect(trace).toEqual({
    type: 'Feature',
    geometry: {
      type: 'LineString',
      coordinates: [
        [-17.4441, 14.6937],
        [-17.445, 14.694],
      ],
    },
    properties: {
      ...base,
      field_id: 'trace',
      field_label: 'Trace',
      point_count: 2,
      timestamps: ['2026-03-17T09:31:00Z', '2026-03-17T09:32:00Z'],
      ...answers,
    },
  })
  expect(walk.geometry.coordinates[0]).toEqual([-17.4441, 14.6937, 22])
  expect(walk.properties).toEqual({
    ...base,
    field_id: 'walk',
    field_label: 'Walk',
    started_at: '2026-03-17T10:00:00Z',
    ended_at: '2026-03-17T10:06:00Z',
    distance_meters: 412.5,
    duration_seconds: 360,
    point_count: 4,
    pauses: [{ paused_at: '2026-03-17T10:02:00Z', resumed_at: '2026-03-17T10:04:00Z' }],
    ...answers,
  })
})

describe('what is no feature', () => {
  test('case 84: a trace of one point, and a position that lacks a coordinate', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    const [point] = validAnswersS.trace as unknown[]
    await send(form, { trace: [point], gps: { latitude: 3 }, walk: { points: [] } })
    expect(await features(form)).toEqual([])
  })

  test('case 85: a form without spatial fields gives an empty collection', async () => {
    const form = await publishForm(cast.bruno, { fields: [{ id: 'a', type: 'text' }] })
    await send(form, { a: 'x' })
    expect(await features(form)).toEqual([])
  })

  test('positions that are not on the globe, heights that are none', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    const at = (latitude: unknown, longitude: unknown, altitude?: unknown) => ({ latitude, longitude, altitude })
    await send(form, { gps: at(91, 0) })
    await send(form, { gps: at(0, -181) })
    await send(form, { gps: at('1', 2) })
    await send(form, { walk: { points: [at(1, 2, null), at(100, 2), at(3, 4, 5)] } })
    const found = await features(form)
    expect(found.map(({ geometry }) => geometry.coordinates)).toEqual([
      [
        [2, 1],
        [4, 3, 5],
      ],
    ])
  })
})

test('shapes are closed, and turn the way RFC 7946 wants', async () => {
  const form = await publishForm(cast.bruno, { fields: [{ id: 'plot', type: 'geoshape', label: 'Plot' }] })
  const corner = (longitude: number, latitude: number) => ({ latitude, longitude })
  const clockwise = [corner(0, 0), corner(0, 1), corner(1, 1), corner(1, 0)]
  await send(form, { plot: clockwise })
  await send(form, { plot: [...clockwise].reverse() })
  await send(form, { plot: clockwise.slice(0, 2) })
  const found = await features(form)
  expect(found.map(({ geometry }) => geometry.coordinates[0].length)).toEqual([5, 5])
})

test('answers inside repeats are features of their row, at any depth', async () => {
  const tree = {
    id: 'tree',
    type: 'repeat',
    fields: [
      { id: 'at', type: 'geopoint' },
      { id: 'kind', type: 'text' },
    ],
  }
  const plot = { id: 'plot', type: 'repeat', fields: [{ id: 'corner', type: 'geopoint' }, tree] }
  const form = await publishForm(cast.bruno, { fields: [{ id: 'farm', type: 'text' }, plot] })
  const place = (n: number) => ({ latitude: n, longitude: n })
  await send(form, {
    farm: 'Olive',
    plot: [{}, { corner: place(1), tree: [{ kind: 'oak' }, { at: place(2), kind: 'elm' }] }],
  })
  const found = await features(form)
  expect(found.map(({ properties }) => properties)).toEqual([
    expect.objectContaining({ field_id: 'corner', repeat_index: 1, repeat_path: 'plot[1]', farm: 'Olive' }),
    expect.objectContaining({
      field_id: 'at',
      repeat_index: 1,
      repeat_path: 'plot[1].tree[1]',
      farm: 'Olive',
      kind: 'elm',
    }),
  ])
  expect(found[1].properties).not.toHaveProperty('plot')
})

test('answers whose ids are those of the basic properties give way', async () => {
  const fields = [
    { id: 'gps', type: 'geopoint' },
    { id: 'submission_id', type: 'text' },
    { id: 'pauses', type: 'text' },
  ]
  const form = await publishForm(cast.bruno, { fields })
  const { id } = await send(form, { gps: { latitude: 1, longitude: 2 }, submission_id: 'mine', pauses: 'none' })
  expect((await features(form))[0].properties).toEqual({
    submission_id: id,
    field_id: 'gps',
    field_label: 'gps',
    collected_at: null,
    accuracy_m: null,
    captured_at: null,
  })
})

test('labels of options, and only some fields', async () => {
  const form = await publishForm(cast.bruno, fixtureS)
  await send(form, validAnswersS)
  const [gps] = await features(form, { labels: true, fields: 'gps,tags,consent' })
  expect(gps.properties).toMatchObject({ consent: 'Yes', tags: ['A', 'C'] })
  expect(gps.properties).not.toHaveProperty('age')
  expect(await features(form, { fields: 'age' })).toEqual([])
})
