// The feed: what it shows to whom, page by page. That it never skips under concurrent writers is proved in
// changes-properties.test.ts.
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { type Cast, expectStatus, makeCast } from '../support/app.ts'
import { readFeed, readPage } from '../support/feed.ts'
import { NOTE_FORM, publishForm, publishFormIn, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'

const kindsOf = (items: { kind: string }[]) => items.map(({ kind }) => kind)

const PHOTO_FORM = { fields: [...NOTE_FORM.fields, { id: 'pic', type: 'photo', label: 'Picture' }] }

/** A published form with three submissions, the second with a photo. */
async function stage() {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, PHOTO_FORM)
  const sent = ['an owl', 'a "quoted" fox', 'ein Bär 🐻'].map((note) => submissionOf(form, { data: { note } }))
  const ids: string[] = []
  for (const item of sent) ids.push(expectStatus(201, await cast.amina.post('/submissions', item)).body.id)
  const file = expectStatus(201, await upload(cast.amina, sent[1]!.local_uuid, filePart('photo')))
  return { ...cast, form, sent, ids, mediaId: file.body.media_file_id as string }
}

async function testDevice({ bruno, nobody, as }: Cast) {
  const made = expectStatus(200, await bruno.post('/settings/mobile/pairing-token', { mode: 'test' }))
  const paired = expectStatus(200, await nobody.post('/mobile/pair', { token: made.body.token }))
  return as({ authorization: `Bearer ${paired.body.device_token}` })
}

