// Functions that decide, select and look about: conditions, choices, rows.
// Source: ODK XForms specification, "Boolean Functions", "Select Functions", "Repeat Functions", "Node-set Functions".
import { compilePattern, MAX_TEXT, type Pattern } from './regex.ts'
import type { Node } from './syntax.ts'
import { type FunctionSpec, fieldNamed, flatten, type Tools } from './toolkit.ts'
import { isBlank, type Value } from './values.ts'

const MANY = Number.POSITIVE_INFINITY
const MAX_PATTERNS = 200
const patterns = new Map<string, Pattern | string>()

/** Patterns are compiled once; the oldest gives way when there are too many. */
function patternOf(text: string): Pattern | string {
  const known = patterns.get(text)
  if (known !== undefined) return known
  const pattern = compilePattern(text)
  if (patterns.size >= MAX_PATTERNS) patterns.delete(patterns.keys().next().value!)
  patterns.set(text, pattern)
  return pattern
}

/** A response that counts in a checklist: true, a number above zero, or "yes", as the two ODK references have it. */
function isChecked(value: Value, { reading }: Tools): boolean {
  if (typeof value === 'boolean') return value
  return reading.text(value) === 'yes' || reading.number(value) > 0
}

/** Whether `total` lies within bounds of which -1 means none. */
const isWithin = (total: number, min: number, max: number): boolean =>
  (min === -1 || total >= min) && (max === -1 || total <= max)

function checklist(args: readonly Value[], tools: Tools, weigh: boolean): Value {
  const [min, max] = [tools.reading.number(args[0]!), tools.reading.number(args[1]!)]
  let total = 0
  if (weigh) {
    for (let index = 2; index + 1 < args.length; index += 2) {
      if (isChecked(args[index]!, tools)) total += tools.reading.number(args[index + 1]!)
    }
  } else {
    for (const value of flatten(args.slice(2))) if (isChecked(value, tools)) total++
  }
  return isWithin(total, min, max)
}

function position(args: readonly Node[], _evaluate: (node: Node) => Value, { world }: Tools): Value {
  const [of] = args
  if (of?.type === 'ref') return world.positionIn(of.id)
  return of?.type === 'parent' ? world.position(of.levels) : world.position()
}

function indexedRepeat(args: readonly Node[], evaluate: (node: Node) => Value, tools: Tools): Value {
  const rows: [string, number][] = []
  for (let index = 1; index + 1 < args.length; index += 2) {
    rows.push([fieldNamed(args[index]) ?? '', tools.reading.number(evaluate(args[index + 1]!))])
  }
  return tools.reading.answer(tools.world.indexed(fieldNamed(args[0]) ?? '', rows))
}

export const LOGIC_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  if: {
    min: 3,
    max: 3,
    lazy: (args, evaluate, { reading }) => evaluate(reading.boolean(evaluate(args[0]!)) ? args[1]! : args[2]!),
  },
  coalesce: {
    min: 1,
    max: MANY,
    lazy(args, evaluate, { reading }) {
      for (const arg of args) {
        const value = evaluate(arg)
        if (!isBlank(value)) return value
      }
      return reading.blank
    },
  },
  once: {
    min: 1,
    max: 1,
    lazy(args, evaluate, { world, reading }) {
      const own = reading.answer(world.self())
      return isBlank(own) ? evaluate(args[0]!) : own
    },
  },
  not: { min: 1, max: 1, run: ([value], { reading }) => !reading.boolean(value!) },
  true: { min: 0, max: 0, run: () => true },
  false: { min: 0, max: 0, run: () => false },
  boolean: { min: 1, max: 1, run: ([value], { reading }) => reading.boolean(value!) },
  'boolean-from-string': {
    min: 1,
    max: 1,
    run: ([value], { reading }) => ['true', '1'].includes(reading.text(value!)),
  },
  checklist: { min: 3, max: MANY, takesNodes: true, run: (args, tools) => checklist(args, tools, false) },
  'weighted-checklist': { min: 4, max: MANY, run: (args, tools) => checklist(args, tools, true) },
  regex: {
    min: 2,
    max: 2,
    run([value, written], { reading, spend, undecided }) {
      const text = reading.text(value!)
      const pattern = patternOf(reading.text(written!))
      if (typeof pattern === 'string' || text.length > MAX_TEXT) return undecided()
      return pattern.test(text, spend)
    },
  },
  selected: {
    min: 2,
    max: 2,
    run([list, value], { reading, spend }) {
      const items = reading.items(list!)
      spend(items.length)
      const wanted = reading.text(value!)
      // An option may hold a space where answers are lists; then the whole of a single choice is looked at too.
      return items.includes(wanted) || (typeof list === 'string' && list !== '' && list === wanted)
    },
  },
  'selected-at': {
    min: 2,
    max: 2,
    run: ([list, index], { reading }) => reading.items(list!)[Math.trunc(reading.number(index!))] ?? '',
  },
  'count-selected': { min: 1, max: 1, run: ([list], { reading }) => reading.items(list!).length },
  'jr:choice-name': {
    min: 2,
    max: 2,
    lazy(args, evaluate, { reading, world }) {
      const value = reading.text(evaluate(args[0]!))
      return world.choiceLabel(value, fieldNamed(args[1]) ?? '') ?? reading.blank
    },
  },
  position: { min: 0, max: 1, lazy: position },
  'indexed-repeat': { min: 3, max: 7, lazy: indexedRepeat },
}
