// CSV, as spreadsheets and programs get it. Read back by a parser that takes nothing but RFC 4180.
import { beforeEach, describe, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { exported, headerOf, tableOf } from '../support/exports.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { type PublishedForm, publishAgain, publishForm, publishFormIn, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

/** A submission as phones send it: accepted with faults and all. */
async function send(form: PublishedForm, data: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const item = { ...submissionOf(form, { data }), ...more }
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', [item]))
  if (body.accepted.length !== 1) throw new Error(JSON.stringify(body))
  return { id: body.accepted[0].id as string, localUuid: item.local_uuid }
}

const csv = async (form: PublishedForm, query: Record<string, string | number | boolean> = {}) => {
  const download = await exported(cast, cast.bruno, 'csv', { form_id: form.id, ...query })
  if (download.status !== 200) throw new Error(`${download.status} ${download.text}`)
  return download
}

const mainOf = (files: Record<string, string>) => tableOf(Object.values(files)[0])

const textForm = (...labels: string[]) => ({
  fields: labels.map((label, i) => ({ id: `f${i}`, type: 'text', label })),
})

describe('who may export what', () => {
  test('case 76: a form must be named, and known; dates must be dates', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    expect((await exported(cast, cast.bruno, 'csv', {})).status).toBe(422)
    expect((await exported(cast, cast.bruno, 'csv', { form_id: 'x' })).status).toBe(422)
    const unknown = await exported(cast, cast.bruno, 'csv', { form_id: cast.amina.id })
    expect([unknown.status, unknown.json.code]).toEqual([404, 'form_not_found'])
    const bad = await exported(cast, cast.bruno, 'csv', { form_id: form.id, from: 'x' })
    expect([bad.status, bad.json.detail[0].loc]).toEqual([422, ['query', 'from']])
    const reversed = await exported(cast, cast.bruno, 'csv', { form_id: form.id, from: '2026-03-02', to: '2026-03-01' })
    expect(reversed.status).toBe(422)
  })

  test('case 76: an admin and a manager get everything, a field worker their own, a stranger nothing', async () => {
    const form = await publishForm(cast.bruno, textForm('What'))
    expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { data: { f0: 'mine' } })))
    expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form, { data: { f0: 'his' } })))
    const seen = async (by: Cast['amina']) =>
      mainOf((await exported(cast, by, 'csv', { form_id: form.id })).files).map(({ What }) => What)
    expect(await seen(cast.chiara)).toEqual(['mine', 'his'])
    expect(await seen(cast.bruno)).toEqual(['mine', 'his'])
    expect(await seen(cast.amina)).toEqual(['mine'])
    expect((await exported(cast, cast.dario, 'csv', { form_id: form.id })).status).toBe(404)
  })

  test('every export leaves an audit row with its filters', async () => {
    const form = await publishForm(cast.bruno, textForm('What'))
    await csv(form, { from: '2026-03-01', labels: true })
    const { body } = expectStatus(200, await cast.chiara.get('/audit?action=submissions.exported'))
    expect(body.items).toHaveLength(1)
    expect(body.items[0]).toMatchObject({
      subject_kind: 'form',
      subject_id: form.id,
      details: { format: 'csv', rows: 0, filters: { from: '2026-03-01', mode: 'live' }, labels: true },
    })
  })
})

