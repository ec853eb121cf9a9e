// Functions on text. Source: ODK XForms specification, "String Functions", and XPath 1.0 section 4.2.
import { type FunctionSpec, flatten, type Tools } from './toolkit.ts'
import type { Value } from './values.ts'

const MANY = Number.POSITIVE_INFINITY

/** A function of texts alone. */
const ofTexts = (count: number, compute: (...texts: string[]) => Value): FunctionSpec => ({
  min: count,
  max: count,
  run: (args, { reading }) => compute(...args.map((value) => reading.text(value))),
})

/** The argument, or the answer under test where there is none. */
const orSelf = (args: readonly Value[], { reading, world }: Tools): string =>
  reading.text(args[0] ?? reading.answer(world.self()))

/** Characters that joining may make: calculations that double each other's text would fill the memory. */
const MAX_JOINED = 100_000

function joined(values: readonly Value[], separator: string, { reading, spend, undecided }: Tools): string {
  spend(values.length)
  const texts = values.map((value) => reading.text(value))
  const length = texts.reduce((total, text) => total + text.length + separator.length, 0)
  return length > MAX_JOINED ? undecided() : texts.join(separator)
}

function substringBefore(text: string, target: string): string {
  const at = text.indexOf(target)
  return at < 0 ? '' : text.slice(0, at)
}

function substringAfter(text: string, target: string): string {
  const at = text.indexOf(target)
  return at < 0 ? '' : text.slice(at + target.length)
}

function translate(text: string, from: string, to: string): string {
  const replacements = new Map<string, string>()
  const targets = [...to]
  for (const [index, char] of [...from].entries()) {
    if (!replacements.has(char)) replacements.set(char, targets[index] ?? '')
  }
  return [...text].map((char) => replacements.get(char) ?? char).join('')
}

/** XPath counts from 1 and rounds; NaN takes nothing. Source: XPath 1.0 section 4.2, `substring`. */
function substring(args: readonly Value[], { reading }: Tools): string {
  const first = Math.round(reading.number(args[1]!))
  const beyond = args[2] === undefined ? Number.POSITIVE_INFINITY : first + Math.round(reading.number(args[2]))
  return [...reading.text(args[0]!)].filter((_, index) => index + 1 >= first && index + 1 < beyond).join('')
}

function decodeBase64(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return ''
  }
}

export const TEXT_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  string: { min: 1, max: 1, run: ([value], { reading }) => reading.text(value!) },
  concat: { min: 1, max: MANY, takesNodes: true, run: (args, tools) => joined(flatten(args), '', tools) },
  join: {
    min: 2,
    max: MANY,
    takesNodes: true,
    run: (args, tools) => joined(flatten(args.slice(1)), tools.reading.text(args[0]!), tools),
  },
  substr: {
    min: 2,
    max: 3,
    run: ([value, start, end], { reading }) =>
      reading.text(value!).slice(reading.number(start!), end === undefined ? undefined : reading.number(end)),
  },
  substring: { min: 2, max: 3, run: substring },
  'substring-before': ofTexts(2, (text, target) => substringBefore(text!, target!)),
  'substring-after': ofTexts(2, (text, target) => substringAfter(text!, target!)),
  translate: ofTexts(3, (text, from, to) => translate(text!, from!, to!)),
  contains: ofTexts(2, (text, part) => text!.includes(part!)),
  'starts-with': ofTexts(2, (text, part) => text!.startsWith(part!)),
  'ends-with': ofTexts(2, (text, part) => text!.endsWith(part!)),
  'upper-case': ofTexts(1, (text) => text!.toUpperCase()),
  'lower-case': ofTexts(1, (text) => text!.toLowerCase()),
  'base64-decode': ofTexts(1, (text) => decodeBase64(text!)),
  'string-length': { min: 0, max: 1, run: (args, tools) => orSelf(args, tools).length },
  'normalize-space': { min: 0, max: 1, run: (args, tools) => orSelf(args, tools).trim().replace(/\s+/g, ' ') },
}
