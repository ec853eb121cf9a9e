// `npm run fuzz -- forms`: the properties that hold for every form, every expression and any answers, tried on as many
// random ones as asked for. Each either holds or is shown with the smallest example that breaks it; none may take long.
import { performance } from 'node:perf_hooks'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { checkFormSchema, examineFormSchema } from '../src/forms/check.ts'
import { compileForm } from '../src/forms/compile.ts'
import { diffSchemas, isUnchanged } from '../src/forms/diff.ts'
import { MAX_STEPS } from '../src/forms/expression/evaluate.ts'
import { parseExpression } from '../src/forms/expression/parse.ts'
import { printExpression } from '../src/forms/expression/print.ts'
import { compilePattern } from '../src/forms/expression/regex.ts'
import type { Dialect } from '../src/forms/expression/syntax.ts'
import { inOrder } from '../src/forms/order.ts'
import { type Field, type FormSchema, FormSchema as FormSchemaShape } from '../src/forms/schema.ts'
import { assignUids, everyField } from '../src/forms/uids.ts'
import { examineAnswers, MAX_FAULTS, validateAnswers } from '../src/forms/validate.ts'
import { readXlsform } from '../src/forms/xlsform/read.ts'
import { writeXlsform } from '../src/forms/xlsform/write.ts'
import {
  answeredForms,
  carelessSchemas,
  formSchemas,
  junkAnswers,
  junkSchemas,
  oddSchemas,
} from '../test/unit/forms/arbitraries.ts'
import { resultOf, shape } from '../test/unit/forms/expressions.ts'
import { trees } from '../test/unit/forms/trees.ts'
import { workbooks } from '../test/unit/forms/xlsform/arbitraries.ts'

/** Throws when it does not hold. */
type Property = fc.IRawProperty<unknown, false>

const dialects = fc.constantFrom<Dialect>('native', 'xlsform')

function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

const FIELDS: Field[] = [
  { id: 'a', type: 'text' },
  { id: 'age', type: 'number' },
  { id: 'tags', type: 'select_multiple', options: [{ value: 'x' }] },
  { id: 'x1', type: 'geotrace' },
  { id: 'hh', type: 'repeat', fields: [{ id: 'm', type: 'date' }] },
]
const answers = fc.record(
  {
    a: fc.jsonValue(),
    age: fc.oneof(fc.double(), fc.constantFrom('12', '2026-03-17', '')),
    tags: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    x1: fc.oneof(fc.array(fc.record({ latitude: fc.double(), longitude: fc.double() })), fc.jsonValue()),
    hh: fc.array(fc.oneof(fc.record({ m: fc.jsonValue() }), fc.jsonValue())),
  },
  { requiredKeys: [] },
)
const pieces = fc.constantFrom(
  ...[`\${a}`, '${', 'a', 'age', '.', '..', '/', '[', ']', '(', ')', "'x'", '"', '1', '.5', '1e9', '=', '!=', '<='],
  ...[
    ' and ',
    ' or ',
    ' div ',
    ' mod ',
    ' not(',
    'selected(',
    'regex(., ',
    'today()',
    'count(',
    ',',
    '-',
    '+',
    '*',
    '|',
  ],
  ...['instance(', 'é', '‘', '\u0000', '::', '@', ' ', '%'],
)
const texts = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join('')),
)
const patterns = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc
    .array(fc.constantFrom('a', 'b', '(', ')', '*', '+', '?', '|', '[a-z]', '[^a]', '{2,9}', '.', '\\d', '^', '$'), {
      maxLength: 15,
    })
    .map((parts) => parts.join('')),
)
const withAnswers = (forms: fc.Arbitrary<FormSchema>) =>
  forms.chain((schema) => fc.tuple(fc.constant(schema), fc.oneof(junkAnswers(schema.fields), fc.jsonValue())))

