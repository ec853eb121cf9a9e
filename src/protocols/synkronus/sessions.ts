// Login and refresh. Source: contracts/synkronus.md, section 2.
import { Hono } from 'hono'
import { logInToSync, refreshSync, type SyncIdentity, type SyncTokens } from '../../domain/access/sync-sessions.ts'
import { AppError } from '../../domain/errors.ts'
import { addressOf, occasionOf, publicGuard } from './auth.ts'
import type { SynkronusEnv } from './env.ts'
import { renderError, reply } from './errors.ts'
import { wireRoleOf } from './map.ts'
import { Login, MAX_AUTH_BYTES, Refresh, readWire } from './wire.ts'

/** What the app reads in its token, without verifying it. */
const shown = (identity: SyncIdentity) => ({ username: identity.name, role: wireRoleOf(identity) })

const tokensOf = ({ accessToken, refreshToken, expiresAtMs }: SyncTokens) => ({
  token: accessToken,
  refreshToken,
  expiresAt: Math.floor(expiresAtMs / 1000),
})

export const sessions = new Hono<SynkronusEnv>()
  .post('/auth/login', publicGuard, async (c) => {
    const { username, password } = await readWire(c, Login, MAX_AUTH_BYTES)
    const input = {
      name: username,
      password,
      tenantSlug: c.var.tenantSlug,
      address: addressOf(c),
      userAgent: c.req.header('user-agent') ?? '',
      occasion: occasionOf(c),
    }
    return reply(c, tokensOf(await logInToSync(c.var.deps, input, shown)))
  })
  .post('/auth/refresh', publicGuard, async (c) => {
    const { refreshToken } = await readWire(c, Refresh, MAX_AUTH_BYTES)
    try {
      const { tenantSlug, deps } = c.var
      return reply(c, tokensOf(await refreshSync(deps, { refreshToken, tenantSlug }, shown)))
    } catch (error) {
      if (error instanceof AppError && error.code === 'token_invalid')
        return renderError(c, new AppError('token_invalid', 'Invalid refresh token'))
      throw error
    }
  })
