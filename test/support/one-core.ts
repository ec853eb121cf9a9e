// Every way in and every way out of the one core, each as one entry of a table: a further protocol, export or webhook body
// is one entry more. test/conformance/one-core.test.ts sends by each way in and reads by all ways out.
import { expect } from 'vitest'
import { type Cast, expectStatus, type Key, makeCast } from './app.ts'
import { EVERY_TYPE, everyAnswer } from './every-type.ts'
import { readFeed } from './feed.ts'
import { nextLocalUuid, publishAgain } from './forms.ts'
import { CURRENT, observation, push, standing, type Wire, wireOf } from './synkronus.ts'

export interface World extends Cast {
  form: { id: string; key: string; versionId: string }
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
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

export const nativeItem = ({ form }: World, { localUuid, data, collectedAtMs, deviceId }: Sent) => ({
  form_id: form.id,
  form_version_id: form.versionId,
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
  { form, wireVersion }: World,
  { localUuid, data, collectedAtMs, deviceId }: Sent,
  deleted = false,
) =>
  observation(localUuid, {
    form_type: form.key,
    form_version: wireVersion,
    data,
    created_at: isoOf(collectedAtMs),
    device_id: deviceId,
    deleted,
  })

const listedAs = (found: any): Partial<Seen> => ({
  id: found.id,
  localUuid: found.local_uuid,
  formId: found.form_id,
  versionId: found.form_version_id,
  answers: found.data,
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
type WayOut = (world: World, localUuid: string) => Promise<Partial<Seen> | null>

const WAYS_OUT: Record<string, WayOut> = {
  'native, by id': async ({ chiara }, localUuid) => {
    const listed = await findListed(chiara, localUuid)
    if (!listed) return null
    const { status, body } = await chiara.get(`/submissions/${listed.id}`)
    return status === 404 ? null : readAs(body)
  },
  'native list': async ({ chiara }, localUuid) => {
    const listed = await findListed(chiara, localUuid)
    return listed && readAs(listed)
  },
  'native feed': async ({ chiara }, localUuid) => {
    const { items } = await readFeed(chiara)
    const found = items.find((item) => item.kind === 'submission' && item.local_uuid === localUuid)
    if (found) return { ...listedAs(found), updatedAtMs: Date.parse(found.at), seq: found.seq, deleted: false }
    const listed = await findListed(chiara, localUuid)
    const tombstone = items.find((item) => item.kind === 'tombstone' && item.id === listed?.id)
    return tombstone ? { id: tombstone.id, formId: tombstone.form_id, seq: tombstone.seq, deleted: true } : null
  },
  'Synkronus pull': async ({ tablet }, localUuid) => {
    const found = (await standing(tablet)).get(localUuid)
    if (!found) return null
    return {
      localUuid: found.observation_id,
      formKey: found.form_type,
      wireVersion: found.form_version,
      answers: found.data,
      collectedAtMs: Date.parse(found.created_at),
      updatedAtMs: Date.parse(found.updated_at),
      deviceId: found.device_id ?? null,
      deleted: found.deleted,
      // The repository was never reset: its versions are seqs, counted from one.
      seq: found.version - 1,
    }
  },
}

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
  for (const [way, look] of Object.entries(WAYS_OUT)) {
    const said = await look(world, localUuid)
    if (!said) blind.push(way)
    for (const [field, value] of Object.entries(said ?? {}) as [keyof Seen, never][]) {
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
  const cast = await makeCast()
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
  const sensor = await cast.addKey(cast.chiara)
  const world = { ...cast, form: { id, key, versionId }, wireVersion: '', sensor, tablet }
  // A record of the native wire shows what the other one calls the version.
  const probe: Sent = { localUuid: nextLocalUuid(), data: everyAnswer(0), collectedAtMs: 0, deviceId: 'probe' }
  await WAYS_IN['native, one by one']!(world, probe)
  world.wireVersion = (await standing(tablet)).get(probe.localUuid)!.form_version
  return world
}