describe('the archive', () => {
  test('case 77: it holds a file for the form and one for each repeat, the form first', async () => {
    const form = await publishForm(cast.bruno, fixtureS, 'Household survey')
    const { headers, files } = await csv(form)
    expect(headers.get('content-type')).toBe('application/zip')
    expect(headers.get('content-disposition')).toBe('attachment; filename="household_survey_submissions.zip"')
    expect(Object.keys(files)).toEqual(['household_survey.csv', 'household_survey_hh.csv'])
  })

  test('case 78: the columns of the form', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    const { files } = await csv(form)
    expect(headerOf(files['household_survey.csv'])).toEqual([
      'submission_id',
      'submitted_by',
      'collected_at',
      'submitted_at',
      'form_version',
      'Full name',
      'Age',
      'Consent',
      'Reason',
      'Tags',
      'Source',
      'Source (Other text)',
      'Position_lat',
      'Position_lng',
      'Position_alt',
      'Position_accuracy',
      'Trace (Points)',
      'Trace (WKT)',
      'Walk (Points)',
      'Walk (Distance m)',
      'Walk (Duration s)',
      'Walk (Started at)',
      'Walk (WKT)',
      'Picture',
      'Household members (Count)',
      'Street',
      'City',
      'Total',
    ])
  })

  test('case 79: a label that is used twice has the id of the field behind it', async () => {
    const fields = [
      { id: 'a', type: 'text', label: 'Name' },
      { id: 'b', type: 'text', label: ' Name ' },
      { id: 'c', type: 'geopoint', label: 'Name' },
      { id: 'd', type: 'text' },
      { id: 'e', type: 'text', label: 'submission_id' },
      { id: 'f', type: 'text', label: 'Name (c)_lat' },
    ]
    const { files } = await csv(await publishForm(cast.bruno, { fields }))
    expect(headerOf(Object.values(files)[0]).slice(5)).toEqual([
      'Name',
      'Name (b)',
      'Name (c)_lat',
      'Name (c)_lng',
      'Name (c)_alt',
      'Name (c)_accuracy',
      'd',
      'submission_id (e)',
      'Name (c)_lat (2)',
    ])
  })

  test('a form without submissions has headers, and nothing else', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    const { files } = await csv(form)
    expect(Object.values(files).map((text) => tableOf(text))).toEqual([[], []])
  })

  test('case 91: any name of a form becomes a safe name of a file', async () => {
    for (const [name, slug] of [
      ['Æ "x"/y', 'æ_x_y'],
      ['入户调查 2026', '入户调查_2026'],
      ['///', 'form'],
      ['मकान सर्वे', 'मकान_सर्वे'],
    ] as const) {
      const form = await publishForm(cast.bruno, textForm('What'), name)
      const { headers, files } = await csv(form)
      expect(Object.keys(files)).toEqual([`${slug}.csv`])
      const disposition = headers.get('content-disposition')!
      expect(disposition).toMatch(/^attachment; filename="[ -~]+"/)
      const extended = /filename\*=UTF-8''(\S+)$/.exec(disposition)
      if (extended) expect(decodeURIComponent(extended[1]!)).toBe(`${slug}_submissions.zip`)
    }
  })

  test('repeats inside repeats have a file of their own, whose rows name all the rows around them', async () => {
    const child = { id: 'toy', type: 'repeat', label: 'Toys', fields: [{ id: 'toy_name', type: 'text', label: 'Toy' }] }
    const inner = [{ id: 'kid_name', type: 'text', label: 'Kid' }, child]
    const group = { id: 'home', type: 'group', fields: [{ id: 'kid', type: 'repeat', label: 'Kids', fields: inner }] }
    const form = await publishForm(cast.bruno, { fields: [group] }, 'Toys')
    const { id } = await send(form, {
      home: {
        kid: [{ kid_name: 'Awa', toy: [{ toy_name: 'ball' }, 'no row', { toy_name: 'car' }] }, { kid_name: 'Bo' }],
      },
    })
    await send(form, {})
    const { files } = await csv(form)
    expect(mainOf(files).map((row) => row['Kids (Count)'])).toEqual(['2', ''])
    expect(tableOf(files['toys_kid.csv'])).toEqual([
      { submission_id: id, repeat_index: '0', Kid: 'Awa', 'Toys (Count)': '3' },
      { submission_id: id, repeat_index: '1', Kid: 'Bo', 'Toys (Count)': '' },
    ])
    expect(tableOf(files['toys_toy.csv'])).toEqual([
      { submission_id: id, kid_index: '0', repeat_index: '0', Toy: 'ball' },
      { submission_id: id, kid_index: '0', repeat_index: '2', Toy: 'car' },
    ])
  })
})

