// What the scenarios of the fault injection have in common on the command line.
import { parseArgs } from 'node:util'

export interface Scenario {
  /** The lines of the help behind its name. */
  usage: string
  /** Prints its report; false when a promise was broken. */
  run(args: string[]): Promise<boolean>
}

/** Numbers by name: those of the command line, where it has none the ones given here. Throws Errors meant for people. */
export function numbersOf<Name extends string>(args: string[], defaults: Record<Name, number>): Record<Name, number> {
  const names = Object.keys(defaults) as Name[]
  const { values } = parseArgs({
    args,
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  })
  const read = (name: Name): number => {
    const text = values[name]
    if (text === undefined) return defaults[name]
    const value = Number(text)
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} ${text} is not a whole number.`)
    return value
  }
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, number>
}

export const print = (line: string) => process.stdout.write(`${line}\n`)

/** A line of a report. */
export const row = (name: string, value: string | number) => print(`${`${name}:`.padEnd(28)}${value}`)

/** `3 × this, 1 × that`, in the order of the names. */
export const tally = (counts: Iterable<[string, number]>): string =>
  [...counts]
    .sort()
    .map(([name, count]) => `${count} × ${name}`)
    .join(', ')

/** What the server's log complained about. */
export function printTroubles(troubles: Map<string, { count: number; first: string }>): void {
  row('complaints in the log', tally([...troubles].map(([what, { count }]) => [what, count])) || 'none')
  for (const [what, { first }] of troubles) print(`  first "${what}": ${first.slice(0, 400)}`)
}
