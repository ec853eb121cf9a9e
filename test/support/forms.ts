// Forms made through the API, ready to receive submissions.
import { type Caller, expectStatus } from './app.ts'

export interface PublishedForm {
  projectId: string
  id: string
  versionId: string
}

/** A project of its own, with one published form in it. */
export async function publishForm(by: Caller, schema: unknown, name = 'Household survey'): Promise<PublishedForm> {
  const project = expectStatus(201, await by.post('/projects', { name: `Project of ${name}` }))
  return publishFormIn(by, project.body.id, schema, name)
}

export async function publishFormIn(
  by: Caller,
  projectId: string,
  schema: unknown,
  name: string,
): Promise<PublishedForm> {
  const form = expectStatus(201, await by.post('/forms', { project_id: projectId, name, schema }))
  return { projectId, id: form.body.id, versionId: await publishAgain(by, form.body.id) }
}

/** Publishes the draft (after `schema` was put into it, when given) and returns the version's id. */
export async function publishAgain(by: Caller, formId: string, schema?: unknown): Promise<string> {
  if (schema !== undefined) expectStatus(200, await by.put(`/forms/${formId}`, { schema }))
  return expectStatus(200, await by.post(`/forms/${formId}/publish`)).body.version_id
}

let count = 0

/** A new client id each time. */
export function nextLocalUuid(): string {
  count++
  return `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`
}

/** One question, so that a test is about something else. */
export const NOTE_FORM = { fields: [{ id: 'note', type: 'text', label: 'What do you see?', required: true }] }

export interface SubmissionOptions {
  local_uuid?: string
  data?: Record<string, unknown>
  collected_at?: string
}

export const submissionOf = (form: PublishedForm, options: SubmissionOptions = {}) => ({
  form_id: form.id,
  form_version_id: form.versionId,
  local_uuid: options.local_uuid ?? nextLocalUuid(),
  data: options.data ?? { note: 'an owl' },
  ...(options.collected_at ? { collected_at: options.collected_at } : {}),
})
