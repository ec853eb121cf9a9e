// The local server: the deployed bundle in workerd, with embedded D1, R2, Queues and Durable Objects whose data stays in
// one folder. `npm start` is this module with a console around it; tests, the demo and the bench start it themselves.
// Requests reach the Worker's `Direct` entrypoint on a socket of workerd's own: this process only carries log lines.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type Response,
  type V4SharedOptions,
  type V4WorkerOptions,
} from 'miniflare'
import { parseConfig } from '../src/domain/config.ts'
import { ensureBuilt } from './build.ts'
import { type Migration, migrate } from './local/migrate.ts'
import { OUTPUT, ROOT } from './local/paths.ts'
import { type LocalSecrets, openSecrets, randomPassword, writeSecrets } from './local/secrets.ts'
import { SETTINGS } from './local/settings.ts'
import { isAlive, lockState } from './local/state-lock.ts'
import { guardOrphan, shieldWorkerd, workerdChildren } from './local/workerd-process.ts'

const READY_WITHIN_MS = 30_000
const DRAIN_MS = 5_000
const CRON_EVERY_MS = 60_000

export interface FirstAdmin {
  email: string
  /** Null: the one that was set as ADMIN_PASSWORD. */
  password: string | null
}

export interface ServerOptions {
  /** 0 = any free port. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** Folder of the data and the secrets; made when missing. */
  stateDir: string
  /** Settings of the Worker (SETTINGS); others are ignored. */
  env?: Record<string, string | undefined>
  /** A line that the Worker wrote. Default: to stdout, or stderr for what is not one of its JSON lines. */
  onLine?: (line: string, isOurs: boolean) => void
  /** Called once in the life of a state folder, when its first admin has been made. Its password is shown nowhere else;
   *  without a listener it stays in secrets.json until a start with one. */
  onFirstAdmin?: (admin: FirstAdmin) => void
  /** Answers every request that the Worker makes itself, so that nothing leaves this process: for hostile tests. */
  outbound?: () => Response
}

export interface LocalServer {
  /** As reached from this machine, e.g. `http://127.0.0.1:8787`. */
  url: string
  port: number
  /** Pid of the process that answers. Changes when workerd had to be started again; null on Windows. */
  readonly workerdPid: number | null
  /** Runs the Worker's scheduled work now. */
  tick(): Promise<void>
  /** Lets requests in flight end (5 s at most), then stops everything. */
  stop(): Promise<void>
}

