// Parameters that many endpoints share. Ids in a path that are no UUIDs are ids of nothing: 404, not 422.
import { z } from '@hono/zod-openapi'
import { type AppError, errors } from '../../domain/errors.ts'
import { decodeCursor } from '../../lib/cursor.ts'
import { parseId } from '../../lib/ids.ts'
import { parseIsoTime } from '../../lib/iso-time.ts'

/** A path parameter that holds an id. Throws `notFound()` when it can't be one. */
export const pathId = <Id extends string>(notFound: () => AppError) =>
  z
    .string()
    .transform((text): Id => {
      const id = parseId<Id>(text)
      if (!id) throw notFound()
      return id
    })
    .openapi({ type: 'string', format: 'uuid' })

/** An id in a body or query: 422 when it is no UUID. */
export const bodyId = <Id extends string>() =>
  z
    .string()
    .transform((text, context): Id => {
      const id = parseId<Id>(text)
      if (id) return id
      context.addIssue({ code: 'custom', message: 'Not a UUID' })
      return z.NEVER
    })
    .openapi({ type: 'string', format: 'uuid' })

/** A whole number in the query. Above `max` it is clamped, not refused. */
export const intParam = (options: { min: number; max?: number; fallback: number }) =>
  z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined || text === '') return options.fallback
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      if (!(value >= options.min)) {
        context.addIssue({ code: 'custom', message: `Not a whole number of at least ${options.min}` })
        return z.NEVER
      }
      return options.max === undefined ? value : Math.min(value, options.max)
    })
    .openapi({ type: 'integer', minimum: options.min, maximum: options.max, default: options.fallback })

/** The seq in a cursor of ours. Throws `body_invalid` (422) when it is none. */
export function seqOfCursor(text: string): number {
  const [seq] = decodeCursor(text, 1) ?? []
  if (typeof seq !== 'number')
    throw errors.valueInvalid(['query', 'cursor'], 'This is no cursor of ours. Start without one.')
  return seq
}

/** The cursor of a page that other pages may follow. */
export const cursorParam = () =>
  z.string().max(400).optional().meta({ description: '`cursor` of the page before; absent: the first page' })

/** `true`, `false`, `1`, `0` in the query. */
export const flagParam = () =>
  z
    .enum(['true', 'false', '1', '0'])
    .optional()
    .transform((text) => text === 'true' || text === '1')
    .openapi({ type: 'boolean', default: false })

export const Timestamp = z.string().openapi({ format: 'date-time', example: '2026-11-23T08:30:00Z' })

/** A point in time in a body: ISO 8601, kept as it was written. */
export const isoTimeParam = () =>
  z
    .string()
    .max(64)
    .refine((text) => parseIsoTime(text) !== null, 'Not a date and time (ISO 8601)')
    .openapi({ type: 'string', format: 'date-time', example: '2026-11-23T08:30:00+03:00' })

export const langParam = z
  .string()
  .max(100)
  .optional()
  .meta({ description: 'Language of labels, where the form has several' })
