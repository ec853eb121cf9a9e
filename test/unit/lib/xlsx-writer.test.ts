// The workbook writer, read back by read-excel-file and by hucre.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { strFromU8, unzipSync } from 'fflate'
import readExcelFile from 'read-excel-file/node'
import { afterAll, describe, expect, test } from 'vitest'
import { readWorkbook } from '../../../src/lib/workbook.ts'
import { type XlsxCell, type XlsxColumn, type XlsxSheet, xlsxStream } from '../../../src/lib/xlsx-writer.ts'
import { hasUnzip, testWithUnzip } from '../../support/archive-readers.ts'
import { readXml } from '../../support/xml-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldpost-xlsx-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Rows = readonly (readonly XlsxCell[])[]

async function* inOrder<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

const sheet = (name: string, columns: XlsxColumn[], batches: Iterable<Rows>): XlsxSheet => ({
  name,
  columns,
  rows: inOrder(batches),
})

const bytesOf = async (sheets: XlsxSheet[], maxRows?: number): Promise<Buffer> =>
  Buffer.from(await new Response(xlsxStream(sheets, Date.UTC(2026, 2, 17), maxRows) as BodyInit).arrayBuffer())

const read = async (sheets: XlsxSheet[], maxRows?: number) =>
  readExcelFile(await bytesOf(sheets, maxRows), { trim: false })

const plain = (...headers: string[]): XlsxColumn[] => headers.map((header) => ({ header, kind: 'plain' }))

test('numbers, dates, times, truths and texts are read back as such', async () => {
  const columns: XlsxColumn[] = [
    ...plain('Text', 'Number', 'True'),
    { header: 'Day', kind: 'date' },
    { header: 'At', kind: 'datetime' },
  ]
  const at = Date.UTC(2026, 2, 17, 9, 30, 8)
  const rows: Rows = [
    ['=1+1', 1.5, true, 20_529, at],
    [' spaced ', -3, false, 'in March', null],
    [null, null, null, null, null],
    ['last', 0, null, -30_000, null],
  ]
  expect(await read([sheet('Wells', columns, [rows])])).toEqual([
    {
      sheet: 'Wells',
      data: [
        ['Text', 'Number', 'True', 'Day', 'At'],
        ['=1+1', 1.5, true, new Date(Date.UTC(2026, 2, 17)), new Date(at)],
        [' spaced ', -3, false, 'in March', null],
        [null, null, null, null, null],
        ['last', 0, null, '1887-11-12', null],
      ],
    },
  ])
})

test('any texts and numbers come back as they were', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => text !== ''),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    fc.boolean(),
    fc.constant(null),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), { maxLength: 4 }), async (batches) => {
      const { rows } = (await readWorkbook(await bytesOf([sheet('S', plain('a', 'b'), batches)])))[0]!
      const wanted = [['a', 'b'], ...batches.flat()]
      expect(rows.map((row) => [row[0] ?? null, row[1] ?? null])).toEqual(
        // Rows of nothing at the end are nothing.
        wanted.slice(0, rows.length),
      )
      expect(
        wanted
          .slice(rows.length)
          .flat()
          .every((value) => value === null),
      ).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('any texts leave every part well-formed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      const parts = unzipSync(await bytesOf([sheet(text, plain(text), [[[text]]])]))
      for (const part of Object.values(parts)) readXml(strFromU8(part))
    }),
    { numRuns: 50 },
  )
})

describe('names of sheets', () => {
  const namesFor = async (...names: string[]) =>
    (await readWorkbook(await bytesOf(names.map((name) => sheet(name, plain('a'), []))))).map(({ name }) => name)

  test('are made fit, short and unique', async () => {
    expect(
      await namesFor('a/b:c', '', 'History', "'quoted'", 'x'.repeat(40), `${'x'.repeat(31)}y`, 'X'.repeat(31), 'A B C'),
    ).toEqual([
      'a b c',
      'sheet',
      'History sheet',
      'quoted',
      'x'.repeat(31),
      `${'x'.repeat(27)} (2)`,
      `${'X'.repeat(27)} (3)`,
      'A B C (2)',
    ])
  })

  test('any names make a workbook that is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 6 }), async (names) => {
        expect(new Set(await namesFor(...names)).size).toBe(names.length)
      }),
      { numRuns: 50 },
    )
  })
})

test('what is longer than a cell holds is cut, and says so', async () => {
  const [{ data }] = (await read([sheet('S', plain('a'), [[['x'.repeat(1_000_000)], ['y'.repeat(32_767)]]])])) as any
  expect(data[1][0]).toHaveLength(32_767)
  expect(data[1][0]).toMatch(/^x+ \[…cut: a cell holds 32767 characters\]$/)
  expect(data[2][0]).toBe('y'.repeat(32_767))
})

test('a sheet that is full goes on in another, with the header repeated', async () => {
  const rows = (from: number, to: number): Rows => Array.from({ length: to - from }, (_, index) => [from + index])
  const sheets = await read(
    [
      sheet('Wells', plain('n'), [rows(0, 2), [], rows(2, 7)]),
      sheet('Exactly full', plain('n'), [rows(0, 3), []]),
      sheet('Wells (2)', plain('other'), []),
    ],
    4,
  )
  expect(sheets.map(({ sheet, data }) => [sheet, data.map((row) => row[0])])).toEqual([
    ['Wells', ['n', 0, 1, 2]],
    ['Exactly full', ['n', 0, 1, 2]],
    ['Wells (2)', ['other']],
    ['Wells (3)', ['n', 3, 4, 5]],
    ['Wells (4)', ['n', 6]],
  ])
})

test.skipIf(!hasUnzip)('the archive is whole, and begins as workbooks do', async () => {
  const path = join(folder, 'a.xlsx')
  const bytes = await bytesOf([sheet('S', plain('a'), [[['x']]])])
  writeFileSync(path, bytes)
  expect(testWithUnzip(path).status).toBe(0)
  expect(bytes.subarray(30, 41).toString()).toBe('_rels/.rels')
})

test('a source that fails breaks the workbook; a reader that gives up ends the source', async () => {
  async function* failing(): AsyncGenerator<Rows> {
    yield [['whole']]
    throw new Error('the database went away')
  }
  const broken = xlsxStream([{ name: 'S', columns: plain('a'), rows: failing() }], 0)
  await expect(new Response(broken as BodyInit).arrayBuffer()).rejects.toThrow('the database went away')
  let ended = false
  async function* endless(): AsyncGenerator<Rows> {
    try {
      for (let n = 0; ; n++) yield Array.from({ length: 1000 }, (_, index) => [`${Math.sin(n * 1000 + index)}`])
    } finally {
      ended = true
    }
  }
  const reader = xlsxStream([{ name: 'S', columns: plain('a'), rows: endless() }], 0).getReader()
  for (let reads = 0; reads < 6; reads++) await reader.read()
  await reader.cancel()
  expect(ended).toBe(true)
})
