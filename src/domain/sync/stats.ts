// How many records there are, by form and over time. Source: contracts/synkronus.md, section 8.
import { countRecordsByDay } from '../../storage/record-feed.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { openRepository, recordsOf } from './repository.ts'

const WEEK_FROM_DAYS = 365
/** A clock that was set to the year 1 must not make a hundred thousand weeks: what is older counts in the first one. */
const MAX_BUCKETS = 5_200

export interface RecordStats {
  total: number
  /** The largest first. */
  byForm: { formKey: string; count: number }[]
  unit: 'day' | 'week'
  /** Days since 1970, UTC; without gaps. */
  buckets: { day: number; count: number }[]
  firstDay: number | null
  lastDay: number | null
}

export async function recordStats(ctx: Ctx): Promise<RecordStats> {
  authorize(ctx, 'sync.pull')
  const { repository } = await openRepository(ctx)
  const { projectId } = repository
  return statsOf(await countRecordsByDay(ctx.db, projectId, recordsOf(ctx, projectId)))
}

/** Pure: from counts by form and day. */
export function statsOf(counts: readonly { formKey: string; day: number; total: number }[]): RecordStats {
  const byForm = new Map<string, number>()
  let [firstDay, lastDay] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { formKey, day, total } of counts) {
    byForm.set(formKey, (byForm.get(formKey) ?? 0) + total)
    firstDay = Math.min(firstDay, day)
    lastDay = Math.max(lastDay, day)
  }
  if (byForm.size === 0) return { total: 0, byForm: [], unit: 'day', buckets: [], firstDay: null, lastDay: null }
  const unit = lastDay - firstDay >= WEEK_FROM_DAYS ? 'week' : 'day'
  const width = unit === 'week' ? 7 : 1
  const [first, last] = unit === 'week' ? [mondayOf(firstDay), mondayOf(lastDay)] : [firstDay, lastDay]
  const start = Math.max(first, last - (MAX_BUCKETS - 1) * width)
  const buckets = Array.from({ length: (last - start) / width + 1 }, (_, i) => ({ day: start + i * width, count: 0 }))
  for (const { day, total } of counts) buckets[Math.max(0, Math.floor((day - start) / width))]!.count += total
  const list = [...byForm].map(([formKey, count]) => ({ formKey, count }))
  list.sort((a, b) => b.count - a.count || (a.formKey < b.formKey ? -1 : 1))
  return { total: list.reduce((sum, { count }) => sum + count, 0), byForm: list, unit, buckets, firstDay, lastDay }
}

/** 1970 began on a Thursday. */
const mondayOf = (day: number): number => day - ((((day + 3) % 7) + 7) % 7)