describe('what the feed shows', () => {
  test('forms, submissions and files stand in the order of their last change', async () => {
    const { bruno, form, ids, mediaId } = await stage()
    const { items } = await readFeed(bruno)
    expect(items.map(({ kind, id }) => [kind, id])).toEqual([
      ['form', form.id],
      ...ids.map((id) => ['submission', id]),
      ['media', mediaId],
    ])
    const seqs = items.map(({ seq }) => seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(new Set(seqs).size).toBe(seqs.length)
    expect(items[0]).toMatchObject({
      name: 'Household survey',
      key: 'household_survey',
      project_id: form.projectId,
      published: true,
      version_num: 1,
      current_version_id: form.versionId,
      archived: false,
      at: '2026-11-23T08:00:00Z',
    })
    expect(items.at(-1)).toMatchObject({
      submission_id: ids[1],
      form_id: form.id,
      field_id: 'pic',
      filename: 'photo.jpg',
      mime_type: 'image/jpeg',
      size_bytes: 5,
    })
  })

  test('a submission has the fields of the list, and its answers as they were sent', async () => {
    const { bruno, ids, sent } = await stage()
    const { items } = await readFeed(bruno, undefined, 'kinds=submissions')
    const { body: list } = expectStatus(200, await bruno.get('/submissions'))
    for (const [position, item] of items.entries()) {
      const { kind, seq, at, ...fields } = item
      const listed = list.find(({ id }: { id: string }) => id === ids[position])
      // The feed tells of these two in its own way: `at`, and tombstones.
      const { data_json, updated_at, deleted_at, ...shared } = listed
      expect([updated_at, deleted_at]).toEqual([at, null])
      expect(fields).toEqual(expect.objectContaining({ data: sent[position]!.data }))
      expect(fields).toMatchObject(pick(shared, Object.keys(fields)))
      expect(data_json).toEqual(item.data)
      expect(Object.keys(shared).filter((name) => !(name in fields))).toEqual([])
      expect([kind, typeof seq, at]).toEqual(['submission', 'number', '2026-11-23T08:00:00Z'])
    }
  })

  test('accepted faults are shown as issues', async () => {
    const { bruno, form, pair } = await stage()
    const item = submissionOf(form, { data: {} })
    expectStatus(200, await (await pair(bruno)).post('/submissions/bulk', [item]))
    const { items } = await readFeed(bruno, undefined, 'kinds=submissions')
    expect(items.at(-1)).toMatchObject({
      local_uuid: item.local_uuid,
      review_state: 'has_issues',
      issues: [{ path: 'note', code: 'required' }],
    })
  })

  test('large answers are fetched from where they are, and end the page before it grows too long', async () => {
    const { bruno, form } = await stage()
    const note = 'x'.repeat(700_000)
    for (let n = 0; n < 4; n++)
      expectStatus(201, await bruno.post('/submissions', submissionOf(form, { data: { note: `${note}${n}` } })))
    const first = await readPage(bruno, undefined, 'kinds=submissions&limit=100')
    // Three small ones, and large ones until 1.5 MB are passed.
    expect(first.items).toHaveLength(6)
    expect(first.has_more).toBe(true)
    const { items, pages } = await readFeed(bruno, undefined, 'kinds=submissions&limit=100')
    expect(pages).toBe(2)
    expect(items.slice(3).map(({ data }) => data.note.at(-1))).toEqual(['0', '1', '2', '3'])
    expect(items.at(-1)!.data.note).toHaveLength(note.length + 1)
  })

  test('a page whose answers vanish is read anew: they were erased meanwhile', async () => {
    let meanwhile = async () => {}
    const blobs = new Proxy(env.MEDIA, {
      get: (bucket, name: keyof R2Bucket) => {
        if (name !== 'get') return typeof bucket[name] === 'function' ? bucket[name].bind(bucket) : bucket[name]
        return async (key: string) => {
          await meanwhile()
          return bucket.get(key)
        }
      },
    })
    const { bruno, chiara } = await makeCast({ deps: { blobs } })
    const form = await publishForm(bruno, NOTE_FORM)
    const item = submissionOf(form, { data: { note: 'x'.repeat(300_000) } })
    const id = expectStatus(201, await bruno.post('/submissions', item)).body.id
    meanwhile = async () => {
      meanwhile = async () => {}
      expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
    }
    const { items } = await readFeed(bruno, undefined, 'kinds=submissions,tombstones')
    expect(items).toMatchObject([{ kind: 'tombstone', of: 'submission', id, form_id: form.id, erased: true }])
  })

  test('a deleted submission is a tombstone until it is restored, an erased one for good', async () => {
    const { bruno, chiara, ids, mediaId } = await stage()
    const [, second] = ids
    expectStatus(204, await bruno.delete(`/submissions/${second}`))
    const { items, cursor } = await readFeed(bruno)
    expect(items.at(-1)).toMatchObject({ kind: 'tombstone', of: 'submission', id: second, erased: false })
    // Restoring will not give the file a new seq, so it is there all the time.
    expect(items.map(({ id }) => id)).toContain(mediaId)
    expectStatus(200, await bruno.post(`/submissions/${second}/restore`))
    const restored = await readFeed(bruno, cursor)
    expect(restored.items).toMatchObject([{ kind: 'submission', id: second, data: { note: 'a "quoted" fox' } }])
    expectStatus(200, await chiara.post(`/submissions/${second}/erase`, { confirm: true }))
    const erased = await readFeed(bruno, restored.cursor)
    expect(erased.items).toMatchObject([{ kind: 'tombstone', of: 'submission', id: second, erased: true }])
    expect((await readFeed(bruno)).items.map(({ id }) => id)).not.toContain(mediaId)
  })

  test('an edited submission moves to the end, in its new state only', async () => {
    const { bruno, ids } = await stage()
    const [first] = ids
    const before = await readFeed(bruno, undefined, 'kinds=submissions')
    expectStatus(200, await bruno.patch(`/submissions/${first}`, { base_revision: 1, data: { note: 'a heron' } }))
    const { items } = await readFeed(bruno, undefined, 'kinds=submissions')
    expect(items.map(({ id, revision, data }) => [id, revision, data.note])).toEqual([
      [ids[1], 1, 'a "quoted" fox'],
      [ids[2], 1, 'ein Bär 🐻'],
      [first, 2, 'a heron'],
    ])
    expect((await readFeed(bruno, before.cursor)).items).toEqual(items.slice(2))
  })

  test('kinds choose, mode separates test data, and both hold on every page', async () => {
    const cast = await stage()
    const { bruno, form, ids, mediaId } = cast
    const device = await testDevice(cast)
    const trial = submissionOf(form)
    expectStatus(201, await device.post('/submissions', trial))
    expectStatus(201, await upload(device, trial.local_uuid, filePart('trial')))
    const read = async (query: string) => (await readFeed(bruno, undefined, `${query}&limit=1`)).items
    expect(kindsOf(await read('kinds=forms'))).toEqual(['form'])
    expect((await read('kinds=media')).map(({ id }) => id)).toEqual([mediaId])
    expect((await read('kinds=submissions,forms')).map(({ id }) => id)).toEqual([form.id, ...ids])
    expect(await read('kinds=tombstones')).toEqual([])
    const inTest = await read('mode=test')
    expect(kindsOf(inTest)).toEqual(['form', 'submission', 'media'])
    expect(inTest[1]).toMatchObject({ local_uuid: trial.local_uuid, mode: 'test' })
    expect((await bruno.get('/changes?kinds=submissions,everything')).status).toBe(422)
    expect((await bruno.get('/changes?mode=both')).status).toBe(422)
  })

  test("a deleted form's tombstone takes the place of everything of it", async () => {
    const { bruno, chiara, form } = await stage()
    const other = await publishForm(bruno, NOTE_FORM, 'Another')
    const kept = expectStatus(201, await bruno.post('/submissions', submissionOf(other))).body.id
    const { cursor } = await readFeed(bruno)
    expectStatus(204, await chiara.delete(`/forms/${form.id}`))
    const tombstone = { kind: 'tombstone', of: 'form', id: form.id, form_id: null, erased: false }
    expect((await readFeed(bruno, cursor)).items).toMatchObject([tombstone])
    const { items } = await readFeed(bruno)
    expect(items.map(({ id }) => id)).toEqual([other.id, kept, form.id])
    expect((await readFeed(bruno, cursor, 'kinds=forms')).items).toEqual([])
    expect((await readFeed(bruno, cursor, 'kinds=tombstones')).items).toMatchObject([tombstone])
  })

  test('renaming, publishing and archiving move a form to the end, saving a draft does not', async () => {
    const { bruno, form } = await stage()
    let { cursor } = await readFeed(bruno)
    const next = async () => {
      const reading = await readFeed(bruno, cursor)
      cursor = reading.cursor
      return reading.items
    }
    expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: { fields: [{ id: 'more', type: 'text' }] } }))
    expect(await next()).toEqual([])
    expectStatus(200, await bruno.post(`/forms/${form.id}/publish`))
    expect(await next()).toMatchObject([{ kind: 'form', id: form.id, version_num: 2 }])
    expectStatus(200, await bruno.put(`/forms/${form.id}`, { name: 'Renamed' }))
    expect(await next()).toMatchObject([{ name: 'Renamed' }])
    expectStatus(200, await bruno.post(`/forms/${form.id}/archive`))
    expect(await next()).toMatchObject([{ archived: true }])
    expect(await next()).toEqual([])
  })
})

