// The data that the browser tests and the screenshots look at: a household survey in two versions with rows, photos,
// positions and faults, people, phones, keys, and things that went wrong. All of it through the public API.
import { randomUUID } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { type Client, createClient } from '../../../src/client.ts'
import { PEOPLE } from './people.ts'

export interface Seeded {
  projectId: string
  formId: string
  versionId: string
  draftFormId: string
  /** Newest first. */
  submissionIds: string[]
  deviceId: string
  webhookId: string
}

const options = (...values: [string, string][]) => values.map(([value, label]) => ({ value, label }))

export const HOUSEHOLD_FORM = {
  title: 'Household survey',
  fields: [
    { id: 'village', type: 'text', label: 'Village', required: true },
    { id: 'head', type: 'text', label: 'Head of the household', required: true },
    {
      id: 'water',
      type: 'select_one',
      label: 'Source of water',
      options: options(['well', 'Well'], ['river', 'River'], ['tap', 'Tap']),
    },
    { id: 'members_count', type: 'integer', label: 'People in the household', constraint: '. > 0 and . < 40' },
    { id: 'place', type: 'geopoint', label: 'Where the house stands' },
    { id: 'house', type: 'photo', label: 'Photo of the house' },
    {
      id: 'members',
      type: 'repeat',
      label: 'Members',
      fields: [
        { id: 'm_name', type: 'text', label: 'Name' },
        { id: 'm_age', type: 'integer', label: 'Age', constraint: '. >= 0 and . < 120' },
        { id: 'm_photo', type: 'photo', label: 'Portrait' },
        {
          id: 'illnesses',
          type: 'repeat',
          label: 'Illnesses',
          fields: [
            { id: 'i_name', type: 'text', label: 'Illness' },
            { id: 'i_days', type: 'integer', label: 'Days' },
          ],
        },
      ],
    },
    { id: 'notes', type: 'textarea', label: 'Notes' },
  ],
}

const VILLAGES = ['Fatick', 'Diofior', 'Niakhar', 'Tattaguine', 'Djilass']
const HEADS = ['Awa Diouf', 'Ibrahima Sarr', 'Fatou Ndiaye', 'Moussa Faye', 'Khady Sène', 'Ousmane Diop']
const WATER = ['well', 'river', 'tap']

interface Answer {
  ok: boolean
  status: number
  url: string
  text(): Promise<string>
  json(): Promise<unknown>
}

async function bodyOf<R extends Answer>(asked: Promise<R>): Promise<Awaited<ReturnType<R['json']>>> {
  const response = await asked
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Awaited<ReturnType<R['json']>>
}

async function signIn(url: string, json: { email: string; password: string }): Promise<Client> {
  const { access_token: token } = await bodyOf(createClient(url).auth.login.$post({ json }))
  return createClient(url, { token })
}

