// `npm run fuzz -- api`: figures for docs/reliability.md, and exit code 1 when the API does anything it must not. Reads
// the server's memory from /proc, so Linux only; everything stays on the loopback interface and in a temporary folder.
// `npm run fuzz -- forms`: the properties of the form language (forms.ts), without a server.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type ApiFuzzReport, fuzzApi } from './api.ts'
import { FORM_PROPERTIES, tryProperty } from './forms.ts'

const USAGE = `npm run fuzz -- forms [options]
  --seed N         what the forms are drawn from (default: by the clock)
  --runs N         100000 of each property

npm run fuzz -- api [options]
  --seed N         what the requests are drawn from (default: by the clock)
  --requests N     200000
  --clients N      8, each with a tenant of its own
  --replay S:P     sends one finding again, by the replay that was printed with it`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    requests: { type: 'string', default: '200000' },
    clients: { type: 'string', default: '8' },
    runs: { type: 'string', default: '100000' },
    replay: { type: 'string' },
  },
})

function number(text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) throw new Error(`${text} is not a whole number of at least ${least}.`)
  return value
}

const print = (line: string) => process.stdout.write(`${line}\n`)

const MEMORY_WORD = new Map([
  [true, 'yes'],
  [false, 'NO'],
  [null, 'too few requests to tell'],
])

function printReport(report: ApiFuzzReport): void {
  const { memoryMb } = report
  const row = (name: string, value: string | number) => print(`${`${name}:`.padEnd(28)}${value}`)
  const statuses = [...report.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`)
  print('')
  row('requests', `${report.requests} in ${report.seconds.toFixed(0)} s`)
  row('answers', statuses.join(', '))
  row('slowest answer', `${Math.round(report.slowestMs)} ms`)
  row('operations never reached', report.unreached.join(', ') || 'none')
  row('memory of the server', `${memoryMb.warm} MB warm, ${memoryMb.peak} MB at most, ${memoryMb.end} MB after a rest`)
  row('memory back to rest', MEMORY_WORD.get(report.memoryIsBack)!)
  row('complaints in the log', report.complaints.length)
  row('findings', report.findings.length)
  for (const { operation, fault, replay, curl } of report.findings)
    print(`  ! ${operation}: ${fault}${replay && ` (--replay ${replay})`}\n    ${curl.slice(0, 3_000)}`)
}

/** One line for each property; longer than this for one example is a finding, too. */
const LONG_MS = 1_000

function runForms(seed: number, runs: number): boolean {
  let isFine = true
  for (const name of Object.keys(FORM_PROPERTIES)) {
    const report = tryProperty(name, { seed, runs })
    const isLong = report.slowestMs > LONG_MS
    isFine &&= report.failure === null && !isLong
    const verdict = report.failure === null ? (isLong ? 'TAKES LONG' : 'holds') : 'BROKEN'
    print(
      `${verdict}: ${name} (${report.runs} in ${report.seconds.toFixed(0)} s, slowest ${report.slowestMs.toFixed(0)} ms)`,
    )
    if (report.failure !== null) print(report.failure)
  }
  return isFine
}

async function runApi(seed: number): Promise<boolean> {
  if (process.platform !== 'linux') {
    console.error('The fuzzer reads /proc and needs Linux.')
    process.exit(2)
  }
  const report = await fuzzApi({
    seed,
    count: number(values.requests, 1),
    clients: number(values.clients, 1),
    replay: values.replay ?? null,
    log: print,
  })
  printReport(report)
  return report.findings.length + report.complaints.length === 0 && report.memoryIsBack !== false
}

const [suite] = positionals
if ((suite !== 'api' && suite !== 'forms') || positionals.length > 1) {
  console.error(USAGE)
  process.exit(2)
}
const seed = values.seed === undefined ? Date.now() % 1_000_000 : number(values.seed, 0)
print(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown CPU'}; seed ${seed}`)
const isFine = suite === 'api' ? await runApi(seed) : runForms(seed, number(values.runs, 1))
process.exitCode = isFine ? 0 : 1