describe('pages', () => {
  test('any limit gives the same items, and the cursor at the end stays good', async () => {
    const { bruno, form } = await stage()
    const whole = await readFeed(bruno, undefined, 'limit=1000')
    for (const limit of [1, 2, 3, 5]) {
      const { items, pages } = await readFeed(bruno, undefined, `limit=${limit}`)
      expect(items).toEqual(whole.items)
      expect(pages).toBe(Math.ceil(whole.items.length / limit))
    }
    const again = await readPage(bruno, whole.cursor)
    expect(again).toMatchObject({ items: [], has_more: false })
    const late = expectStatus(201, await bruno.post('/submissions', submissionOf(form))).body.id
    expect((await readFeed(bruno, whole.cursor)).items.map(({ id }) => id)).toEqual([late])
  })

  test('rows of two tables that share a seq are told apart by the cursor', async () => {
    const { bruno, ids, mediaId } = await stage()
    await env.DB.prepare('UPDATE media SET seq = (SELECT seq FROM submissions WHERE id = ?1)').bind(ids[2]).run()
    await env.DB.prepare('UPDATE forms SET seq = (SELECT seq FROM submissions WHERE id = ?1)').bind(ids[2]).run()
    const { items } = await readFeed(bruno, undefined, 'limit=1')
    expect(kindsOf(items)).toEqual(['submission', 'submission', 'submission', 'media', 'form'])
    expect(items.at(-2)!.id).toBe(mediaId)
  })

  test('the limit is 100 unless said, at most 1000, at least 1', async () => {
    const { bruno, form } = await stage()
    const batch = () => Array.from({ length: 100 }, () => submissionOf(form))
    expectStatus(200, await bruno.post('/submissions/bulk', batch()))
    expect((await readPage(bruno)).items).toHaveLength(100)
    expect((await readPage(bruno, undefined, 'limit=100000')).items).toHaveLength(105)
    expect((await bruno.get('/changes?limit=0')).status).toBe(422)
    expect((await bruno.get('/changes?limit=many')).status).toBe(422)
  })

  test('what is no cursor is refused, and a cursor says nothing of shards or tenants', async () => {
    const { bruno, dario } = await stage()
    for (const after of ['0', 'abc', 'W10', encodeURIComponent('[1,2,3]'), 'x'.repeat(500)])
      expect({ after, status: (await bruno.get(`/changes?after=${after}`)).status }).toEqual({ after, status: 422 })
    const { cursor } = await readPage(bruno)
    // Another tenant's cursor is only a number there, and shows nothing but what is theirs.
    expect((await readPage(dario, cursor)).items).toEqual([])
  })

  test('an epoch that rises is told, and leaves the cursor good', async () => {
    const { bruno, chiara, form } = await stage()
    const before = await readPage(bruno)
    expectStatus(204, await chiara.delete(`/forms/${form.id}`))
    const after = await readPage(bruno, before.cursor)
    expect(after.epoch).toBeGreaterThan(before.epoch)
    expect(kindsOf(after.items)).toEqual(['tombstone'])
  })

  test('the bookmark of a write makes the feed show it', async () => {
    const { bruno, form } = await stage()
    const sent = expectStatus(201, await bruno.post('/submissions', submissionOf(form)))
    const bookmark = sent.headers.get('x-d1-bookmark')!
    const answer = expectStatus(200, await bruno.get('/changes', { 'x-d1-bookmark': bookmark }))
    expect(answer.body.items.at(-1).id).toBe(sent.body.id)
    expect(answer.headers.get('x-d1-bookmark')).toMatch(/^[0-9a-f-]+$/)
  })
})

