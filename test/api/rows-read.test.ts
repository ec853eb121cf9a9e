// What touches one submission reads a handful of rows, however many the tenant has. SQLite knows nothing of a tenant's
// size, and with an innocent-looking join it reads all of it: each of these statements once did.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { requestFor, tenantIdOf } from '../support/intake.ts'

let cast: Cast
let form: PublishedForm
let phone: Device

const STORED = 1_500
/** Far from all of them; a batch of ten statements with their index look-ups stays below. */
const A_HANDFUL = 250

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  phone = await cast.pair(cast.bruno)
  for (let sent = 0; sent < STORED; sent += 100)
    expectStatus(
      200,
      await phone.post(
        '/submissions/bulk',
        Array.from({ length: 100 }, () => submissionOf(form)),
      ),
    )
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Rows that D1 says its statements have read, in batches and alone. */
async function rowsReadBy(act: () => Promise<unknown>): Promise<number> {
  let read = 0
  const open = env.DB.withSession.bind(env.DB)
  vi.spyOn(env.DB, 'withSession').mockImplementation((from) => {
    const session = open(from)
    const { batch } = session
    session.batch = async <T>(statements: D1PreparedStatement[]) => {
      const results = await batch.call(session, statements)
      for (const { meta } of results) read += meta.rows_read
      return results as D1Result<T>[]
    }
    return session
  })
  await act()
  vi.restoreAllMocks()
  return read
}

const one = async () => (await cast.chiara.get('/submissions?limit=1')).body[0]

test('the counter of rows can tell: reading the whole list costs the whole list', async () => {
  expect(await rowsReadBy(() => cast.chiara.get('/submissions?limit=1000'))).toBeGreaterThan(1_000)
})

test('a page of the list', async () => {
  expect(await rowsReadBy(() => cast.chiara.get(`/submissions?form_id=${form.id}&limit=10`))).toBeLessThan(A_HANDFUL)
})

test('a replay, and a new submission', async () => {
  const sent = submissionOf(form)
  expect(await rowsReadBy(() => phone.post('/submissions/bulk', [sent]))).toBeLessThan(A_HANDFUL)
  expect(await rowsReadBy(() => phone.post('/submissions/bulk', [sent, submissionOf(form)]))).toBeLessThan(A_HANDFUL)
})

test('an edit, a deletion, a restore, a review', async () => {
  const { id, revision } = await one()
  const edit = () => cast.bruno.patch(`/submissions/${id}`, { base_revision: revision, data: { note: 'two owls' } })
  expect(await rowsReadBy(async () => expectStatus(200, await edit()))).toBeLessThan(A_HANDFUL)
  const remove = async () => expectStatus(204, await cast.bruno.delete(`/submissions/${id}`))
  expect(await rowsReadBy(remove)).toBeLessThan(A_HANDFUL)
  const restore = async () => expectStatus(200, await cast.bruno.post(`/submissions/${id}/restore`))
  expect(await rowsReadBy(restore)).toBeLessThan(A_HANDFUL)
  const review = async () =>
    expectStatus(200, await cast.bruno.post(`/submissions/${id}/review`, { state: 'approved' }))
  expect(await rowsReadBy(review)).toBeLessThan(A_HANDFUL)
})

test('a record that is replaced', async () => {
  const tenantId = await tenantIdOf(cast)
  const name = nextLocalUuid()
  const send = async (note: string) => {
    const request = requestFor(cast, form, tenantId, [name], { note })
    const header = { ...request.header, protocol: 'sync', onKnown: 'replace' as const }
    const answer = await cast.deps.intake(request.intakeName).submit({ ...request, header })
    return answer.ok ? answer.outcomes[0]!.kind : answer.code
  }
  expect(await send('first')).toBe('created')
  let kind = ''
  const read = await rowsReadBy(async () => {
    kind = await send('second')
  })
  expect(kind).toBe('updated')
  expect(read).toBeLessThan(A_HANDFUL)
})

/** A sync app of Chiara, with its own push and pull. */
async function syncApp() {
  const login = { username: 'chiara@example.org', password: 'chiara-owns-it' }
  const send = (path: string, json: unknown, headers: Record<string, string> = {}) =>
    cast.nobody.post(`http://fieldpost.test/synkronus${path}`, json, headers)
  const { body } = expectStatus(200, await send('/auth/login', login))
  const as = { authorization: `Bearer ${body.token}` }
  let sent = 0
  return {
    push: async (name: string, note: string) => {
      const record = { observation_id: name, form_type: 'note', form_version: '1', data: { note } }
      const request = { transmission_id: `t-${sent++}`, client_id: 'tablet', records: [record] }
      return expectStatus(200, await send('/sync/push', request, as))
    },
    pull: async (since: number) =>
      expectStatus(200, await send('/sync/pull?limit=10', { client_id: 'tablet', since: { version: since } }, as)),
  }
}

test('a push of a sync app, new, changed and again, and a page of its pull', async () => {
  const app = await syncApp()
  await app.push('first', 'makes the form')
  expect(await rowsReadBy(() => app.push('owl', 'one'))).toBeLessThan(A_HANDFUL)
  expect(await rowsReadBy(() => app.push('owl', 'two'))).toBeLessThan(A_HANDFUL)
  expect(await rowsReadBy(() => app.push('owl', 'two'))).toBeLessThan(A_HANDFUL)
  expect(await rowsReadBy(() => app.pull(0))).toBeLessThan(A_HANDFUL)
})

test('a page of the feed', async () => {
  expect(await rowsReadBy(() => cast.chiara.get('/changes?limit=10'))).toBeLessThan(A_HANDFUL)
})
