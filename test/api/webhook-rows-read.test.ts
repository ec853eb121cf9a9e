// What one delivery reads does not grow with what its webhook was sent before. SQLite has no statistics here, and would
// rather read all of that.
import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { deliverDue } from '../../src/domain/webhooks/deliver.ts'
import type { WebhookId } from '../../src/lib/ids.ts'
import { expectStatus } from '../support/app.ts'
import { submissionOf } from '../support/forms.ts'
import { runJobs } from '../support/full-form.ts'
import { tenantIdOf } from '../support/intake.ts'
import { startWithHooks } from '../support/webhooks.ts'

const SENT_BEFORE = 3_000
const A_HANDFUL = 250

test('delivering, and sending again what failed', async () => {
  const stage = await startWithHooks()
  const { addHook, bruno, deps, events, form, jobs } = stage
  const hook = await addHook()
  const tenantId = await tenantIdOf(stage)
  // All of the tenant's submissions come after what was sent before.
  await env.DB.prepare('UPDATE tenant_counters SET seq = seq + ?2 WHERE tenant_id = ?1')
    .bind(tenantId, SENT_BEFORE)
    .run()
  await env.DB.prepare(
    `INSERT INTO webhook_deliveries (tenant_id, webhook_id, seq, event, subject_id, revision, order_key, body_version,
       state, attempt_count, created_at_ms, settled_at_ms)
     SELECT ?1, ?2, value, 'submission.created', 'gone', 1, printf('%016d', value), 1, 'delivered', 1, 0, 0
     FROM json_each(?3)`,
  )
    .bind(tenantId, hook.id, JSON.stringify(Array.from({ length: SENT_BEFORE }, (_, i) => i + 1)))
    .run()
  for (let n = 0; n < 3; n++) expectStatus(201, await bruno.post('/submissions', submissionOf(form)))

  let read = 0
  const count = (result: D1Result<unknown>) => {
    read += result.meta.rows_read
  }
  const open = env.DB.withSession.bind(env.DB)
  vi.spyOn(env.DB, 'withSession').mockImplementation((from) => {
    const session = open(from)
    const { batch, prepare } = session
    session.batch = async <T>(statements: D1PreparedStatement[]) => {
      const results = await batch.call(session, statements)
      results.forEach(count)
      return results as D1Result<T>[]
    }
    session.prepare = (sql) => {
      const statement = prepare.call(session, sql)
      const { bind } = statement
      statement.bind = (...values) => {
        const bound = bind.apply(statement, values)
        const { all } = bound
        bound.all = async <T>() => {
          const result = await all.call(bound)
          count(result)
          return result as D1Result<T>
        }
        return bound
      }
      return statement
    }
    return session
  })
  await runJobs(deps, jobs)
  await deliverDue(deps, { tenantId, shard: 0, webhookId: hook.id as WebhookId })
  expect(events()).toHaveLength(3)
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(A_HANDFUL)
  read = 0
  const since = { since: '1970-01-01T00:00:00Z' }
  expect((await bruno.post(`/webhooks/${hook.id}/redeliver-failed`, since)).body).toEqual({ count: 0 })
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(A_HANDFUL)
})
