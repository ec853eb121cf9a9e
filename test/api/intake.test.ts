// The Intake object in good weather: group commit, halving, order, the credential.

import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { IntakeRequest, RowOutcome } from '../../src/domain/submissions/intake-port.ts'
import { type Cast, expectStatus, forged, makeCast } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { requestFor, tenantIdOf } from '../support/intake.ts'

let cast: Cast
let form: PublishedForm

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const requestOf = async (localUuids: string[]): Promise<IntakeRequest> =>
  requestFor(cast, form, await tenantIdOf(cast), localUuids)

const submit = async (localUuids: string[]) => {
  const answer = await cast.deps.intake(`user:${cast.amina.id}`).submit(await requestOf(localUuids))
  if (!answer.ok) throw new Error(answer.code)
  return answer.outcomes as RowOutcome[]
}

const stored = async () => (await env.DB.prepare('SELECT count(*) AS n FROM submissions').first<{ n: number }>())!.n

describe('group commit', () => {
  test('32 callers at once leave in a handful of commits, each with its own outcome', async () => {
    const requests = await Promise.all(Array.from({ length: 32 }, () => requestOf([nextLocalUuid()])))
    const sessions = vi.spyOn(env.DB, 'withSession')
    const intake = cast.deps.intake(`user:${cast.amina.id}`)
    const answers = await Promise.all(requests.map((request) => intake.submit(request)))
    expect(answers.every((answer) => answer.ok && answer.outcomes[0]?.kind === 'created')).toBe(true)
    expect(sessions.mock.calls.length).toBeLessThanOrEqual(4)
    expect(await stored()).toBe(32)
  })

  test('the first of two equal ids is the one that is stored, within a request and between requests', async () => {
    const name = nextLocalUuid()
    expect((await submit([name, name])).map(({ kind }) => kind)).toEqual(['created', 'duplicate'])
    expect((await submit([name])).map(({ kind }) => kind)).toEqual(['duplicate'])
  })

  test('seq rises in the order of the rows, and gaps are the only thing duplicates leave', async () => {
    const names = Array.from({ length: 5 }, nextLocalUuid)
    const first = await submit(names)
    const seqs = first.map((outcome) => (outcome.kind === 'created' ? outcome.seq : -1))
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i))
    const [again, fresh] = await submit([names[0]!, nextLocalUuid()])
    expect(again?.kind).toBe('duplicate')
    expect(fresh?.kind === 'created' && fresh.seq).toBeGreaterThan(seqs.at(-1)!)
  })

  test('the counts of the list follow what was stored, not what was sent', async () => {
    const names = Array.from({ length: 3 }, nextLocalUuid)
    await submit(names)
    await submit([...names, nextLocalUuid()])
    const list = await cast.chiara.get(`/submissions?form_id=${form.id}&limit=1`)
    expect(list.headers.get('x-total-count')).toBe('4')
  })

  test('one row that the database refuses costs none of the 31 beside it', async () => {
    const requests = await Promise.all(Array.from({ length: 32 }, () => requestOf([nextLocalUuid()])))
    requests[17]!.rows[0] = '[null]'
    const intake = cast.deps.intake(`user:${cast.amina.id}`)
    const answers = await Promise.all(requests.map((request) => intake.submit(request)))
    const kinds = answers.map((answer) => (answer.ok ? answer.outcomes[0]!.kind : answer.code))
    expect(kinds[17]).toBe('refused')
    expect(kinds.filter((kind) => kind === 'created')).toHaveLength(31)
    expect(await stored()).toBe(31)
  })

  test('more JSON than one statement may carry is stored whole and in order', async () => {
    const request = await requestOf(Array.from({ length: 30 }, nextLocalUuid))
    const note = JSON.stringify({ note: 'x'.repeat(100_000) })
    request.rows = request.rows.map((text) => {
      const row = JSON.parse(text) as unknown[]
      row[6] = note
      return JSON.stringify(row)
    })
    const answer = await cast.deps.intake(`user:${cast.amina.id}`).submit(request)
    expect(answer.ok && answer.outcomes.every(({ kind }) => kind === 'created')).toBe(true)
    const rows = await env.DB.prepare('SELECT id FROM submissions ORDER BY seq').all<{ id: string }>()
    expect(rows.results.map(({ id }) => id)).toEqual(request.ids)
  })
})

describe('the credential', () => {
  test('a good check is remembered: later requests read nothing from the directory, even after an eviction', async () => {
    const phone = await cast.pair(cast.bruno)
    expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
    await evictDurableObject(env.INTAKE.get(env.INTAKE.idFromName(`device:${device.id}`)))
    const prepare = vi.spyOn(env.DB, 'prepare')
    expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    const statements = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /from "devices"/i.test(sql))
    expect(statements).toEqual([])
  })

  test('a wrong secret is refused and does not make the object forget the right one', async () => {
    const phone = await cast.pair(cast.bruno)
    const thief = cast.as({ authorization: `Bearer ${forged(phone.token)}` })
    expect((await thief.post('/submissions/bulk', [])).status).toBe(401)
    expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    expect((await thief.post('/submissions/bulk', [submissionOf(form)])).status).toBe(401)
    expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    expect(await stored()).toBe(2)
  })

  test('a device that was handed to another user submits for that user from the next request on', async () => {
    const phone = await cast.pair(cast.bruno)
    expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
    expectStatus(200, await cast.chiara.patch(`/settings/mobile/devices/${device.id}`, { user_id: cast.amina.id }))
    const { body } = expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    expect((await cast.chiara.get(`/submissions/${body.accepted[0].id}`)).body.submitted_by_email).toBe(
      'amina@example.org',
    )
  })
})
