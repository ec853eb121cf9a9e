// XLSForm workbooks over HTTP: in, out, and back as they came. What a workbook may say is test/unit/forms/xlsform.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import type { Sheet } from '../../src/lib/sheet.ts'
import { readWorkbook } from '../../src/lib/workbook.ts'
import { type Answer, type Caller, type Cast, expectStatus, makeCast, startApp } from '../support/app.ts'
import { NOTE_FORM, publishForm } from '../support/forms.ts'
import { arriving, FORM_TYPE, filePart, formBody, type Part, textPart } from '../support/media.ts'
import { CHOICES, SURVEY, sheet, smallForm, workbookOf } from '../support/workbooks.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const UNKNOWN = '11111111-1111-4111-8111-111111111111'

let cast: Cast
let project: string

beforeEach(async () => {
  cast = await makeCast()
  project = expectStatus(201, await cast.bruno.post('/projects', { name: 'Survey' })).body.id
})

const send = (parts: Part[], by: Caller = cast.bruno): Promise<Answer> =>
  by.request('POST', '/forms/import', { body: formBody(parts), headers: { 'content-type': FORM_TYPE } })
const workbook = (bytes: Uint8Array, filename = 'drivers.xlsx') => filePart(bytes, filename, XLSX)

/** Imports sheets as a new form, or as a draft of `formId`. */
async function importSheets(sheets: Sheet[], formId?: string): Promise<Answer> {
  const id = formId === undefined ? textPart('project_id', project) : textPart('form_id', formId)
  return send([id, workbook(await workbookOf(...sheets))])
}

const importBytes = (bytes: Uint8Array | string) =>
  send([textPart('project_id', project), workbook(Buffer.from(bytes as string))])

/** The bytes of an answer that is no JSON. */
async function download(path: string, by: { accessToken: string } = cast.bruno): Promise<Uint8Array> {
  const headers = { authorization: `Bearer ${by.accessToken}` }
  const response = await cast.app.request(new Request(`http://fieldpost.test/api/v1${path}`, { headers }))
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

const objects = async () => (await env.MEDIA.list()).objects.map(({ key }) => key)
const uploads = async () => (await env.DB.prepare('SELECT count(*) AS n FROM media_uploads').first<{ n: number }>())!.n

describe('a workbook that is a form', () => {
  test('becomes a form with a draft, which is published and filled in', async () => {
    const { body } = expectStatus(201, await importSheets(smallForm()))
    expect(body).toMatchObject({
      name: 'Drivers',
      key: 'drivers',
      project_id: project,
      published: false,
      has_draft: true,
      version_num: 1,
      warnings: [],
    })
    const { schema } = expectStatus(200, await cast.bruno.get(`/forms/${body.id}`)).body
    expect(schema).toMatchObject({
      dialect: 'xlsform',
      title: 'Drivers',
      choices: {
        yes_no: [
          { value: 'yes', label: 'Yes' },
          { value: 'no', label: 'No' },
        ],
      },
      fields: [
        { id: 'who', type: 'text', label: 'Who are you?', uid: expect.any(String) },
        { id: 'age', type: 'integer', constraint: '. >= 0 and . < 130' },
        { id: 'drives', type: 'select_one', list: 'yes_no', relevant: '${age} >= 18' },
      ],
    })
    const { version_id } = expectStatus(200, await cast.bruno.post(`/forms/${body.id}/publish`)).body
    const answer = (data: unknown) => cast.bruno.post('/submissions', { form_version_id: version_id, data })
    expect((await answer({ who: 'Awa', age: 34, drives: 'yes' })).status).toBe(201)
    expect((await answer({ who: 'Awa', age: 134, drives: 'maybe' })).body.detail).toBe(
      "Field 'age' does not meet its constraint; Field 'drives' has no option 'maybe'",
    )
  })

  test('is given back byte for byte, to those who may read the form', async () => {
    const bytes = await workbookOf(...smallForm())
    const { body } = expectStatus(201, await send([workbook(bytes), textPart('project_id', project)]))
    const path = `/forms/${body.id}/versions/${body.draft_version_id}/source`
    expect(await download(path)).toEqual(bytes)
    const answer = expectStatus(200, await cast.amina.get(path))
    expect(answer.headers.get('content-type')).toBe(XLSX)
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="drivers-1.xlsx"')
    expect((await cast.dario.get(path)).status).toBe(404)
    expect((await cast.bruno.get(path, { 'if-none-match': answer.headers.get('etag')! })).status).toBe(304)
    expect(await objects()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\/form-sources\/[0-9a-f-]{36}\.xlsx$/)])
    expect(await uploads()).toBe(0)
    const other = await publishForm(cast.bruno, NOTE_FORM)
    const none = await cast.bruno.get(`/forms/${other.id}/versions/${other.versionId}/source`)
    expect(none).toMatchObject({ status: 404, body: { code: 'source_not_found' } })
    const elsewhere = await cast.bruno.get(`/forms/${other.id}/versions/${body.draft_version_id}/source`)
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'version_not_found' } })
  })

  test('is named by its file where it has no title, and keeps a key that it asks for', async () => {
    const survey = sheet('survey', SURVEY)
    const choices = sheet('choices', CHOICES)
    const bytes = await workbookOf(survey, choices)
    const named = await send([textPart('project_id', project), workbook(bytes, 'C:\\forms\\Well points.xlsx')])
    expect(named).toMatchObject({ status: 201, body: { name: 'Well points', key: 'well_points', warnings: [] } })
    const odd = [survey, choices, sheet('settings', 'form_title | form_id\n Wells | 1 well')]
    const { body } = expectStatus(201, await importSheets(odd))
    expect(body).toMatchObject({ name: 'Wells', key: 'wells' })
    expect(body.warnings).toMatchObject([{ sheet: 'settings', column: 'form_id' }])
    expectStatus(201, await importSheets(smallForm()))
    const again = await importSheets(smallForm())
    expect(again).toMatchObject({ status: 409, body: { code: 'form_key_taken' } })
    expect(again.body.detail).toContain('form_id')
    // What was refused has left nothing behind.
    expect(await objects()).toHaveLength(3)
    expect(await uploads()).toBe(0)
  })
})

