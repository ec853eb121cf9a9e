// Records that are sent again as a whole to change them, as sync protocols do: what arrives last wins, and every state is
// kept. No native endpoint does this: the tests go through the port, and once through submitMany.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { enterAsUser } from '../../src/domain/access/authenticate.ts'
import type { IntakeRequest, RowOutcome } from '../../src/domain/submissions/intake-port.ts'
import { submitMany } from '../../src/domain/submissions/submit.ts'
import type { FormVersionId, TenantId, UserId } from '../../src/lib/ids.ts'
import { replaceSubmissionRows } from '../../src/storage/submission-replacement.ts'
import { type Cast, makeCast } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, type PublishedForm, publishForm } from '../support/forms.ts'
import { requestFor, ring, tenantIdOf } from '../support/intake.ts'
import { takeAway } from '../support/weather.ts'

let cast: Cast
let form: PublishedForm
let tenantId: TenantId

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  tenantId = await tenantIdOf(cast)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const record = (name: string | string[], note: string, arrivedAtMs = cast.now()): IntakeRequest => {
  const request = requestFor(cast, form, tenantId, [name].flat(), { note, arrivedAtMs })
  return { ...request, header: { ...request.header, protocol: 'sync', onKnown: 'replace' } }
}

const send = async (request: IntakeRequest, intakeName = request.intakeName): Promise<RowOutcome[]> => {
  const answer = await cast.deps.intake(intakeName).submit({ ...request, intakeName })
  if (!answer.ok) throw new Error(answer.code)
  return answer.outcomes
}

const kindsOf = (outcomes: RowOutcome[]) => outcomes.map(({ kind }) => kind)

const head = () =>
  env.DB.prepare(
    'SELECT seq, created_seq, revision, data, updated_at_ms, submitted_at_ms FROM submissions',
  ).first<any>()

const history = async () => {
  const rows = await env.DB.prepare(
    'SELECT revision, change, data, at_ms, seq FROM submission_revisions ORDER BY revision',
  ).all<any>()
  return rows.results.map(({ revision, change, data }) => [revision, change, JSON.parse(data).note])
}

describe('a whole record sent again', () => {
  test('is created, updated and unchanged, with a new seq for each change and none of the creation', async () => {
    const name = nextLocalUuid()
    expect(kindsOf(await send(record(name, 'one')))).toEqual(['created'])
    expect(await history()).toEqual([])
    const first = await head()
    cast.advance(1_000)
    expect(kindsOf(await send(record(name, 'two')))).toEqual(['updated'])
    const second = await head()
    expect(second).toMatchObject({
      revision: 2,
      data: '{"note":"two"}',
      created_seq: first.seq,
      updated_at_ms: cast.now(),
    })
    expect(second.seq).toBeGreaterThan(first.seq)
    cast.advance(1_000)
    expect(kindsOf(await send(record(name, 'two')))).toEqual(['unchanged'])
    expect(await head()).toEqual(second)
    expect(await history()).toEqual([
      [1, 'create', 'one'],
      [2, 'edit', 'two'],
    ])
  })

  test('several times in one request counts each time, in order', async () => {
    const [a, b] = [nextLocalUuid(), nextLocalUuid()]
    const request = record([a, b, a, a], 'first')
    request.rows[2] = request.rows[2]!.replace('first', 'later')
    request.rows[3] = request.rows[3]!.replace('first', 'later')
    expect(kindsOf(await send(request))).toEqual(['created', 'created', 'updated', 'unchanged'])
    expect(await history()).toEqual([
      [1, 'create', 'first'],
      [2, 'edit', 'later'],
    ])
  })

  test('counts a submission once, and a new one beside an update too', async () => {
    const [a, b] = [nextLocalUuid(), nextLocalUuid()]
    await send(record(a, 'one'))
    expect(kindsOf(await send(record([a, b], 'two')))).toEqual(['updated', 'created'])
    const list = await cast.chiara.get(`/submissions?form_id=${form.id}&limit=1`)
    expect(list.headers.get('x-total-count')).toBe('2')
  })

  test('keeps who created it and who changed it', async () => {
    const name = nextLocalUuid()
    await send(record(name, 'one'))
    const changed = record(name, 'two', cast.now() + 1)
    changed.header = { ...changed.header, actorId: cast.bruno.id, userId: cast.bruno.id }
    await send(changed, `user:${cast.bruno.id}`)
    const creator = await env.DB.prepare('SELECT actor_id FROM submissions').first()
    expect(creator).toEqual({ actor_id: cast.amina.id })
    const actors = await env.DB.prepare('SELECT actor_id FROM submission_revisions ORDER BY revision').all()
    expect(actors.results).toEqual([{ actor_id: cast.amina.id }, { actor_id: cast.bruno.id }])
  })

  test('of what was erased brings nothing back', async () => {
    const name = nextLocalUuid()
    await send(record(name, 'one'))
    await env.DB.prepare('UPDATE submissions SET erased_at_ms = 1, deleted_at_ms = 1, data = NULL').run()
    expect(kindsOf(await send(record(name, 'two', cast.now() + 1)))).toEqual(['duplicate'])
    expect(await head()).toMatchObject({ data: null, revision: 1 })
    expect(await history()).toEqual([])
  })

  test('under the name of an earlier request is a replay: what others changed since stays', async () => {
    const name = nextLocalUuid()
    await send(record(name, 'zero'))
    cast.advance(1_000)
    const mine = { ...record(name, 'one'), requestKey: 'transmission-1' }
    expect(kindsOf(await send(mine))).toEqual(['updated'])
    cast.advance(1_000)
    await send(record(name, 'two'), `user:${cast.bruno.id}`)
    cast.advance(1_000)
    // The acknowledgement was lost, and the phone sends the same again.
    expect(kindsOf(await send({ ...record(name, 'one'), requestKey: 'transmission-1' }))).toEqual(['updated'])
    expect(await head()).toMatchObject({ revision: 3, data: '{"note":"two"}' })
    // The same answers on purpose, in a new request, are a change.
    expect(kindsOf(await send({ ...record(name, 'one'), requestKey: 'transmission-2' }))).toEqual(['updated'])
    expect(await head()).toMatchObject({ revision: 4, data: '{"note":"one"}' })
  })
})

