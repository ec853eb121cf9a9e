// The spatial answers of a form as a map draws them: pages of submissions, newest first, each with its points, lines and
// areas, in the rows of repeats too. Lines are thinned to what an eye can tell; exports have every point.
import { readAnswer } from '../../forms/canonical.ts'
import { isSpatialType, type SpatialType } from '../../forms/field-types.ts'
import type { Field } from '../../forms/schema.ts'
import type { FormId, SubmissionId } from '../../lib/ids.ts'
import { type Corner, thinLine } from '../../lib/thin-line.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { eachRepeatRow } from '../exports/rows.ts'
import { geometryOf } from '../exports/spatial.ts'
import { requireForm } from '../forms/forms.ts'
import { projectionOf, readProjected, textOf } from '../submissions/projection.ts'
import { filterOf, type PickInput } from '../submissions/read.ts'

/** Submissions that a page looks through. */
export const MAX_PLACES_ROWS = 10_000
/** Answers that a page looks through, but for the last submission. */
const MAX_BYTES = 8_000_000
const MAX_CORNERS = 300
/** About two metres. */
const TOLERANCE = 0.00002

export interface PlacesInput extends PickInput {
  formId: FormId
  language?: string
  limit: number
  /** Where the page before ended. */
  before?: number
}

export interface PlaceField {
  fieldId: string
  label: string
  type: SpatialType
}

export interface Place {
  /** Place in `PlacesPage.fields`. */
  field: number
  /** Row of the repeat (`hh[1]`); '' outside repeats. */
  row: string
  corners: readonly Corner[]
}

export interface PlacedSubmission {
  id: SubmissionId
  collectedAtMs: EpochMs | null
  places: Place[]
}

export interface PlacesPage {
  fields: PlaceField[]
  /** Those that have a place. */
  items: PlacedSubmission[]
  next: number | null
}

const isSpatial = (field: Field): boolean => isSpatialType(field.type)

/** Throws `form_not_found` (404), and `body_invalid` (422) for dates and versions that are none. */
export async function readPlaces(ctx: Ctx, { language, limit, before, ...pick }: PlacesInput): Promise<PlacesPage> {
  const form = await requireForm(ctx, 'submission.read', pick.formId)
  const filter = await filterOf(ctx, pick)
  if (!filter) throw errors.formNotFound()
  const projection = await projectionOf(ctx, form, filter, isSpatial)
  const fields = projection.fields.map((one) => {
    const { id, label, type } = one.field
    return { fieldId: id, label: textOf(one, label, language) || id, type: type as SpatialType }
  })
  if (fields.length === 0) return { fields, items: [], next: null }
  const page = await readProjected(ctx, filter, projection, { before, maxRows: limit, maxBytes: MAX_BYTES })
  const items: PlacedSubmission[] = []
  for await (const { id, collectedAtMs, answers, readers } of page.submissions) {
    const places: Place[] = []
    for (const { index, place, repeats } of readers)
      eachRepeatRow(repeats, { answers }, (row, _, path) => {
        const { type } = fields[index]!
        const geometry = geometryOf(type, readAnswer(row, place))
        if (geometry === null) return
        const corners = geometry.points.map(({ longitude, latitude }): Corner => [longitude, latitude])
        places.push({ field: index, row: path, corners: thinLine(corners, MAX_CORNERS, TOLERANCE) })
      })
    if (places.length > 0) items.push({ id, collectedAtMs, places })
  }
  return { fields, items, next: page.next }
}
