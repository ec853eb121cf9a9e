// The rows of a table: what the cells of submissions and of their repeats hold. Pure; reads answers through canonical.ts.
import { type Answers, isObject, readAnswer } from '../../forms/canonical.ts'
import { DELETED_AT } from './columns.ts'
import type { Cell, ExportedSubmission, ExportPage, Place, Table, TableReader } from './model.ts'

/** Rows of a page, in the order of the submissions, then of the repeats' rows. Rows that are no objects are skipped, but
 *  counted: indexes (from zero) are places in the answers. */
export function tableRows(table: Table, page: ExportPage): Cell[][] {
  const rows: Cell[][] = []
  for (const submission of page) {
    const reader = submission.reader.tableReader(table.index)
    if (reader === null) continue
    if (table.repeats.length === 0) rows.push(mainRow(table, reader, submission))
    else
      eachRepeatRow(reader.repeats, submission, (answers, indexes, repeatPath) => {
        const cells = emptyRow(table)
        cells[0] = submission.id
        for (let i = 0; i < indexes.length; i++) cells[i + 1] = indexes[i]!
        fill(cells, reader, answers, submission, repeatPath)
        rows.push(cells)
      })
  }
  return rows
}

/** Calls `visit` for every row of the innermost of `repeats`, with its index in each of them and its path (`hh[1].kids[0]`). */
export function eachRepeatRow(
  repeats: readonly Place[],
  { answers }: Pick<ExportedSubmission, 'answers'>,
  visit: (answers: Answers, indexes: number[], repeatPath: string) => void,
): void {
  enter(repeats, 0, answers, [], '', visit)
}

function enter(
  repeats: readonly Place[],
  depth: number,
  answers: Answers,
  indexes: number[],
  path: string,
  visit: (answers: Answers, indexes: number[], repeatPath: string) => void,
): void {
  const repeat = repeats[depth]
  if (repeat === undefined) {
    visit(answers, indexes, path)
    return
  }
  const rows = readAnswer(answers, repeat)
  if (!Array.isArray(rows)) return
  for (let i = 0; i < rows.length; i++)
    if (isObject(rows[i]))
      enter(repeats, depth + 1, rows[i], [...indexes, i], `${path === '' ? '' : `${path}.`}${repeat.id}[${i}]`, visit)
}

function mainRow(table: Table, reader: TableReader, submission: ExportedSubmission): Cell[] {
  const cells = emptyRow(table)
  cells[0] = submission.id
  if (submission.deletedAtMs !== null) {
    cells[table.columns.findIndex(({ key }) => key === DELETED_AT)] = submission.deletedAtMs
    return cells
  }
  cells[1] = submission.submittedBy
  cells[2] = submission.collectedAtMs
  cells[3] = submission.submittedAtMs
  cells[4] = submission.reader.versionNum ?? submission.versionLabel
  fill(cells, reader, submission.answers, submission, '')
  return cells
}

const emptyRow = ({ columns }: Table): Cell[] => new Array<Cell>(columns.length).fill(null)

function fill(
  cells: Cell[],
  { cells: readers }: TableReader,
  answers: Answers,
  submission: ExportedSubmission,
  repeatPath: string,
): void {
  const row = { submission, repeatPath }
  for (const { at, place, read } of readers) read(readAnswer(answers, place), cells, at, row)
}
