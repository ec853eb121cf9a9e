// Between this wire's words and ours: the only file that speaks both.
import type { Role, SyncRole } from '../../domain/access/roles.ts'
import type { PulledRecord } from '../../domain/sync/pull.ts'
import type { PushedRecord } from '../../domain/sync/push.ts'
import { isoTime, parseIsoTime } from '../../lib/iso-time.ts'
import { unkeepable } from '../read-json.ts'

/** One table for both ways. Our managers, and field workers who were not made for a sync app, may read and write: the
 *  latter their own records (domain/access/authorize.ts, `syncsAll`). */
const ROLES: Record<string, { role: Role; syncRole: SyncRole | null }> = {
  'read-only': { role: 'field_worker', syncRole: 'read-only' },
  'read-write': { role: 'field_worker', syncRole: 'read-write' },
  admin: { role: 'admin', syncRole: null },
}

/** Null when this wire has no such role. */
export const roleOfWire = (text: string): { role: Role; syncRole: SyncRole | null } | null =>
  Object.hasOwn(ROLES, text) ? ROLES[text]! : null

export function wireRoleOf({ role, syncRole }: { role: Role; syncRole: SyncRole | null }): string {
  if (role === 'admin') return 'admin'
  return role === 'field_worker' && syncRole === 'read-only' ? 'read-only' : 'read-write'
}

const RECORD_TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}/

/** Beside the answers, as they are kept: only what was sent. */
interface Extras {
  author?: string
  geolocation?: Record<string, number | string>
  tags?: string[]
  /** Where it is finer than a millisecond. */
  created_at?: string
}

const MAX_NAME_CHARS = 255
const MAX_VERSION_CHARS = 50

/** A record of a push. Whatever is wrong with it is told by a sentence: it is kept, and the others go on. */
export function readRecord(value: unknown): PushedRecord {
  const unreadable = (message: string, name: string | null = null): PushedRecord => ({
    kind: 'unreadable',
    name,
    message,
  })
  if (!isObject(value)) return unreadable('A record is an object')
  const { observation_id: name, form_type = '', form_version = '', data, deleted = false } = value
  if (name === undefined || name === null || name === '') return unreadable('observation_id is required')
  if (typeof name !== 'string' || name.length > MAX_NAME_CHARS || unkeepable(name))
    return unreadable(`observation_id is not a text of at most ${MAX_NAME_CHARS} characters that can be kept`)
  // Whatever else is wrong: a payload that is kept is found by its name when its person is to be erased.
  const wrong = (message: string) => unreadable(message, name)
  const fault = unkeepable(value)
  if (fault) return wrong(`${fault.path || 'The record'} ${fault.message}`)
  const formKey = form_type ?? ''
  const versionName = form_version ?? ''
  if (typeof formKey !== 'string' || formKey.length > MAX_NAME_CHARS)
    return wrong(`form_type is not a text of at most ${MAX_NAME_CHARS} characters`)
  if (typeof versionName !== 'string' || versionName.length > MAX_VERSION_CHARS)
    return wrong(`form_version is not a text of at most ${MAX_VERSION_CHARS} characters`)
  if (!isObject(data)) return wrong('data is not an object')
  if (deleted !== null && typeof deleted !== 'boolean') return wrong('deleted is neither true nor false')
  const createdAt = textOrNull(value.created_at)
  if (createdAt === undefined || (createdAt && !(RECORD_TIME.test(createdAt) && parseIsoTime(createdAt))))
    return wrong('created_at is not a time (RFC 3339)')
  const deviceId = textOrNull(value.device_id)
  if (deviceId === undefined || (deviceId && deviceId.length > MAX_NAME_CHARS))
    return wrong(`device_id is not a text of at most ${MAX_NAME_CHARS} characters`)
  const extras = readExtras(value, createdAt)
  if (typeof extras === 'string') return wrong(extras)
  return {
    kind: 'record',
    name,
    formKey,
    versionName,
    data,
    createdAt: createdAt || null,
    deviceId: deviceId || null,
    extras: Object.keys(extras).length === 0 ? null : JSON.stringify(extras),
    deleted: deleted === true,
  }
}

/** Undefined when it is neither a text nor absent. */
const textOrNull = (value: unknown): string | null | undefined =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : undefined

const MAX_TAGS = 1_000

