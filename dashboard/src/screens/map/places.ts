// Places on a map: of all submissions that the filters pick, page by page, or of one that is at hand.
import { canonicalAnswer, isObject, readAnswer } from '../../../../src/forms/canonical.ts'
import type { FieldType } from '../../../../src/forms/field-types.ts'
import { api, ask } from '../../api/client.ts'
import { currentLocale } from '../../i18n/i18n.ts'
import { type FormField, isSpatial, rowsOf } from '../submissions/fields.ts'
import type { Corner } from './geometry.ts'

export interface Place {
  /** Id of the submission. */
  submission: string
  collectedAt: string | null
  label: string
  /** Row of the repeat that it stands in (`hh[1]`); '' outside repeats. */
  row: string
  kind: 'point' | 'line' | 'area'
  corners: Corner[]
}

const KINDS: Record<string, Place['kind']> = { geopoint: 'point', geoshape: 'area' }

/** A single corner is a point, whatever the question asked for. */
const kindOf = (type: string, corners: readonly Corner[]): Place['kind'] =>
  corners.length === 1 ? 'point' : (KINDS[type] ?? 'line')

export type PlacesQuery = Omit<
  NonNullable<Parameters<(typeof api.forms)[':id']['places']['$get']>[0]['query']>,
  'cursor' | 'limit' | 'lang'
>

/** Newest first, as many as a page brings at a time. The next page is asked for while this one is looked at. */
export async function* fetchPlaces(
  formId: string,
  query: PlacesQuery,
  signal: AbortSignal,
): AsyncGenerator<Place[], void, undefined> {
  const param = { id: formId }
  const pageAt = (cursor: string) => {
    const asked = { ...query, lang: currentLocale(), ...(cursor && { cursor }) }
    return ask(api.forms[':id'].places.$get({ param, query: asked }, { init: { signal } }))
  }
  type Page = Awaited<ReturnType<typeof pageAt>>
  let next: Promise<Page> | null = pageAt('')
  while (next !== null) {
    const { fields, items, cursor }: Page = await next
    next = cursor === null ? null : pageAt(cursor)
    // Whoever stops in between leaves it to itself.
    next?.catch(() => undefined)
    yield items.flatMap(({ id, collected_at, places }) =>
      places.map(({ field, row = '', at }): Place => {
        const corners = Array.from({ length: at.length / 2 }, (_, i): Corner => [at[2 * i]!, at[2 * i + 1]!])
        const { label, type } = fields[field]!
        return { submission: id, collectedAt: collected_at, label, row, kind: kindOf(type, corners), corners }
      }),
    )
  }
}

/** Of one submission, with every corner. */
export function placesIn(
  fields: readonly FormField[],
  { id, collected_at: collectedAt, data }: { id: string; collected_at: string | null; data: unknown },
): Place[] {
  const places: Place[] = []
  const walk = (level: readonly FormField[], answers: Record<string, unknown>, groups: string[], row: string): void => {
    for (const field of level) {
      if (field.type === 'group') {
        walk(field.fields, answers, [...groups, field.id], row)
        continue
      }
      const value = readAnswer(answers, { id: field.id, groups })
      if (field.type === 'repeat')
        for (const [i, one] of rowsOf(value).entries())
          walk(field.fields, one, [], `${row === '' ? '' : `${row}.`}${field.id}[${i}]`)
      if (!isSpatial(field)) continue
      const corners = cornersOf(field.type as FieldType, value)
      if (corners.length > 0)
        places.push({
          submission: id,
          collectedAt,
          label: field.label,
          row,
          kind: kindOf(field.type, corners),
          corners,
        })
    }
  }
  walk(fields, isObject(data) ? data : {}, [], '')
  return places
}

function cornersOf(type: FieldType, value: unknown): Corner[] {
  const said = canonicalAnswer(type, value)
  if (typeof said !== 'object' || said === null || said.kind !== 'places') return []
  return said.points.flatMap(({ longitude, latitude }): Corner[] =>
    Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 ? [[longitude, latitude]] : [],
  )
}
