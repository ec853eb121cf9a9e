// What forms cost: reading a workbook, making a form ready, holding answers against it. Without a server, in Node; with
// FIELDPOST_SAMPLES on the WHO questionnaire and 54 interviews with it, else on a form of the same size made up here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { checkFormSchema } from '../src/forms/check.ts'
import { compileForm } from '../src/forms/compile.ts'
import { parseExpression } from '../src/forms/expression/parse.ts'
import { expressionsOf } from '../src/forms/outline.ts'
import type { FormSchema } from '../src/forms/schema.ts'
import { everyField } from '../src/forms/uids.ts'
import { examineAnswers } from '../src/forms/validate.ts'
import { readXlsform } from '../src/forms/xlsform/read.ts'
import { writeXlsform } from '../src/forms/xlsform/write.ts'
import type { Cell } from '../src/lib/sheet.ts'
import { readWorkbook, writeWorkbook } from '../src/lib/workbook.ts'
import { type Interview, readInterviews } from '../test/support/who-va.ts'

interface Material {
  what: string
  workbook: Uint8Array
  interviews: (schema: FormSchema) => Interview[]
}

const NAMES = { key: 'bench', version: '1' }

export async function runFormsBench({ seconds }: { seconds: number }): Promise<void> {
  const { what, workbook, interviews } = await materialOf(process.env.FIELDPOST_SAMPLES)
  const schema = await importOf(workbook)
  const compiled = compileForm(schema)
  const answers = interviews(schema).map(({ data, collectedAt }) => ({
    data,
    circumstances: { now: collectedAt === undefined ? undefined : Date.parse(collectedAt), offsetMinutes: -240 },
  }))
  const sites = everyField(schema.fields).flatMap((field) => expressionsOf(field))
  const sheets = () => writeXlsform(schema, NAMES).sheets
  print(
    `${what}: ${everyField(schema.fields).length} fields, ${sites.length} expressions, ${answers.length} interviews.\n`,
  )
  print('| what | mean ms | p95 ms | worst ms |')
  print('| --- | --- | --- | --- |')
  await report('import: the workbook to a form', seconds, () => importOf(workbook))
  await report('export: the form to a workbook', seconds, () => writeWorkbook(sheets()))
  await report('parse every expression', seconds, () => {
    for (const { text } of sites) parseExpression(text, 'xlsform')
  })
  await report('check the definition', seconds, () => checkFormSchema(schema))
  await report('make it ready (once per version)', seconds, () => compileForm(schema))
  let next = 0
  await report('validate one interview', seconds, () => {
    const { data, circumstances } = answers[next++ % answers.length]!
    examineAnswers(compiled, data, circumstances)
  })
  print('')
  const filling = ['fill', 'filling', 'validate', 'compile']
  const language = ['validate', 'compile', 'check', 'diff', 'uids', 'schema', 'expression/print']
  print(`src/forms, minified and gzipped: what fills in forms and checks answers ${await sizeOf(filling)} kB;`)
  print(`what checks definitions, beside zod, ${await sizeOf(language)} kB,`)
  print(`with the translation from and to XLSForm ${await sizeOf([...language, 'xlsform/read', 'xlsform/write'])} kB.`)
}

const print = (line: string) => process.stdout.write(`${line}\n`)

async function importOf(workbook: Uint8Array): Promise<FormSchema> {
  const read = readXlsform(await readWorkbook(workbook))
  if (!read.ok) throw new Error(`The workbook of the bench is no form: ${read.faults[0]!.message}`)
  return read.form.schema
}

/** Runs until the time is over, after a warm-up, and prints what one run of the process's own CPU took. */
async function report(what: string, seconds: number, run: () => unknown): Promise<void> {
  for (let warm = 0; warm < 20; warm++) await run()
  const times: number[] = []
  const endMs = performance.now() + seconds * 1000
  while (performance.now() < endMs || times.length < 20) {
    const before = process.cpuUsage()
    const startMs = performance.now()
    await run()
    // The clock of the CPU is too coarse for what takes microseconds.
    const cpu = process.cpuUsage(before)
    times.push(Math.min(performance.now() - startMs, Math.max((cpu.user + cpu.system) / 1000, 0.001)))
  }
  times.sort((a, b) => a - b)
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length
  const cells = [mean, times[Math.floor(times.length * 0.95)]!, times.at(-1)!].map((ms) => ms.toFixed(2))
  print(`| ${[what, ...cells].join(' | ')} |`)
}

async function materialOf(samples: string | undefined): Promise<Material> {
  if (samples) {
    const bytes = (name: string) => new Uint8Array(readFileSync(join(samples, 'who-va', name)))
    const interviews = (schema: FormSchema) =>
      readInterviews(bytes('submissions.csv'), everyField(schema.fields)).interviews
    return { what: 'The WHO verbal autopsy questionnaire', workbook: bytes('form.xlsx'), interviews }
  }
  return { what: 'A form made up', workbook: await madeUp(), interviews: madeUpAnswers }
}

const QUESTIONS = 600

/** Every question after the first is asked only while the one before it says yes, and every tenth is computed. */
function madeUp(): Promise<Uint8Array> {
  const rows: Cell[][] = [['type', 'name', 'label::English (en)', 'label::Français (fr)', 'relevant', 'calculation']]
  for (let n = 0; n < QUESTIONS; n++) {
    const relevant = n === 0 ? null : `\${q${n - (n % 10 === 1 ? 2 : 1)}} != 'no'`
    const isComputed = n % 10 === 0 && n > 0
    const calculation = isComputed ? `if(\${q${n - 1}} = 'yes', \${q${n - 2}}, 'no')` : null
    const type = isComputed ? 'calculate' : 'select_one yes_no'
    rows.push([
      type,
      `q${n}`,
      `Question ${n}?`,
      `Question ${n} ?`,
      n % 10 === 1 && n < 2 ? null : relevant,
      calculation,
    ])
  }
  const choices: Cell[][] = [
    ['list_name', 'name', 'label::English (en)', 'label::Français (fr)'],
    ['yes_no', 'yes', 'Yes', 'Oui'],
    ['yes_no', 'no', 'No', 'Non'],
  ]
  return writeWorkbook([
    { name: 'survey', rows },
    { name: 'choices', rows: choices },
  ])
}

const madeUpAnswers = (schema: FormSchema): Interview[] => {
  const asked = everyField(schema.fields).filter(({ type }) => type === 'select_one')
  const data = Object.fromEntries(asked.map(({ id }) => [id, 'yes']))
  return [{ data, collectedAt: '2026-03-17T09:30:00+03:00' }]
}

/** In kilobytes, of these files of src/forms and what they need. */
async function sizeOf(files: readonly string[]): Promise<string> {
  const contents = files.map((file) => `export * from './src/forms/${file}.ts'`).join('\n')
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    external: ['zod'],
    write: false,
  })
  return (gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 1000).toFixed(1)
}
