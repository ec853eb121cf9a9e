// Turns a form document into the plan that validation and exports follow: groups dissolved, options as sets, bounds
// read, expressions parsed and put in order, once per form version. Callers keep the result; nothing here looks at
// answers.
import { ANSWER_CHECKS, type AnswerCheck, rangeCheck } from './answer-types.ts'
import { canonicalNumber, isObject, type Place } from './canonical.ts'
import type { Dialect } from './expression/syntax.ts'
import { isChoiceType, isMediaType, isSpatialType, isStructural } from './field-types.ts'
import {
  bindLogic,
  type FormLogic,
  hasCondition,
  type Level,
  type Planned,
  rulesOf,
  type Trees,
  treesOf,
} from './logic.ts'
import { dialectOf, optionsOf } from './outline.ts'
import type { AnswerPlan } from './plan.ts'
import type { Field, FormSchema } from './schema.ts'

export type { AnswerPlan } from './plan.ts'

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
  /** Photo, audio, video, signature and file fields at any depth, in schema order. */
  readonly mediaFields: readonly FieldLocation[]
  /** Geopoint, geotrace, geoshape and route fields at any depth, in schema order. */
  readonly spatialFields: readonly FieldLocation[]
  /** Language of the author's messages where the reader's is not among them. */
  readonly language: string | undefined
  /** The rules that take expressions; absent where the form has none. */
  readonly logic: FormLogic | undefined
}

interface Surroundings {
  groups: readonly string[]
  group: number | undefined
  repeats: readonly Place[]
  conditional: boolean
  level: DraftLevel
}

type DraftLevel = Level & { size: number; plans: AnswerPlan[]; children: Level[] }

interface Draft {
  dialect: Dialect
  options: OptionSets
  mediaFields: FieldLocation[]
  spatialFields: FieldLocation[]
  planned: Planned[]
  levels: DraftLevel[]
}

/** Compiles a document that `checkFormSchema` admits. An expression that does not parse is left out, and a `relevant`
 *  that does not is true, though what it stands on is not required either: a legitimate omission must never be
 *  refused. `withLogic`: also where the form has no rules, for who fills it in. Source: contract 8.8, section 9 and
 *  case 119. */
export function compileForm(schema: FormSchema, withLogic: true): CompiledForm & { logic: FormLogic }
export function compileForm(schema: FormSchema): CompiledForm
export function compileForm(schema: FormSchema, withLogic = false): CompiledForm {
  const dialect = dialectOf(schema)
  const options = new OptionSets(isObject(schema.choices) ? schema.choices : {})
  const draft: Draft = { dialect, options, mediaFields: [], spatialFields: [], planned: [], levels: [] }
  const level = openLevel(draft, undefined, undefined, [])
  planFields(schema.fields, { groups: [], group: undefined, repeats: [], conditional: false, level }, draft)
  const { mediaFields, spatialFields, planned, levels } = draft
  const language = typeof schema.default_language === 'string' ? schema.default_language : undefined
  const hasRules = planned.some(({ plan }) => plan.conditional || plan.rules !== undefined)
  const logic =
    withLogic || hasRules ? bindLogic(planned, levels, { dialect, language, choices: options.lists }) : undefined
  return { answers: level.plans, mediaFields, spatialFields, language, logic }
}

function openLevel(
  draft: Draft,
  parent: DraftLevel | undefined,
  repeat: AnswerPlan | undefined,
  plans: AnswerPlan[],
): DraftLevel {
  const level: DraftLevel = { index: draft.levels.length, parent, repeat, size: 0, plans, children: [] }
  draft.levels.push(level)
  parent?.children.push(level)
  return level
}

function planFields(fields: readonly Field[], around: Surroundings, draft: Draft): void {
  const { level } = around
  for (const field of fields) {
    const conditional = around.conditional || hasCondition(field)
    const rows: AnswerPlan[] = []
    const trees = treesOf(field, draft.dialect)
    const plan = planAnswer(field, { ...around, conditional }, rows, trees, draft)
    level.plans.push(plan)
    level.size++
    draft.planned.push({ field, plan, level, group: around.group, trees })
    if (field.type === 'group') {
      const groups = [...around.groups, field.id]
      planFields(field.fields ?? [], { ...around, groups, group: plan.slot, conditional }, draft)
    } else if (field.type === 'repeat') {
      const repeats = [...around.repeats, { id: field.id, groups: around.groups }]
      const within = { groups: [], group: undefined, repeats, conditional, level: openLevel(draft, level, plan, rows) }
      planFields(field.fields ?? [], within, draft)
    } else if (isMediaType(field.type)) {
      draft.mediaFields.push(locate(field, around))
    } else if (isSpatialType(field.type)) {
      draft.spatialFields.push(locate(field, around))
    }
  }
}

function planAnswer(field: Field, around: Surroundings, rows: AnswerPlan[], trees: Trees, draft: Draft): AnswerPlan {
  const { id, type } = field
  const isAsked = !isStructural(type) && type !== 'calculated'
  const isRepeat = type === 'repeat'
  return {
    id,
    groups: around.groups,
    type,
    slot: around.level.size,
    check: checkOf(field),
    mustAnswer: field.required === true && isAsked,
    conditional: around.conditional,
    options: draft.options.of(field),
    minCount: (isRepeat ? canonicalNumber(field.min_count) : undefined) ?? 0,
    maxCount: (isRepeat ? canonicalNumber(field.max_count) : undefined) ?? Number.POSITIVE_INFINITY,
    rows,
    rules: rulesOf(field, trees),
    requiredMessage: field.required_message,
    constraintMessage: field.constraint_message,
  }
}

function checkOf({ type, parameters }: Field): AnswerCheck {
  if (type !== 'range' || !isObject(parameters)) return ANSWER_CHECKS[type]
  const [start, end] = [canonicalNumber(parameters.start), canonicalNumber(parameters.end)]
  return start === undefined || end === undefined ? ANSWER_CHECKS[type] : rangeCheck(start, end)
}

const NONE: ReadonlySet<string> = new Set()
/** The options stand in a file that is not looked at here. */
const ANY: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true })

/** The option values of fields as sets, one per list however many fields share it. */
class OptionSets {
  readonly lists: ReadonlyMap<string, readonly unknown[]>
  readonly #sets = new Map<readonly unknown[], ReadonlySet<string>>()

  constructor(lists: Record<string, readonly unknown[]>) {
    this.lists = new Map(Object.entries(lists))
  }

  of(field: Field): ReadonlySet<string> {
    if (!isChoiceType(field.type)) return NONE
    const options = optionsOf(field, this.lists)
    if (options.length === 0) return typeof field.itemset === 'string' ? ANY : NONE
    const known = this.#sets.get(options)
    if (known !== undefined) return known
    const values = new Set((options as { value: unknown }[]).map(({ value }) => String(value)))
    this.#sets.set(options, values)
    return values
  }
}

function locate(field: Field, { groups, repeats }: Surroundings): FieldLocation {
  const path = [...repeats.map((repeat) => `${repeat.id}[]`), field.id].join('.')
  return { field, place: { id: field.id, groups }, repeats, path }
}
