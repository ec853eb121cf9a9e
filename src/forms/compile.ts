// Turns a form document into the plan that validation and exports follow: groups dissolved, options as sets, bounds
// read, once per form version. Callers keep the result; nothing here looks at answers.
import { ANSWER_CHECKS, type AnswerCheck } from './answer-types.ts'
import { canonicalNumber, type Place } from './canonical.ts'
import {
  type Field,
  type FieldType,
  type FormSchema,
  isChoiceType,
  isMediaType,
  isSpatialType,
  isStructural,
} from './schema.ts'

/** What to do about one field of the document or of a repeat row. */
export interface AnswerPlan extends Place {
  readonly type: FieldType
  readonly check: AnswerCheck
  /** Nothing answered is a fault. Never set on note, divider, group and calculated, nor where `conditional`. */
  readonly mustAnswer: boolean
  /** The field, or a group or repeat around it, has a `relevant`: it may rightly be absent. */
  readonly conditional: boolean
  /** Option values as strings; empty unless the field is a select. */
  readonly options: ReadonlySet<string>
  /** Repeat: fewest and most rows. */
  readonly minCount: number
  readonly maxCount: number
  /** Repeat: the plan of each row. Empty for other types. */
  readonly rows: readonly AnswerPlan[]
}

/** A field and the way to its answers: through each repeat (outermost first) row by row, then to `place`. */
export interface FieldLocation {
  readonly field: Field
  readonly place: Place
  readonly repeats: readonly Place[]
  /** For people and for matching the paths of faults: `hh[].m_pic`; groups do not show. */
  readonly path: string
}

/** A form version made ready to read submissions with. */
export interface CompiledForm {
  /** Plans of the document's own fields in schema order; groups stand before their children. */
  readonly answers: readonly AnswerPlan[]
  /** Photo, audio, signature and file fields at any depth, in schema order. */
  readonly mediaFields: readonly FieldLocation[]
  /** Geopoint, geotrace and route fields at any depth, in schema order. */
  readonly spatialFields: readonly FieldLocation[]
}

interface Surroundings {
  groups: readonly string[]
  repeats: readonly Place[]
  conditional: boolean
}

interface Draft {
  mediaFields: FieldLocation[]
  spatialFields: FieldLocation[]
}

const NONE: ReadonlySet<string> = new Set()

/** Compiles a document that `checkFormSchema` admits. Until relevance is evaluated, a `relevant` on the field or
 *  around it lifts `required` and `min_count` from it: a legitimate omission must never be refused.
 *  Source: contract section 9. */
export function compileForm(schema: FormSchema): CompiledForm {
  const draft: Draft = { mediaFields: [], spatialFields: [] }
  const answers: AnswerPlan[] = []
  planFields(schema.fields, { groups: [], repeats: [], conditional: false }, answers, draft)
  return { answers, ...draft }
}

function planFields(fields: readonly Field[], around: Surroundings, answers: AnswerPlan[], draft: Draft): void {
  for (const field of fields) {
    const conditional = around.conditional || hasCondition(field)
    const rows: AnswerPlan[] = []
    answers.push(planAnswer(field, around, conditional, rows))
    if (field.type === 'group') {
      planFields(field.fields ?? [], { ...around, groups: [...around.groups, field.id], conditional }, answers, draft)
    } else if (field.type === 'repeat') {
      const repeats = [...around.repeats, { id: field.id, groups: around.groups }]
      planFields(field.fields ?? [], { groups: [], repeats, conditional }, rows, draft)
    } else if (isMediaType(field.type)) {
      draft.mediaFields.push(locate(field, around))
    } else if (isSpatialType(field.type)) {
      draft.spatialFields.push(locate(field, around))
    }
  }
}

function planAnswer(field: Field, around: Surroundings, conditional: boolean, rows: AnswerPlan[]): AnswerPlan {
  const { id, type } = field
  const isAsked = !isStructural(type) && type !== 'calculated'
  const isRepeat = type === 'repeat'
  return {
    id,
    groups: around.groups,
    type,
    check: ANSWER_CHECKS[type],
    mustAnswer: field.required === true && isAsked && !conditional,
    conditional,
    options: isChoiceType(type) ? new Set(field.options?.map(({ value }) => String(value))) : NONE,
    minCount: (isRepeat ? canonicalNumber(field.min_count) : undefined) ?? 0,
    maxCount: (isRepeat ? canonicalNumber(field.max_count) : undefined) ?? Number.POSITIVE_INFINITY,
    rows,
  }
}

function locate(field: Field, { groups, repeats }: Surroundings): FieldLocation {
  const path = [...repeats.map((repeat) => `${repeat.id}[]`), field.id].join('.')
  return { field, place: { id: field.id, groups }, repeats, path }
}

/** A blank `relevant` is always true (contract 8.8); anything else may hide the field. */
function hasCondition({ relevant }: Field): boolean {
  const condition: unknown = relevant ?? ''
  return typeof condition !== 'string' || condition.trim() !== ''
}
