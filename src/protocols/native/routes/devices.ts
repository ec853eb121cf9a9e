// Pairing phones, and the phones that are paired. Source: contracts/native.md, section 16; handing over is ours.
import { z } from '@hono/zod-openapi'
import { changeDevice, type Device, listDevices, revokeDevice } from '../../../domain/devices/devices.ts'
import { createPairingToken, pair } from '../../../domain/devices/pairing.ts'
import { errors } from '../../../domain/errors.ts'
import type { DeviceId, UserId } from '../../../lib/ids.ts'
import { isoTime, isoTimeOrNull } from '../../../lib/iso-time.ts'
import { addressOf, occasionOf } from '../auth.ts'
import { json, jsonRequest, operation, optionalJsonRequest, router } from '../operation.ts'
import { bodyId, pathId, Timestamp } from '../params.ts'

const MODES = ['live', 'test'] as const
const TOKEN_EXAMPLE = 'kR3rX0lJ6Qm1Yt5v2wB8nC4dF7gH9jK1lM3pQ5sT7uV'

const PairingToken = z
  .object({
    token: z.string().meta({ example: TOKEN_EXAMPLE }),
    pairing_token: z.string().meta({ description: 'Alias of token', example: TOKEN_EXAMPLE }),
    expires_at: Timestamp,
    user_id: z.string(),
    user_email: z.string().nullable(),
    qr: z.string().meta({ description: 'Text of the QR code: JSON with `server_url` and `pairing_token`' }),
  })
  .meta({ id: 'PairingToken' })

const Pairing = z
  .object({
    device_token: z.string().meta({ description: 'For `Authorization: Bearer`; good until the device is revoked' }),
    device_id: z.string(),
    user_id: z.string(),
    user_email: z.string().nullable(),
    tenant_id: z.string(),
    mode: z.enum(MODES).meta({ description: 'In `test` the device is offered drafts and writes test data only' }),
  })
  .meta({ id: 'Pairing' })

const DeviceShape = z
  .object({
    id: z.string(),
    label: z.string().nullable(),
    user_id: z.string(),
    user_email: z.string().nullable(),
    mode: z.enum(MODES).meta({ description: 'Test devices try drafts and write test data only' }),
    hardware_id: z.string().nullable().meta({ description: 'The same for all pairings of one phone' }),
    app_version: z.string().nullable(),
    created_at: Timestamp,
    last_used_at: Timestamp.nullable(),
  })
  .meta({ id: 'Device' })

const deviceShapeOf = (device: Device): z.infer<typeof DeviceShape> => ({
  id: device.id,
  label: device.label,
  user_id: device.userId,
  user_email: device.userEmail,
  mode: device.mode,
  hardware_id: device.hardwareId,
  app_version: device.appVersion,
  created_at: isoTime(device.createdAtMs),
  last_used_at: isoTimeOrNull(device.lastUsedAtMs),
})

const textField = () => z.string().trim().max(200).nullish()

/** Blank is nothing. */
const textOrNull = (...texts: (string | null | undefined)[]): string | null => texts.find((text) => text) ?? null

const params = z.object({ id: pathId<DeviceId>(errors.deviceNotFound) })

