// What the bench needs of the API before it can measure it.

import { ReadableStream } from 'node:stream/web'

export function createClient(baseUrl: string) {
  let accessToken = ''
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return { body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }
  return {
    token: () => accessToken,
    async logIn(email: string, password: string): Promise<void> {
      accessToken = (await call('POST', '/auth/login', { email, password })).body.access_token
    },
    async publish(schema: unknown): Promise<{ id: string; versionId: string }> {
      const project = await call('POST', '/projects', { name: 'Bench' })
      const form = await call('POST', '/forms', { project_id: project.body.id, name: 'Household survey', schema })
      const published = await call('POST', `/forms/${form.body.id}/publish`)
      return { id: form.body.id, versionId: published.body.version_id }
    },
    async pair(): Promise<string> {
      const { body } = await call('POST', '/settings/mobile/pairing-token', {})
      return (await call('POST', '/mobile/pair', { token: body.token, device_label: 'bench' })).body.device_token
    },
    async addKey(scopes: string[] = []): Promise<string> {
      return (await call('POST', '/api-keys', { name: 'bench', scopes })).body.key
    },
    async count(formId: string): Promise<number> {
      return Number((await call('GET', `/submissions?form_id=${formId}&limit=1`)).headers.get('x-total-count'))
    },
    /** The local_uuid of a new submission. */
    async submitOne(versionId: string, device: string): Promise<string> {
      const local_uuid = crypto.randomUUID()
      const item = { form_version_id: versionId, local_uuid, data: {} }
      await call('POST', '/submissions/bulk', [item], { authorization: `Bearer ${device}` })
      return local_uuid
    },
    /** The id of a new webhook of the form. */
    async addWebhook(formId: string, webhook: { url: string; secret?: string; events?: string[] }): Promise<string> {
      return (await call('POST', `/forms/${formId}/webhooks`, webhook)).body.id
    },
    async removeWebhook(formId: string, id: string): Promise<void> {
      await call('DELETE', `/forms/${formId}/webhooks/${id}`)
    },
    async pauseWebhook(id: string): Promise<void> {
      await call('POST', `/webhooks/${id}/pause`)
    },
    async resumeWebhook(id: string): Promise<void> {
      await call('POST', `/webhooks/${id}/resume`)
    },
    /** Null: deliveries leave. */
    async webhookStoppedBy(id: string): Promise<string | null> {
      return (await call('GET', `/webhooks/${id}`)).body.stopped_by
    },
    /** Sends everything again, from the beginning, that has failed. */
    async redeliverFailed(id: string): Promise<void> {
      await call('POST', `/webhooks/${id}/redeliver-failed`, { since: '2000-01-01T00:00:00Z' })
    },
    /** Streams a file of this size; this process holds one chunk of it. */
    async upload(device: string, localUuid: string, filename: string, bytes: number): Promise<void> {
      const boundary = 'fieldpost-bench'
      const part = (name: string, value: string) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
      const head = `${part('submission_local_uuid', localUuid)}${part('field_id', 'picture')}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\ncontent-type: application/octet-stream\r\n\r\n`
      const tail = `\r\n--${boundary}--\r\n`
      const chunk = crypto.getRandomValues(new Uint8Array(65_536))
      const body = async function* () {
        yield Buffer.from(head)
        for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length))
        yield Buffer.from(tail)
      }
      const response = await fetch(`${baseUrl}/api/v1/media/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${device}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
        body: ReadableStream.from(body()),
        duplex: 'half',
      } as RequestInit)
      if (response.status !== 201) throw new Error(`upload: ${response.status} ${await response.text()}`)
    },
  }
}