export async function seed(url: string): Promise<Seeded> {
  await choosePasswords(url, [PEOPLE.admin])
  const chiara = await signIn(url, PEOPLE.admin)
  const [amina] = await Promise.all([
    bodyOf(chiara.users.$post({ json: { ...PEOPLE.worker, role: 'field_worker' } })),
    bodyOf(chiara.users.$post({ json: { ...PEOPLE.manager, role: 'manager' } })),
    bodyOf(chiara.users.$post({ json: { ...PEOPLE.leaver, role: 'manager' } })),
    bodyOf(chiara.users.$post({ json: { ...PEOPLE.newcomer, role: 'manager' } })),
  ])
  await choosePasswords(url, [PEOPLE.manager, PEOPLE.worker, PEOPLE.leaver])
  const project = await bodyOf(
    chiara.projects.$post({
      json: { name: 'Water and health', time_zone: 'Africa/Dakar', description: 'Fatick region' },
    }),
  )
  const form = await bodyOf(
    chiara.forms.$post({ json: { project_id: project.id, name: 'Households', schema: HOUSEHOLD_FORM } }),
  )
  const param = { id: form.id }
  await bodyOf(chiara.forms[':id'].publish.$post({ param, json: {} }))
  const second = {
    ...HOUSEHOLD_FORM,
    fields: [
      ...HOUSEHOLD_FORM.fields,
      { id: 'visit', type: 'date', label: 'Day of the visit' },
      { id: 'plot', type: 'geoshape', label: 'Plot' },
      { id: 'walk', type: 'route', label: 'Way there' },
      {
        id: 'wells',
        type: 'repeat',
        label: 'Wells',
        fields: [{ id: 'well', type: 'geopoint', label: 'Well' }],
      },
    ],
  }
  await bodyOf(chiara.forms[':id'].$put({ param, json: { schema: second } }))
  const { version_id: versionId } = await bodyOf(chiara.forms[':id'].publish.$post({ param, json: {} }))
  const third = { ...second, fields: second.fields.filter(({ id }) => id !== 'notes') }
  await bodyOf(chiara.forms[':id'].$put({ param, json: { schema: third } }))
  const draft = await bodyOf(
    chiara.forms.$post({
      json: {
        project_id: project.id,
        name: 'Wells',
        schema: { fields: [{ id: 'depth', type: 'decimal', label: 'Depth (m)' }] },
      },
    }),
  )
  const { pairing_token } = await bodyOf(
    chiara.settings.mobile['pairing-token'].$post({ json: { user_id: amina.id, label: "Amina's phone" } }),
  )
  const paired = await bodyOf(
    createClient(url).mobile.pair.$post({ json: { pairing_token, app_version: '2.4.1', hardware_id: 'phone-1' } }),
  )
  const submissionIds = await sendSubmissions(createClient(url, { deviceToken: paired.device_token }), versionId)
  await uploadPhotos(url, paired.device_token, submissionIds)
  await bodyOf(chiara['api-keys'].$post({ json: { name: 'Rain gauge at Fatick' } }))
  await livelyHistory(chiara, submissionIds)
  await bodyOf(chiara.exports.$post({ json: { format: 'csv', form_id: form.id } }))
  const webhook = await bodyOf(
    chiara.forms[':id'].webhooks.$post({
      param,
      // A port that nobody listens on.
      json: { url: 'http://127.0.0.1:9/warehouse', description: 'Data warehouse', generate_secret: true },
    }),
  )
  await bodyOf(chiara.webhooks[':id'].test.$post({ param: { id: webhook.id } }))
  return {
    projectId: project.id,
    formId: form.id,
    versionId,
    draftFormId: draft.id,
    submissionIds: submissionIds.map(({ id }) => id),
    deviceId: paired.device_id,
    webhookId: webhook.id,
  }
}

/** People who were given a password are asked for their own; these have done so. */
async function choosePasswords(url: string, people: { email: string; password: string }[]): Promise<void> {
  for (const person of people) {
    const client = await signIn(url, person)
    const json = { current_password: person.password, new_password: person.password }
    await bodyOf(client.auth['change-password'].$post({ json }))
  }
}

interface Sent {
  id: string
  localUuid: string
}

