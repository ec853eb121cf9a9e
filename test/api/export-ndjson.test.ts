// NDJSON: what a program reads must be what was sent.
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { exported } from '../support/exports.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

async function lines(form: PublishedForm, query: Record<string, string> = {}): Promise<any[]> {
  const { status, headers, text } = await exported(cast, cast.bruno, 'ndjson', { form_id: form.id, ...query })
  expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test('a line is a submission with all that is known of it', async () => {
  const form = await publishForm(cast.bruno, fixtureS)
  const item = submissionOf(form, { data: validAnswersS, collected_at: '2026-03-17T09:30:00Z' })
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', [{ ...item, device_id: 'tablet' }]))
  const file = expectStatus(201, await upload(phone, item.local_uuid, filePart('abc', 'photo-1.jpg'))).body
  expect(await lines(form)).toEqual([
    {
      id: body.accepted[0].id,
      form_id: form.id,
      form_version_id: form.versionId,
      form_version: 1,
      local_uuid: item.local_uuid,
      mode: 'live',
      collected_at: '2026-03-17T09:30:00Z',
      submitted_at: '2026-11-23T08:00:00Z',
      updated_at: '2026-11-23T08:00:00Z',
      submitted_by: 'bruno@example.org',
      user_id: cast.bruno.id,
      device_id: 'tablet',
      protocol: 'native',
      revision: 1,
      review_state: 'received',
      data_kind: 'json',
      media: [
        {
          id: file.media_file_id,
          field_id: 'pic',
          repeat_path: '',
          filename: 'photo-1.jpg',
          mime_type: 'image/jpeg',
          size_bytes: 3,
        },
      ],
      data: validAnswersS,
    },
  ])
})

test('a form without submissions gives nothing', async () => {
  expect(await lines(await publishForm(cast.bruno, fixtureS))).toEqual([])
})

test('property: whatever was accepted reads back, line by line', async () => {
  const form = await publishForm(cast.bruno, fixtureS)
  const sent: unknown[] = []
  const answers = fc.dictionary(
    fc.constantFrom('full_name', 'age', 'hh', 'unknown', 'gps'),
    // The door refuses what databases can't hold: U+0000, half characters, `__proto__`.
    fc
      .jsonValue({ maxDepth: 3, stringUnit: 'binary' })
      .filter((value) => !/\\u0000|\\ud[89a-f]|__proto__/.test(JSON.stringify(value))),
  )
  const spelled = fc.tuple(answers, fc.constantFrom(undefined, 2, '\r\n'))
  for (const some of fc.sample(fc.array(spelled, { minLength: 5, maxLength: 5 }), { numRuns: 20, seed: 82 })) {
    const items = some.map(([data]) => submissionOf(form, { data }))
    // With line ends between the tokens, as people write JSON by hand.
    const body = JSON.stringify(items, null, some[0]![1] as number)
    const answer = await phone.request('POST', '/submissions/bulk', {
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(expectStatus(200, answer).body.accepted).toHaveLength(5)
    sent.push(...some.map(([data]) => JSON.parse(JSON.stringify(data))))
  }
  expect((await lines(form)).map(({ data }) => data)).toEqual(sent)
})

test('only the fields that are asked for, where they stand', async () => {
  const form = await publishForm(cast.bruno, fixtureS)
  const item = submissionOf(form, { data: validAnswersS })
  expectStatus(200, await phone.post('/submissions/bulk', [item]))
  expectStatus(201, await upload(phone, item.local_uuid, filePart('abc', 'photo-1.jpg')))
  const [line] = await lines(form, { fields: 'age,m_age,city' })
  expect(line.data).toEqual({ age: 34, hh: [{ m_age: 12 }, { m_age: 9 }], addr: { city: 'Dakar' } })
  expect(line.media).toEqual([])
})
