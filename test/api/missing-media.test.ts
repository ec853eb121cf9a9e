// Photos that answers name and nobody has uploaded: in the detail, as a list, as a filter.
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../support/forms.ts'
import { sent } from '../support/life.ts'
import { filePart, formBody, sendForm, textPart, upload } from '../support/media.ts'

const FORM = {
  fields: [
    { id: 'pic', type: 'photo', label: 'Pictures' },
    { id: 'g', type: 'group', label: 'Group', fields: [{ id: 'voice', type: 'audio', label: 'Voice' }] },
    {
      id: 'hh',
      type: 'repeat',
      label: 'Members',
      fields: [
        { id: 'face', type: 'photo', label: 'Face' },
        { id: 'kids', type: 'repeat', label: 'Kids', fields: [{ id: 'doc', type: 'file', label: 'Paper' }] },
      ],
    },
  ],
}

const DATA = {
  pic: ['file:///data/one.jpg', 'file:///data/two.jpg'],
  g: { voice: 'content://voice.m4a' },
  hh: [{ face: '' }, { face: 'face.jpg', kids: [{ doc: { uri: 'paper.pdf' } }] }],
}

test('each file that is named and not there is told with its field, row and marker', async () => {
  const { amina, bruno } = await makeCast()
  const form = await publishForm(bruno, FORM)
  const one = await sent(amina, form, { data: DATA })
  expect(one.missing_media).toEqual([
    { field_id: 'pic', repeat_path: '', marker: 'file:///data/one.jpg' },
    { field_id: 'pic', repeat_path: '', marker: 'file:///data/two.jpg' },
    { field_id: 'voice', repeat_path: '', marker: 'content://voice.m4a' },
    { field_id: 'face', repeat_path: 'hh[1]', marker: 'face.jpg' },
    { field_id: 'doc', repeat_path: 'hh[1].kids[0]', marker: 'paper.pdf' },
  ])
  const list = expectStatus(200, await bruno.get('/submissions/missing-media'))
  expect(list.body).toMatchObject({ has_more: false, cursor: null })
  expect(list.body.items).toEqual(one.missing_media.map((entry: object) => ({ submission_id: one.id, ...entry })))
})

test('files that arrive leave the list one by one, by name first and then in order', async () => {
  const { amina, bruno } = await makeCast()
  const form = await publishForm(bruno, FORM)
  const one = await sent(amina, form, { data: DATA })
  const markers = async () =>
    (await bruno.get(`/submissions/${one.id}`)).body.missing_media.map(({ marker }: { marker: string }) => marker)
  expectStatus(201, await upload(amina, one.local_uuid, filePart('2', 'two.jpg')))
  expect(await markers()).toEqual(['file:///data/one.jpg', 'content://voice.m4a', 'face.jpg', 'paper.pdf'])
  expectStatus(201, await upload(amina, one.local_uuid, filePart('1', 'renamed-by-the-phone.jpg')))
  expect(await markers()).toEqual(['content://voice.m4a', 'face.jpg', 'paper.pdf'])
  // A client that tells no row of the repeat.
  expectStatus(201, await upload(amina, one.local_uuid, filePart('f', 'face.jpg'), 'face'))
  expect(await markers()).toEqual(['content://voice.m4a', 'paper.pdf'])
  const doc = [
    textPart('submission_local_uuid', one.local_uuid),
    textPart('field_id', 'doc'),
    textPart('repeat_path', 'hh[1].kids[0]'),
    filePart('p', 'paper.pdf', 'application/pdf'),
  ]
  expectStatus(201, await sendForm(amina, formBody(doc)))
  expectStatus(201, await upload(amina, one.local_uuid, filePart('v', 'voice.m4a'), 'voice'))
  expect(await markers()).toEqual([])
  expect((await bruno.get('/submissions/missing-media')).body.items).toEqual([])
})

test('the list filter shows only submissions that lack files, page by page, each once', async () => {
  const { amina, bruno } = await makeCast()
  const form = await publishForm(bruno, fixtureS)
  const notes = await publishForm(bruno, NOTE_FORM, 'Notes')
  const lacking: string[] = []
  for (let n = 0; n < 7; n++) {
    const one = await sent(amina, form, { data: validAnswersS })
    await sent(amina, notes)
    if (n % 3 === 0) expectStatus(201, await upload(amina, one.local_uuid, filePart(`photo ${n}`, 'photo-1.jpg')))
    else lacking.unshift(one.id)
  }
  const all = await bruno.get('/submissions?missing_media=true')
  expect(all.body.map(({ id }: { id: string }) => id)).toEqual(lacking)
  expect(all.headers.get('x-total-count')).toBeNull()
  const seen: string[] = []
  let cursor = ''
  do {
    const { body, headers } = await bruno.get(`/submissions?missing_media=true&limit=1&form_id=${form.id}${cursor}`)
    seen.push(...body.map(({ id }: { id: string }) => id))
    const next = headers.get('x-next-cursor')
    cursor = next ? `&cursor=${next}` : ''
  } while (cursor)
  expect(seen).toEqual(lacking)
  const page = (await bruno.get('/submissions/missing-media?limit=3')).body
  const rest = (await bruno.get(`/submissions/missing-media?limit=3&cursor=${page.cursor}`)).body
  expect([...page.items, ...rest.items].map(({ submission_id }) => submission_id)).toEqual(lacking)
  expect((await bruno.get('/submissions/missing-media?cursor=made-up')).status).toBe(422)
})

test('field workers see what their own submissions lack, others nothing', async () => {
  const { amina, bruno, dario } = await makeCast()
  const form = await publishForm(bruno, fixtureS)
  const own = await sent(amina, form, { data: validAnswersS })
  await sent(bruno, form, { data: validAnswersS })
  const items = async (caller: typeof amina) => (await caller.get('/submissions/missing-media')).body.items
  expect(await items(amina)).toMatchObject([{ submission_id: own.id, field_id: 'pic' }])
  expect(await items(bruno)).toHaveLength(2)
  expect(await items(dario)).toEqual([])
})

test('a deleted submission lacks nothing any more', async () => {
  const { amina, bruno } = await makeCast()
  const form = await publishForm(bruno, fixtureS)
  const own = await sent(amina, form, { data: validAnswersS })
  expectStatus(204, await bruno.delete(`/submissions/${own.id}`))
  expect((await bruno.get('/submissions/missing-media')).body.items).toEqual([])
  const again = submissionOf(form, { data: { ...validAnswersS, pic: [] } })
  expectStatus(201, await amina.post('/submissions', again))
  expect((await bruno.get('/submissions/missing-media')).body.items).toEqual([])
})
