// Which submissions a list, a map or a chart is about, as their queries say it: the same names, the same meaning.
import { z } from '@hono/zod-openapi'
import type { PickInput } from '../../domain/submissions/read.ts'
import { flagParam, intParam } from './params.ts'
import { ReviewState } from './submission-shapes.ts'

export const pickShape = {
  review_state: ReviewState.optional(),
  issues: flagParam().openapi({ description: 'Only those that were accepted with faults' }),
  deleted: flagParam().openapi({ description: 'The trash: deleted within 30 days' }),
  start_date: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'Collected at or after (ISO 8601; a date means its whole day)' }),
  end_date: z.string().max(64).optional().meta({ description: 'Collected at or before, inclusive' }),
  from: z.string().max(64).optional().meta({ description: 'Alias of start_date' }),
  to: z.string().max(64).optional().meta({ description: 'Alias of end_date' }),
  submitter: z.string().max(320).optional().meta({ description: 'User id or e-mail' }),
  device: z.string().max(255).optional().meta({ description: 'Id of a paired device, or `device_id` as it was sent' }),
  version: intParam({ min: 1, fallback: 0 }).openapi({
    type: 'integer',
    minimum: 1,
    default: undefined,
    description: 'Version number; with `form_id` only',
  }),
  mode: z.enum(['live', 'test']).default('live').meta({ description: 'Data of draft-testing devices is `test`' }),
}

/** Without the form, which lists may leave out and others have in their path. Blank values pick nothing in particular. */
export const pickOf = (query: z.infer<z.ZodObject<typeof pickShape>>): Omit<PickInput, 'formId'> => ({
  from: query.start_date ?? query.from,
  to: query.end_date ?? query.to,
  mode: query.mode,
  reviewState: query.review_state,
  hasIssues: query.issues,
  deleted: query.deleted,
  submitter: query.submitter || undefined,
  device: query.device || undefined,
  version: query.version || undefined,
})