/** 64 households, four of them with faults, and two payloads that belong to no form. */
async function sendSubmissions(phone: Client, versionId: string): Promise<Sent[]> {
  const startMs = Date.now() - 20 * 86_400_000
  const items = Array.from({ length: 64 }, (_, n) => ({
    form_version_id: versionId,
    local_uuid: randomUUID(),
    collected_at: new Date(startMs + n * 25_000_000).toISOString(),
    data: {
      village: VILLAGES[n % 5]!,
      head: HEADS[n % 6]!,
      water: WATER[n % 3]!,
      // Every sixteenth breaks the form's rule.
      members_count: n % 16 === 7 ? 99 : 2 + (n % 7),
      place: { latitude: 14.33 + (n % 8) * 0.011, longitude: -16.41 + (n % 11) * 0.013, accuracy: 5 },
      house: n % 4 === 3 ? `file:///photos/house-${n}.jpg` : undefined,
      members: [
        {
          m_name: HEADS[n % 6]!,
          m_age: 31 + (n % 30),
          illnesses: n % 2 ? [{ i_name: 'Malaria', i_days: 4 }] : [],
        },
        { m_name: HEADS[(n + 1) % 6]!, m_age: 7 + (n % 9), illnesses: [] },
      ],
      notes: n % 9 === 0 ? 'The path is flooded after rain; come by boat.' : undefined,
      visit: new Date(startMs + n * 25_000_000).toISOString().slice(0, 10),
      ...(n % 8 === 7 && landOf(14.33 + (n % 8) * 0.011, -16.41 + (n % 11) * 0.013)),
    },
  }))
  const json = JSON.parse(JSON.stringify(items))
  const { accepted } = await bodyOf(phone.submissions.bulk.$post({ json } as never))
  const lost = [
    { form_version_id: randomUUID(), local_uuid: randomUUID(), data: { village: 'Fatick' } },
    { form_version_id: randomUUID(), local_uuid: randomUUID(), data: { village: 'Diofior' } },
  ]
  await bodyOf(phone.submissions.bulk.$post({ json: lost } as never))
  return (accepted as { id: string; local_uuid: string }[])
    .map(({ id, local_uuid }) => ({ id, localUuid: local_uuid }))
    .reverse()
}

/** A plot beside the house, the way there, and two wells. */
function landOf(latitude: number, longitude: number) {
  const at = (north: number, east: number) => ({ latitude: latitude + north, longitude: longitude + east, accuracy: 6 })
  return {
    plot: [at(0.001, 0.001), at(0.001, 0.005), at(0.004, 0.006), at(0.005, 0.002)],
    walk: { points: Array.from({ length: 40 }, (_, i) => at(-0.0004 * i, 0.0003 * i + 0.001 * Math.sin(i / 3))) },
    wells: [{ well: at(-0.003, 0.002) }, { well: at(0.002, -0.003) }],
  }
}

/** A photo for every third submission that names one; the others stay visibly missing. */
async function uploadPhotos(url: string, token: string, sent: Sent[]): Promise<void> {
  for (const { localUuid } of sent.filter((_, n) => n % 12 === 0)) {
    const form = new FormData()
    form.set('submission_local_uuid', localUuid)
    form.set('field_id', 'house')
    form.set('file', new File([paintedHouse()], 'house.png', { type: 'image/png' }))
    const response = await fetch(`${url}/api/v1/media/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    })
    if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`)
  }
}

async function livelyHistory(chiara: Client, sent: Sent[]): Promise<void> {
  const [first, second, third] = sent as [Sent, Sent, Sent]
  const at = ({ id }: Sent) => ({ param: { id } })
  await bodyOf(
    chiara.submissions[':id'].$patch({
      ...at(first),
      json: { base_revision: 1, changes: { set: { head: 'Awa Diouf-Sarr' } } },
    }),
  )
  await bodyOf(
    chiara.submissions[':id'].comments.$post({ ...at(first), json: { body: 'Name corrected after a call.' } }),
  )
  await bodyOf(chiara.submissions[':id'].review.$post({ ...at(second), json: { state: 'approved' } }))
  await bodyOf(
    chiara.submissions[':id'].review.$post({
      ...at(third),
      json: { state: 'has_issues', comment: 'Is the age right?' },
    }),
  )
}

/** A small picture, painted here: sky, ground and a house. */
export function paintedHouse(): Uint8Array<ArrayBuffer> {
  const [width, height] = [240, 160]
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const wall = x > 70 && x < 170 && y > 70 && y < 130
      const roof = y > 35 && y <= 70 && Math.abs(x - 120) < (y - 30) * 1.6
      const color = roof ? [150, 60, 40] : wall ? [225, 200, 160] : y > 115 ? [120, 150, 80] : [150, 200, 235]
      rows.set(color, y * (1 + width * 3) + 1 + x * 3)
    }
  return png(width, height, rows)
}

function png(width: number, height: number, rows: Buffer): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]),
  )
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
