// What the map shows: the spatial answers of a form.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { MAX_PLACES_ROWS, type PlacedSubmission, readPlaces } from '../../../domain/places/read.ts'
import { encodeCursor } from '../../../lib/cursor.ts'
import type { FormId } from '../../../lib/ids.ts'
import { isoTimeOrNull } from '../../../lib/iso-time.ts'
import { json, operation, router } from '../operation.ts'
import { cursorParam, intParam, langParam, pathId, seqOfCursor } from '../params.ts'
import { pickOf, pickShape } from '../pick-query.ts'

const Places = z
  .object({
    fields: z.array(
      z.object({
        field_id: z.string(),
        label: z.string(),
        type: z.enum(['geopoint', 'geotrace', 'geoshape', 'route']),
      }),
    ),
    items: z.array(
      z.object({
        id: z.string(),
        collected_at: z.string().nullable(),
        places: z.array(
          z.object({
            field: z.number().int().meta({ description: 'Place in `fields`' }),
            row: z.string().optional().meta({ description: 'Row of the repeat, e.g. `hh[1]`' }),
            at: z.array(z.number()).meta({
              description:
                'Longitude and latitude in turn: one pair for a point, more for lines and areas, which are thinned to ' +
                'at most 300 corners. Areas are as they were sent, closed or not',
              example: [-17.4441, 14.6937],
            }),
          }),
        ),
      }),
    ),
    cursor: z.string().nullable(),
  })
  .meta({ id: 'Places' })

export const places = router().openapi(
  operation('submission.read', {
    method: 'get',
    path: '/forms/{id}/places',
    operationId: 'listPlaces',
    summary: 'The spatial answers of a form, as a map draws them',
    description:
      'Newest first. A page looks through up to `limit` submissions and names those that have a place: it may be short, ' +
      'or empty, while more follow. `cursor` is null at the end.',
    tags: ['Submissions'],
    request: {
      params: z.object({ id: pathId<FormId>(errors.formNotFound) }),
      query: z.object({
        ...pickShape,
        lang: langParam,
        limit: intParam({ min: 1, max: MAX_PLACES_ROWS, fallback: MAX_PLACES_ROWS }),
        cursor: cursorParam(),
      }),
    },
    responses: { 200: json(Places, 'A page') },
    fails: ['token_invalid', 'form_not_found'],
  }),
  async (c) => {
    const { cursor, lang, limit, ...query } = c.req.valid('query')
    const { fields, items, next } = await readPlaces(c.var.ctx, {
      formId: c.req.valid('param').id,
      ...pickOf(query),
      language: lang || undefined,
      limit,
      before: cursor === undefined ? undefined : seqOfCursor(cursor),
    })
    c.var.requestLog.rows = items.length
    return c.json(
      {
        fields: fields.map(({ fieldId, label, type }) => ({ field_id: fieldId, label, type })),
        items: items.map(itemOf),
        cursor: next === null ? null : encodeCursor([next]),
      },
      200,
    )
  },
)

const itemOf = ({ id, collectedAtMs, places }: PlacedSubmission) => ({
  id,
  collected_at: isoTimeOrNull(collectedAtMs),
  places: places.map(({ field, row, corners }) => ({
    field,
    ...(row !== '' && { row }),
    at: corners.flat(),
  })),
})
