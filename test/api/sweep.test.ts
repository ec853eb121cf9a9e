// What the clock does every minute, and what becomes of a deleted tenant.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import type { Deps } from '../../src/domain/context.ts'
import { SETTLE_MS } from '../../src/domain/forms/purge.ts'
import { expectStatus } from '../support/app.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../support/forms.ts'
import { objectsLeft, purgedAt, rowsLeft, runJobs, startWithFullForm } from '../support/full-form.ts'

test('a deletion whose message is lost is purged by the sweep, once', async () => {
  const { advance, chiara, deps, form, jobs } = await startWithFullForm()
  expectStatus(204, await chiara.delete(`/forms/${form.id}`))
  jobs.length = 0
  advance(60_000)
  await sweep(deps)
  expect(jobs).toEqual([])
  advance(90_000)
  await sweep(deps)
  expect(jobs).toMatchObject([{ kind: 'purge-form', formId: form.id }])
  await runJobs(deps, jobs)
  expect(await rowsLeft()).toEqual({})
  expect(await purgedAt(form.id)).not.toBeNull()
  advance(600_000)
  await sweep(deps)
  expect(jobs).toEqual([])
})

test('the sweep takes away half-written uploads after a day, and nothing else', async () => {
  const { advance, deps, mediaIds } = await startWithFullForm()
  const row = await env.DB.prepare('SELECT tenant_id AS tenant, object_key AS kept FROM media WHERE id = ?')
    .bind(mediaIds[0])
    .first<{ tenant: string; kept: string }>()
  const begin = (id: string, key: string, atMs: number) =>
    env.DB.prepare('INSERT INTO media_uploads (tenant_id, media_id, object_key, started_at_ms) VALUES (?, ?, ?, ?)')
      .bind(row!.tenant, id, key, atMs)
      .run()
  const half = `${row!.tenant}/half`
  const fresh = `${row!.tenant}/fresh`
  await env.MEDIA.put(half, 'half')
  await env.MEDIA.put(fresh, 'fresh')
  await begin('half', half, deps.clock())
  // The row was written, only the note of the upload stayed behind.
  await begin(mediaIds[0]!, row!.kept, deps.clock())
  advance(25 * 3_600_000)
  await begin('fresh', fresh, deps.clock())
  await sweep(deps)
  const objects = await objectsLeft()
  expect(objects).not.toContain(half)
  expect(objects).toContain(fresh)
  expect(objects).toContain(row!.kept)
  expect(await rowsLeft(['media_uploads'])).toEqual({ media_uploads: 1 })
})

test('the sweep forgets sessions and pairing tokens a day after their end', async () => {
  const { advance, bruno, deps } = await startWithFullForm()
  expectStatus(200, await bruno.post('/settings/mobile/pairing-token'))
  const tables = ['sessions', 'pairing_tokens']
  advance(3_600_000)
  await sweep(deps)
  const kept = await rowsLeft(tables)
  expect(kept).toMatchObject({ pairing_tokens: 1 })
  expect(kept.sessions).toBeGreaterThan(0)
  advance(9 * 24 * 3_600_000)
  await sweep(deps)
  expect(await rowsLeft(tables)).toEqual({})
})

test('one chore that fails does not keep the sweep from the others', async () => {
  const { advance, bruno, deps, lines } = await startWithFullForm()
  expectStatus(200, await bruno.post('/settings/mobile/pairing-token'))
  advance(2 * 24 * 3_600_000)
  const broken: Deps = {
    ...deps,
    shard: () => {
      throw new Error('no such shard')
    },
  }
  await sweep(broken)
  expect(await rowsLeft(['pairing_tokens'])).toEqual({})
  expect(lines).toContainEqual(expect.objectContaining({ event: 'sweep_failed' }))
})

test('a deleted tenant loses all rows and objects, its neighbour none', async () => {
  const { addTenant, advance, as, deps, form, jobs } = await startWithFullForm()
  const before = { rows: await rowsLeft(), objects: (await objectsLeft()).length }
  const eva = await addTenant('leaving', 'eva@example.net')
  const theirs = await publishForm(eva, NOTE_FORM, 'Theirs')
  const sent = submissionOf(theirs)
  expectStatus(201, await eva.post('/submissions', sent))
  const tenant = (await eva.get('/auth/me')).body.tenant_id
  await env.MEDIA.put(`${tenant}/nobody-names-this`, 'x')
  const operator = as({ authorization: `Bearer ${deps.config.platformToken}` })
  expectStatus(204, await operator.delete(`/platform/tenants/${tenant}`))
  expect(jobs).toEqual([{ kind: 'purge-tenant', tenantId: tenant }])
  await runJobs(deps, jobs)
  advance(SETTLE_MS + 120_000)
  await sweep(deps)
  await runJobs(deps, jobs.splice(0))
  expect(await rowsLeft()).toEqual(before.rows)
  expect(await objectsLeft()).toHaveLength(before.objects)
  for (const table of ['users', 'memberships', 'sessions', 'forms', 'projects', 'tenant_counters', 'audit_log'])
    expect(
      await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = ?`).bind(tenant).first('n'),
      table,
    ).toBe(0)
  expect(await env.DB.prepare('SELECT count(*) AS n FROM tenants WHERE id = ?').bind(tenant).first('n')).toBe(0)
  expect(await purgedAt(form.id)).toBeNull()
})
