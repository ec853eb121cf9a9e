// What a tenant's admin sets: its name, and the address under which devices reach the server.
// Source: contracts/native.md, section 16.
import { readSetting, writeSettings } from '../../storage/settings.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import { updateTenant } from '../../storage/tenants.ts'
import { authorize } from '../access/authorize.ts'
import { type Act, audit, auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors, type Json } from '../errors.ts'

const SERVER_URL = 'mobile_server_url'

export interface Settings {
  name: string
  /** '' = the address that the request came in on. */
  serverUrl: string
}

export async function readSettings(ctx: Ctx): Promise<Settings> {
  authorize(ctx, 'settings.read')
  return { name: ctx.tenant.name, serverUrl: await readServerUrl(ctx.db) }
}

/** Throws `body_invalid` (422) when the server URL is none. */
export async function changeSettings(ctx: Ctx, input: Partial<Settings>): Promise<Settings> {
  authorize(ctx, 'settings.write')
  const { name } = input
  const serverUrl = input.serverUrl === undefined ? undefined : parseServerUrl(input.serverUrl)
  const act = (details: Record<string, Json>): Act => ({
    action: 'settings.changed',
    subjectKind: 'tenant',
    subjectId: ctx.tenant.id,
    details,
  })
  if (serverUrl !== undefined) {
    const entry = auditEntry(ctx, act({ server_url: serverUrl }))
    await writeSettings(ctx.db, { [SERVER_URL]: serverUrl }, ctx.nowMs, entry)
  }
  if (name !== undefined) {
    await updateTenant(ctx.deps.directory, ctx.tenant.id, { name })
    await audit(ctx, act({ name, name_before: ctx.tenant.name }))
  }
  const settings = await readSettings(ctx)
  return name === undefined ? settings : { ...settings, name }
}

/** As its admin set it; '' when nobody did. */
export const readServerUrl = async (db: TenantDb): Promise<string> => (await readSetting(db, SERVER_URL)) ?? ''

/** The base of links that leave the server: in QR codes, webhook bodies, downloads. Without a slash at its end. */
export const publicUrl = async (ctx: Ctx): Promise<string> => (await readServerUrl(ctx.db)) || ctx.origin

/** Without trailing slashes; '' stays. Throws `body_invalid` (422). */
function parseServerUrl(text: string): string {
  const trimmed = text.trim().replace(/\/+$/, '')
  if (trimmed === '') return ''
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
  if (!isPlain) throw errors.valueInvalid(['body', 'server_url'], 'Not an http or https address')
  return trimmed
}