describe('a workbook for a form that is there', () => {
  test('becomes its draft; fields that were renamed in the exported workbook are known again', async () => {
    const { body: form } = expectStatus(201, await importSheets(smallForm()))
    expectStatus(200, await cast.bruno.post(`/forms/${form.id}/publish`))
    const sheets = await readWorkbook(await download(`/forms/${form.id}/xlsform`))
    const edited = sheets.map((one) => ({
      ...one,
      rows: one.rows.map((row) => row.map((cell) => (cell === 'who' ? 'full_name' : cell))),
    }))
    const { body } = expectStatus(201, await importSheets(edited, form.id))
    expect(body).toMatchObject({ id: form.id, key: 'drivers', published: true, has_draft: true, version_num: 2 })
    const { diff } = expectStatus(200, await cast.bruno.get(`/forms/${form.id}/diff`)).body
    expect(diff).toMatchObject({ added: [], removed: [], renamed: [{ id: 'full_name', from: 'who' }] })
  })

  test('replaces a draft and its file; a change by hand makes the version forget the file', async () => {
    const { body: form } = expectStatus(201, await importSheets(smallForm()))
    const [first] = await objects()
    const longer = [sheet('survey', `${SURVEY}\n note | bye | Good bye |  |`), ...smallForm().slice(1)]
    const again = expectStatus(201, await importSheets(longer, form.id)).body
    expect(again.draft_version_id).toBe(form.draft_version_id)
    expect(await objects()).toHaveLength(1)
    expect(await objects()).not.toContain(first)
    expectStatus(200, await cast.bruno.put(`/forms/${form.id}`, { schema: NOTE_FORM }))
    expect(await objects()).toEqual([])
    expect(await uploads()).toBe(0)
    const path = `/forms/${form.id}/versions/${form.draft_version_id}/source`
    expect((await cast.bruno.get(path)).body.code).toBe('source_not_found')
  })

  test('of another project, another tenant or nobody, or by somebody without the right, is refused', async () => {
    const { body: form } = expectStatus(201, await importSheets(smallForm()))
    const bytes = await workbookOf(...smallForm())
    const elsewhere = expectStatus(201, await cast.bruno.post('/projects', { name: 'Elsewhere' })).body.id
    const attempt = async (parts: Part[], by: Caller = cast.bruno) => {
      const { status, body } = await send([...parts, workbook(bytes)], by)
      return [status, body.code]
    }
    const [ofForm, ofProject] = [textPart('form_id', form.id), textPart('project_id', project)]
    expect(await attempt([ofForm, textPart('project_id', elsewhere)])).toEqual([404, 'form_not_found'])
    expect(await attempt([textPart('form_id', UNKNOWN)])).toEqual([404, 'form_not_found'])
    expect(await attempt([textPart('project_id', UNKNOWN)])).toEqual([404, 'project_not_found'])
    expect(await attempt([ofForm], cast.dario)).toEqual([404, 'form_not_found'])
    expect(await attempt([ofProject], cast.dario)).toEqual([404, 'project_not_found'])
    expect(await attempt([ofForm], cast.amina)).toEqual([403, 'forbidden'])
    expect(await attempt([ofForm], cast.nobody)).toEqual([401, 'not_authenticated'])
    expect(await attempt([textPart('form_id', 'x')])).toEqual([422, 'body_invalid'])
    expect(await attempt([])).toEqual([422, 'body_invalid'])
    expect(await objects()).toHaveLength(1)
  })
})

