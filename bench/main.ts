// `npm run bench`: the figures of docs/performance.md, measured on the local production-like server. Never a test.
// `npm run bench -- --quick` shortens every run; `--fill 1000` skips the large installation.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServer } from '../scripts/server.ts'
import { runIntakeBench } from './intake.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    fill: { type: 'string', multiple: true, default: ['1000', '200000'] },
  },
})

const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-bench-'))
const server = await startServer({
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
  },
  onLine: (line, isOurs) => {
    if (!isOurs || line.includes('"level":"error"')) process.stderr.write(`${line}\n`)
  },
})
process.stdout.write(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown CPU'}\n\n`)
try {
  await runIntakeBench(server, { fills: values.fill.map(Number), seconds: values.quick ? 3 : 10 })
} finally {
  await server.stop()
  rmSync(stateDir, { recursive: true, force: true })
}
