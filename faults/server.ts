// The server under test in a process of its own, so that it can be killed like one. Started by server-process.ts, to which
// it reports when it is ready and whatever goes wrong inside; its request lines stay here.
import { startServer } from '../scripts/server.ts'

export type Report =
  | { kind: 'ready'; port: number; workerdPid: number | null }
  | { kind: 'trouble'; what: string; line: string }
  | { kind: 'failed'; message: string }

export interface Orders {
  stateDir: string
  port: number
  env: Record<string, string>
}

const tell = (report: Report) => process.send?.(report)

/** What a line of the server's log complains about; null for lines of everyday work. */
function troubleIn(line: string, isOurs: boolean): string | null {
  if (!isOurs) return 'not a log line'
  if (!line.includes('"level":"error"')) return null
  const { event, status } = JSON.parse(line) as { event: string; status?: number }
  return event === 'request' ? `request answered ${status}` : event
}

async function main({ stateDir, port, env }: Orders): Promise<void> {
  const server = await startServer({
    port,
    stateDir,
    env,
    onLine: (line, isOurs) => {
      const what = troubleIn(line, isOurs)
      if (what !== null) tell({ kind: 'trouble', what, line: line.slice(0, 2_000) })
    },
  })
  process.on('message', () => void server.stop().then(() => process.exit(0)))
  tell({ kind: 'ready', port: server.port, workerdPid: server.workerdPid })
}

if (import.meta.main) {
  // The simulator has gone: nobody is left to stop us.
  process.on('disconnect', () => process.exit(1))
  try {
    await main(JSON.parse(process.argv[2]!))
  } catch (error) {
    tell({ kind: 'failed', message: (error as Error).message })
    process.exitCode = 1
    process.disconnect?.()
  }
}
