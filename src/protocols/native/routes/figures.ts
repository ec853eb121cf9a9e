// What the charts show: counts over the submissions of a form.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import type { QuestionFigures } from '../../../domain/figures/questions.ts'
import { type Figures, readFigures } from '../../../domain/figures/read.ts'
import { DAY_UNITS } from '../../../domain/figures/tally.ts'
import { FIELD_TYPES } from '../../../forms/field-types.ts'
import type { FormId } from '../../../lib/ids.ts'
import { json, operation, router } from '../operation.ts'
import { langParam, pathId } from '../params.ts'
import { pickOf, pickShape } from '../pick-query.ts'

const count = z.number().int()
const Days = z.object({
  unit: z.enum(DAY_UNITS).meta({ description: 'Months or years where there are very many days' }),
  days: z
    .array(z.object({ day: z.string().meta({ example: '2026-11-20' }), count }))
    .meta({ description: 'In their order, those with a count' }),
})
const Shares = z.array(z.object({ id: z.string().nullable(), name: z.string().nullable(), count }))
const Distribution = z.union([
  z.object({
    kind: z.literal('choices'),
    options: z.array(
      z.object({
        value: z.string(),
        label: z.string().nullable().meta({ description: 'Null: the form does not offer it' }),
        count,
      }),
    ),
    others: count.meta({ description: 'Chosen, but not among the options named here' }),
  }),
  z.object({
    kind: z.literal('numbers'),
    min: z.number(),
    max: z.number(),
    mean: z.number(),
    bins: z.array(z.object({ from: z.number(), to: z.number().meta({ description: 'Exclusive' }), count })),
  }),
  Days.extend({ kind: z.literal('days') }),
])

const FiguresShape = z
  .object({
    total: count.meta({ description: 'Submissions that match' }),
    counted: count.meta({ description: 'The newest of these, which `over_time`, `workers` and `devices` are of' }),
    answers_of: count.meta({ description: 'The newest of these, which `questions` are of' }),
    time_zone: z.string(),
    over_time: Days.meta({ description: 'By the day of collection, in the time zone of the project' }),
    workers: Shares.meta({ description: 'The 20 that sent most' }),
    devices: Shares.meta({ description: 'The 20 that most came from; `name` where it is a paired device' }),
    questions: z.array(
      z.object({
        field_id: z.string(),
        label: z.string(),
        type: z.enum(FIELD_TYPES),
        repeat: z.string().nullable().meta({ description: 'The repeat whose rows are counted' }),
        answered: count,
        distribution: Distribution,
      }),
    ),
  })
  .meta({ id: 'Figures' })

export const figures = router().openapi(
  operation('submission.read', {
    method: 'get',
    path: '/forms/{id}/figures',
    operationId: 'getFigures',
    summary: 'What the submissions of a form come to: over time, by worker, by device, by question',
    description:
      'Questions with options, numbers and dates are counted, those in rows too. Of very many submissions the newest ' +
      'are looked at: 250,000 for time, workers and devices, 50,000 (or 40 MB of answers) for the questions.',
    tags: ['Submissions'],
    request: {
      params: z.object({ id: pathId<FormId>(errors.formNotFound) }),
      query: z.object({
        ...pickShape,
        lang: langParam,
      }),
    },
    responses: { 200: json(FiguresShape, 'The figures') },
    fails: ['token_invalid', 'form_not_found'],
  }),
  async (c) => {
    const { lang, ...query } = c.req.valid('query')
    const pick = { formId: c.req.valid('param').id, ...pickOf(query) }
    const found = await readFigures(c.var.ctx, { ...pick, language: lang || undefined })
    c.var.requestLog.rows = found.total
    return c.json(figuresOf(found), 200)
  },
)

const figuresOf = ({ answersOf, timeZone, overTime, questions, ...figures }: Figures) => ({
  ...figures,
  answers_of: answersOf,
  time_zone: timeZone,
  over_time: overTime,
  questions: questions.map(questionOf),
})

const questionOf = ({ fieldId, ...question }: QuestionFigures) => ({ ...question, field_id: fieldId })