/** What nobody is asked, alone or in a group or row that nobody is asked, has no faults. */
function hideOne(schema: FormSchema, index: number): { hidden: FormSchema; silent: Set<string> } {
  const copy = structuredClone(schema)
  const fields = everyField(copy.fields)
  const field = fields[index % Math.max(1, fields.length)]
  if (field === undefined) return { hidden: copy, silent: new Set() }
  field.relevant = "'a' = 'b'"
  return { hidden: copy, silent: new Set(everyField([field]).map(({ id }) => id)) }
}

const rewritten = (schema: FormSchema): FormSchema | undefined => {
  const { sheets } = writeXlsform(schema, { key: 'k', version: '1' })
  const read = readXlsform(sheets.map((sheet) => ({ ...sheet, merges: [], unsaved: [] })))
  return read.ok ? read.form.schema : undefined
}

/** What can reach itself, or needs something that can, has no place in an order; everything else has one. */
function orderIsThatOf(lists: readonly (readonly number[])[]): void {
  const needs = new Map(lists.map((list, id) => [id, list] as const))
  const { sorted } = inOrder(needs)
  const stuck = new Set<number>()
  // Brute force: whoever still needs somebody unplaced after as many rounds as there are members never gets a place.
  const placed = new Set<number>()
  for (const _ of lists) {
    for (const [id, list] of needs) if (list.every((other) => !needs.has(other) || placed.has(other))) placed.add(id)
  }
  for (const id of needs.keys()) if (!placed.has(id)) stuck.add(id)
  holds(isDeepStrictEqual(new Set(sorted), placed), 'the order has other members than brute force finds')
  const places = new Map(sorted.map((id, index) => [id, index]))
  for (const id of sorted) {
    for (const other of needs.get(id)!) holds(!needs.has(other) || places.get(other)! < places.get(id)!, 'out of order')
  }
}

