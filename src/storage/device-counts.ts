// What the server has from one device: counts over the shard.
import { and, count, eq, max } from 'drizzle-orm'
import type { DeviceId } from '../lib/ids.ts'
import { media, quarantine, submissions } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export interface DeviceCounts {
  /** Deleted ones too: the device handed them over. */
  submissions: number
  lastSubmissionAtMs: number | null
  media: number
  /** Payloads that wait in quarantine for somebody to look. */
  quarantined: number
}

export async function countOfDevice(db: TenantDb, id: DeviceId): Promise<DeviceCounts> {
  const [[stored], [files], [kept]] = await db.orm.batch([
    db.orm
      .select({ n: count(), last: max(submissions.submittedAtMs) })
      .from(submissions)
      .where(and(eq(submissions.tenantId, db.tenantId), eq(submissions.deviceId, id))),
    db.orm
      .select({ n: count() })
      .from(media)
      .where(and(eq(media.tenantId, db.tenantId), eq(media.deviceId, id))),
    db.orm
      .select({ n: count() })
      .from(quarantine)
      .where(
        and(
          eq(quarantine.tenantId, db.tenantId),
          eq(quarantine.credential, `device:${id}`),
          eq(quarantine.state, 'open'),
        ),
      ),
  ])
  return {
    submissions: stored?.n ?? 0,
    lastSubmissionAtMs: stored?.last ?? null,
    media: files?.n ?? 0,
    quarantined: kept?.n ?? 0,
  }
}
