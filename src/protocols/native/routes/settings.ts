// Settings of a tenant. Source: contracts/native.md, section 16; `/settings` is ours.
import { z } from '@hono/zod-openapi'
import { changeSettings, readSettings, type Settings } from '../../../domain/tenants/settings.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'

const serverUrl = () =>
  z
    .string()
    .max(500)
    .meta({ description: 'Where devices reach this server; empty: where they already do', example: 'https://x.org' })

const ServerUrl = z.object({ server_url: serverUrl() }).meta({ id: 'ServerUrl' })
const SettingsShape = z.object({ name: z.string(), server_url: serverUrl() }).meta({ id: 'Settings' })

const shapeOf = ({ name, serverUrl }: Settings): z.infer<typeof SettingsShape> => ({ name, server_url: serverUrl })

export const settings = router()
  .openapi(
    operation('settings.read', {
      method: 'get',
      path: '/settings/mobile/server-url',
      operationId: 'getServerUrl',
      summary: 'The address that QR codes and links carry',
      tags: ['Settings'],
      responses: { 200: json(ServerUrl, 'Without a slash at its end') },
    }),
    async (c) => c.json({ server_url: (await readSettings(c.var.ctx)).serverUrl }, 200),
  )
  .openapi(
    operation('settings.write', {
      method: 'put',
      path: '/settings/mobile/server-url',
      operationId: 'setServerUrl',
      summary: 'Set the address that QR codes and links carry',
      tags: ['Settings'],
      request: { body: jsonRequest(ServerUrl) },
      responses: { 200: json(ServerUrl, 'As it was stored') },
    }),
    async (c) => {
      const { server_url } = c.req.valid('json')
      return c.json({ server_url: (await changeSettings(c.var.ctx, { serverUrl: server_url })).serverUrl }, 200)
    },
  )
  .openapi(
    operation('settings.read', {
      method: 'get',
      path: '/settings',
      operationId: 'getSettings',
      summary: 'All settings of the tenant',
      tags: ['Settings'],
      responses: { 200: json(SettingsShape, 'The settings') },
    }),
    async (c) => c.json(shapeOf(await readSettings(c.var.ctx)), 200),
  )
  .openapi(
    operation('settings.write', {
      method: 'patch',
      path: '/settings',
      operationId: 'changeSettings',
      summary: 'Change settings of the tenant',
      tags: ['Settings'],
      request: {
        body: jsonRequest(
          z.object({ name: z.string().trim().min(1).max(200).optional(), server_url: serverUrl().optional() }),
        ),
      },
      responses: { 200: json(SettingsShape, 'The settings as they are now') },
    }),
    async (c) => {
      const { name, server_url } = c.req.valid('json')
      return c.json(shapeOf(await changeSettings(c.var.ctx, { name, serverUrl: server_url })), 200)
    },
  )
