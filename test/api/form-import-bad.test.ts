// Workbooks that are hostile, broken or enormous, over HTTP: always a clear answer, never a 5xx, never half a form.

import { env } from 'cloudflare:workers'
import { deflateRawSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import type { Cell, Sheet } from '../../src/lib/sheet.ts'
import { storeZip, unzip } from '../../src/lib/zip-file.ts'
import { type Answer, type Cast, expectStatus, makeCast } from '../support/app.ts'
import { FORM_TYPE, filePart, formBody, textPart } from '../support/media.ts'
import { CHOICES, sheet, smallForm, workbookOf } from '../support/workbooks.ts'

let cast: Cast
let project: string

beforeEach(async () => {
  cast = await makeCast()
  project = expectStatus(201, await cast.bruno.post('/projects', { name: 'Survey' })).body.id
})

const importBytes = (bytes: Uint8Array): Promise<Answer> =>
  cast.bruno.request('POST', '/forms/import', {
    body: formBody([textPart('project_id', project), filePart(bytes, 'form.xlsx')]),
    headers: { 'content-type': FORM_TYPE },
  })

/** What is said of a workbook that is refused; nothing of it is kept. */
async function refusalOf(bytes: Uint8Array): Promise<string[]> {
  const { status, body } = await importBytes(bytes)
  expect([status, body.code]).toEqual([422, 'xlsform_invalid'])
  expect((await cast.bruno.get('/forms')).body).toEqual([])
  expect((await env.MEDIA.list()).objects).toEqual([])
  return body.detail.map((fault: any) => fault.msg)
}
const refusalOfSheets = async (...sheets: Sheet[]) => refusalOf(await workbookOf(...sheets))

/** The archive of a small form with one more entry, `bytes` zeros that say to be `declared`. */
async function withZeros(bytes: number, declared: number): Promise<Uint8Array> {
  const files = await unzip(await workbookOf(...smallForm()), { maxBytes: 1e7, isWanted: () => true })
  const packed = deflateRawSync(Buffer.alloc(bytes))
  const archive = Buffer.from(storeZip(new Map([...files, ['xl/worksheets/zeros.xml', packed]])))
  const name = Buffer.from('xl/worksheets/zeros.xml')
  const entry = archive.lastIndexOf(name) - 46
  archive.writeUInt16LE(8, entry + 10)
  archive.writeUInt32LE(declared, entry + 24)
  return archive
}

test('a workbook that unpacks to 200 MB is refused, by what it declares and by what comes out', async () => {
  expect(await refusalOf(await withZeros(1_000, 200 * 1024 * 1024))).toEqual([
    expect.stringContaining('larger than 32 MB when it is unpacked'),
  ])
  expect(await refusalOf(await withZeros(24 * 1024 * 1024, 1_000))).toEqual([expect.stringContaining('damaged')])
})

test('a torn or altered workbook is refused', async () => {
  const bytes = await workbookOf(...smallForm())
  const altered = Buffer.from(bytes)
  const content = altered.indexOf('xl/worksheets/sheet1.xml') + 60
  altered[content]! ^= 0xff
  expect(await refusalOf(altered)).toEqual([expect.stringMatching(/damaged: 'xl\/worksheets\/sheet1.xml'/)])
  expect(await refusalOf(bytes.slice(0, 700))).toHaveLength(1)
})

test('missing sheets, duplicate names, unclosed groups, unknown types and references to nothing are told together', async () => {
  const survey = sheet(
    'survey',
    `type              | name | label | relevant
     begin group       | g    | G     |
     text              | a    | A     | \${b} = 1
     text              | b    | B     | \${a} = 1
     txt               | a    | C     | \${zz} = 1
     select_one colour | d    | D     |
                       |      |       |
     begin repeat      | r    | R     |`,
  )
  expect(await refusalOfSheets(survey)).toEqual([
    expect.stringMatching(/^survey row 5, type \(A5\): There is no type 'txt'/),
    expect.stringMatching(/^survey row 5, name \(B5\): The name 'a' is that of row 3/),
    expect.stringMatching(/^survey row 6, type \(A6\): There is no list 'colour'/),
    expect.stringMatching(/^survey row 2, type \(A2\): The group 'g' is never closed/),
    expect.stringMatching(/^survey row 8, type \(A8\): The repeat 'r' is never closed/),
    expect.stringMatching(/^survey row 5, relevant \(D5\): character 1: there is no field 'zz'/),
    expect.stringMatching(/^survey row 3, relevant \(D3\): circular: 'a' needs 'b' needs 'a'/),
  ])
  expect(await refusalOfSheets(sheet('choices', CHOICES))).toHaveLength(1)
})

const head: Cell[] = ['type', 'name', 'label']
const questions = (count: number, label = 'Question'): Sheet =>
  sheet('survey', [head, ...Array.from({ length: count }, (_, n): Cell[] => ['text', `q${n}`, `${label} ${n}`])])

test('5,000 rows and a list of 10,000 options are a form, and come back as they were', async () => {
  const options = Array.from({ length: 10_000 }, (_, n): Cell[] => ['l', `o${n}`, `Option ${n}`])
  const survey = questions(4_999)
  const rows = [...survey.rows, ['select_one l', 'pick', 'Which?']]
  const workbook = await workbookOf(
    sheet('survey', rows),
    sheet('choices', [['list_name', 'name', 'label'], ...options]),
  )
  const { body } = expectStatus(201, await importBytes(workbook))
  const { schema } = expectStatus(200, await cast.bruno.get(`/forms/${body.id}`)).body
  expect([schema.fields.length, schema.choices.l.length]).toEqual([5_000, 10_000])
  const { version_id } = expectStatus(200, await cast.bruno.post(`/forms/${body.id}/publish`)).body
  const data = { q0: 'x', pick: 'o9999' }
  expectStatus(201, await cast.bruno.post('/submissions', { form_version_id: version_id, data }))
  expectStatus(200, await cast.bruno.get(`/forms/${body.id}/xlsform`))
})

test('more than a form may hold is refused', async () => {
  expect(await refusalOfSheets(questions(5_001))).toEqual([expect.stringContaining('at most 5000 fields')])
  expect(await refusalOfSheets(questions(2_000, 'x'.repeat(1_000)))).toEqual([
    expect.stringContaining('too large, 1.5 MB as a definition'),
  ])
})
