// GPX and KML, read by a strict XML parser. What GPX 1.1 asks of values and order is in test/unit/lib/gpx.test.ts.
import { beforeEach, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { exported } from '../support/exports.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { childText, named, readXml, type XmlElement } from '../support/xml-reader.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

async function send(form: PublishedForm, data: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { body } = expectStatus(
    200,
    await phone.post('/submissions/bulk', [{ ...submissionOf(form, { data }), ...more }]),
  )
  return body.accepted[0].id as string
}

async function download(format: 'gpx' | 'kml', form: PublishedForm, query: Record<string, string> = {}) {
  const { status, headers, text } = await exported(cast, cast.bruno, format, { form_id: form.id, ...query })
  expect(status).toBe(200)
  return { headers, text, root: readXml(text) }
}

const WALK_FORM = {
  fields: [
    { id: 'walk', type: 'route', label: 'Walk <&> "way"' },
    { id: 'fence', type: 'geotrace', label: 'Fence' },
    { id: 'plot', type: 'geoshape', label: 'Plot' },
    { id: 'who', type: 'text', label: 'Who' },
    { id: 'visits', type: 'repeat', label: 'Visits', fields: [{ id: 'path', type: 'route', label: 'Path' }] },
  ],
}

const minute = (n: number) => `2026-03-17T10:0${n}:00Z`
const point = (n: number) => ({ latitude: 46 + n / 100, longitude: 13, timestamp: minute(n) })
const route = (minutes: number[], ...pauses: [number, number?][]) => ({
  points: minutes.map(point),
  pauses: pauses.map(([from, to]) => ({
    paused_at: minute(from),
    ...(to === undefined ? {} : { resumed_at: minute(to) }),
  })),
})

/** Minutes of the points of each segment. */
const segments = (root: XmlElement): number[][] =>
  named(root, 'trkseg').map(({ children }) =>
    children.map((each) => new Date(childText(each, 'time')!).getUTCMinutes()),
  )

test('a route becomes a track, with its heights, times and accuracies', async () => {
  const form = await publishForm(cast.bruno, fixtureS, 'Household survey')
  const id = await send(form, validAnswersS)
  const { headers, text } = await download('gpx', form)
  expect(headers.get('content-type')).toBe('application/gpx+xml')
  expect(headers.get('content-disposition')).toBe('attachment; filename="household_survey_routes.gpx"')
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Fieldpost" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>${id.slice(0, 8)} — Walk</name><trkseg>
<trkpt lat="14.6937" lon="-17.4441"><ele>22</ele><time>2026-03-17T10:00:00Z</time><extensions><accuracy>5</accuracy></extensions></trkpt>
<trkpt lat="14.6941" lon="-17.4446"><ele>23</ele><time>2026-03-17T10:01:00Z</time><extensions><accuracy>5</accuracy></extensions></trkpt>
</trkseg><trkseg>
<trkpt lat="14.6952" lon="-17.4459"><ele>23</ele><time>2026-03-17T10:05:00Z</time><extensions><accuracy>6</accuracy></extensions></trkpt>
<trkpt lat="14.6957" lon="-17.4463"><ele>24</ele><time>2026-03-17T10:06:00Z</time><extensions><accuracy>5</accuracy></extensions></trkpt>
</trkseg></trk>
</gpx>
`)
})

test('case 85: a form without routes makes an empty gpx, one without places an empty kml', async () => {
  const form = await publishForm(cast.bruno, { fields: [{ id: 'who', type: 'text', label: 'Who' }] })
  await send(form, { who: 'x' })
  expect((await download('gpx', form)).root).toMatchObject({ name: 'gpx', children: [] })
  const [document] = (await download('kml', form)).root.children
  expect(document!.children.map(({ name }) => name)).toEqual(['name'])
})

test('case 86: a pause in which nothing was recorded breaks the track', async () => {
  const form = await publishForm(cast.bruno, WALK_FORM)
  await send(form, { walk: route([0, 1, 5, 6], [2, 4]) })
  expect(segments((await download('gpx', form)).root)).toEqual([
    [0, 1],
    [5, 6],
  ])
})

test('case 87: what was recorded in a pause is not in the track; nothing follows a pause without an end', async () => {
  const form = await publishForm(cast.bruno, WALK_FORM)
  await send(form, { walk: route([0, 1, 2, 3, 4, 5, 6], [1, 5]) })
  await send(form, { walk: route([0, 1, 2, 3], [1]) })
  expect(segments((await download('gpx', form)).root)).toEqual([
    [0, 1],
    [5, 6],
    [0, 1],
  ])
})

test('case 88: labels and times with markup in them leave the file well-formed', async () => {
  const form = await publishForm(cast.bruno, WALK_FORM)
  const id = await send(form, {
    walk: {
      points: [
        { latitude: 1, longitude: 2, timestamp: '</time><evil a="' },
        { latitude: 1, longitude: 3 },
      ],
    },
  })
  const { root } = await download('gpx', form)
  expect(childText(named(root, 'trk')[0]!, 'name')).toBe(`${id.slice(0, 8)} — Walk <&> "way"`)
  expect(named(root, 'evil')).toEqual([])
  expect(named(root, 'timestamp').map(({ text }) => text)).toEqual(['</time><evil a="'])
})

test('routes in repeats are tracks of their own, and say where they stand; other places are no tracks', async () => {
  const form = await publishForm(cast.bruno, WALK_FORM)
  const line = [point(0), point(1), point(2)]
  await send(form, { fence: line, plot: line, visits: [{ path: route([0, 1]) }, { path: route([2, 3]) }] })
  const tracks = named((await download('gpx', form)).root, 'trk')
  expect(tracks.map((track) => childText(track, 'desc'))).toEqual(['visits[0]', 'visits[1]'])
  expect(tracks.map(segments)).toEqual([[[0, 1]], [[2, 3]]])
})

test('KML has points, lines and areas, with the other answers beside them', async () => {
  const form = await publishForm(cast.bruno, WALK_FORM, 'Walks & plots')
  const line = [point(0), point(1), point(2)]
  const id = await send(
    form,
    { who: 'A & B', fence: line, plot: line, walk: route([0, 1, 5], [2, 4]), visits: [{ path: route([7]) }] },
    { collected_at: minute(9) },
  )
  const { root, headers, text } = await download('kml', form)
  expect(headers.get('content-type')).toBe('application/vnd.google-earth.kml+xml')
  expect(headers.get('content-disposition')).toBe('attachment; filename="walks_plots_locations.kml"')
  expect(childText(root.children[0]!, 'name')).toBe('Walks & plots')
  const places = named(root, 'Placemark')
  expect(places.map((place) => childText(place, 'name'))).toEqual(
    ['Walk <&> "way"', 'Fence', 'Plot'].map((label) => `${id.slice(0, 8)} — ${label}`),
  )
  expect(places.map(({ children }) => children.at(-1)!.name)).toEqual(['MultiGeometry', 'LineString', 'Polygon'])
  expect(named(places[0]!, 'coordinates').map(({ text }) => text)).toEqual(['13,46 13,46.01', '13,46.05'])
  expect(named(places[2]!, 'coordinates').map(({ text }) => text)).toEqual(['13,46 13,46.01 13,46.02 13,46'])
  const data = named(places[1]!, 'Data').map(({ attributes, text }) => [attributes.name, text])
  expect(data).toContainEqual(['submission_id', id])
  expect(data).toContainEqual(['who', 'A & B'])
  expect(text).toContain(`<when>${minute(9).replace('Z', '.000Z')}</when>`)
})

test('dates and submitters pick routes as they pick rows', async () => {
  const form = await publishForm(cast.bruno, WALK_FORM)
  await send(form, { walk: route([0, 1]) }, { collected_at: '2026-03-17T23:30:00Z' })
  await send(form, { walk: route([2, 3]) }, { collected_at: '2026-03-18T00:30:00Z' })
  expect(segments((await download('gpx', form, { to: '2026-03-17' })).root)).toEqual([[0, 1]])
  expect(segments((await download('gpx', form, { from: '2026-03-18', submitter: cast.bruno.id })).root)).toEqual([
    [2, 3],
  ])
  expect(segments((await download('gpx', form, { submitter: cast.amina.id })).root)).toEqual([])
})
