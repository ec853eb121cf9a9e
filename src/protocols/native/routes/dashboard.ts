// The figures that the dashboard opens with.
import { z } from '@hono/zod-openapi'
import { readSummary } from '../../../domain/dashboard/summary.ts'
import { json, operation, router } from '../operation.ts'

const Summary = z
  .object({
    submissions: z.number().int(),
    submissions_today: z.number().int().meta({ description: 'Arrived since midnight, UTC' }),
    with_issues: z.number().int(),
    quarantine_open: z.number().int(),
    webhooks_stopped: z.number().int().meta({ description: 'Paused or made inactive because their receivers fail' }),
    devices_seen_24h: z.number().int(),
  })
  .meta({ id: 'DashboardSummary' })

export const dashboard = router().openapi(
  operation('dashboard.read', {
    method: 'get',
    path: '/dashboard/summary',
    operationId: 'getDashboardSummary',
    summary: "The tenant's figures",
    tags: ['Dashboard'],
    responses: { 200: json(Summary, 'Live data only') },
  }),
  async (c) => {
    const figures = await readSummary(c.var.ctx)
    return c.json(
      {
        submissions: figures.submissions,
        submissions_today: figures.submissionsToday,
        with_issues: figures.withIssues,
        quarantine_open: figures.quarantineOpen,
        webhooks_stopped: figures.webhooksStopped,
        devices_seen_24h: figures.devicesSeen,
      },
      200,
    )
  },
)
