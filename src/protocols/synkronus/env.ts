// What every handler of this protocol finds in its context.
import type { Hono } from 'hono'
import type { Ctx, Deps } from '../../domain/context.ts'
import type { RequestLog } from '../request-log.ts'

export interface SynkronusEnv {
  Variables: {
    deps: Deps
    requestId: string
    requestLog: RequestLog
    /** The tenant that the path names (`/t/<slug>/…`), or null on the bare mounts. */
    tenantSlug: string | null
    /** Set by the guard of every endpoint that is not public. */
    ctx: Ctx
  }
}

export type SynkronusApp = Hono<SynkronusEnv>
