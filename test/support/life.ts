// Submissions to change, and a look at what their changes leave in the database.
import { env } from 'cloudflare:workers'
import { type Caller, expectStatus } from './app.ts'
import { type PublishedForm, type SubmissionOptions, submissionOf } from './forms.ts'

/** Sends a submission and returns it as its sender reads it. */
export async function sent(by: Caller, form: PublishedForm, options?: SubmissionOptions) {
  const { body } = expectStatus(201, await by.post('/submissions', submissionOf(form, options)))
  return expectStatus(200, await by.get(`/submissions/${body.id}`)).body
}

export const edit = (by: Caller, id: string, json: unknown, headers: Record<string, string> = {}) =>
  by.request('PATCH', `/submissions/${id}`, { json, headers })

export const history = async (by: Caller, id: string) =>
  expectStatus(200, await by.get(`/submissions/${id}/history`)).body

export interface Row {
  seq: number
  revision: number
  [column: string]: unknown
}

export const rowOf = async (id: string): Promise<Row> =>
  (await env.DB.prepare('SELECT * FROM submissions WHERE id = ?').bind(id).first<Row>())!

export const all = async (sql: string, ...values: unknown[]) =>
  (
    await env.DB.prepare(sql)
      .bind(...values)
      .all<Record<string, any>>()
  ).results

/** What is counted, and what there is: they must agree. */
export async function counts(): Promise<{ counted: number; there: number }> {
  const [row] = await all(`SELECT (SELECT coalesce(sum(total), 0) FROM submission_counts) AS counted,
    (SELECT count(*) FROM submissions WHERE deleted_at_ms IS NULL) AS there`)
  return row as { counted: number; there: number }
}
