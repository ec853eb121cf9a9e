// What a device says it still holds, and what the server has from it.
import { z } from '@hono/zod-openapi'
import { readDeviceStatus, reportDevice } from '../../../domain/devices/status.ts'
import { errors } from '../../../domain/errors.ts'
import type { DeviceId } from '../../../lib/ids.ts'
import { isoTime, isoTimeOrNull, parseIsoTime } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { isoTimeParam, pathId, Timestamp } from '../params.ts'

const amount = () => z.number().int().min(0).max(1_000_000_000)

const Report = z
  .object({
    pending_submissions: amount().meta({ description: 'Submissions that were not acknowledged yet' }),
    pending_media: amount().meta({ description: 'Photos and files that were not acknowledged yet' }),
    oldest_pending_at: isoTimeParam().nullish().meta({ description: 'When the oldest of them was collected' }),
    app_version: z.string().trim().max(100).nullish().meta({ description: 'Instead of the header X-App-Version' }),
  })
  .meta({ id: 'DeviceReport' })

const Status = z
  .object({
    last_seen_at: Timestamp.nullable(),
    app_version: z.string().nullable(),
    server: z
      .object({
        submissions: z.number().int().meta({ description: 'Received from the device, deleted ones too' }),
        media: z.number().int(),
        last_submission_at: Timestamp.nullable(),
        quarantined: z.number().int().meta({ description: 'Payloads that could not be stored and wait in quarantine' }),
      })
      .meta({ description: 'What the server has from the device' }),
    device: z
      .object({
        pending_submissions: z.number().int(),
        pending_media: z.number().int(),
        oldest_pending_at: Timestamp.nullable(),
        reported_at: Timestamp,
      })
      .nullable()
      .meta({ description: 'What the device said last; null when it never did' }),
    waiting_here: z.number().int().meta({
      description: 'Submissions that were acknowledged while the database was away and are on their way to it',
    }),
  })
  .meta({ id: 'DeviceStatus' })

export const deviceStatus = router()
  .openapi(
    operation('device.report', {
      method: 'post',
      path: '/mobile/status',
      operationId: 'reportDevice',
      summary: 'Tell what the device still holds',
      tags: ['Devices'],
      request: { body: jsonRequest(Report) },
      responses: { 204: { description: 'Kept' } },
      fails: ['device_token_invalid'],
    }),
    async (c) => {
      const body = c.req.valid('json')
      const oldest = body.oldest_pending_at ? parseIsoTime(body.oldest_pending_at) : null
      await reportDevice(c.var.ctx, {
        pendingSubmissions: body.pending_submissions,
        pendingMedia: body.pending_media,
        oldestPendingAtMs: oldest?.ms ?? null,
        appVersion: body.app_version || null,
      })
      return c.body(null, 204)
    },
  )
  .openapi(
    operation('device.read', {
      method: 'get',
      path: '/devices/{id}/status',
      operationId: 'getDeviceStatus',
      summary: 'What the server has from a device, and what the device says it holds',
      tags: ['Devices'],
      request: { params: z.object({ id: pathId<DeviceId>(errors.deviceNotFound) }) },
      responses: { 200: json(Status, 'The status') },
      fails: ['token_invalid', 'device_not_found'],
    }),
    async (c) => {
      const { lastSeenAtMs, appVersion, server, device, waitingHere } = await readDeviceStatus(
        c.var.ctx,
        c.req.valid('param').id,
      )
      return c.json(
        {
          last_seen_at: isoTimeOrNull(lastSeenAtMs),
          app_version: appVersion,
          server: {
            submissions: server.submissions,
            media: server.media,
            last_submission_at: isoTimeOrNull(server.lastSubmissionAtMs),
            quarantined: server.quarantined,
          },
          device: device && {
            pending_submissions: device.pendingSubmissions,
            pending_media: device.pendingMedia,
            oldest_pending_at: isoTimeOrNull(device.oldestPendingAtMs),
            reported_at: isoTime(device.reportedAtMs),
          },
          waiting_here: waitingHere,
        },
        200,
      )
    },
  )
