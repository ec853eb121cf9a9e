// Workbooks as rows: what comes out of the files that people have, and the files that are refused.
import { writeXlsx } from 'hucre/xlsx'
import { describe, expect, test } from 'vitest'
import { cellName, columnIndex } from '../../../src/lib/sheet.ts'
import { readWorkbook, WorkbookError, writeWorkbook } from '../../../src/lib/workbook.ts'
import { storeZip, unzip } from '../../../src/lib/zip-file.ts'

const rowsOf = async (bytes: Uint8Array) => (await readWorkbook(bytes)).map(({ rows }) => rows)

async function codeOf(bytes: Uint8Array | Promise<Uint8Array>): Promise<string> {
  try {
    await readWorkbook(await bytes)
    return 'fine'
  } catch (error) {
    if (error instanceof WorkbookError) return error.code
    throw error
  }
}

/** A workbook whose files are changed before it is packed. */
async function changed(change: (files: Map<string, string>) => void): Promise<Uint8Array> {
  const bytes = await writeWorkbook([{ name: 'survey', rows: [['type', 'name']] }])
  const packed = await unzip(bytes, { maxBytes: 1e7, isWanted: () => true })
  const files = new Map([...packed].map(([name, content]) => [name, Buffer.from(content).toString()]))
  change(files)
  return storeZip(new Map([...files].map(([name, text]) => [name, Buffer.from(text)])))
}
const withSheet = (data: string) =>
  changed((files) => {
    const name = 'xl/worksheets/sheet1.xml'
    files.set(name, files.get(name)!.replace(/<sheetData>.*<\/sheetData>/s, `<sheetData>${data}</sheetData>`))
  })

test('cells come back as they were written, whatever they hold', async () => {
  const row = [
    'text',
    ' spaced ',
    'line\nbreak',
    '<&>"\'',
    1.5,
    -3,
    true,
    false,
    'TRUE',
    '007',
    '=1+1',
    'é😀',
    '2026-01-01',
  ]
  const escapes = ['a_x0041_b', '\u0001', '\ud800', 'x\ry']
  expect(await rowsOf(await writeWorkbook([{ name: 's', rows: [row, escapes] }]))).toEqual([
    [row, [...escapes, ...row.slice(4).map(() => null)]],
  ])
})

test('dates and times are ISO text', async () => {
  const date = (iso: string) => new Date(iso)
  const rows = [[date('2026-03-17T00:00:00Z'), date('2026-03-17T09:30:00Z')]]
  expect(await rowsOf(await writeXlsx({ sheets: [{ name: 's', rows }] }))).toEqual([
    [['2026-03-17', '2026-03-17T09:30:00']],
  ])
})

test('formulas count as their results, and are named where these were not saved', async () => {
  const bytes = await withSheet(
    '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a</v></c><c r="C1"><f>1+1</f></c></row>',
  )
  const [survey] = await readWorkbook(bytes)
  expect(survey).toMatchObject({ rows: [[2, 'a', null]], unsaved: ['C1'] })
})

test('merged cells are named', async () => {
  const bytes = await changed((files) => {
    const name = 'xl/worksheets/sheet1.xml'
    files.set(
      name,
      files.get(name)!.replace('</sheetData>', '</sheetData><mergeCells><mergeCell ref="A1:C2"/></mergeCells>'),
    )
  })
  expect((await readWorkbook(bytes))[0]!.merges).toEqual(['A1:C2'])
})

test('cells that are only coloured, as far as the last there is, are not there', async () => {
  const bytes = await withSheet(
    '<row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is></c><c r="XFD1" s="1"/></row><row r="1048576" ht="15"></row>',
  )
  expect(await rowsOf(bytes)).toEqual([[['type']]])
})

describe('a file is refused', () => {
  test('that is no workbook', async () => {
    expect(await codeOf(Buffer.from(''))).toBe('not_a_workbook')
    expect(await codeOf(Buffer.from('type,name\ntext,a'))).toBe('not_a_workbook')
    expect(await codeOf(storeZip(new Map([['a.txt', Buffer.from('x')]])))).toBe('not_a_workbook')
    expect(await codeOf(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]))).toBe('encrypted')
  })

  test('that lacks a part, or has one that is no XML', async () => {
    expect(await codeOf(changed((files) => files.delete('xl/workbook.xml')))).toBe('damaged')
    expect(await codeOf(changed((files) => files.delete('xl/worksheets/sheet1.xml')))).toBe('damaged')
    expect(await codeOf(changed((files) => files.set('xl/worksheets/sheet1.xml', '<worksheet><sheetData><row')))).toBe(
      'damaged',
    )
  })

  test('of 200 MB, by what it declares', async () => {
    const zeros = Buffer.alloc(40 * 1024 * 1024)
    const parts = new Map([
      ['xl/a.xml', zeros],
      ['[Content_Types].xml', Buffer.from('x')],
    ])
    expect(await codeOf(storeZip(parts))).toBe('too_large')
  })

  test('whose few cells span a rectangle that would fill the memory', async () => {
    const cell = (name: string) => `<row r="${name.replace(/\D/g, '')}"><c r="${name}"><v>1</v></c></row>`
    expect(await codeOf(withSheet(cell('XFD1048576')))).toBe('too_large')
    expect(await codeOf(withSheet(cell('A200000')))).toBe('too_large')
    expect(await codeOf(withSheet('<row r="900000"><c><v>1</v></c></row>'))).toBe('too_large')
    expect(await codeOf(withSheet(cell('Z5000')))).toBe('fine')
  })

  test('whose text is short in the file and endless in the cells', async () => {
    const share = (length: number, times: number) =>
      changed((files) => {
        files.set('xl/sharedStrings.xml', `<sst><si><t>${'x'.repeat(length)}</t></si></sst>`)
        const cells = Array.from(
          { length: times },
          (_, row) => `<row r="${row + 1}"><c r="A${row + 1}" t="s"><v>0</v></c></row>`,
        )
        const name = 'xl/worksheets/sheet1.xml'
        files.set(
          name,
          files.get(name)!.replace(/<sheetData>.*<\/sheetData>/s, `<sheetData>${cells.join('')}</sheetData>`),
        )
      })
    expect(await codeOf(share(40_000, 1))).toBe('too_large')
    expect(await codeOf(share(30_000, 2_000))).toBe('too_large')
    expect(await codeOf(share(30_000, 10))).toBe('fine')
  })

  test('or found empty, within the time of a test, however its tags are broken', async () => {
    for (const broken of ['<row r="1">'.repeat(300_000), '<c '.repeat(1_000_000), `<c ${'a="'.repeat(1_000_000)}`])
      expect(['fine', 'damaged']).toContain(await codeOf(withSheet(broken)))
  })
})

test.each([
  [1, 0, 'A1'],
  [12, 6, 'G12'],
  [3, 25, 'Z3'],
  [3, 26, 'AA3'],
  [1_048_576, 16_383, 'XFD1048576'],
])('row %d and column %d are %s', (row, column, name) => {
  expect(cellName(row, column)).toBe(name)
  expect(columnIndex(name.replace(/\d/g, ''))).toBe(column)
})