test('the answer of a push is kept with its records, and not before the last of them is written', async () => {
  const name = nextLocalUuid()
  await send(record(name, 'one'))
  cast.advance(1_000)
  const { header, rows, ids } = record(name, 'two')
  const { project_id: projectId } = (await env.DB.prepare('SELECT project_id FROM forms').first<any>())!
  const kept = { transmission: 'transmission-1', reply: '{"generation":1}' }
  const seen = { clientId: 'A', userId: cast.amina.id as UserId, appVersion: null, atMs: cast.now() }
  const settle = { ...kept, ...seen, ids, projectId, ofUser: null, resetSeq: 0, assumedGeneration: null }
  // The record is taken for a new one, and the process ends when that has turned out wrong.
  let batches = 0
  const d1 = {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: (statements: D1PreparedStatement[]) => {
      if (++batches > 1) throw new Error('the process ended')
      return env.DB.batch(statements)
    },
  } as typeof env.DB
  const options = { atMs: cast.now(), expected: new Set<string>(), settles: [settle], isHeard: false }
  await expect(replaceSubmissionRows(d1, tenantId, header, rows, options)).rejects.toThrow('the process ended')
  expect(await env.DB.prepare('SELECT reply FROM transmissions').all()).toMatchObject({ results: [] })
  expect((await head()).data).toBe('{"note":"one"}')
})

describe('an update that was written ahead', () => {
  test('and drained after a newer one becomes history; the latest state stays', async () => {
    const name = nextLocalUuid()
    await send(record(name, 'one'))
    cast.advance(1_000)
    const end = takeAway('shard')
    expect(kindsOf(await send(record(name, 'written ahead')))).toEqual(['created'])
    end()
    cast.advance(1_000)
    expect(kindsOf(await send(record(name, 'newer'), `user:${cast.bruno.id}`))).toEqual(['updated'])
    const before = await head()
    await ring(`user:${cast.amina.id}`)
    const after = await head()
    expect(after).toMatchObject({ data: '{"note":"newer"}', updated_at_ms: before.updated_at_ms, revision: 4 })
    expect(await history()).toEqual([
      [1, 'create', 'one'],
      [2, 'edit', 'newer'],
      [3, 'edit', 'written ahead'],
      [4, 'edit', 'newer'],
    ])
  })

  test('late twice, because the end of the first attempt was not seen, is history once', async () => {
    const name = nextLocalUuid()
    await send(record(name, 'one', 1_000))
    await send(record(name, 'newer', 3_000))
    const late = record(name, 'late', 2_000)
    expect(kindsOf(await send(late))).toEqual(['updated'])
    const settled = [await head(), await history()]
    expect(kindsOf(await send(late))).toEqual(['unchanged'])
    expect([await head(), await history()]).toEqual(settled)
  })

  test('any order of arrival at the database ends in the same latest state, with every state in the history', async () => {
    const states = ['a', 'b', 'c', 'd'].map((note, i) => ({ note, atMs: 1_000 + i }))
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ]
    for (const order of orders) {
      await env.DB.batch(['submissions', 'submission_revisions'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
      const name = nextLocalUuid()
      for (const i of order) await send(record(name, states[i]!.note, states[i]!.atMs))
      expect(await head()).toMatchObject({ data: '{"note":"d"}' })
      const kept = await history()
      expect([...new Set(kept.map(([, , note]) => note))].sort()).toEqual(['a', 'b', 'c', 'd'])
      expect(kept.map(([revision]) => revision)).toEqual(kept.map((_, i) => i + 1))
      expect(kept.at(-1)?.[2]).toBe('d')
      expect((await head()).revision).toBe(kept.length)
    }
  })
})

test('submitMany passes the choice on and tells what became of each item', async () => {
  const { ctx } = await enterAsUser(cast.deps, cast.amina.accessToken, {
    requestId: 'test',
    origin: 'http://fieldpost.test',
    protocol: 'sync',
    nowMs: cast.now(),
    bookmark: null,
    appVersion: null,
  })
  const name = nextLocalUuid()
  const put = async (note: string, atMs: number, requestKey?: string) => {
    const item = {
      kind: 'submission' as const,
      target: { versionId: form.versionId as FormVersionId, formId: null },
      localUuid: name,
      data: { note },
      collectedAt: null,
      reportedDeviceId: null,
    }
    const options = {
      verb: 'submission.create',
      onFaults: 'flag',
      rawOf: () => '',
      onKnown: 'replace',
      requestKey,
    } as const
    const { outcomes } = await submitMany({ ...ctx, nowMs: atMs }, [item], options)
    return outcomes[0]!.kind
  }
  expect(await put('one', 1_000)).toBe('created')
  expect(await put('two', 2_000)).toBe('updated')
  expect(await put('two', 3_000)).toBe('unchanged')
  // Answers too large for a row are objects of their own. A replay leaves none behind.
  const long = 'x'.repeat(400_000)
  expect(await put(long, 4_000, 'transmission-1')).toBe('updated')
  expect(await put(long, 5_000, 'transmission-1')).toBe('updated')
  expect((await env.MEDIA.list()).objects).toHaveLength(1)
})