/** Builds if needed, migrates, starts, and resolves when `GET /api/v1/health` answers 200. Throws Errors whose message
 *  is meant for people: bad settings, port taken, folder in use. */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const { host = '127.0.0.1', env = {}, onLine = printLine, onFirstAdmin, outbound } = options
  const stateDir = resolve(options.stateDir)
  ensureBuilt()
  const release = lockState(stateDir)
  let miniflare: Miniflare | null = null
  let disarm = () => {}
  try {
    const secrets = openSecrets(stateDir)
    const settings = settingsOf(stateDir, secrets, env)
    const port = await freePort(host, options.port ?? 8787)
    const url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : urlHost(host)}:${port}`
    shieldWorkerd()
    await migrateAll(stateDir)

    const others = workerdChildren()
    let workerdPid: number | null = null
    const watch = () => {
      disarm()
      workerdPid = workerdChildren().find((pid) => !others.includes(pid)) ?? null
      disarm = workerdPid === null ? () => {} : guardOrphan(workerdPid)
    }
    const errorLines: string[] = []
    const server = newMiniflare(stateDir, {
      ...builtWorker(),
      bindings: settings,
      ...(outbound && { outboundService: outbound }),
      unsafeDirectSockets: [{ host, port, entrypoint: 'Direct' }],
      handleStructuredLogs: ({ message, level }) => {
        if (level === 'error' && errorLines.length < 20) errorLines.push(message)
        onLine(message, message.startsWith('{'))
      },
      // workerd crashed and Miniflare started it again: the new one needs a guard too.
      unsafeHandleRuntimeRestart: watch,
    })
    miniflare = server
    await server.ready
    watch()
    await untilReady(`${url}/api/v1/health`, errorLines)
    if (secrets.adminPending || secrets.firstAdminPassword)
      await meetFirstAdmin(server, url, stateDir, secrets, onFirstAdmin)

    let stopping: Promise<void> | null = null
    let ticking: Promise<void> | null = null
    const tick = () => {
      ticking ??= runScheduled(server)
        .catch((error) => {
          // Cut short by our own stop: the next start does the work.
          if (!stopping)
            onLine(JSON.stringify({ level: 'error', event: 'scheduled_failed', error: String(error) }), true)
        })
        .finally(() => {
          ticking = null
        })
      return ticking
    }
    // Miniflare fires no cron; whatever the last stop left in queues and outboxes is found again by this.
    void tick()
    const timer = setInterval(tick, CRON_EVERY_MS)
    timer.unref()

    const stop = async () => {
      clearInterval(timer)
      if (workerdPid !== null) await drain(workerdPid)
      await server.dispose()
      disarm()
      release()
    }
    return {
      url,
      port,
      get workerdPid() {
        return workerdPid
      },
      tick,
      stop: () => {
        stopping ??= stop()
        return stopping
      },
    }
  } catch (error) {
    await miniflare?.dispose()
    disarm()
    release()
    throw error
  }
}

const builtWorker = (): V4WorkerOptions => JSON.parse(readFileSync(OUTPUT.miniflare, 'utf8'))

/** Miniflare on the data of a folder, silent but for errors. */
function newMiniflare(stateDir: string, options: V4SharedOptions & V4WorkerOptions): Miniflare {
  return new Miniflare(
    convertV4MiniflareOptions({
      rootPath: ROOT,
      resourcePersistencePath: stateDir,
      // Miniflare's own door, which we use for handles on the databases and the Worker, not for requests.
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      unsafeTriggerHandlers: true,
      logRequests: false,
      log: new Log(LogLevel.ERROR),
      ...options,
    }),
  )
}

/** The Worker's settings: the environment's, and secrets made here where it has none. Throws for wrong ones. */
function settingsOf(
  stateDir: string,
  secrets: LocalSecrets,
  env: Record<string, string | undefined>,
): Record<string, string> {
  const settings: Record<string, string> = { TOKEN_KEYS: secrets.TOKEN_KEYS }
  for (const name of SETTINGS) if (env[name]) settings[name] = env[name]
  if (secrets.adminPending && !settings.ADMIN_PASSWORD) {
    secrets.firstAdminPassword ??= randomPassword()
    writeSecrets(stateDir, secrets)
    settings.ADMIN_PASSWORD = secrets.firstAdminPassword
  }
  parseConfig(settings)
  return settings
}

/** Brings the databases up to date before the port opens: nobody shall find a healthy server without its tables. */
async function migrateAll(stateDir: string): Promise<void> {
  const text = readFileSync(OUTPUT.migrations, 'utf8')
  // Beside the databases, so that it goes when they go.
  const note = join(stateDir, 'd1/migrated.sha256')
  const hash = createHash('sha256').update(text).digest('hex')
  if (existsSync(note) && readFileSync(note, 'utf8') === hash) return
  // Without the Worker: none of its alarms or messages may meet the old tables.
  const { d1Databases } = builtWorker()
  const miniflare = newMiniflare(stateDir, { modules: true, script: 'export default {}', d1Databases })
  try {
    const migrations: Record<string, Migration[]> = JSON.parse(text)
    for (const [binding, files] of Object.entries(migrations))
      await migrate(await miniflare.getD1Database(binding), files)
  } finally {
    await miniflare.dispose()
  }
  writeFileSync(note, hash)
}

function printLine(line: string, isOurs: boolean): void {
  if (isOurs) process.stdout.write(`${line}\n`)
  else process.stderr.write(`${line}\n`)
}

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** The port, or a free one for 0. Throws an Error for people when it can't be had. */
async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer()
  try {
    await new Promise<void>((done, failed) => {
      probe.once('error', failed)
      probe.listen({ host, port, exclusive: true }, done)
    })
    return (probe.address() as { port: number }).port
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new Error(`Port ${port} is taken by another program. Choose another one: PORT=${port + 1} npm start`)
    throw new Error(`The server cannot listen on ${host}, port ${port}: ${message}. Look at HOST and PORT.`)
  } finally {
    await new Promise((done) => probe.close(done))
  }
}

async function untilReady(url: string, errorLines: string[]): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  let last = 'no answer'
  while (Date.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
      const text = await response.text()
      if (response.status === 200) return
      last = `${response.status} ${text.slice(0, 500)}`
      // Errors that no waiting cures.
      if (response.status === 500) break
    } catch (error) {
      last = String(error)
    }
    await sleep(50)
  }
  throw new Error([`The server started, but is not well: ${last}`, ...errorLines].join('\n'))
}

/** Has the first admin made, and tells who it is. The password stays in secrets.json until somebody was told. */
async function meetFirstAdmin(
  server: Miniflare,
  url: string,
  stateDir: string,
  secrets: LocalSecrets,
  tell: ServerOptions['onFirstAdmin'],
): Promise<void> {
  // Any request to the API makes the first tenant and its admin.
  await fetch(`${url}/api/v1/auth/me`)
  const directory: D1Database = await server.getD1Database('DB')
  const admin = await directory
    .prepare('SELECT email FROM users ORDER BY created_at_ms LIMIT 1')
    .first<{ email: string | null }>()
  if (!admin?.email) return
  secrets.adminPending = false
  if (tell) {
    tell({ email: admin.email, password: secrets.firstAdminPassword ?? null })
    delete secrets.firstAdminPassword
  }
  writeSecrets(stateDir, secrets)
}

/** By a request to Miniflare's own port, not by `getWorker()`: its handles wait for workerd with this whole process standing
 *  still, and then nobody reads workerd's log, which may be what workerd waits for. */
async function runScheduled(server: Miniflare): Promise<void> {
  const response = await server.dispatchFetch('http://localhost/cdn-cgi/local/scheduled?format=json&cron=*+*+*+*+*')
  const text = await response.text()
  if (!text.includes('"outcome":"ok"')) throw new Error(`${response.status} ${text.slice(0, 500)}`)
}

/** workerd answers SIGTERM by closing its sockets and ending when the last request has been answered. */
async function drain(workerdPid: number): Promise<void> {
  if (!isAlive(workerdPid)) return
  process.kill(workerdPid, 'SIGTERM')
  const deadline = Date.now() + DRAIN_MS
  while (isAlive(workerdPid) && Date.now() < deadline) await sleep(10)
}
