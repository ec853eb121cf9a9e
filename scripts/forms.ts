// `npm run forms -- check form.xlsx`: what importing a workbook would say of it, without a server: every fault and
// warning with its place, and what the form holds. Exit code 1 when it is no form. Several files are checked in turn.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EXPRESSION_KEYS, expressionsOf } from '../src/forms/outline.ts'
import { everyField } from '../src/forms/uids.ts'
import { sentenceOf } from '../src/forms/xlsform/findings.ts'
import { readXlsform, type XlsformForm, type XlsformRead } from '../src/forms/xlsform/read.ts'
import { readWorkbook, WorkbookError } from '../src/lib/workbook.ts'

const USAGE = 'npm run forms -- check form.xlsx …'

const print = (line: string) => process.stdout.write(`${line}\n`)
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

async function check(path: string): Promise<boolean> {
  let read: XlsformRead
  try {
    read = readXlsform(await readWorkbook(new Uint8Array(readFileSync(path))))
  } catch (error) {
    const isTheirs = error instanceof WorkbookError || (error as NodeJS.ErrnoException).code !== undefined
    if (!isTheirs) throw error
    print(`${path}: ${(error as Error).message}`)
    return false
  }
  for (const warning of read.warnings) print(`warning  ${sentenceOf(warning)}`)
  if (read.ok) {
    summarise(path, read.form, read.warnings.length)
    return true
  }
  for (const fault of read.faults) print(`FAULT    ${sentenceOf(fault)}`)
  print(
    `${path}: ${plural(read.faults.length, 'fault')}, ${plural(read.warnings.length, 'warning')}. This is no form yet.`,
  )
  return false
}

function summarise(path: string, { schema, title, formId, version }: XlsformForm, warnings: number): void {
  const fields = everyField(schema.fields)
  const lists = Object.entries(schema.choices ?? {})
  const languages = new Set(
    fields.flatMap(({ label }) => (typeof label === 'object' && label !== null ? Object.keys(label) : [])),
  )
  const sites = fields.flatMap((field) => expressionsOf(field))
  const rows: [string, string][] = [
    ['title', title || '(none: the name of the file)'],
    ['form_id', formId || '(none: made from the title)'],
    ['version', version || '(none)'],
    ['fields', countsOf(fields.map(({ type }) => type))],
    [
      'lists',
      `${lists.length} of ${plural(
        lists.reduce((sum, [, options]) => sum + options.length, 0),
        'option',
      )}`,
    ],
    ['languages', [...languages].join(', ') || 'one'],
    [
      'expressions',
      countsOf(
        sites.map(({ key }) => key),
        EXPRESSION_KEYS,
      ),
    ],
  ]
  for (const [name, text] of rows) print(`${`${name}:`.padEnd(13)}${text}`)
  print(`${path}: a form, ${warnings === 0 ? 'without warnings' : `with ${plural(warnings, 'warning')}`}.`)
}

/** `578: 336 select_one, 90 integer, …`, the most frequent first, or in the given order. */
function countsOf(names: readonly string[], order?: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const sorted = [...counts].sort(([a, m], [b, n]) => (order ? order.indexOf(a) - order.indexOf(b) : n - m))
  return sorted.length === 0 ? '0' : `${names.length}: ${sorted.map(([name, count]) => `${count} ${name}`).join(', ')}`
}

const { positionals } = parseArgs({ allowPositionals: true })
const [command, ...paths] = positionals
if (command !== 'check' || paths.length === 0) {
  console.error(USAGE)
  process.exit(2)
}
let isFine = true
for (const path of paths) isFine = (await check(path)) && isFine
process.exitCode = isFine ? 0 : 1