describe('the exported workbook', () => {
  test('gives the same form when it is imported again', async () => {
    const { body: form } = expectStatus(201, await importSheets(smallForm()))
    const schema = (await cast.bruno.get(`/forms/${form.id}`)).body.schema
    const bytes = await download(`/forms/${form.id}/xlsform`)
    const answer = await cast.amina.get(`/forms/${form.id}/xlsform`)
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="drivers.xlsx"')
    expectStatus(201, await send([textPart('form_id', form.id), workbook(bytes)]))
    expect((await cast.bruno.get(`/forms/${form.id}`)).body.schema).toEqual(schema)
    const settings = (await readWorkbook(bytes)).find(({ name }) => name === 'settings')!
    expect(settings.rows[1]!.slice(0, 3)).toEqual(['Drivers', 'drivers', '2026-1'])
  })

  test('is that of the version that is asked for', async () => {
    const { body: form } = expectStatus(201, await importSheets(smallForm()))
    expectStatus(200, await cast.bruno.post(`/forms/${form.id}/publish`))
    expectStatus(200, await cast.bruno.put(`/forms/${form.id}`, { schema: NOTE_FORM }))
    const names = async (query: string) => {
      const [survey] = await readWorkbook(await download(`/forms/${form.id}/xlsform${query}`))
      return survey!.rows.slice(1).map((row) => row[1])
    }
    expect(await names('')).toEqual(['note'])
    expect(await names('?version=draft')).toEqual(['note'])
    for (const version of ['live', '1', form.draft_version_id])
      expect(await names(`?version=${version}`)).toEqual(['who', 'age', 'drives'])
    expect((await cast.bruno.get(`/forms/${form.id}/xlsform?version=9`)).body.code).toBe('version_not_found')
    expect((await cast.dario.get(`/forms/${form.id}/xlsform`)).status).toBe(404)
  })

  test('is refused where a text is longer than a cell may be', async () => {
    const fields = [{ id: 'a', type: 'note', label: 'x'.repeat(40_000) }]
    const form = await publishForm(cast.bruno, { fields })
    const { status, body } = await cast.bruno.get(`/forms/${form.id}/xlsform`)
    expect([status, body.code]).toEqual([422, 'xlsform_unwritable'])
    expect(body.detail).toEqual(['survey C2 (label): 40000 characters, where a spreadsheet takes 32767.'])
  })
})