describe('the cells', () => {
  test('every type as the contract has it', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    const { id } = await send(
      form,
      { ...validAnswersS, src: { choice: '__other__', other: 'the river' } },
      {
        collected_at: '2026-03-17T09:30:00+03:00',
      },
    )
    const [row] = mainOf((await csv(form)).files)
    expect(row).toEqual({
      submission_id: id,
      submitted_by: 'bruno@example.org',
      collected_at: '2026-03-17T06:30:00Z',
      submitted_at: '2026-11-23T08:00:00Z',
      form_version: '1',
      'Full name': 'Amina Diallo',
      Age: '34',
      Consent: 'yes',
      Reason: '',
      Tags: 'a|c',
      Source: '__other__',
      'Source (Other text)': 'the river',
      Position_lat: '14.6937',
      Position_lng: '-17.4441',
      Position_alt: '22',
      Position_accuracy: '4.5',
      'Trace (Points)': '2',
      'Trace (WKT)': 'LINESTRING (-17.4441 14.6937, -17.445 14.694)',
      'Walk (Points)': '4',
      'Walk (Distance m)': '412.5',
      'Walk (Duration s)': '360',
      'Walk (Started at)': '2026-03-17T10:00:00Z',
      'Walk (WKT)': 'LINESTRING (-17.4441 14.6937, -17.4446 14.6941, -17.4459 14.6952, -17.4463 14.6957)',
      Picture: '[upload_missing]',
      'Household members (Count)': '2',
      Street: 'Rue 10',
      City: 'Dakar',
      Total: '35',
    })
  })

  test('answers of a group are found nested and flat', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    await send(form, { street: 'flat', city: 'Flat City' })
    await send(form, { addr: { street: 'nested' }, street: 'outer' })
    expect(mainOf((await csv(form)).files).map(({ Street, City }) => [Street, City])).toEqual([
      ['flat', 'Flat City'],
      ['nested', ''],
    ])
  })

  test('case 80: options are joined, files are named by their ids or as missing', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    const data = { full_name: 'A', pic: ['file:///a/one.jpg', 'file:///a/two.jpg'], tags: ['a', 'c'] }
    const { localUuid } = await send(form, data)
    await send(form, { full_name: 'B' })
    const pictures = async () => mainOf((await csv(form)).files).map(({ Picture }) => Picture)
    expect(await pictures()).toEqual(['[upload_missing]', ''])
    const first = expectStatus(201, await upload(phone, localUuid, filePart('1', 'one.jpg'))).body.media_file_id
    expect(await pictures()).toEqual([`${first}|[upload_missing]`, ''])
    const second = expectStatus(201, await upload(phone, localUuid, filePart('2', 'two.jpg'))).body.media_file_id
    expect(await pictures()).toEqual([`${first}|${second}`, ''])
    expect(mainOf((await csv(form)).files).map(({ Tags }) => Tags)).toEqual(['a|c', ''])
  })

  test('a bar inside a value is told from the bars between values', async () => {
    const options = [
      { value: 'a|b', label: 'A or B' },
      { value: 'c', label: 'C' },
    ]
    const form = await publishForm(cast.bruno, { fields: [{ id: 't', type: 'select_multiple', label: 'T', options }] })
    await send(form, { t: ['a|b', 'c'] })
    expect(mainOf((await csv(form)).files)[0]!.T).toBe('a\\|b|c')
    expect(mainOf((await csv(form, { labels: true })).files)[0]!.T).toBe('A or B|C')
  })

  test('case 81: the file of a repeat has a row per row, the form how many there are', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    const { id } = await send(form, validAnswersS)
    const { files } = await csv(form)
    expect(mainOf(files)[0]!['Household members (Count)']).toBe('2')
    expect(headerOf(files['household_survey_hh.csv'])).toEqual([
      'submission_id',
      'repeat_index',
      'Name',
      'Age of member',
    ])
    expect(tableOf(files['household_survey_hh.csv'])).toEqual([
      { submission_id: id, repeat_index: '0', Name: 'Moussa', 'Age of member': '12' },
      { submission_id: id, repeat_index: '1', Name: 'Awa', 'Age of member': '9' },
    ])
  })

  test('photos inside repeats are those of their row', async () => {
    const inner = [{ id: 'face', type: 'photo', label: 'Face' }]
    const form = await publishForm(cast.bruno, {
      fields: [{ id: 'hh', type: 'repeat', label: 'Members', fields: inner }],
    })
    const { localUuid } = await send(form, { hh: [{ face: 'a.jpg' }, { face: 'b.jpg' }, {}] })
    const { body } = expectStatus(201, await upload(phone, localUuid, filePart('b', 'b.jpg'), 'hh[1].face'))
    const faces = tableOf((await csv(form)).files['household_survey_hh.csv']).map(({ Face }) => Face)
    expect(faces).toEqual(['[upload_missing]', body.media_file_id, ''])
  })

  test('case 82: commas, quotes, line ends and every plane of Unicode survive', async () => {
    const form = await publishForm(cast.bruno, textForm('What'))
    const texts = [
      'a,b',
      'say "hi"',
      'two\nlines',
      'two\r\nlines',
      '"',
      '',
      ' spaced ',
      'Ωμέγα',
      '𝔘𐍈😀',
      '\u{10FFFF}',
      'a\u2028b',
    ]
    for (const text of texts) await send(form, { f0: text })
    expect(mainOf((await csv(form)).files).map(({ What }) => What)).toEqual(texts)
  })

  test('case 82: what a spreadsheet would run is made harmless, unless a program asks for it as it is', async () => {
    const form = await publishForm(cast.bruno, textForm('=cmd()'))
    const texts = ['=1+1', '@SUM(A1)', '+1+cmd|x', '-2+3', '\t=1', '＝1', '-5', '+254700000000', '-0.5', '1=1']
    for (const text of texts) await send(form, { f0: text })
    const guarded = (await csv(form)).files
    expect(headerOf(guarded['household_survey.csv']).at(-1)).toBe("'=cmd()")
    expect(mainOf(guarded).map((row) => row["'=cmd()"])).toEqual([
      "'=1+1",
      "'@SUM(A1)",
      "'+1+cmd|x",
      "'-2+3",
      "'\t=1",
      "'＝1",
      '-5',
      '+254700000000',
      '-0.5',
      '1=1',
    ])
    expect(mainOf((await csv(form, { guard: false })).files).map((row) => row['=cmd()'])).toEqual(texts)
  })

  test('answers that do not suit their field are exported as they came', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    await send(form, {
      full_name: { first: 'A' },
      age: 'about ten',
      gps: 'here',
      tags: 'a',
      src: ['x'],
      hh: 'many',
      walk: 7,
    })
    const [row] = mainOf((await csv(form)).files)
    expect(row).toMatchObject({
      'Full name': '{"first":"A"}',
      Age: 'about ten',
      Tags: 'a',
      Source: '["x"]',
      'Household members (Count)': '',
      Position_lat: '',
      'Walk (Points)': '0',
    })
  })

  test('a cell of a megabyte is whole', async () => {
    const form = await publishForm(cast.bruno, textForm('What'))
    const long = 'Ω,"'.repeat(250_000)
    await send(form, { f0: long })
    await send(form, { f0: 'short' })
    const rows = mainOf((await csv(form)).files)
    expect(rows.map(({ What }) => What!.length)).toEqual([long.length, 5])
    expect(rows[0]!.What === long).toBe(true)
  })

  test('a byte order mark on request', async () => {
    const form = await publishForm(cast.bruno, textForm('What'))
    expect((await csv(form)).files['household_survey.csv']!.charCodeAt(0)).not.toBe(0xfeff)
    expect((await csv(form, { bom: true })).files['household_survey.csv']!.charCodeAt(0)).toBe(0xfeff)
  })
})

