import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvLines, isFormula } from '../../../src/lib/csv.ts'
import { readStrictCsv } from '../../support/csv.ts'

const rowsOf = (cell: fc.Arbitrary<string>) =>
  fc
    .integer({ min: 1, max: 6 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 }))

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', '=', '+', '-', '@', '\t', '1') }),
)

describe('CSV', () => {
  test('property: a strict reader finds the very same cells', () => {
    fc.assert(
      fc.property(rowsOf(nasty), (rows) => {
        expect(readStrictCsv(csvLines(rows, { times: [], guard: false }))).toEqual(rows)
      }),
      { numRuns: 500 },
    )
  })

  test('property: guarded, no cell begins like a formula, and taking the apostrophe away gives the cell', () => {
    fc.assert(
      fc.property(rowsOf(nasty), (rows) => {
        const read = readStrictCsv(csvLines(rows, { times: [], guard: true }))
        for (const [r, row] of read.entries())
          for (const [c, cell] of row.entries()) {
            expect(isFormula(cell)).toBe(false)
            const sent = rows[r]![c]!
            expect(cell).toBe(isFormula(sent) ? `'${sent}` : sent)
          }
      }),
      { numRuns: 500 },
    )
  })

  test('numbers, truths, nothing and times', () => {
    const rows = [
      [1.5, true, null, 0],
      [-0, false, '', 1_773_738_000_123],
      [1e21, true, null, 1_773_738_000_000],
    ]
    expect(csvLines(rows, { times: [false, false, false, true], guard: true })).toBe(
      '1.5,true,,1970-01-01T00:00:00Z\r\n0,false,,2026-03-17T09:00:00.123Z\r\n1e+21,true,,2026-03-17T09:00:00Z\r\n',
    )
  })
})
