// Starting, killing and stopping the server under test. A kill is SIGKILL for workerd and for the process above it, as a
// power cut or the kernel's memory killer would end them: nothing gets a chance to finish.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../scripts/local/paths.ts'
import type { Orders, Report } from './server.ts'

const PORT_FREE_WITHIN_MS = 10_000

export interface ServerProcess {
  /** Known after the first start, and the same from then on. */
  readonly port: number
  /** What the log complained about -> how often, with the first line of each. */
  readonly troubles: Map<string, { count: number; first: string }>
  /** Returns how many milliseconds passed until it was ready. Throws when it does not come up. */
  start(): Promise<number>
  kill(): Promise<void>
  stop(): Promise<void>
}

export function createServerProcess(stateDir: string, env: Record<string, string>): ServerProcess {
  const troubles: ServerProcess['troubles'] = new Map()
  let port = 0
  let child: ChildProcess | null = null
  let workerdPid: number | null = null

  function noteTrouble(what: string, line: string): void {
    const known = troubles.get(what)
    if (known) known.count++
    else troubles.set(what, { count: 1, first: line })
  }

  const ended = async (process: ChildProcess) => {
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
  }

  return {
    get port() {
      return port
    },
    troubles,
    async start() {
      const startMs = performance.now()
      const orders: Orders = { stateDir, port, env }
      const started = fork(join(ROOT, 'faults/server.ts'), [JSON.stringify(orders)], { stdio: 'inherit' })
      child = started
      await new Promise<void>((ready, failed) => {
        started.on('message', (report: Report) => {
          if (report.kind === 'trouble') noteTrouble(report.what, report.line)
          else if (report.kind === 'failed') failed(new Error(report.message))
          else {
            port = report.port
            workerdPid = report.workerdPid
            ready()
          }
        })
        started.once('exit', (code) => failed(new Error(`The server ended with ${code} before it was ready.`)))
      })
      return performance.now() - startMs
    },
    async kill() {
      if (!child) return
      // The upper one first: it would start workerd again.
      child.kill('SIGKILL')
      if (workerdPid !== null) killIfThere(workerdPid)
      await ended(child)
      await untilFree(port)
      child = null
    },
    async stop() {
      if (!child) return
      child.send('stop')
      await ended(child)
      child = null
    },
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // Its guard (scripts/local/workerd-process.ts) was faster.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function untilFree(port: number): Promise<void> {
  const deadline = performance.now() + PORT_FREE_WITHIN_MS
  while (await isListening(port)) {
    if (performance.now() > deadline) throw new Error(`Something still listens on port ${port} after the kill.`)
    await sleep(10)
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const probe = connect({ host: '127.0.0.1', port })
    probe.once('connect', () => {
      probe.destroy()
      done(true)
    })
    probe.once('error', () => done(false))
  })
