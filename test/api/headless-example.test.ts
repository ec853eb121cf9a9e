// docs/examples/headless.py, line by line: what a script with an API key does, on machines without Python as well.
// Cases 101-107 of the native contract look at each of its requests more closely.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { publishForm } from '../support/forms.ts'

const WELL = {
  fields: [
    { id: 'village', type: 'text', label: 'Village', required: true },
    { id: 'depth', type: 'number', label: 'Depth (m)' },
  ],
}

test('a script finds its form, sends a reading twice, and it is stored once', async () => {
  const { bruno, chiara, addKey, as, now } = await makeCast()
  const published = await publishForm(bruno, WELL, 'Well')
  const { key } = await addKey(chiara, { name: 'pole 7' })

  const session = as({ 'X-API-Key': key })
  const call = async (method: string, path: string, json?: unknown) => {
    const response = await session.request(method, path, { json })
    if (response.status >= 300) throw new Error(`${response.status}: ${response.body.detail}`)
    return response.body
  }
  const printed: string[] = []

  const forms = await call('GET', '/headless/forms')
  const form = forms.find(({ name }: { name: string }) => name === 'Well')
  const definition = await call('GET', `/headless/forms/${form.id}/schema`)
  printed.push(`${definition.name}, version ${definition.version_num}`)
  for (const field of definition.schema.fields)
    printed.push(`  ${field.id}: ${field.type}${field.required ? ', required' : ''}`)

  const reading = {
    form_id: form.id,
    local_uuid: randomUUID(),
    // As Python's isoformat() writes it.
    collected_at: new Date(now()).toISOString().replace('.000Z', '.123456+00:00'),
    data_json: { village: 'Fatick', depth: 31.5 },
  }
  for (const attempt of ['sent', 'sent again']) {
    const answer = await call('POST', '/headless/submit', reading)
    printed.push(`${attempt}: ${answer.status}, ${answer.id}`)
  }

  const { body: list } = expectStatus(200, await chiara.get('/submissions'))
  expect(list).toMatchObject([
    { form_id: published.id, local_uuid: reading.local_uuid, data: reading.data_json, protocol: 'headless' },
  ])
  expect(list[0].collected_at).toMatch(/^2026-11-23T08:00:00(\.123)?Z$/)
  expect(printed).toEqual([
    'Well, version 1',
    '  village: text, required',
    '  depth: number',
    `sent: accepted, ${list[0].id}`,
    `sent again: ignored, ${list[0].id}`,
  ])
  await expect(
    call('POST', '/headless/submit', { ...reading, local_uuid: randomUUID(), data_json: {} }),
  ).rejects.toThrow("422: Field 'village' is required")
})