describe('a workbook that is no form', () => {
  test('is answered with every fault, each with its place and what to change, and nothing is stored', async () => {
    const survey = sheet(
      'survey',
      `type          | name | label | relevant
       txt           | who  | Who?  |
       select_one x  | q    | Which?| \${wo} = 'a'
       begin group   | g    |       |
       text          | who  | Again |`,
    )
    const { status, body } = await importSheets([survey])
    expect([status, body.code]).toEqual([422, 'xlsform_invalid'])
    const places = body.detail.map((fault: any) => [fault.sheet, fault.row, fault.column, fault.cell])
    expect(places).toEqual([
      ['survey', 2, 'type', 'A2'],
      ['survey', 3, 'type', 'A3'],
      ['survey', 5, 'name', 'B5'],
      ['survey', 4, 'type', 'A4'],
      ['survey', 3, 'relevant', 'D3'],
    ])
    expect(body.detail[0]).toMatchObject({
      type: 'xlsform',
      loc: ['body', 'file', 'survey', 2, 'type'],
      msg: "survey row 2, type (A2): There is no type 'txt'. Did you mean 'text'?",
    })
    expect(body.detail[4].msg).toContain("character 1: there is no field 'wo'. Did you mean 'who'?")
    expect((await cast.bruno.get('/forms')).body).toEqual([])
    expect(await objects()).toEqual([])
  })

  test('is told so, whatever it is', async () => {
    const zipped = await workbookOf(sheet('survey', SURVEY))
    const files: [Uint8Array | string, RegExp][] = [
      ['', /no \.xlsx workbook/],
      ['type,name,label\ntext,a,A', /no \.xlsx workbook/],
      [Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), /password|old \.xls/],
      [zipped.slice(0, zipped.length / 2), /no \.xlsx workbook/],
      [await workbookOf(sheet('Sheet1', 'a | b')), /no sheet 'survey', only 'Sheet1'/],
      [await workbookOf(sheet('survey', [[null]])), /empty/],
    ]
    for (const [bytes, message] of files) {
      const { status, body } = await importBytes(bytes)
      expect([status, body.code]).toEqual([422, 'xlsform_invalid'])
      expect(body.detail[0].msg).toMatch(message)
    }
    expect(await objects()).toEqual([])
  })

  test('is refused unread where it is too large, and where it is not sent whole or not as a form', async () => {
    const large = await importBytes(new Uint8Array(10 * 1024 * 1024 + 1))
    expect(large).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    const whole = formBody([textPart('project_id', project), workbook(await workbookOf(...smallForm()))])
    const headers = { 'content-type': FORM_TYPE }
    const announcements: Record<string, string>[] = [{}, { 'content-length': String(whole.length) }]
    for (const announced of announcements) {
      const sent = { body: whole.slice(0, 900), headers: { ...headers, ...announced } }
      const broken = await cast.bruno.request('POST', '/forms/import', sent)
      expect(broken).toMatchObject({ status: 400, body: { code: 'body_malformed' } })
    }
    expect((await cast.bruno.post('/forms/import', { project_id: project })).status).toBe(415)
    const noFile = await send([textPart('project_id', project)])
    expect(noFile).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'file'] }] } })
    const slow = await cast.bruno.request('POST', '/forms/import', { body: arriving(whole, 100), headers })
    expect(slow.status).toBe(201)
  })
})

test('a file that was stored for a version that never came is swept after a day', async () => {
  const shard = cast.deps.shard(0)
  const overloaded = (from: string) => {
    const session = shard.withSession(from)
    return {
      prepare: (query: string) => session.prepare(query),
      batch: () => Promise.reject(new Error('D1_ERROR: D1 DB is overloaded.')),
      getBookmark: () => session.getBookmark(),
    }
  }
  const failing = new Proxy(shard, {
    get: (target, name) => (name === 'withSession' ? overloaded : Reflect.get(target, name)),
  })
  const bruno = startApp({ deps: { shard: () => failing } }).as({ authorization: `Bearer ${cast.bruno.accessToken}` })
  const parts = [textPart('project_id', project), workbook(await workbookOf(...smallForm()))]
  expect(await send(parts, bruno)).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(await objects()).toHaveLength(1)
  cast.advance(25 * 3_600_000)
  await sweep(cast.deps)
  expect(await objects()).toEqual([])
  expect(await uploads()).toBe(0)
})
