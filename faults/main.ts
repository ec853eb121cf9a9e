// `npm run faults -- sync` and `npm run faults -- webhooks`: figures for docs/reliability.md, and exit code 1 when a promise
// is broken. Linux only (it finds and kills workerd by /proc); everything stays on the loopback interface and in a
// temporary folder.
import { cpus } from 'node:os'
import { print, type Scenario } from './options.ts'
import { sync } from './sync-report.ts'
import { webhooks } from './webhooks-report.ts'

const SCENARIOS: Record<string, Scenario> = { sync, webhooks }

const [name = '', ...args] = process.argv.slice(2)
const scenario = SCENARIOS[name]
if (!scenario) {
  for (const [known, { usage }] of Object.entries(SCENARIOS))
    console.error(`npm run faults -- ${known} [options]\n${usage}\n`)
  process.exit(2)
}
if (process.platform !== 'linux') {
  console.error('The fault injection needs Linux.')
  process.exit(2)
}
print(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown CPU'}`)
process.exitCode = (await scenario.run(args)) ? 0 : 1
