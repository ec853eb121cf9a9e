// The words of the Synkronus wire and ours: whatever a client sends is read or told apart, and comes back as it was.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PulledRecord } from '../../../src/domain/sync/pull.ts'
import type { PushedRecord } from '../../../src/domain/sync/push.ts'
import { isoTime } from '../../../src/lib/iso-time.ts'
import { readRecord, recordText, roleOfWire, wireRoleOf } from '../../../src/protocols/synkronus/map.ts'

type Read = Extract<PushedRecord, { kind: 'record' }>

const RECORD = {
  observation_id: 'o-1',
  form_type: 'household',
  form_version: '1.0',
  data: { name: 'Moussa' },
  created_at: '2026-11-20T08:00:00Z',
  deleted: false,
}

const read = (value: unknown): Read => {
  const record = readRecord(value)
  if (record.kind !== 'record') throw new Error(record.message)
  return record
}

/** As the feed gives a record that was stored from `record`. */
const pulled = (record: Read, createdAtMs: number): PulledRecord => ({
  version: 7,
  seq: 7,
  localUuid: record.name,
  formKey: record.formKey,
  versionName: record.versionName,
  data: JSON.stringify(record.data),
  extras: record.extras,
  createdAtMs,
  updatedAtMs: 1_000,
  reportedDeviceId: record.deviceId,
  sender: null,
  dataKind: 'json',
  deletedAtMs: record.deleted ? 1_000 : null,
  erasedAtMs: null,
})

const text = (maxLength: number) =>
  fc.string({ maxLength, unit: 'grapheme' }).filter((s) => s.length <= maxLength && !s.includes('\0'))
const place = fc.record(
  {
    latitude: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n || 0),
    longitude: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n || 0),
    accuracy: fc.integer(),
    altitude: fc.integer(),
    altitude_accuracy: fc.integer(),
    timestamp: fc.oneof(text(30), fc.integer()),
  },
  { requiredKeys: ['latitude', 'longitude'] },
)
const observation = fc.record(
  {
    observation_id: text(255).filter((id) => id !== ''),
    form_type: text(255),
    form_version: text(50),
    data: fc.dictionary(
      text(20).filter((key) => key !== '__proto__'),
      fc.oneof(text(20), fc.integer(), fc.boolean(), fc.constant(null)),
    ),
    created_at: fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((d) => d.toISOString()),
    deleted: fc.boolean(),
    geolocation: place,
    author: text(255).filter((name) => name !== ''),
    device_id: text(255).filter((name) => name !== ''),
    tags: fc.array(text(20), { maxLength: 5 }),
  },
  { requiredKeys: ['observation_id', 'form_type', 'form_version', 'data', 'created_at', 'deleted'] },
)

describe('a record', () => {
  test('comes back as it was sent, with its version', () => {
    fc.assert(
      fc.property(observation, (sent) => {
        const back = JSON.parse(recordText(pulled(read(sent), Date.parse(sent.created_at))))
        const { created_at, ...rest } = sent
        expect(back).toEqual({
          ...rest,
          created_at: isoTime(Date.parse(created_at)),
          updated_at: '1970-01-01T00:00:01Z',
          version: 7,
        })
      }),
    )
  })

  test('of any JSON is read or named by a sentence, and nothing throws', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(observation, fc.constantFrom(...Object.keys(RECORD), 'geolocation', 'author', 'tags'), fc.jsonValue())
        .map(([record, key, value]) => ({ ...record, [key]: value })),
    )
    fc.assert(
      fc.property(anything, (value) => {
        const record = readRecord(value)
        if (record.kind === 'unreadable') expect(record.message).toMatch(/\S/)
        else expect(record.name).not.toBe('')
      }),
    )
  })

  test.each([
    [{ ...RECORD, observation_id: '' }, 'observation_id is required'],
    [{ ...RECORD, created_at: 'yesterday' }, 'created_at is not a time (RFC 3339)'],
    [{ ...RECORD, created_at: '2026-11-20' }, 'created_at is not a time (RFC 3339)'],
    [{ ...RECORD, created_at: 1_700_000_000 }, 'created_at is not a time (RFC 3339)'],
    [{ ...RECORD, data: [] }, 'data is not an object'],
    [{ ...RECORD, deleted: 'true' }, 'deleted is neither true nor false'],
    [{ ...RECORD, tags: ['a', 1] }, 'tags is not a list of at most 1000 texts'],
    [{ ...RECORD, form_version: 'v'.repeat(51) }, 'form_version is not a text of at most 50 characters'],
  ])('%j is no record: %s', (value, message) => {
    expect(readRecord(value)).toMatchObject({ kind: 'unreadable', message })
  })

  test('coordinates are kept as the phone believes them, also half a place', () => {
    const away = { latitude: 123, longitude: -500, accuracy: 1e9 }
    expect(JSON.parse(read({ ...RECORD, geolocation: away }).extras!)).toEqual({ geolocation: away })
    const half = { latitude: 1 }
    expect(JSON.parse(read({ ...RECORD, geolocation: half }).extras!)).toEqual({ geolocation: half })
    expect(readRecord({ ...RECORD, geolocation: { latitude: '1' } }).kind).toBe('unreadable')
  })

  test('times keep their microseconds and come back in UTC', () => {
    const record = read({ ...RECORD, created_at: '2026-11-20T12:00:00.123456+03:00' })
    const back = JSON.parse(recordText(pulled(record, Date.parse('2026-11-20T09:00:00.123Z'))))
    expect(back.created_at).toBe('2026-11-20T09:00:00.123456Z')
    expect(read({ ...RECORD, created_at: '2026-11-20T12:00:00.100000Z' }).extras).toBeNull()
  })

  test('what another way brought names who sent it as its author', () => {
    const own = pulled(read(RECORD), 0)
    expect(JSON.parse(recordText({ ...own, sender: 'wanja' })).author).toBe('wanja')
    expect(JSON.parse(recordText(own))).not.toHaveProperty('author')
  })

  test('an erased one is an id that is deleted, without answers', () => {
    const erased = { ...pulled(read(RECORD), 0), data: '{}', erasedAtMs: 1, deletedAtMs: 1 }
    expect(JSON.parse(recordText(erased))).toMatchObject({ deleted: true, data: {} })
  })
})

describe('roles', () => {
  test.each(['read-only', 'read-write', 'admin'])('%s is the same there and back', (role) => {
    expect(wireRoleOf(roleOfWire(role)!)).toBe(role)
  })

  test('there are no others', () => {
    expect(['boss', '', 'constructor', 'Admin'].map(roleOfWire)).toEqual([null, null, null, null])
  })

  test('a manager, and a field worker who was not made for an app, may write', () => {
    expect(wireRoleOf({ role: 'manager', syncRole: null })).toBe('read-write')
    expect(wireRoleOf({ role: 'manager', syncRole: 'read-only' })).toBe('read-write')
    expect(wireRoleOf({ role: 'field_worker', syncRole: null })).toBe('read-write')
  })
})
