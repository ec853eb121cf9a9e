// The few figures that the dashboard opens with.
import { DAY_MS } from '../../lib/zoned-day.ts'
import { countDevicesSeen } from '../../storage/devices.ts'
import { countForDashboard, type TenantFigures } from '../../storage/figures.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'

export interface Summary extends TenantFigures {
  /** Paired devices that were heard of within a day. */
  devicesSeen: number
}

/** Live data only; `today` is the calendar day in UTC, by arrival. Throws `forbidden`. */
export async function readSummary(ctx: Ctx): Promise<Summary> {
  authorize(ctx, 'dashboard.read')
  const midnightMs = ctx.nowMs - (ctx.nowMs % DAY_MS)
  const [figures, devicesSeen] = await Promise.all([
    countForDashboard(ctx.db, midnightMs),
    countDevicesSeen(ctx.deps.directory, ctx.tenant.id, ctx.nowMs - DAY_MS),
  ])
  return { ...figures, devicesSeen }
}
