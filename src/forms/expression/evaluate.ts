// Computes the value of a syntax tree by walking it. No code is generated and every step is counted, so that no
// expression and no answers can make it run for long.
import { functionNamed } from './functions.ts'
import type { Dialect, Link, Node } from './syntax.ts'
import type { Tools, World } from './toolkit.ts'
import { daysApart, isNodes, READINGS, type Reading, type Value } from './values.ts'

/** Steps of one expression: nodes visited, rows looked at, characters matched. */
export const MAX_STEPS = 100_000

/** Steps that are left to a whole submission; shared by all its expressions and counted down. */
export interface Budget {
  left: number
}

class Undecided extends Error {}
const UNDECIDED = new Undecided('this expression cannot be answered here')

/** The value of `node`, or `undefined` where it cannot be answered here: a function that only the device can compute, a
 *  path into its files, an unknown time, or more work than the bounds allow. Never throws. In the native dialect a
 *  number that is none (`x / 0`) comes out as null. */
export function evaluate(node: Node, dialect: Dialect, world: World, budget: Budget): Value | undefined {
  const evaluation = new Evaluation(READINGS[dialect], world, Math.min(MAX_STEPS, budget.left))
  const before = evaluation.left
  try {
    const value = evaluation.run(node)
    return dialect === 'native' && typeof value === 'number' && !Number.isFinite(value) ? null : value
  } catch (error) {
    if (error instanceof Undecided) return undefined
    throw error
  } finally {
    budget.left = Math.max(0, budget.left - (before - Math.max(0, evaluation.left)))
  }
}

/** As `evaluate`, read as a condition. */
export function evaluateCondition(node: Node, dialect: Dialect, world: World, budget: Budget): boolean | undefined {
  const value = evaluate(node, dialect, world, budget)
  return value === undefined ? undefined : READINGS[dialect].boolean(value)
}

class Evaluation implements Tools {
  readonly reading: Reading
  readonly world: World
  left: number
  readonly #run = (node: Node): Value => this.run(node)

  constructor(reading: Reading, world: World, steps: number) {
    this.reading = reading
    this.world = world
    this.left = steps
  }

  // Functions take these two out of the object, hence the arrows.
  readonly spend = (steps: number): void => {
    this.left -= steps
    if (this.left < 0) throw UNDECIDED
  }

  readonly undecided = (): never => {
    throw UNDECIDED
  }

  run(node: Node): Value {
    this.spend(1)
    const { reading, world } = this
    switch (node.type) {
      case 'literal':
        return node.value
      case 'ref': {
        const column = node.bare ? world.column(node.id) : undefined
        return column === undefined ? this.#answer(world.value(node.id)) : reading.answer(column)
      }
      case 'self':
        return this.#answer(world.self())
      case 'parent':
        return reading.blank
      case 'path':
        return this.undecided()
      case 'call':
        return this.#call(node.name, node.args)
      case 'negate':
        return -reading.number(this.run(node.arg))
      case 'union':
        return { kind: 'nodes', values: node.args.flatMap((arg) => this.#nodes(arg)) }
      case 'and':
        for (const arg of node.args) if (!reading.boolean(this.run(arg))) return false
        return true
      case 'or':
        for (const arg of node.args) if (reading.boolean(this.run(arg))) return true
        return false
      case 'compare': {
        const [left, right] = [this.run(node.left), this.run(node.right)]
        return this.#someCompare(left, right, (a, b) => reading.compare(node.op, a, b))
      }
      case 'chain':
        return this.#chain(node.first, node.rest)
    }
  }

  #answer(value: Value): Value {
    if (!isNodes(value)) return this.reading.answer(value)
    this.spend(value.values.length)
    return { kind: 'nodes', values: value.values.map((item) => this.reading.answer(item)) }
  }

  /** A list compares when any of its values does. Source: XPath 1.0 section 3.4. */
  #someCompare(left: Value, right: Value, compare: (a: Value, b: Value) => boolean): boolean {
    const [lefts, rights] = [isNodes(left) ? left.values : [left], isNodes(right) ? right.values : [right]]
    for (const a of lefts) {
      this.spend(rights.length)
      for (const b of rights) if (compare(a, b)) return true
    }
    return false
  }

  /** Between two dates or times a minus counts the days. */
  #chain(first: Node, rest: readonly Link[]): Value {
    let value = this.run(first)
    for (const { op, arg } of rest) {
      const next = this.run(arg)
      const days = op === '-' ? daysApart(value, next) : undefined
      value = days ?? this.#arithmetic(op, this.reading.number(value), this.reading.number(next))
    }
    return value
  }

  #arithmetic(op: Link['op'], a: number, b: number): number {
    if (op === '+') return a + b
    if (op === '-') return a - b
    if (op === '*') return a * b
    return op === 'div' ? a / b : a % b
  }

  #call(name: string, args: readonly Node[]): Value {
    const spec = functionNamed(name)
    if (spec === undefined || args.length < spec.min || args.length > spec.max) return this.undecided()
    if (spec.lazy !== undefined) return spec.lazy(args, this.#run, this)
    if (spec.run === undefined) return this.undecided()
    const values = args.map((arg): Value => {
      if (spec.takesNodes && (arg.type === 'ref' || arg.type === 'union')) {
        return { kind: 'nodes', values: this.#nodes(arg) }
      }
      return this.run(arg)
    })
    return spec.run(values, this)
  }

  #nodes(node: Node): readonly Value[] {
    if (node.type === 'union') return node.args.flatMap((arg) => this.#nodes(arg))
    if (node.type !== 'ref') return [this.run(node)]
    this.spend(1)
    const values = this.world.nodes(node.id)
    this.spend(values.length)
    return values.map((value) => this.reading.answer(value))
  }
}
