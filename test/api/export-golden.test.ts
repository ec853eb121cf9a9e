// Every format, byte for byte, against files that were read and found right (test/fixtures/exports). A change of a format
// shows there as a difference to be looked at: `vitest run -u` writes them anew.
import { unzipSync } from 'fflate'
import { beforeEach, expect, test } from 'vitest'
import { EXPORT_FORMATS, type ExportFormat } from '../../src/domain/exports/model.ts'
import { readWorkbook } from '../../src/lib/workbook.ts'
import { type Cast, expectStatus, makeCast } from '../support/app.ts'
import { fetched } from '../support/exports.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { publishForm } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'
import { rowsIn } from '../support/parquet-readers.ts'

let cast: Cast
let formId: string
/** Ids differ from run to run: in the files they have names. */
let names: Map<string, string>

beforeEach(async () => {
  cast = await makeCast()
  const form = await publishForm(cast.bruno, fixtureS, 'Household survey')
  formId = form.id
  const phone = await cast.pair(cast.bruno)
  const item = (n: number, data: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
    form_version_id: form.versionId,
    local_uuid: `00000000-0000-4000-9000-00000000000${n}`,
    data,
    ...more,
  })
  const items = [
    item(1, validAnswersS, { collected_at: '2026-03-17T09:30:00+03:00' }),
    item(2, {
      full_name: '=1+1, "two"\nlines 😀',
      age: 'about ten',
      consent: 'no',
      src: { choice: '__other__', other: 'a|b' },
    }),
    item(3, { full_name: 'Ω', street: 'flat', pic: ['missing.jpg'], hh: [{}, { m_name: '<&>' }] }),
  ]
  const sent = expectStatus(200, await phone.post('/submissions/bulk', items)).body.accepted
  cast.advance(61_000)
  const photo = await upload(phone, items[0]!.local_uuid, filePart('not really a photo', 'photo-1.jpg'))
  const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
  names = new Map([
    [form.id, 'id-of-the-form'],
    [form.versionId, 'id-of-the-version'],
    [cast.bruno.id, 'id-of-bruno'],
    [device.id, 'id-of-the-phone'],
    [expectStatus(201, photo).body.media_file_id, 'id-of-the-photo'],
    ...sent.map(({ id }: { id: string }, i: number) => [id, `id-of-submission-${i + 1}`] as const),
  ])
})

const named = (text: string): string => {
  for (const [id, name] of names) text = text.replaceAll(id, name).replaceAll(id.slice(0, 8), name)
  return text
}

/** What is compared of a format: its texts by name, and of formats that people can't read what a reader finds in them. */
async function textsOf(format: ExportFormat): Promise<Record<string, string>> {
  const { status, headers, bytes } = await fetched(cast, cast.bruno, `/submissions/export/${format}?form_id=${formId}`)
  expect(status).toBe(200)
  const [, name] = /filename="([^"]+)"/.exec(headers.get('content-disposition')!)!
  if (format === 'xlsx') return { [`${name}.json`]: pretty((await readWorkbook(bytes)) as unknown) }
  if (!name!.endsWith('.zip')) return { [name!]: decode(bytes) }
  const texts: Record<string, string> = {}
  for (const [entry, content] of Object.entries(unzipSync(bytes))) {
    if (entry.endsWith('.parquet')) texts[`${entry}.json`] = pretty(await rowsIn(new Uint8Array(content).buffer))
    else texts[entry] = decode(content)
  }
  return texts
}

const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)

const pretty = (value: unknown): string =>
  `${JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inner), 2)}\n`

for (const format of EXPORT_FORMATS)
  test(`${format} is what it was`, async () => {
    for (const [name, text] of Object.entries(await textsOf(format)))
      await expect(named(text)).toMatchFileSnapshot(`../fixtures/exports/${format}/${named(name)}`)
  })
