// What the guard lets through, what it names, and where.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectJson } from '../../../src/lib/json-guard.ts'

const inspect = (value: unknown, maxDepth = 20) => inspectJson(value, { maxDepth })
const bad = (code: string, path: string) => ({ ok: false, code, path })

/** An independent, recursive statement of the rules. */
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

const cleanText = fc.string({ unit: 'grapheme' }).map((text) => text.toWellFormed().replaceAll('\0', ''))
const cleanKey = cleanText.filter((key) => key !== '__proto__')
const { tree: cleanValue } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -1.5),
    cleanText,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(cleanKey, tie('tree'), { maxKeys: 4 }),
  ),
}))

/** Reads a path such as `a.b[0]["c d"]` back into its steps. */
const stepsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\[(\d+|"(?:\\.|[^"\\])*")\]|([^.[\]]+)/g)].map(([, bracket, plain]) =>
    bracket === undefined ? plain! : JSON.parse(bracket),
  )

const at = (value: unknown, path: string) =>
  stepsOf(path).reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], value)

describe('inspectJson', () => {
  test('a clean value passes exactly when it is not too deep', () => {
    fc.assert(
      fc.property(cleanValue, fc.nat(6), (value, maxDepth) => {
        const result = inspect(value, maxDepth)
        if (depthOf(value) <= maxDepth) expect(result).toEqual({ ok: true })
        else {
          expect(result).toMatchObject({ ok: false, code: 'too_deep' })
          const path = result.ok ? '' : result.path
          expect(stepsOf(path)).toHaveLength(maxDepth)
          expect(at(value, path)).toBeTypeOf('object')
        }
      }),
    )
  })

  test('a fault hidden anywhere is found and its path leads there', () => {
    const faults = fc.constantFrom(
      ['nul_character', 'a\0b'],
      ['lone_surrogate', 'x\ud800'],
      ['lone_surrogate', '\udc00\ud800'],
      ['forbidden_key', JSON.parse('{"__proto__":1}')],
    )
    const steps = fc.array(fc.oneof(cleanKey, fc.nat(3)), { maxLength: 6 })
    fc.assert(
      fc.property(faults, steps, cleanValue, ([code, fault], way, sibling) => {
        const value = way.reduceRight<unknown>(
          (inner, step) =>
            typeof step === 'number'
              ? [...Array(step).fill(sibling), inner, sibling]
              : { [step]: inner, other: sibling },
          fault,
        )
        // An object lists whole-number keys first and `other` may be a step itself, so `fault` can be overwritten.
        fc.pre(JSON.stringify(value).includes(JSON.stringify(fault)))
        const result = inspect(value)
        expect(result).toMatchObject({ ok: false, code })
        const path = result.ok ? '' : result.path
        expect(path.isWellFormed() && !path.includes('\0')).toBe(true)
        expect(at(value, path)).toEqual(code === 'forbidden_key' ? 1 : fault)
      }),
    )
  })

  test('the path reads as people write it', () => {
    expect(inspect({ data: { rows: [1, 2, { name: '\0' }] } })).toEqual(bad('nul_character', 'data.rows[2].name'))
    expect(inspect({ 'a b': { größe: ['\0'] } })).toEqual(bad('nul_character', '["a b"].größe[0]'))
    expect(inspect({ a: { 'k\0': 1 } })).toEqual(bad('nul_character', 'a["k\\u0000"]'))
    expect(inspect({ '\ud800': 1 })).toEqual(bad('lone_surrogate', '["\\ud800"]'))
    expect(inspect(JSON.parse('[{"__proto__":{}}]'))).toEqual(bad('forbidden_key', '[0].__proto__'))
    expect(inspect(JSON.parse('{"a":[1e308,-1e400]}'))).toEqual(bad('number_too_large', 'a[1]'))
    expect(inspect(JSON.parse('1e400'))).toEqual(bad('number_too_large', ''))
    expect(inspect('\0')).toEqual(bad('nul_character', ''))
    expect(inspect([[]], 1)).toEqual(bad('too_deep', '[0]'))
    expect(inspect({}, 0)).toEqual(bad('too_deep', ''))
  })

  test('the first fault in reading order is the one named', () => {
    expect(inspect({ a: [{ b: '\0' }], c: '\ud800' })).toEqual(bad('nul_character', 'a[0].b'))
  })

  test('pairs of surrogates, inherited names and other keys of objects are fine', () => {
    expect(inspect({ '😀': '😀', constructor: 'x', toString: null, prototype: [] })).toEqual({ ok: true })
  })

  test('depth 100,000 is refused or accepted without overflowing', () => {
    const deep = JSON.parse(`${'[{"a":'.repeat(3000)}1${'}]'.repeat(3000)}`)
    let deeper: unknown = deep
    for (let i = 0; i < 94_000; i++) deeper = [deeper]
    expect(inspect(deeper)).toMatchObject({ code: 'too_deep', path: '[0]'.repeat(20) })
    expect(inspect(deeper, 100_000)).toEqual({ ok: true })
    expect(inspect(deeper, 99_999)).toMatchObject({ code: 'too_deep' })
  })
})
