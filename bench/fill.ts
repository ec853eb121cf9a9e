// Brings a form to a number of submissions before something is measured on them.
import type { LocalServer } from '../scripts/server.ts'
import type { createClient } from './api.ts'
import { runLoad } from './load.ts'
import { submission } from './survey.ts'

const PER_REQUEST = 100

/** Of the survey, through the phones of these tokens. Returns how many there are now. */
export async function fillForm(
  server: LocalServer,
  api: ReturnType<typeof createClient>,
  { id, versionId }: { id: string; versionId: string },
  devices: readonly string[],
  wanted: number,
): Promise<number> {
  const missing = Math.ceil((wanted - (await api.count(id))) / PER_REQUEST)
  await runLoad({
    host: '127.0.0.1',
    port: server.port,
    clients: devices.length,
    durationMs: 600_000,
    maxRequests: Math.max(0, missing),
    next: (index) => ({
      method: 'POST',
      path: '/api/v1/submissions/bulk',
      headers: { authorization: `Bearer ${devices[index % devices.length]}` },
      body: JSON.stringify(
        Array.from({ length: PER_REQUEST }, (_, i) => submission(versionId, index * PER_REQUEST + i)),
      ),
    }),
  })
  return api.count(id)
}
