// What strangers put into names, labels, answers and file names, through every format: each answers with a whole file that
// its reader takes, and says what was sent as far as the format can.
import { unzipSync } from 'fflate'
import readExcelFile from 'read-excel-file/universal'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXPORT_FORMATS, type ExportFormat } from '../../src/domain/exports/model.ts'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { tableOf } from '../support/exports.ts'
import { type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'
import { rowsIn } from '../support/parquet-readers.ts'
import { childText, named, readXml } from '../support/xml-reader.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

async function download(form: PublishedForm, format: ExportFormat): Promise<Response> {
  const url = `http://fieldpost.test/api/v1/submissions/export/${format}?form_id=${form.id}`
  const response = await cast.app.request(url, { headers: { authorization: `Bearer ${cast.bruno.accessToken}` } })
  if (response.status !== 200) throw new Error(`${format}: ${response.status} ${await response.text()}`)
  return response
}

const bytesOf = async (form: PublishedForm, format: ExportFormat) =>
  new Uint8Array(await (await download(form, format)).arrayBuffer())

const textOf = async (form: PublishedForm, format: ExportFormat) =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await bytesOf(form, format))

/** NUL and halves of characters are refused or quarantined before they could be exported. A letter of every plane that has any, a private one and a noncharacter, and what files and markup do not like. */
const PLANES = 'a\u00e9\u05d0\u8abf\ufffd\u{10348}\u{1f600}\u{20000}\u{30000}\u{e0041}\u{f0000}\u{10fffd}\u{1fffe}'
const NASTY = `<&>"'|,;\r\n\t${PLANES}\u0007\u001b\u2028\u202e]]>_x0041_ `

const FORM = {
  title: NASTY,
  fields: [
    { id: 'text', type: 'text', label: `Text ${NASTY}` },
    { id: 'gps', type: 'geopoint', label: `Position ${NASTY}` },
    { id: 'walk', type: 'route', label: `Walk ${NASTY}` },
    { id: 'pic', type: 'photo', label: `Picture ${NASTY}` },
    { id: 'rows', type: 'repeat', label: `Rows ${NASTY}`, fields: [{ id: 'inner', type: 'text', label: NASTY }] },
  ],
}

const answers = (text: string) => ({
  text,
  gps: { latitude: 1.5, longitude: 2.5, captured_at: NASTY },
  walk: {
    started_at: NASTY,
    points: [
      { latitude: 1, longitude: 2, timestamp: NASTY },
      { latitude: 1, longitude: 3 },
    ],
  },
  pic: NASTY,
  rows: [{ inner: text }],
})

async function send(form: PublishedForm, text: string): Promise<string> {
  const item = submissionOf(form, { data: answers(text) })
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', [item]))
  if (body.accepted.length !== 1) throw new Error(JSON.stringify(body.errors))
  return item.local_uuid
}

/** What UTF-8 can hold of it. */
const wellFormed = (text: string) => text.toWellFormed()
/** What XML can. */
const inXml = (text: string) =>
  wellFormed(text).replace(/\p{Cc}/gu, (char) => ('\t\r\n'.includes(char) ? char : '\ufffd'))

describe('a form with a nasty name, labels and answers', () => {
  let form: PublishedForm
  const texts = [NASTY, 'x'.repeat(1_000_000)]

  beforeEach(async () => {
    form = await publishForm(cast.bruno, FORM, `Æ "x"/y ${NASTY}`.slice(0, 100))
    for (const text of texts) await send(form, text)
    const localUuid = await send(form, 'with a photo')
    expectStatus(201, await upload(phone, localUuid, filePart('1', '..\\..\\evil\u202egpj.exe')))
  })

  test('case 91: every format downloads under a name that any system takes', async () => {
    for (const format of EXPORT_FORMATS) {
      const response = await download(form, format)
      expect(response.headers.get('content-disposition')).toMatch(
        /^attachment; filename="[\w.-]+"; filename\*=UTF-8''%C3%A6_x_y[\w%.-]*$/,
      )
      await response.arrayBuffer()
    }
  })

  test('CSV tells the answers', async () => {
    const files = Object.values(unzipSync(await bytesOf(form, 'csv'))).map((file) => new TextDecoder().decode(file))
    expect(tableOf(files[0]).map((row) => row[`Text ${NASTY}`.trim()])).toEqual(
      [...texts, 'with a photo'].map(wellFormed),
    )
    expect(tableOf(files[1])).toHaveLength(3)
  })

  test('GeoJSON and NDJSON tell the answers', async () => {
    const { features } = JSON.parse(await textOf(form, 'geojson'))
    expect(features.map(({ properties }: any) => wellFormed(properties.text))).toEqual(
      [...texts, 'with a photo'].flatMap((text) => [wellFormed(text), wellFormed(text)]),
    )
    const lines = (await textOf(form, 'ndjson')).trimEnd().split('\n')
    expect(lines.map((line) => wellFormed(JSON.parse(line).data.text))).toEqual(
      [...texts, 'with a photo'].map(wellFormed),
    )
  })

  test('GPX and KML are well-formed and tell what XML can hold', async () => {
    const tracks = named(readXml(await textOf(form, 'gpx')), 'trk')
    expect(tracks.map((track) => childText(track, 'name')!.slice(11))).toEqual(
      tracks.map(() => inXml(`Walk ${NASTY}`.trim())),
    )
    const data = named(readXml(await textOf(form, 'kml')), 'Data').filter(
      ({ attributes }) => attributes.name === 'text',
    )
    expect(data.map(({ text }) => text)).toEqual(
      [...texts, 'with a photo'].flatMap((text) => [inXml(text), inXml(text)]),
    )
  })

  test('Parquet tells the answers, a workbook what a cell can hold', async () => {
    const [main] = Object.values(unzipSync(await bytesOf(form, 'parquet')))
    const rows = await rowsIn(new Uint8Array(main!).buffer)
    expect(rows.map(({ text }) => text)).toEqual([...texts, 'with a photo'].map(wellFormed))
    const response = await download(form, 'xlsx')
    const [sheet, repeat] = await readExcelFile(await response.blob(), { trim: false })
    expect(sheet!.data).toHaveLength(4)
    expect(String(sheet!.data[2]![5])).toMatch(/^x{32,}.*\[…cut: a cell holds 32767 characters\]$/)
    expect(sheet!.sheet.length).toBeLessThanOrEqual(31)
    expect(repeat!.sheet).not.toMatch(/[[\]:*?/\\]/)
  })

  test('files in archives stay where they are put', async () => {
    for (const format of ['media', 'package'] as const) {
      const names = Object.keys(unzipSync(await bytesOf(form, format)))
      for (const name of names) {
        expect(name).not.toMatch(/[\p{Cc}\\:*?"<>|\u202e]/u)
        expect(name.split('/')).not.toContain('..')
      }
      expect(names.some((name) => /^media\/[0-9a-f-]{36}\/pic\/evil_?gpj\.exe$/.test(name))).toBe(true)
    }
  })
})
