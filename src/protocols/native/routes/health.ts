// Is the server well? Public, and honest about what it looked at.
import { z } from '@hono/zod-openapi'
import { checkHealth } from '../../../domain/health.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { json, operation, router } from '../operation.ts'
import { Timestamp } from '../params.ts'

const Health = z
  .object({
    status: z.enum(['ok', 'error']),
    database: z.enum(['connected', 'unreachable']),
    storage: z.enum(['connected', 'unreachable']),
    checked: z.array(z.string()).meta({ description: 'What was asked to find out' }),
    timestamp: Timestamp,
  })
  .meta({ id: 'Health' })

export const health = router().openapi(
  operation('health.read', {
    method: 'get',
    path: '/health',
    operationId: 'getHealth',
    summary: 'Is the server well?',
    tags: ['Health'],
    responses: { 200: json(Health, 'Everything answers'), 503: json(Health, 'Something does not answer') },
  }),
  async (c) => {
    const { deps } = c.var
    const { database, storage, checked } = await checkHealth(deps)
    const body = {
      status: database && storage ? ('ok' as const) : ('error' as const),
      database: database ? ('connected' as const) : ('unreachable' as const),
      storage: storage ? ('connected' as const) : ('unreachable' as const),
      checked,
      timestamp: isoTime(deps.clock()),
    }
    return c.json(body, body.status === 'ok' ? 200 : 503)
  },
)
