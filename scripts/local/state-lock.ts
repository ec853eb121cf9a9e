// One server per state folder: two workerd processes on the same SQLite files would each believe to be alone.
// The lock is a file with the holder's pid and birth, so that a lock left behind by a kill is recognised, even when its
// pid has been given to another process since.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const heldHere = new Set<string>()

/** Takes the folder and returns how to let go of it. Throws an Error for people when another server holds it. */
export function lockState(stateDir: string): () => void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const path = join(resolve(stateDir), 'lock')
  const inUse = (pid: number) =>
    new Error(
      `The data folder ${stateDir} is in use by process ${pid}. Stop that server first, or give this one a folder of ` +
        'its own: FIELDPOST_STATE=other-folder npm start',
    )
  if (heldHere.has(path)) throw inUse(process.pid)
  for (;;) {
    try {
      writeFileSync(path, `${process.pid} ${birthOf(process.pid)}\n`, { flag: 'wx' })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const [pid = '', birth = ''] = readHolder(path).split(' ')
      if (Number(pid) !== process.pid && isAlive(Number(pid)) && birthOf(Number(pid)) === birth)
        throw inUse(Number(pid))
      rmSync(path, { force: true })
    }
  }
  heldHere.add(path)
  return () => {
    heldHere.delete(path)
    rmSync(path, { force: true })
  }
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    // Its holder has just let go of it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** False also for 0, which an empty or broken lock file says. */
export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What tells this process from a later one with the same pid: boot and start time. `-` where /proc can't tell. */
function birthOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The name in brackets may hold spaces; the start time is the 20th field after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return `${boot}:${fields[19]}`
  } catch {
    // No /proc (macOS, Windows), or the process is gone, which the caller finds out by itself.
    return '-'
  }
}
