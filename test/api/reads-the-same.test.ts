// Clients spell the same answers differently: groups nested or flat, open selects in three ways, numbers as text. Every
// export and list must say the same of all of them. All ways in and out, with every type: conformance/one-core.test.ts.
import { inspect } from 'node:util'
import { unzipSync } from 'fflate'
import { beforeEach, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, type Key, makeCast } from '../support/app.ts'
import { exported, fetched, tableOf } from '../support/exports.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { rowsIn } from '../support/parquet-readers.ts'

interface World extends Cast {
  form: PublishedForm
  phone: Device
  key: Key
}

let world: World

beforeEach(async () => {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, fixtureS, 'Households')
  world = { ...cast, form, phone: await cast.pair(cast.bruno), key: await cast.addKey(cast.chiara) }
})

const COLLECTED_AT = '2026-03-17T09:30:00Z'
const { pic: _noPhoto, addr, ...REST } = validAnswersS
const OUTSIDE = { ...REST, src: { selection: '__other__', other_text: 'the river' } }
const ANSWERS = { ...OUTSIDE, addr }
/** As the web form and as the phone lay out groups and open selects. */
const NESTED = { ...OUTSIDE, addr, src: { choice: '__other__', other: 'the river' } }
const FLAT = { ...OUTSIDE, ...(addr as Record<string, unknown>), age: '34' }

/** The ways in, by name: each sends the answers once and returns the id. */
const WAYS_IN: Record<string, () => Promise<string>> = {
  'native, one by one': async () => {
    const item = submissionOf(world.form, { data: ANSWERS, collected_at: COLLECTED_AT })
    return expectStatus(201, await world.bruno.post('/submissions', item)).body.id
  },
  'native, in bulk, groups nested': async () => {
    const item = submissionOf(world.form, { data: NESTED, collected_at: COLLECTED_AT })
    return expectStatus(200, await world.phone.post('/submissions/bulk', [item])).body.accepted[0].id
  },
  'native, in bulk, groups flat and numbers as text': async () => {
    const item = submissionOf(world.form, { data: FLAT, collected_at: COLLECTED_AT })
    return expectStatus(200, await world.phone.post('/submissions/bulk', [item])).body.accepted[0].id
  },
  headless: async () => {
    const item = { form_id: world.form.id, local_uuid: nextLocalUuid(), data: ANSWERS, collected_at: COLLECTED_AT }
    return expectStatus(201, await world.key.post('/headless/submit', item)).body.id
  },
}

/** What a reader says of a submission, without what tells submissions apart. */
const stripped = ({ submission_id: _id, submitted_by: _by, ...said }: Record<string, unknown>) => said

const query = () => ({ form_id: world.form.id })

/** The ways out, by name: what each says of every submission, by its id. */
const WAYS_OUT: Record<string, () => Promise<Map<unknown, unknown>>> = {
  csv: async () => {
    const { files } = await exported(world, world.bruno, 'csv', query())
    const members = Map.groupBy(tableOf(files['households_hh.csv']), (row) => row.submission_id)
    return new Map(
      tableOf(files['households.csv']).map((row) => [
        row.submission_id,
        [stripped(row), members.get(row.submission_id)?.map(stripped)],
      ]),
    )
  },
  geojson: async () => {
    const { json } = await exported(world, world.bruno, 'geojson', query())
    const features = json.features as { geometry: unknown; properties: Record<string, any> }[]
    return Map.groupBy(features.map(canonical), ({ id }) => id)
  },
  parquet: async () => {
    const { bytes } = await fetched(world, world.bruno, `/submissions/export/parquet?form_id=${world.form.id}`)
    const files = unzipSync(bytes)
    const rows = await rowsIn(new Uint8Array(files['households.parquet']!).buffer)
    return new Map(rows.map((row: any) => [row.submission_id, stripped(row)]))
  },
}

/** Properties hold answers as they were sent: the two spellings that mean the same are read as one. */
function canonical({ geometry, properties }: { geometry: unknown; properties: Record<string, any> }) {
  const { submission_id: id, src, age, ...said } = properties
  return { id, geometry, ...said, src: src.selection ?? src.choice, age: Number(age) }
}

for (const [name, read] of Object.entries(WAYS_OUT))
  test(`a record sent by any client reads the same from ${name}`, async () => {
    const ids: string[] = []
    for (const send of Object.values(WAYS_IN)) ids.push(await send())
    const found = await read()
    expect([...found.keys()]).toEqual(ids)
    const [first, ...others] = ids.map((id) => withoutIds(found.get(id)))
    expect(inspect(first)).toContain('Amina Diallo')
    for (const other of others) expect(other).toEqual(first)
  })

/** Features carry the id of their submission. */
const withoutIds = (said: unknown): unknown =>
  Array.isArray(said)
    ? said.map((one) => (one && typeof one === 'object' && 'id' in one ? { ...one, id: null } : one))
    : said

test('NDJSON, the list and the feed say what was sent, in the very spelling of the client', async () => {
  const sent = [ANSWERS, NESTED, FLAT, ANSWERS]
  const ids: string[] = []
  for (const send of Object.values(WAYS_IN)) ids.push(await send())
  const { text } = await exported(world, world.bruno, 'ndjson', query())
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ id, data }) => [id, data])).toEqual(ids.map((id, i) => [id, sent[i]]))
  const { body: list } = await world.bruno.get(`/submissions?form_id=${world.form.id}`)
  expect(list.map(({ id, data }: any) => [id, data]).reverse()).toEqual(ids.map((id, i) => [id, sent[i]]))
  const { body: feed } = await world.chiara.get('/changes?kinds=submissions')
  expect(feed.items.map(({ id, data }: any) => [id, data])).toEqual(ids.map((id, i) => [id, sent[i]]))
})
