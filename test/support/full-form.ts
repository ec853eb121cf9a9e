// A form with everything that a form can have, and a look at what a purge leaves of it.
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { handleBatch } from '../../src/background/queue.ts'
import type { Deps, Job } from '../../src/domain/context.ts'
import { type Cast, expectStatus, makeCast } from './app.ts'
import { fixtureS, validAnswersS } from './fixture-s.ts'
import { type PublishedForm, publishForm, submissionOf } from './forms.ts'
import { filePart, upload } from './media.ts'

const OF_FORMS = [
  'submissions',
  'submission_revisions',
  'submission_comments',
  'submission_keys',
  'submission_counts',
  'spatial_answers',
  'media',
  'webhooks',
  'webhook_deliveries',
  'export_jobs',
  'form_versions',
]

/** Rows per table that still has some. */
export async function rowsLeft(tables: readonly string[] = OF_FORMS): Promise<Record<string, number>> {
  const left: Record<string, number> = {}
  for (const table of tables) {
    const row = await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>()
    if (row!.n > 0) left[table] = row!.n
  }
  return left
}

export const objectsLeft = async () => (await env.MEDIA.list()).objects.map(({ key }) => key)

export interface Stage extends Cast {
  form: PublishedForm
  submissionIds: string[]
  mediaIds: string[]
  /** Jobs that were sent and not yet run. */
  jobs: Job[]
}

/** A form with everything that a form can have, in a tenant whose jobs wait to be run. */
export async function startWithFullForm(): Promise<Stage> {
  const jobs: Job[] = []
  const cast = await makeCast({
    deps: {
      sendJob: async (job) => {
        // The webhook is there to be purged.
        if (job.kind !== 'expand-outbox') jobs.push(job)
      },
    },
  })
  const { bruno } = cast
  const form = await publishForm(bruno, fixtureS)
  const submissionIds: string[] = []
  const mediaIds: string[] = []
  for (let n = 0; n < 4; n++) {
    const sent = submissionOf(form, { data: { ...validAnswersS, full_name: `Person ${n}` } })
    submissionIds.push(expectStatus(201, await bruno.post('/submissions', sent)).body.id)
    const stored = expectStatus(201, await upload(bruno, sent.local_uuid, filePart(`photo ${n}`)))
    mediaIds.push(stored.body.media_file_id)
  }
  await addRest(form, submissionIds)
  return { ...cast, form, submissionIds, mediaIds, jobs }
}

/** Rows and objects that other parts of the system make, as they make them. */
async function addRest(form: PublishedForm, submissionIds: string[]): Promise<void> {
  const { tenant } = (await env.DB.prepare('SELECT tenant_id AS tenant FROM forms WHERE id = ?')
    .bind(form.id)
    .first<{ tenant: string }>())!
  const run = (sql: string, ...values: unknown[]) =>
    env.DB.prepare(sql)
      .bind(tenant, ...values)
      .run()
  const object = async (name: string) => {
    await env.MEDIA.put(`${tenant}/${name}`, name)
    return `${tenant}/${name}`
  }
  for (const id of submissionIds) {
    await run(
      `INSERT INTO submission_revisions (tenant_id, submission_id, revision, seq, change, data_key, review_state,
         actor_kind, protocol, at_ms) VALUES (?, ?, 1, 1, 'edit', ?, 'received', 'user', 'native', 0)`,
      id,
      await object(`answers/${id}/1`),
    )
    await run(
      `INSERT INTO submission_comments (tenant_id, id, submission_id, body, actor_kind, protocol, created_at_ms)
       VALUES (?, 'c-' || ?2, ?2, 'Please check', 'user', 'native', 0)`,
      id,
    )
    await run(`INSERT INTO submission_keys VALUES (?, 'instance', 'k-' || ?2, ?2)`, id)
    await run(
      `INSERT INTO spatial_answers (tenant_id, form_id, submission_id, path, kind, min_lon, min_lat, max_lon, max_lat)
       VALUES (?, ?, ?, 'gps2', 'point', 0, 0, 0, 0)`,
      form.id,
      id,
    )
  }
  await run(
    'UPDATE submissions SET data_key = ?2 WHERE tenant_id = ?1 AND id = ?3',
    await object('large'),
    submissionIds[0],
  )
  const deletedAtMs = Date.parse('2026-11-23T08:00:00Z')
  await run(`UPDATE submissions SET deleted_at_ms = ${deletedAtMs} WHERE tenant_id = ?1 AND id = ?2`, submissionIds[1])
  await run(
    'UPDATE form_versions SET source_key = ?2 WHERE tenant_id = ?1 AND form_id = ?3',
    await object('xls'),
    form.id,
  )
  await run(
    `INSERT INTO webhooks (tenant_id, id, form_id, url, events, created_at_ms) VALUES (?, 'w', ?, 'https://x.org', '[]', 0)`,
    form.id,
  )
  await run(
    `INSERT INTO webhook_deliveries (tenant_id, webhook_id, seq, event, subject_id, revision, order_key, body_version,
       state, next_attempt_at_ms, created_at_ms)
     VALUES (?, 'w', 1, 'submission.created', 's', 1, 's', 1, 'pending', ${Number.MAX_SAFE_INTEGER}, 0)`,
  )
  await run(
    `INSERT INTO export_jobs (tenant_id, id, form_id, format, filters, state, volumes, until_seq, actor_kind, protocol,
       created_at_ms, updated_at_ms, expires_at_ms) VALUES (?, 'e', ?, 'csv', '{}', 'done', ?, 1, 'user', 'native', 0, 0, 9e12)`,
    form.id,
    JSON.stringify([{ objectKey: await object('exports/e/1') }]),
  )
}

/** Runs the jobs that wait, and those that they send, as the queue would. */
export async function runJobs(deps: Deps, jobs: Job[]): Promise<void> {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    let acked = false
    const message = { body: job, attempts: 1, ack: () => (acked = true), retry: () => undefined }
    await handleBatch({ messages: [message as unknown as Message<Job>] }, deps)
    expect(acked).toBe(true)
  }
}

export const purgedAt = async (formId: string) =>
  (await env.DB.prepare('SELECT purged_at_ms AS at FROM forms WHERE id = ?')
    .bind(formId)
    .first<{ at: number | null }>())!.at
