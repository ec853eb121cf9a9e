// The WHO verbal autopsy questionnaire and 54 interviews made with an earlier version of it, as tests need them. Pure:
// the bytes come from the folder FIELDPOST_SAMPLES.
import type { Field } from '../../src/forms/schema.ts'
import type { Sheet } from '../../src/lib/sheet.ts'
import { readCsv } from './csv.ts'
import { sheet } from './workbooks.ts'

/** The questionnaire of a sister version, from its three tables. */
export function sisterSheets(table: (name: string) => Uint8Array): Sheet[] {
  const separators = { survey: ';', choices: ',', settings: ';' } as const
  return Object.entries(separators).map(([name, separator]) =>
    sheet(name, readCsv(table(`${name}.csv`), separator, 'windows-1252')),
  )
}

export interface Interview {
  data: Record<string, unknown>
  /** When it ended, on the clock of the phone, four hours behind UTC. */
  collectedAt: string | undefined
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const SHOWN_TIME = /^(\w{3}) (\d+), (\d{4})(?:, (\d+):(\d\d):(\d\d) ([AP])M)?$/
const MOMENTS = new Set(['date', 'today', 'start', 'end', 'datetime'])
const two = (value: string | number) => String(value).padStart(2, '0')

/** `Dec 11, 2018, 1:07:28 AM` as `2018-12-11T01:07:28`. */
function isoOf(shown: string): string {
  const [, month, day, year, hour, minute, second, half] = SHOWN_TIME.exec(shown) ?? []
  if (month === undefined || day === undefined) return shown
  const date = `${year}-${two(MONTHS.indexOf(month) + 1)}-${two(day)}`
  if (hour === undefined) return date
  return `${date}T${two((Number(hour) % 12) + (half === 'P' ? 12 : 0))}:${minute}:${second}`
}

/** The interviews of an exported table. Its columns are headed by the groups around a question and its name, which is
 *  what counts; columns that are no question of `fields` are named in `unknown`. */
export function readInterviews(
  bytes: Uint8Array,
  fields: readonly Field[],
): { interviews: Interview[]; unknown: string[] } {
  const [header = [], ...rows] = readCsv(bytes, ',')
  const byId = new Map(fields.map((field) => [field.id, field]))
  const columns = header.map((name) => name.slice(name.lastIndexOf('-') + 1))
  const interviews = rows.map((row) => {
    const data: Record<string, unknown> = {}
    for (const [index, cell] of row.entries()) {
      const field = byId.get(columns[index]!)
      if (field === undefined || cell === '') continue
      const isList = field.type === 'select_multiple'
      data[field.id] = isList ? cell.split(' ') : MOMENTS.has(field.type) ? isoOf(cell) : cell
    }
    const end = data.end ?? data.start
    return { data, collectedAt: typeof end === 'string' ? `${end}-04:00` : undefined }
  })
  return { interviews, unknown: columns.filter((name) => !byId.has(name)) }
}
