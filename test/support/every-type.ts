// A form with a field of every type, and answers to it that are valid, different for each number.
import { FIELD_TYPES, isChoiceType } from '../../src/forms/field-types.ts'
import type { Field, FormSchema } from '../../src/forms/schema.ts'

const OPTIONS = ['red', 'green', 'blue'].map((value) => ({ value, label: value }))

const fieldOf = (type: Field['type']): Field => ({
  id: type,
  type,
  label: type,
  ...(isChoiceType(type) ? { options: OPTIONS } : {}),
  ...(type === 'calculated' ? { expression: 'number + 1' } : {}),
  ...(type === 'range' ? { parameters: { start: 0, end: 1000, step: 1 } } : {}),
  ...(type === 'repeat'
    ? {
        fields: [
          { id: 'row_name', type: 'text' },
          { id: 'row_age', type: 'integer' },
        ],
      }
    : {}),
  ...(type === 'group' ? { fields: [{ id: 'street', type: 'text' }] } : {}),
})

export const EVERY_TYPE: FormSchema = { version: 1, title: 'Everything', fields: FIELD_TYPES.map(fieldOf) }

const point = (n: number) => ({ latitude: 14 + n / 1000, longitude: -17.4441, accuracy: 4.5, altitude: 22 })

const at = (n: number, second: number) => ({
  ...point(n),
  timestamp: `2026-03-17T10:00:${String(second).padStart(2, '0')}Z`,
})

export const everyAnswer = (n: number): Record<string, unknown> => ({
  text: `text ${n} with "quotes", ümlauts, 汉字, 🦉, \\ and \n a line`,
  textarea: 'one\ntwo\r\nthree\ttab',
  email: `person${n}@example.org`,
  phone: '+221 77 123 45 67',
  number: n,
  date: '2026-03-17',
  time: '09:30',
  datetime: '2026-03-17T09:30:00+03:00',
  timestamp: '2026-03-17T09:30:00Z',
  select_one: 'red',
  select_multiple: ['red', 'blue'],
  select_one_other: { selection: '__other__', other_text: 'ochre' },
  group: { street: 'Rue 10' },
  repeat: [
    { row_name: 'Moussa', row_age: 12 },
    { row_name: 'Awa', row_age: n },
  ],
  calculated: n + 1,
  hidden: 'set by the device',
  photo: [`file:///data/photo-${n}.jpg`],
  audio: 'voice.m4a',
  signature: 'signature.png',
  file: 'report.pdf',
  geopoint: point(n),
  geotrace: [at(n, 1), at(n + 1, 2)],
  route: {
    started_at: '2026-03-17T10:00:00Z',
    ended_at: '2026-03-17T10:00:09Z',
    distance_meters: 12.5,
    duration_seconds: 9,
    points: [at(n, 0), at(n + 1, 9)],
    pauses: [],
  },
  barcode: `40${n}`,
  integer: -n,
  decimal: 0.1 + 0.2,
  video: 'film.mp4',
  geoshape: [point(n), point(n + 1), point(n + 2), point(n)],
  range: 7,
  rank: ['blue', 'red', 'green'],
  acknowledge: 'OK',
  start: '2026-03-17T09:00:00Z',
  end: '2026-03-17T09:40:00Z',
  today: '2026-03-17',
  deviceid: `imei-${n}`,
  username: 'amina',
})