describe('labels and fields', () => {
  test('labels of options, and of fields, in the language that is asked for', async () => {
    const options = [
      { value: 'y', label: { en: 'Yes', fr: 'Oui' } },
      { value: 'n', label: 'No' },
    ]
    const fields = [
      { id: 'one', type: 'select_one', label: { en: 'One', fr: 'Un' }, options },
      { id: 'open', type: 'select_one_other', label: 'Open', options },
    ]
    const form = await publishForm(cast.bruno, { default_language: 'en', fields })
    await send(form, { one: 'y', open: 'n' })
    const cells = async (query: Record<string, string | boolean>) =>
      Object.entries(mainOf((await csv(form, query)).files)[0]!).slice(5)
    expect(await cells({})).toEqual([
      ['One', 'y'],
      ['Open', 'n'],
      ['Open (Other text)', ''],
    ])
    expect(await cells({ labels: true })).toEqual([
      ['One', 'Yes'],
      ['Open', 'No'],
      ['Open (Other text)', ''],
    ])
    expect(await cells({ labels: true, lang: 'fr' })).toEqual([
      ['Un', 'Oui'],
      ['Open', 'No'],
      ['Open (Other text)', ''],
    ])
  })

  test('only the fields that are asked for, with those inside them', async () => {
    const form = await publishForm(cast.bruno, fixtureS)
    await send(form, validAnswersS)
    const columns = async (fields: string) => {
      const { files } = await csv(form, { fields })
      return Object.values(files).map((text) => headerOf(text))
    }
    const keys = ['submission_id', 'submitted_by', 'collected_at', 'submitted_at', 'form_version']
    expect(await columns('age,addr')).toEqual([[...keys, 'Age', 'Street', 'City']])
    expect(await columns('hh')).toEqual([
      [...keys, 'Household members (Count)'],
      ['submission_id', 'repeat_index', 'Name', 'Age of member'],
    ])
    expect(await columns('m_age')).toEqual([keys, ['submission_id', 'repeat_index', 'Age of member']])
    const unknown = await exported(cast, cast.bruno, 'csv', { form_id: form.id, fields: 'age,nope' })
    expect([unknown.status, unknown.json.detail[0].loc]).toEqual([422, ['query', 'fields']])
    expect(unknown.json.detail[0].msg).toContain("'nope'")
  })
})