/** A sentence when something is wrong with them. */
function readExtras({ author, geolocation, tags }: Record<string, unknown>, createdAt: string | null): Extras | string {
  const extras: Extras = {}
  const by = textOrNull(author)
  if (by === undefined || (by && by.length > MAX_NAME_CHARS))
    return `author is not a text of at most ${MAX_NAME_CHARS} characters`
  if (by) extras.author = by
  if (geolocation !== undefined && geolocation !== null) {
    const place = readPlace(geolocation)
    if (!place) return 'geolocation is not {latitude, longitude, accuracy?, altitude?, altitude_accuracy?, timestamp?}'
    extras.geolocation = place
  }
  if (tags !== undefined && tags !== null) {
    if (!isTextList(tags)) return `tags is not a list of at most ${MAX_TAGS} texts`
    extras.tags = tags
  }
  const finer = createdAt && /\.\d{3}\d*[1-9]/.exec(createdAt)
  if (finer) extras.created_at = fineTime(createdAt)
  return extras
}

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MAX_TAGS && value.every((tag) => typeof tag === 'string')

const PLACE_KEYS = ['latitude', 'longitude', 'accuracy', 'altitude', 'altitude_accuracy'] as const

/** Coordinates are not held against the globe, nor half a place against the other half: what a phone believes is kept,
 *  since it takes a record that we refuse for delivered. */
function readPlace(value: unknown): Record<string, number | string> | null {
  if (!isObject(value)) return null
  const place: Record<string, number | string> = {}
  for (const key of PLACE_KEYS) {
    const number = value[key]
    if (number === undefined || number === null) continue
    if (typeof number !== 'number') return null
    place[key] = number
  }
  const { timestamp } = value
  if (typeof timestamp === 'number' || (typeof timestamp === 'string' && timestamp.length <= MAX_NAME_CHARS))
    place.timestamp = timestamp
  else if (timestamp !== undefined && timestamp !== null) return null
  return place
}

/** In UTC with all its digits, up to microseconds. */
function fineTime(text: string): string {
  const digits = /\.(\d{1,6})/.exec(text)![1]!.replace(/0+$/, '')
  return `${new Date(parseIsoTime(text)!.ms).toISOString().slice(0, 19)}.${digits}Z`
}

/** A record in this wire's terms. */
export function fieldsOf(s: PulledRecord) {
  const extras: Extras = s.extras === null ? {} : (JSON.parse(s.extras) as Extras)
  return {
    name: s.localUuid,
    formKey: s.formKey,
    versionName: s.versionName,
    data: answersOf(s),
    createdAt: extras.created_at ?? isoTime(s.createdAtMs),
    updatedAt: isoTime(s.updatedAtMs),
    deleted: s.deletedAtMs !== null,
    geolocation: extras.geolocation ?? null,
    // A record that another way brought has no author of its own: who sent it is.
    author: extras.author ?? s.sender,
    deviceId: s.reportedDeviceId,
    tags: extras.tags ?? null,
  }
}

/** JSON object text. What is no JSON stands in one. */
export const answersOf = ({ dataKind, data, erasedAtMs }: PulledRecord): string =>
  dataKind === 'json' || erasedAtMs !== null ? data : JSON.stringify({ content: data })

/** A record as JSON text. What is stored as JSON in this wire's words, answers and extras, passes through as it is. */
export function recordText(record: PulledRecord): string {
  const { extras, reportedDeviceId, sender } = record
  const isPlain = sender === null && !extras?.includes('"created_at":')
  const { createdAt, more } = isPlain ? { createdAt: isoTime(record.createdAtMs), more: extras } : readFurther(record)
  return (
    `{"observation_id":${JSON.stringify(record.localUuid)},"form_type":${JSON.stringify(record.formKey)},` +
    `"form_version":${JSON.stringify(record.versionName)},"data":${answersOf(record)},"created_at":"${createdAt}",` +
    `"updated_at":"${isoTime(record.updatedAtMs)}","deleted":${record.deletedAtMs !== null}` +
    (more && more !== '{}' ? `,${more.slice(1, -1)}` : '') +
    (reportedDeviceId ? `,"device_id":${JSON.stringify(reportedDeviceId)}` : '') +
    `,"version":${record.version}}`
  )
}

/** `more`: JSON object text of what only some records have. */
function readFurther(record: PulledRecord): { createdAt: string; more: string } {
  const { createdAt, geolocation, author, tags } = fieldsOf(record)
  const more = { ...(author && { author }), ...(geolocation && { geolocation }), ...(tags && { tags }) }
  return { createdAt, more: JSON.stringify(more) }
}

/** The same for people. */
export const prettyRecord = (record: PulledRecord): string =>
  `${JSON.stringify(JSON.parse(recordText(record)), null, 2)}\n`

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
