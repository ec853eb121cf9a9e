// The form that the bench fills in: twelve fields of the common types, one of them a repeat with two rows.
import { randomUUID } from 'node:crypto'

export const SURVEY = {
  title: 'Household survey',
  fields: [
    { id: 'full_name', type: 'text', label: 'Full name', required: true },
    { id: 'age', type: 'number', label: 'Age', required: true },
    { id: 'visited_on', type: 'date', label: 'Date of visit' },
    { id: 'started', type: 'datetime', label: 'Started' },
    {
      id: 'consent',
      type: 'select_one',
      label: 'Consent',
      required: true,
      options: [
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No' },
      ],
    },
    {
      id: 'water',
      type: 'select_multiple',
      label: 'Sources of water',
      options: ['tap', 'well', 'river', 'rain', 'truck'].map((value) => ({ value, label: value })),
    },
    {
      id: 'roof',
      type: 'select_one_other',
      label: 'Roof',
      options: ['iron', 'thatch', 'tiles'].map((value) => ({ value, label: value })),
    },
    { id: 'gps', type: 'geopoint', label: 'Position', required: true },
    { id: 'phone', type: 'phone', label: 'Phone' },
    { id: 'remarks', type: 'textarea', label: 'Remarks' },
    { id: 'picture', type: 'photo', label: 'Picture' },
    {
      id: 'members',
      type: 'repeat',
      label: 'Members',
      fields: [
        { id: 'm_name', type: 'text', label: 'Name', required: true },
        { id: 'm_age', type: 'number', label: 'Age' },
      ],
    },
  ],
}

export function answers(i: number) {
  return {
    full_name: `Person ${i}`,
    age: 18 + (i % 60),
    visited_on: '2026-11-20',
    started: '2026-11-20T08:30',
    consent: i % 7 === 0 ? 'no' : 'yes',
    water: ['tap', 'rain'],
    roof: 'iron',
    gps: { latitude: -1.29 + (i % 1000) / 10_000, longitude: 36.82 + (i % 777) / 10_000, accuracy: 4.5 },
    phone: '+254700000000',
    remarks: 'The path floods in April.',
    members: [
      { m_name: 'Ada', m_age: 9 },
      { m_name: 'Ben', m_age: 41 },
    ],
  }
}

export const submission = (versionId: string, i: number) => ({
  form_version_id: versionId,
  local_uuid: randomUUID(),
  data: answers(i),
  collected_at: '2026-11-20T08:45:00Z',
})
