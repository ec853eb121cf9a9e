// `npm run bench`: the figures of docs/performance.md, measured on the local production-like server. Never a test.
// `npm run bench -- changes` runs the suites that are named. `--quick` shortens every run; `--fill 1000` skips the large
// installation. Each suite has a server of its own, on an empty installation.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type LocalServer, type ServerOptions, startServer } from '../scripts/server.ts'
import { runBuilderBench } from './builder.ts'
import { runChangesBench } from './changes.ts'
import { runDashboardBench } from './dashboard.ts'
import { runExportMediaBench } from './export-media.ts'
import { runExportsBench, runExportsMemoryBench, runMillionBench } from './exports.ts'
import { runFillingBench } from './filling.ts'
import { runFormsBench } from './forms.ts'
import { runIntakeBench } from './intake.ts'
import { runLighthouseBench } from './lighthouse.ts'
import { runLiveBench } from './live.ts'
import { runOutageBench } from './outage.ts'
import type { BenchOptions } from './report.ts'
import { runSynkronusBench } from './synkronus.ts'
import { runWebhooksBench } from './webhooks.ts'

type Suite = (server: LocalServer, options: BenchOptions) => Promise<void>

const SUITES: Record<string, Suite> = {
  intake: runIntakeBench,
  changes: runChangesBench,
  live: runLiveBench,
  outage: runOutageBench,
  synkronus: runSynkronusBench,
  exports: runExportsBench,
  webhooks: runWebhooksBench,
  'export-media': runExportMediaBench,
  dashboard: runDashboardBench,
  builder: runBuilderBench,
  filling: runFillingBench,
}
/** Suites that take long, and run only when they are named. */
const RARE: Record<string, Suite> = {
  'exports-million': runMillionBench,
  'exports-memory': runExportsMemoryBench,
  lighthouse: runLighthouseBench,
}
/** Suites that need no server. */
const OFFLINE: Record<string, (options: { seconds: number }) => Promise<void>> = { forms: runFormsBench }

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    fill: { type: 'string', multiple: true, default: ['1000', '200000'] },
  },
})

const known = [...Object.keys(SUITES), ...Object.keys(OFFLINE)]
const unknown = names.filter((name) => !known.includes(name) && !RARE[name])
if (unknown.length > 0) {
  process.stderr.write(
    `No such suite: ${unknown.join(', ')}. There are: ${[...known, ...Object.keys(RARE)].join(', ')}\n`,
  )
  process.exit(1)
}
process.stdout.write(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown CPU'}\n`)
for (const name of names.length > 0 ? names : known) {
  process.stdout.write(`\n## ${name}\n\n`)
  const offline = OFFLINE[name]
  if (offline) await offline({ seconds: values.quick ? 1 : 3 })
  else await onFreshServer((SUITES[name] ?? RARE[name])!)
}

async function onFreshServer(suite: Suite): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-bench-'))
  const options: ServerOptions = {
    port: 0,
    stateDir,
    env: {
      ADMIN_EMAIL: 'bench@example.org',
      ADMIN_PASSWORD: 'bench-password',
      RATE_KEY_PER_SECOND: '1000000',
      RATE_KEY_BURST: '1000000',
      RATE_DEVICE_PER_SECOND: '1000000',
      RATE_DEVICE_BURST: '1000000',
      RATE_USER_PER_SECOND: '1000000',
      RATE_USER_BURST: '1000000',
      LOGIN_PER_MINUTE: '1000000',
      WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
    },
    onLine: (line, isOurs) => {
      if (!isOurs || line.includes('"level":"error"')) process.stderr.write(`${line}\n`)
    },
  }
  let server = await startServer(options)
  const restart = async () => {
    await server.stop()
    server = await startServer(options)
    return server
  }
  try {
    await suite(server, { fills: values.fill.map(Number), seconds: values.quick ? 3 : 10, stateDir, restart })
  } finally {
    await server.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
}