export const FORM_PROPERTIES: Readonly<Record<string, () => Property>> = {
  'parsing what was printed gives the same tree': () =>
    fc.property(trees, dialects, (tree, dialect) => {
      const parsed = parseExpression(printExpression(tree, dialect)!, dialect)
      holds(parsed.ok && isDeepStrictEqual(shape(parsed.node), shape(tree)), 'another tree')
    }),
  'no text makes a parser throw, and a fault lies within the text': () =>
    fc.property(texts, dialects, (text, dialect) => {
      const parsed = parseExpression(text, dialect)
      holds(parsed.ok || (parsed.fault.column >= 1 && parsed.fault.column <= text.length + 1), 'outside the text')
    }),
  'evaluation never throws on any tree and any JSON': () =>
    fc.property(trees, dialects, answers, (tree, dialect, data) => {
      const setting = { fields: FIELDS, data, dialect, circumstances: { now: 0 } }
      const value = resultOf(printExpression(tree, dialect)!, setting)
      holds(dialect === 'xlsform' || typeof value !== 'number' || Number.isFinite(value), 'not a number')
    }),
  'no pattern takes more steps than the bounds allow': () =>
    fc.property(patterns, fc.string({ maxLength: 200 }), (pattern, text) => {
      const compiled = compilePattern(pattern)
      let steps = 0
      if (typeof compiled !== 'string') compiled.test(text, (count) => (steps += count))
      holds(steps <= MAX_STEPS * 10, `${steps} steps`)
    }),
  'no JSON makes the check throw, and what it admits is a form to the shape of forms': () =>
    fc.property(fc.oneof(fc.jsonValue(), junkSchemas, formSchemas), (input) => {
      const isForm = checkFormSchema(input).length === 0
      if (isForm) compileForm(input as FormSchema)
    }),
  'what an author can build is a form': () =>
    fc.property(formSchemas, (schema) => {
      holds(examineFormSchema(schema).faults.length === 0 && FormSchemaShape.safeParse(schema).success, 'refused')
    }),
  'validation never throws, on any admitted form and any JSON': () =>
    fc.property(withAnswers(fc.oneof(oddSchemas, carelessSchemas)), ([schema, data]) => {
      const { faults, issues } = examineAnswers(compileForm(schema), data as Record<string, unknown>, { now: 0 })
      holds(faults.length <= MAX_FAULTS + 1 && issues.length <= MAX_FAULTS + 1, 'too many faults')
    }),
  'answers that suit the form have no faults': () =>
    fc.property(answeredForms, ({ schema, answers: data }) => {
      holds(validateAnswers(compileForm(schema), data).length === 0, 'refused')
    }),
  'what is not asked has no faults': () =>
    fc.property(withAnswers(formSchemas), fc.nat(20), ([schema, data], index) => {
      const { hidden, silent } = hideOne(schema, index)
      const faults = validateAnswers(compileForm(hidden), data as Record<string, unknown>)
      const loud = faults.filter(({ path }) => path.split(/\[\d+\]\.?|\./).some((part) => silent.has(part)))
      holds(loud.length === 0, `${loud[0]?.path} ${loud[0]?.message}`)
    }),
  'the order of rules is that which brute force finds': () =>
    fc.property(fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 1, maxLength: 8 }), orderIsThatOf),
  'every field has an identity of its own, and a form does not differ from itself': () =>
    fc.property(formSchemas, fc.nat(20), (schema, index) => {
      let count = 0
      const known = assignUids(schema, () => `u${count++}`)
      const fields = everyField(known.fields)
      holds(new Set(fields.map(({ uid }) => uid)).size === fields.length, 'an identity twice')
      holds(isUnchanged(diffSchemas(known, structuredClone(known))), 'differs from itself')
      const renamed = structuredClone(known)
      const field = everyField(renamed.fields)[index % Math.max(1, fields.length)]
      if (field === undefined) return
      field.id = 'renamed'
      const diff = diffSchemas(
        known,
        assignUids(renamed, () => `v${count++}`, known),
      )
      holds(diff.renamed.length === 1 && diff.added.length + diff.removed.length === 0, 'the rename was not seen')
    }),
  'whatever the check admits can be stored, compared and written as a workbook': () =>
    fc.property(fc.oneof(junkSchemas, oddSchemas), (input) => {
      if (checkFormSchema(input).length > 0) return
      let count = 0
      const known = assignUids(input as FormSchema, () => `u${count++}`)
      holds(checkFormSchema(known).length === 0, 'refused with its identities')
      holds(isUnchanged(diffSchemas(known, known)), 'differs from itself')
      rewritten(known)
    }),
  'a workbook is a form or has faults': () =>
    fc.property(workbooks, (sheets) => {
      const read = readXlsform(sheets)
      holds(read.ok || read.faults.length > 0, 'neither')
    }),
  'a form that was read from a workbook is read again from the workbook that is written of it': () =>
    fc.property(formSchemas, workbooks, (schema, sheets) => {
      const read = readXlsform(sheets)
      for (const form of [rewritten(schema), read.ok ? read.form.schema : undefined]) {
        if (form !== undefined) holds(isDeepStrictEqual(rewritten(form), form), 'another form')
      }
    }),
}

export interface FormsFuzzReport {
  name: string
  runs: number
  seconds: number
  /** Of one example, drawing it included. */
  slowestMs: number
  /** The smallest example that breaks it, and how to see it again. */
  failure: string | null
}

/** Tries one property. Never throws. */
export function tryProperty(name: string, options: { seed: number; runs: number }): FormsFuzzReport {
  const startMs = performance.now()
  let lastMs = startMs
  let slowestMs = 0
  const property = FORM_PROPERTIES[name]!()
  const details = fc.check<unknown>(
    Object.assign(Object.create(Object.getPrototypeOf(property)), property, {
      run: (...args: Parameters<Property['run']>) => {
        const result = property.run(...args)
        const nowMs = performance.now()
        slowestMs = Math.max(slowestMs, nowMs - lastMs)
        lastMs = nowMs
        return result
      },
    }) as Property,
    { seed: options.seed, numRuns: options.runs },
  )
  const failure = details.failed ? fc.defaultReportMessage(details as fc.RunDetails<unknown>) : null
  const seconds = (performance.now() - startMs) / 1000
  return { name, runs: details.numRuns, seconds, slowestMs, failure: failure ?? null }
}
