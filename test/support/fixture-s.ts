// The form that the contract's cases speak of, and answers to it that are valid. Copy before changing.
import type { FormSchema } from '../../src/forms/schema.ts'

export const fixtureS: FormSchema = {
  version: 1,
  title: 'Households',
  fields: [
    { id: 'full_name', type: 'text', label: 'Full name', required: true },
    { id: 'age', type: 'number', label: 'Age' },
    {
      id: 'consent',
      type: 'select_one',
      label: 'Consent',
      options: [
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No' },
      ],
    },
    { id: 'reason', type: 'text', label: 'Reason', required: true, relevant: "consent = 'no'" },
    {
      id: 'tags',
      type: 'select_multiple',
      label: 'Tags',
      options: [
        { value: 'a', label: 'A' },
        { value: 'b', label: 'B' },
        { value: 'c', label: 'C' },
      ],
    },
    {
      id: 'src',
      type: 'select_one_other',
      label: 'Source',
      options: [
        { value: 'x', label: 'X' },
        { value: 'y', label: 'Y' },
      ],
    },
    { id: 'gps', type: 'geopoint', label: 'Position' },
    { id: 'trace', type: 'geotrace', label: 'Trace' },
    { id: 'walk', type: 'route', label: 'Walk' },
    { id: 'pic', type: 'photo', label: 'Picture' },
    {
      id: 'hh',
      type: 'repeat',
      label: 'Household members',
      fields: [
        { id: 'm_name', type: 'text', label: 'Name', required: true },
        { id: 'm_age', type: 'number', label: 'Age of member' },
      ],
    },
    {
      id: 'addr',
      type: 'group',
      label: 'Address',
      fields: [
        { id: 'street', type: 'text', label: 'Street' },
        { id: 'city', type: 'text', label: 'City', required: true },
      ],
    },
    { id: 'total', type: 'calculated', label: 'Total', expression: 'age + 1' },
    { id: 'n1', type: 'note', label: 'Note', body: 'Thank the household.' },
    { id: 'd1', type: 'divider' },
  ],
}

export const validAnswersS: Record<string, unknown> = {
  full_name: 'Amina Diallo',
  age: 34,
  consent: 'yes',
  tags: ['a', 'c'],
  src: 'x',
  gps: { latitude: 14.6937, longitude: -17.4441, accuracy: 4.5, altitude: 22, captured_at: '2026-03-17T09:30:00Z' },
  trace: [
    { latitude: 14.6937, longitude: -17.4441, timestamp: '2026-03-17T09:31:00Z' },
    { latitude: 14.694, longitude: -17.445, timestamp: '2026-03-17T09:32:00Z' },
  ],
  walk: {
    started_at: '2026-03-17T10:00:00Z',
    ended_at: '2026-03-17T10:06:00Z',
    distance_meters: 412.5,
    duration_seconds: 360,
    points: [
      { latitude: 14.6937, longitude: -17.4441, altitude: 22, accuracy: 5, timestamp: '2026-03-17T10:00:00Z' },
      { latitude: 14.6941, longitude: -17.4446, altitude: 23, accuracy: 5, timestamp: '2026-03-17T10:01:00Z' },
      { latitude: 14.6952, longitude: -17.4459, altitude: 23, accuracy: 6, timestamp: '2026-03-17T10:05:00Z' },
      { latitude: 14.6957, longitude: -17.4463, altitude: 24, accuracy: 5, timestamp: '2026-03-17T10:06:00Z' },
    ],
    pauses: [{ paused_at: '2026-03-17T10:02:00Z', resumed_at: '2026-03-17T10:04:00Z' }],
  },
  pic: ['file:///data/photo-1.jpg'],
  hh: [
    { m_name: 'Moussa', m_age: 12 },
    { m_name: 'Awa', m_age: 9 },
  ],
  addr: { street: 'Rue 10', city: 'Dakar' },
  total: 35,
}
