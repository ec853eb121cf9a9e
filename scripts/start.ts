// `npm start`: the local server with a console around it. Settings are environment variables (docs/configuration.md).
import { networkInterfaces } from 'node:os'
import { stateFolder } from './local/paths.ts'
import { type LocalServer, startServer } from './server.ts'

const host = process.env.HOST || '127.0.0.1'
const port = process.env.PORT ? Number(process.env.PORT) : 8787
const stateDir = stateFolder()

/** Addresses that other machines on the same network may reach this one by. */
const lanAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)

let server: LocalServer | null = null
let stopAsked = false

async function stop(): Promise<void> {
  if (stopAsked) return
  stopAsked = true
  // Before it is up there is nothing to save; workerd ends with us (local/workerd-process.ts).
  if (!server) process.exit(0)
  console.log('Stopping …')
  await server.stop()
  process.exit(0)
}

function listenForSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    // Miniflare's own handlers end the process at once, in the middle of our stop.
    process.removeAllListeners(signal)
    process.on(signal, () => void stop())
  }
}

/** npm passes SIGTERM and SIGINT on to us (package.json starts us by `exec`, so that no shell is between), but when npm
 *  itself is killed, nobody would ever stop us. */
function watchNpm(): void {
  if (!process.env.npm_lifecycle_event) return
  const npm = process.ppid
  setInterval(() => {
    if (process.ppid !== npm) void stop()
  }, 500).unref()
}

// A terminal or log reader that went away is no reason to stop serving.
process.stdout.on('error', () => {})

try {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`PORT=${process.env.PORT} is not a port.`)
  listenForSignals()
  watchNpm()
  server = await startServer({
    host,
    port,
    stateDir,
    env: process.env,
    onFirstAdmin: ({ email, password }) => {
      console.log(`First start: the admin is ${email}`)
      console.log(password ? `with the password ${password} (shown only now)` : 'with the password in ADMIN_PASSWORD')
    },
  })
  listenForSignals()
  console.log(`Fieldpost is ready on ${server.url}`)
  if (host === '0.0.0.0')
    for (const address of lanAddresses()) console.log(`In this network: http://${address}:${server.port}`)
  console.log(`API reference: ${server.url}/docs/   Data: ${stateDir}   Stop: Ctrl-C`)
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