describe('who may follow it', () => {
  test('managers and admins may, field workers and devices may not', async () => {
    const { amina, bruno, chiara, nobody, pair } = await stage()
    expect((await bruno.get('/changes')).status).toBe(200)
    expect((await chiara.get('/changes/')).status).toBe(200)
    expect((await amina.get('/changes')).status).toBe(403)
    expect((await nobody.get('/changes')).status).toBe(401)
    expect((await (await pair(bruno)).get('/changes')).status).toBe(401)
  })

  test('an API key needs the scope by name: keys without scopes do not have it', async () => {
    const { addKey, chiara, ids } = await stage()
    expect((await (await addKey(chiara)).get('/changes')).status).toBe(403)
    expect((await (await addKey(chiara, { scopes: ['submissions:write'] })).get('/changes')).status).toBe(403)
    const reader = await addKey(chiara, { name: 'warehouse', scopes: ['changes:read'] })
    expect((await readFeed(reader, undefined, 'kinds=submissions')).items.map(({ id }) => id)).toEqual(ids)
    expect((await reader.get('/submissions')).status).toBe(401)
  })

  test('a key or a manager of one project sees that project only', async () => {
    const { addKey, addUser, bruno, chiara, form, mediaId } = await stage()
    const project = expectStatus(201, await bruno.post('/projects', { name: 'Other' })).body.id
    const other = await publishFormIn(bruno, project, PHOTO_FORM, 'Other form')
    const item = submissionOf(other)
    const id = expectStatus(201, await bruno.post('/submissions', item)).body.id
    const file = expectStatus(201, await upload(bruno, item.local_uuid, filePart('other'))).body.media_file_id
    const limited = await addKey(chiara, { scopes: ['changes:read'], project_id: project })
    const lead = await addUser(chiara, 'lead@example.org', 'field_worker')
    const memberships = [{ project_id: project, role: 'manager' }]
    expectStatus(200, await chiara.patch(`/users/${lead.id}`, { memberships }))
    for (const reader of [limited, lead]) {
      const { items, cursor } = await readFeed(reader, undefined, 'limit=2')
      expect(items.map((found) => found.id)).toEqual([other.id, id, file])
      expect(items.map((found) => found.id)).not.toContain(mediaId)
      expectStatus(200, await bruno.put(`/forms/${form.id}`, { name: 'Renamed' }))
      expect((await readFeed(reader, cursor)).items).toEqual([])
    }
    expectStatus(204, await chiara.delete(`/forms/${form.id}`))
    expectStatus(204, await chiara.delete(`/forms/${other.id}`))
    for (const reader of [limited, lead])
      expect((await readFeed(reader)).items).toMatchObject([{ kind: 'tombstone', of: 'form', id: other.id }])
  })

  test('another tenant has a feed of its own', async () => {
    const { dario } = await stage()
    expect((await readFeed(dario)).items).toEqual([])
    const theirs = await publishForm(dario, NOTE_FORM)
    expect((await readFeed(dario)).items.map(({ id }) => id)).toEqual([theirs.id])
  })
})

const pick = (from: Record<string, unknown>, names: string[]) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)))