describe('versions', () => {
  test('case 83: columns that only an earlier version has are kept, behind those of the current one', async () => {
    const first = await publishForm(cast.bruno, {
      fields: [
        { id: 'old', type: 'text', label: 'Old' },
        { id: 'both', type: 'text', label: 'Both' },
        { id: 'gone', type: 'repeat', label: 'Gone', fields: [{ id: 'g', type: 'text', label: 'G' }] },
      ],
    })
    const one = await send(first, { old: 'o', both: 'b1', gone: [{ g: 'x' }] })
    const second = {
      ...first,
      versionId: await publishAgain(cast.bruno, first.id, {
        fields: [
          { id: 'fresh', type: 'text', label: 'Fresh' },
          { id: 'both', type: 'text', label: 'Both, said otherwise' },
        ],
      }),
    }
    const two = await send(second, { fresh: 'f', both: 'b2' })
    const { files } = await csv(first)
    expect(mainOf(files).map((row) => Object.values(row).slice(4))).toEqual([
      ['1', '', 'b1', 'o', '1'],
      ['2', 'f', 'b2', '', ''],
    ])
    expect(headerOf(files['household_survey.csv']).slice(5)).toEqual([
      'Fresh',
      'Both, said otherwise',
      'Old',
      'Gone (Count)',
    ])
    expect(tableOf(files['household_survey_gone.csv'])).toEqual([{ submission_id: one.id, repeat_index: '0', G: 'x' }])
    const versionOne = await csv(first, { version: 1 })
    expect(mainOf(versionOne.files).map(({ submission_id }) => submission_id)).toEqual([one.id])
    expect(mainOf((await csv(first, { version: 2 })).files).map(({ submission_id }) => submission_id)).toEqual([two.id])
    expect((await exported(cast, cast.bruno, 'csv', { form_id: first.id, version: 3 })).status).toBe(422)
  })

  test('a field that was renamed is one column, a field that came anew under an old id is another', async () => {
    const form = await publishForm(cast.bruno, { fields: [{ id: 'a', type: 'text', label: 'A' }] })
    await send(form, { a: 'first' })
    const { body } = expectStatus(200, await cast.bruno.get(`/forms/${form.id}`))
    const [{ uid }] = body.schema.fields
    const renamed = {
      fields: [
        { id: 'b', uid, type: 'text', label: 'B' },
        { id: 'a', uid: 'anew', type: 'text', label: 'New A' },
      ],
    }
    const again = { ...form, versionId: await publishAgain(cast.bruno, form.id, renamed) }
    await send(again, { a: 'new', b: 'second' })
    expect(mainOf((await csv(form)).files).map(({ A, B, 'New A': anew }) => [A, B, anew])).toEqual([
      [undefined, 'first', ''],
      [undefined, 'second', 'new'],
    ])
  })
})

