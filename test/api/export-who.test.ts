// 54 interviews with the WHO questionnaire leave again, answer by answer, as tables and as lines. Runs where
// FIELDPOST_SAMPLES names the folder that holds them.
import { env } from 'cloudflare:workers'
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { everyField } from '../../src/forms/uids.ts'
import { expectStatus, makeCast } from '../support/app.ts'
import { exported, headerOf, tableOf } from '../support/exports.ts'
import { FORM_TYPE, filePart, formBody, textPart } from '../support/media.ts'
import { rowsIn } from '../support/parquet-readers.ts'
import { readInterviews } from '../support/who-va.ts'

const { WHO_FORM, WHO_INTERVIEWS } = env as { WHO_FORM?: string; WHO_INTERVIEWS?: string }
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

test.skipIf(!WHO_FORM)('every answer of the interviews is in every export (FIELDPOST_SAMPLES)', async () => {
  const cast = await makeCast()
  const { bruno } = cast
  const project = expectStatus(201, await bruno.post('/projects', { name: 'Verbal autopsy' })).body.id
  const body = formBody([textPart('project_id', project), filePart(bytesOf(WHO_FORM!), 'form.xlsx')])
  const headers = { 'content-type': FORM_TYPE }
  const form = expectStatus(201, await bruno.request('POST', '/forms/import', { body, headers })).body
  const { version_id } = expectStatus(200, await bruno.post(`/forms/${form.id}/publish`)).body
  const { schema } = expectStatus(200, await bruno.get(`/forms/${form.id}`)).body
  const { interviews } = readInterviews(bytesOf(WHO_INTERVIEWS!), everyField(schema.fields))
  const phone = await cast.pair(bruno)
  const items = interviews.map(({ data, collectedAt }, index) => ({
    form_version_id: version_id,
    local_uuid: `interview-${index}`,
    data,
    collected_at: collectedAt,
  }))
  expect(expectStatus(200, await phone.post('/submissions/bulk', items)).body.accepted).toHaveLength(54)

  const query = { form_id: form.id }
  const lines = (await exported(cast, bruno, 'ndjson', query)).text.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).data)).toEqual(interviews.map(({ data }) => data))

  const [csv] = Object.values((await exported(cast, bruno, 'csv', { ...query, guard: false })).files)
  expect(new Set(headerOf(csv)).size).toBe(headerOf(csv).length)
  const labelled = tableOf((await exported(cast, bruno, 'csv', { ...query, labels: true })).files[mainName(form.name)])
  expect([tableOf(csv).length, labelled.length]).toEqual([54, 54])

  const { bytes } = await exported(cast, bruno, 'parquet', query)
  const [main] = Object.values(unzipSync(bytes))
  const rows = (await rowsIn(new Uint8Array(main!).buffer)) as Record<string, unknown>[]
  const lost: string[] = []
  let compared = 0
  for (const [i, { data }] of interviews.entries()) {
    const unfit = JSON.parse((rows[i]!._unfit as string | null) ?? '{}')
    for (const [id, answer] of Object.entries(data)) {
      if (typeof answer === 'object' && !Array.isArray(answer)) continue
      compared++
      const said = textOf(rows[i]![id] ?? unfit[id])
      if (said !== textOf(answer) && Number(said) !== Number(answer)) lost.push(`${i} ${id}: ${answer} reads ${said}`)
    }
  }
  expect(lost).toEqual([])
  expect(compared).toBeGreaterThan(5_000)
})

const mainName = (name: string): string =>
  `${name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .slice(0, 40)
    .replace(/_+$/, '')}.csv`

/** Dates are dates in a typed file, choices one text. */
const textOf = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  return Array.isArray(value) ? value.join('|') : String(value)
}
