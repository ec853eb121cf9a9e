// The workerd process below Miniflare: starting it so that Ctrl-C doesn't reach it, finding its pid, and making sure
// that it never outlives this process.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

/** The local process holds the isolates of D1, R2 and the queues beside ours. Small steps keep it 100 MB smaller under
 *  load, at the same speed (docs/performance.md). */
const V8_FLAGS = '--min-semi-space-size=1 --max-semi-space-size=2 --initial-old-space-size=4 --heap-growing-percent=20'

/** Has Miniflare start workerd through workerd.sh. */
export function shieldWorkerd(): void {
  process.env.MINIFLARE_WORKERD_V8_FLAGS ??= V8_FLAGS
  if (process.platform === 'win32' || process.env.MINIFLARE_WORKERD_PATH) return
  process.env.FIELDPOST_WORKERD = createRequire(import.meta.url)('workerd').default
  process.env.MINIFLARE_WORKERD_PATH = join(ROOT, 'scripts/local/workerd.sh')
}

/** Pids of the workerd processes that this process has started, newest last. */
export function workerdChildren(): number[] {
  if (process.platform === 'win32') return []
  const found = existsSync('/proc/self/stat') ? childrenFromProc() : childrenFromPs()
  return found.filter(({ name }) => name.includes('workerd')).map(({ pid }) => pid)
}

function childrenFromProc(): { pid: number; name: string }[] {
  const children: { pid: number; name: string }[] = []
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const [, name = '', parent] = /\((.*)\) \S (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? []
      if (Number(parent) === process.pid) children.push({ pid: Number(entry), name })
    } catch (error) {
      // Processes end while we look at them.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return children.sort((a, b) => a.pid - b.pid)
}

function childrenFromPs(): { pid: number; name: string }[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [pid, parent, ...name] = line.trim().split(/\s+/)
    return Number(parent) === process.pid ? [{ pid: Number(pid), name: name.join(' ') }] : []
  })
}

/**
 * Kills workerd when this process dies without a chance to clean up (SIGKILL, out of memory): a shell waits for the end
 * of a pipe that only we hold open. Otherwise workerd would keep the port and the data. Returns how to call it off.
 */
export function guardOrphan(workerdPid: number): () => void {
  if (process.platform === 'win32') return () => {}
  const script = 'trap "" INT TERM HUP; read _; kill -9 "$0"'
  const guard: ChildProcess = spawn('sh', ['-c', script, String(workerdPid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  // Called off before its pipe closes: by then the pid may belong to somebody else.
  return () => {
    guard.kill('SIGKILL')
  }
}