describe('filters', () => {
  test('case 92: the whole last day counts, in the time zone of the project', async () => {
    const project = expectStatus(201, await cast.bruno.post('/projects', { name: 'Far east', time_zone: 'Asia/Tokyo' }))
    const form = await publishFormIn(cast.bruno, project.body.id, textForm('What'), 'Tokyo')
    for (const [f0, collected_at] of [
      ['before', '2026-03-16T23:59:59+09:00'],
      ['first', '2026-03-17T00:00:00+09:00'],
      ['last', '2026-03-17T23:30:00+09:00'],
      ['after', '2026-03-18T00:00:00+09:00'],
    ] as const)
      await send(form, { f0 }, { collected_at })
    const seen = async (query: Record<string, string>) => mainOf((await csv(form, query)).files).map(({ What }) => What)
    expect(await seen({ from: '2026-03-17', to: '2026-03-17' })).toEqual(['first', 'last'])
    expect(await seen({ start_date: '2026-03-17', end_date: '2026-03-17' })).toEqual(['first', 'last'])
    expect(await seen({ to: '2026-03-17T14:30:00Z' })).toEqual(['before', 'first', 'last'])
  })

  test('the filters of the list: submitter, device, review state, mode', async () => {
    const form = await publishForm(cast.bruno, textForm('What'))
    expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { data: { f0: 'amina' } })))
    const { id } = await send(form, { f0: 'phone' }, { device_id: 'sensor-7' })
    expectStatus(200, await cast.bruno.post(`/submissions/${id}/review`, { state: 'approved' }))
    const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
    for (const [query, expected] of [
      [{ submitter: cast.amina.id }, ['amina']],
      [{ submitter: 'AMINA@example.org' }, ['amina']],
      [{ submitter: 'nobody' }, []],
      [{ device: 'sensor-7' }, ['phone']],
      [{ device: device.id }, ['phone']],
      [{ review_state: 'approved' }, ['phone']],
      [{ review_state: 'received' }, ['amina']],
      [{ mode: 'test' }, []],
    ] as const) {
      expect(mainOf((await csv(form, query)).files).map(({ What }) => What)).toEqual(expected)
      const listed = await cast.bruno.get(`/submissions?${new URLSearchParams({ form_id: form.id, ...query })}`)
      expect(expectStatus(200, listed).body.map((item: any) => item.data.f0)).toEqual(expected)
      expect(listed.headers.get('x-total-count')).toBe(String(expected.length))
    }
  })

  test('what was deleted is not exported', async () => {
    const form = await publishForm(cast.bruno, textForm('What'))
    const { id } = await send(form, { f0: 'wrong' })
    await send(form, { f0: 'right' })
    expectStatus(204, await cast.bruno.delete(`/submissions/${id}`))
    expect(mainOf((await csv(form)).files).map(({ What }) => What)).toEqual(['right'])
  })
})
