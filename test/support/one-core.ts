// Every way in and every way out of the one core, each as one entry of a table: a further protocol, export or webhook body
// is one entry more. test/conformance/one-core.test.ts sends by each way in and reads by all ways out.
import { unzipSync } from 'fflate'
import { expect } from 'vitest'
import { expectStatus, type Key } from './app.ts'
import { EVERY_TYPE, everyAnswer } from './every-type.ts'
import { exported, fetched, tableOf } from './exports.ts'
import { readFeed } from './feed.ts'
import { nextLocalUuid, publishAgain } from './forms.ts'
import { rowsIn } from './parquet-readers.ts'
import { CURRENT, observation, push, standing, type Wire, wireOf } from './synkronus.ts'
import { HOOK_URL, type HookStage, startWithHooks } from './webhooks.ts'

export interface World extends HookStage {
  everything: { id: string; key: string; versionId: string }
  /** What the Synkronus wire calls the form's version. */
  wireVersion: string
  sensor: Key
  /** Chiara, on the other wire. */
  tablet: Wire
}

/** What a client sends, in words that every wire has. */
export interface Sent {
  localUuid: string
  data: Record<string, unknown>
  collectedAtMs: number
  deviceId: string
}

/** Everything that is known of a record, in one spelling. */
interface Seen {
  id: string
  localUuid: string
  formId: string
  formKey: string
  versionId: string
  wireVersion: string
  answers: Record<string, unknown>
  collectedAtMs: number
  submittedAtMs: number
  updatedAtMs: number
  submittedBy: string | null
  userId: string | null
  deviceId: string | null
  deleted: boolean
  revision: number
  reviewState: string
  issues: unknown[]
  mode: string
  protocol: string
  /** Where its last change stands in the order of all changes. */
  seq: number
  // Three of the answers, as ways out tell them that have a cell for each.
  text: unknown
  integer: unknown
  lonLat: unknown
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

export const nativeItem = ({ everything }: World, { localUuid, data, collectedAtMs, deviceId }: Sent) => ({
  form_id: everything.id,
  form_version_id: everything.versionId,
  local_uuid: localUuid,
  data,
  collected_at: isoOf(collectedAtMs),
  device_id: deviceId,
})

export const WAYS_IN: Record<string, (world: World, sent: Sent) => Promise<void>> = {
  'native, one by one': async (world, sent) => {
    expectStatus(201, await world.chiara.post('/submissions', nativeItem(world, sent)))
  },
  'native, in bulk': async (world, sent) => {
    const { body } = expectStatus(200, await world.chiara.post('/submissions/bulk', [nativeItem(world, sent)]))
    expect(body.accepted).toHaveLength(1)
  },
  headless: async (world, sent) => {
    expectStatus(201, await world.sensor.post('/headless/submit', nativeItem(world, sent)))
  },
  'Synkronus push': async (world, sent) => {
    const pushed = await push(world.tablet, [recordOf(world, sent)])
    expect(pushed).toMatchObject({ success_count: 1 })
    expect(pushed).not.toHaveProperty('warnings')
  },
}

export const recordOf = (
  { everything, wireVersion }: World,
  { localUuid, data, collectedAtMs, deviceId }: Sent,
  deleted = false,
) =>
  observation(localUuid, {
    form_type: everything.key,
    form_version: wireVersion,
    data,
    created_at: isoOf(collectedAtMs),
    device_id: deviceId,
    deleted,
  })

export const answersAs = (answers: any): Partial<Seen> => ({
  answers,
  text: answers.text,
  integer: answers.integer,
  lonLat: answers.geopoint && [answers.geopoint.longitude, answers.geopoint.latitude],
})

const listedAs = (found: any): Partial<Seen> => ({
  id: found.id,
  localUuid: found.local_uuid,
  formId: found.form_id,
  versionId: found.form_version_id,
  ...answersAs(found.data),
  collectedAtMs: Date.parse(found.collected_at),
  submittedAtMs: Date.parse(found.submitted_at),
  submittedBy: found.submitted_by_email,
  userId: found.user_id,
  deviceId: found.device_id,
  revision: found.revision,
  reviewState: found.review_state,
  issues: found.issues,
  mode: found.mode,
  protocol: found.protocol,
})

const readAs = (found: any): Partial<Seen> => ({
  ...listedAs(found),
  updatedAtMs: Date.parse(found.updated_at),
  deleted: found.deleted_at !== null,
})

/** Null: this way shows nothing of the record (any more). */
type WayOut = (world: World, named: { id: string; localUuid: string }) => Promise<Partial<Seen> | null | undefined>

const WAYS_OUT: Record<string, WayOut> = {
  'native, by id': async ({ chiara }, { id }) => {
    const { status, body } = await chiara.get(`/submissions/${id}`)
    return status === 404 ? null : readAs(body)
  },
  'native list': async ({ chiara }, { localUuid }) => {
    const listed = await findListed(chiara, localUuid)
    return listed && readAs(listed)
  },
  'native feed': async ({ chiara }, { id }) => {
    const { items } = await readFeed(chiara)
    const found = items.find((item) => item.kind === 'submission' && item.id === id)
    if (found) return { ...listedAs(found), updatedAtMs: Date.parse(found.at), seq: found.seq, deleted: false }
    const tombstone = items.find((item) => item.kind === 'tombstone' && item.id === id)
    return tombstone ? { id: tombstone.id, formId: tombstone.form_id, seq: tombstone.seq, deleted: true } : null
  },
  'Synkronus pull': async ({ tablet }, { localUuid }) => {
    const found = (await standing(tablet)).get(localUuid)
    if (!found) return null
    return {
      localUuid: found.observation_id,
      formKey: found.form_type,
      wireVersion: found.form_version,
      ...answersAs(found.data),
      collectedAtMs: Date.parse(found.created_at),
      updatedAtMs: Date.parse(found.updated_at),
      deviceId: found.device_id ?? null,
      deleted: found.deleted,
      // The repository was never reset: its versions are seqs, counted from one.
      seq: found.version - 1,
    }
  },
  'webhook body': async (world, { id }) => {
    await world.deliver()
    const told = world.received.map(({ body }) => body).filter(({ submission_id }) => submission_id === id)
    const last = told.sort((a, b) => a.seq - b.seq).at(-1)
    if (!last) return null
    const { form_id: formId, revision, seq } = last
    if (last.type === 'submission.deleted') return { id, formId, revision, seq, deleted: true }
    return { ...listedAs(last), updatedAtMs: Date.parse(last.created_at), seq, deleted: false }
  },
  NDJSON: async (world, { localUuid }) => {
    const { text } = await exported(world, world.chiara, 'ndjson', { form_id: world.everything.id })
    const lines = text.split('\n').filter((line) => line !== '')
    const found = lines.map((line) => JSON.parse(line)).find((line) => line.local_uuid === localUuid)
    if (!found) return null
    const submitted_by_email = found.submitted_by
    const wireVersion = String(found.form_version)
    return { ...listedAs({ ...found, submitted_by_email }), wireVersion, updatedAtMs: Date.parse(found.updated_at) }
  },
  CSV: async (world, { id }) => {
    const { files } = await exported(world, world.chiara, 'csv', { form_id: world.everything.id, guard: false })
    const found = tableOf(files['everything.csv']).find((row) => row.submission_id === id)
    return (
      found && {
        ...rowAs(found),
        submittedBy: found.submitted_by || null,
        collectedAtMs: Date.parse(found.collected_at!),
        submittedAtMs: Date.parse(found.submitted_at!),
      }
    )
  },
  Parquet: async (world, { id }) => {
    const { bytes } = await fetched(world, world.chiara, `/submissions/export/parquet?form_id=${world.everything.id}`)
    const rows = await rowsIn(new Uint8Array(unzipSync(bytes)['everything.parquet']!).buffer)
    const found: any = rows.find((row) => row.submission_id === id)
    return (
      found && {
        ...rowAs(found),
        submittedBy: found.submitted_by ?? null,
        collectedAtMs: found.collected_at.getTime(),
        submittedAtMs: found.submitted_at.getTime(),
      }
    )
  },
  GeoJSON: async (world, { id }) => {
    const { json } = await exported(world, world.chiara, 'geojson', { form_id: world.everything.id })
    const found = json.features.find(
      ({ properties }: any) => properties.submission_id === id && properties.field_id === 'geopoint',
    )
    if (!found) return null
    const { text, integer, collected_at } = found.properties
    const lonLat = found.geometry.coordinates.slice(0, 2)
    return { id, text, integer, lonLat, collectedAtMs: Date.parse(collected_at) }
  },
}

/** Of these, what is deleted is gone. */
export const LIVE_ONLY = ['native, by id', 'NDJSON', 'CSV', 'Parquet', 'GeoJSON']

/** What tables of either kind say alike. */
const rowAs = (row: any): Partial<Seen> => ({
  id: row.submission_id,
  wireVersion: String(row.form_version),
  text: row.text,
  integer: Number(row.integer),
  lonLat: [Number(row.geopoint_lng), Number(row.geopoint_lat)],
})

/** In the list, or else in the trash. */
async function findListed(by: World['chiara'], localUuid: string): Promise<any> {
  for (const query of ['', '&deleted=true']) {
    const { body } = expectStatus(200, await by.get(`/submissions?limit=1000${query}`))
    const found = body.find((item: any) => item.local_uuid === localUuid)
    if (found) return found
  }
  return null
}

/** What all ways out say together. Throws, with both sides, where two of them disagree. */
export async function seenOf(world: World, localUuid: string): Promise<{ seen: Partial<Seen>; blind: string[] }> {
  const seen: Partial<Seen> = {}
  const saidBy: Partial<Record<keyof Seen, string>> = {}
  const blind: string[] = []
  const { id } = await findListed(world.chiara, localUuid)
  for (const [way, look] of Object.entries(WAYS_OUT)) {
    const said = await look(world, { id, localUuid })
    if (!said) blind.push(way)
    for (const [field, value] of Object.entries(said ?? {}) as [keyof Seen, never][]) {
      // Not every wire carries everything.
      if (value === undefined) continue
      const before = saidBy[field]
      if (before !== undefined) expect({ field, way, value }).toEqual({ field, way, value: seen[field] })
      saidBy[field] = way
      seen[field] = value
    }
  }
  return { seen, blind }
}

/** A form with every type of field in the default project, and somebody on each wire. */
export async function startWorld(): Promise<World> {
  const cast = await startWithHooks()
  const login = { username: 'chiara@example.org', password: 'chiara-owns-it' }
  const { token } = expectStatus(200, await wireOf(cast, CURRENT).post('/auth/login', login)).body
  const tablet = wireOf(cast, CURRENT, { authorization: `Bearer ${token}` })
  // The default project is where the records of this wire are.
  await push(tablet, [observation('first', { form_type: 'first' })])
  const first = (await cast.chiara.get('/forms')).body.find(({ key }: any) => key === 'first')
  const made = await cast.chiara.post('/forms', {
    project_id: first.project_id,
    name: 'Everything',
    key: 'everything',
    schema: EVERY_TYPE,
  })
  const { id, key } = expectStatus(201, made).body
  const versionId = await publishAgain(cast.chiara, id)
  const events = ['created', 'updated', 'deleted', 'restored', 'reviewed'].map((what) => `submission.${what}`)
  expectStatus(201, await cast.chiara.post(`/forms/${id}/webhooks`, { url: HOOK_URL, events }))
  const sensor = await cast.addKey(cast.chiara)
  const world = { ...cast, everything: { id, key, versionId }, wireVersion: '', sensor, tablet }
  // A record of the native wire shows what the other one calls the version.
  const probe: Sent = { localUuid: nextLocalUuid(), data: everyAnswer(0), collectedAtMs: 0, deviceId: 'probe' }
  await WAYS_IN['native, one by one']!(world, probe)
  world.wireVersion = (await standing(tablet)).get(probe.localUuid)!.form_version
  return world
}
