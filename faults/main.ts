// `npm run faults -- sync`: figures for docs/reliability.md, and exit code 1 when anything is lost or doubled. Linux only
// (it finds and kills workerd by /proc); everything stays on the loopback interface and in a temporary folder.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { runSync, type SyncReport } from './sync.ts'

const USAGE = `npm run faults -- sync [options]
  --seed N            what the faults, answers and photos are drawn from (default: by the clock)
  --phones N          50
  --submissions N     20000, over all phones
  --photos N          2000, over all phones
  --kills N           20: SIGKILL of workerd and its parent
  --outages N         3: the database fails every call
  --outage-seconds N  3
  --limit-minutes N   30: gives up, and fails`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    phones: { type: 'string', default: '50' },
    submissions: { type: 'string', default: '20000' },
    photos: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '20' },
    outages: { type: 'string', default: '3' },
    'outage-seconds': { type: 'string', default: '3' },
    'limit-minutes': { type: 'string', default: '30' },
  },
})

function number(text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) throw new Error(`${text} is not a whole number of at least ${least}.`)
  return value
}

const print = (line: string) => process.stdout.write(`${line}\n`)

function printReport(report: SyncReport): void {
  const by = (counts: Iterable<[string, number]>) =>
    [...counts]
      .sort()
      .map(([name, count]) => `${count} × ${name}`)
      .join(', ')
  const row = (name: string, value: string | number) => print(`${`${name}:`.padEnd(28)}${value}`)
  print('')
  row('acknowledged', report.acknowledged)
  row('stored', report.stored)
  row('lost', report.lost.length)
  row('doubled', report.doubled.length)
  row('photos', `${report.photos}, hashes compared over the API and on the disk`)
  row('quarantined', report.quarantined)
  row('other breaches', report.wrong.length)
  row('wire bytes per submission', Math.round(report.bytesPerSubmission))
  row('wire bytes per photo', Math.round(report.bytesPerPhoto))
  row('seconds of syncing', report.seconds.toFixed(0))
  row('starts', `${report.startsMs.length}, the slowest ${(Math.max(...report.startsMs) / 1000).toFixed(1)} s`)
  row('taken in during outages', report.acknowledgedDuringOutages.join(', ') || 'no outage')
  row('faults of the lines', by(Object.entries(report.faults)))
  row('answers', by(report.statuses))
  row('complaints in the log', by([...report.troubles].map(([what, { count }]) => [what, count])) || 'none')
  for (const [what, { first }] of report.troubles) print(`  first "${what}": ${first.slice(0, 400)}`)
  for (const list of [report.lost, report.doubled, report.wrong])
    for (const line of list.slice(0, 20)) print(`  ! ${line}`)
}

if (positionals[0] !== 'sync' || positionals.length > 1) {
  console.error(USAGE)
  process.exit(2)
}
if (process.platform !== 'linux') {
  console.error('The fault injection needs Linux.')
  process.exit(2)
}

const seed = values.seed === undefined ? Date.now() % 1_000_000 : number(values.seed, 0)
print(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown CPU'}; seed ${seed}`)
const report = await runSync({
  seed,
  phones: number(values.phones, 1),
  submissions: number(values.submissions, 1),
  photos: number(values.photos, 0),
  kills: number(values.kills, 0),
  outages: number(values.outages, 0),
  outageSeconds: number(values['outage-seconds'], 1),
  limitMinutes: number(values['limit-minutes'], 1),
  log: print,
})
printReport(report)
process.exitCode = report.lost.length + report.doubled.length + report.wrong.length > 0 ? 1 : 0