export const devices = router()
  .openapi(
    operation('pairing.create', {
      method: 'post',
      path: '/settings/mobile/pairing-token',
      operationId: 'createPairingToken',
      summary: 'Make a token that pairs one device, within 10 minutes',
      tags: ['Devices'],
      request: {
        body: optionalJsonRequest(
          z.object({
            label: textField().meta({ description: 'Name of the device unless it brings one' }),
            user_id: bodyId<UserId>().nullish().meta({ description: 'For whom it will act; absent: for you' }),
            mode: z.enum(MODES).optional().meta({ description: 'live if absent' }),
          }),
        ),
      },
      responses: { 200: json(PairingToken, 'Show it as a QR code') },
      fails: ['user_not_found'],
    }),
    async (c) => {
      const { label, user_id, mode } = c.req.valid('json')
      const made = await createPairingToken(c.var.ctx, {
        label: textOrNull(label),
        userId: user_id ?? undefined,
        mode: mode ?? 'live',
      })
      return c.json(
        {
          token: made.token,
          pairing_token: made.token,
          expires_at: isoTime(made.expiresAtMs),
          user_id: made.userId,
          user_email: made.userEmail,
          qr: JSON.stringify({ server_url: made.serverUrl, pairing_token: made.token }),
        },
        200,
      )
    },
  )
  .openapi(
    operation('pairing.redeem', {
      method: 'post',
      path: '/mobile/pair',
      operationId: 'pair',
      summary: 'Spend a pairing token for a device token',
      tags: ['Devices'],
      request: {
        body: jsonRequest(
          z
            .object({
              token: z.string().max(4096).optional(),
              pairing_token: z.string().max(4096).optional().meta({ description: 'Alias of token' }),
              device_label: textField(),
              label: textField().meta({ description: 'Alias of device_label' }),
              hardware_id: textField().meta({ description: 'What the phone calls itself, the same at each pairing' }),
              app_version: textField(),
            })
            .refine((body) => (body.token ?? body.pairing_token) !== undefined, {
              path: ['token'],
              message: 'Field required',
            }),
        ),
      },
      responses: { 200: json(Pairing, 'Paired; keep the device token safe') },
      fails: ['pairing_token_invalid'],
    }),
    async (c) => {
      const body = c.req.valid('json')
      const paired = await pair(c.var.deps, {
        token: body.token ?? body.pairing_token ?? '',
        label: textOrNull(body.device_label, body.label),
        hardwareId: textOrNull(body.hardware_id),
        appVersion: textOrNull(body.app_version),
        address: addressOf(c),
        occasion: occasionOf(c),
      })
      return c.json(
        {
          device_token: paired.deviceToken,
          device_id: paired.deviceId,
          user_id: paired.userId,
          user_email: paired.userEmail,
          tenant_id: paired.tenantId,
          mode: paired.mode,
        },
        200,
      )
    },
  )
  .openapi(
    operation('device.read', {
      method: 'get',
      path: '/settings/mobile/devices',
      operationId: 'listDevices',
      summary: 'Paired devices; field workers see their own',
      tags: ['Devices'],
      responses: { 200: json(z.array(DeviceShape), 'Newest first, without revoked ones') },
    }),
    async (c) => c.json((await listDevices(c.var.ctx)).map(deviceShapeOf), 200),
  )
  .openapi(
    operation('device.write', {
      method: 'patch',
      path: '/settings/mobile/devices/{id}',
      operationId: 'changeDevice',
      summary: 'Rename a device, or hand it over to another user',
      tags: ['Devices'],
      request: {
        params,
        body: jsonRequest(
          z.object({
            label: textField().meta({ description: 'Blank: none' }),
            user_id: bodyId<UserId>().optional().meta({ description: 'The new user (managers only)' }),
          }),
        ),
      },
      responses: { 200: json(DeviceShape, 'The device as it is now') },
      fails: ['device_not_found', 'user_not_found'],
    }),
    async (c) => {
      const { label, user_id } = c.req.valid('json')
      const change = { ...(label === undefined ? {} : { label: textOrNull(label) }), userId: user_id }
      return c.json(deviceShapeOf(await changeDevice(c.var.ctx, c.req.valid('param').id, change)), 200)
    },
  )
  .openapi(
    operation('device.write', {
      method: 'delete',
      path: '/settings/mobile/devices/{id}',
      operationId: 'revokeDevice',
      summary: 'Revoke a device, at once and for good',
      description: 'What the phone still holds stays there until it is paired again.',
      tags: ['Devices'],
      request: { params },
      responses: { 204: { description: 'Revoked' } },
      fails: ['device_not_found'],
    }),
    async (c) => {
      await revokeDevice(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
