// The product as a user runs it: the built server on an empty folder, stopped and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isAlive } from '../../scripts/local/state-lock.ts'
import { startServer } from '../../scripts/server.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-smoke-'))
const password = 'chiara-owns-it'
const children: ChildProcess[] = []

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(stateDir, { recursive: true, force: true })
})

interface Started {
  child: ChildProcess
  url: string
  output: () => string
  ended: Promise<number | null>
}

/** `npm start` without npm, on a free port. */
async function start(env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    env: { PATH: process.env.PATH, PORT: '0', FIELDPOST_STATE: stateDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk
      const ready = /ready on (http:\S+)/.exec(output)
      if (ready) resolve(ready[1]!)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then((code) => reject(new Error(`ended with ${code}:\n${output}`)))
  })
  return { child, url, output: () => output, ended }
}

async function call(url: string, path: string, { json, token }: { json?: unknown; token?: string } = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: json === undefined ? 'GET' : 'POST',
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  const body: any = await response.json()
  return { status: response.status, body }
}

const login = async (url: string, secret = password) =>
  call(url, '/auth/login', { json: { email: 'chiara@example.org', password: secret } })

test('the server starts empty, stops cleanly on SIGTERM and comes back with its data', async () => {
  const first = await start({ ADMIN_EMAIL: 'chiara@example.org', ADMIN_PASSWORD: password })
  expect(await call(first.url, '/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(first.output()).not.toContain(password)
  const { status, body } = await login(first.url)
  expect(status).toBe(200)
  const project = await call(first.url, '/projects', { json: { name: 'Wells' }, token: body.access_token })
  expect(project.status).toBe(201)

  // The pages are there, under their policy.
  for (const path of ['/', '/docs/', '/docs/swagger-ui-bundle.js']) {
    const page = await fetch(first.url + path)
    expect([path, page.status]).toEqual([path, 200])
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    await page.body?.cancel()
  }

  // Its logs are one JSON line per request, and its secrets nobody else's.
  const lines = first
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ event: 'request', route: '/api/v1/projects', status: 201 }),
  )
  expect(statSync(join(stateDir, 'secrets.json')).mode & 0o077).toBe(0)

  // A second server on the same data is refused, with a reason.
  await expect(startServer({ port: 0, stateDir })).rejects.toThrow(/in use by process/)

  first.child.kill('SIGTERM')
  expect(await first.ended).toBe(0)
  await expect(fetch(`${first.url}/api/v1/health`)).rejects.toThrow()
  expect(existsSync(join(stateDir, 'lock'))).toBe(false)

  // Again, as a module this time and with other settings: the tokens and the data of before are good.
  const second = await startServer({ port: 0, stateDir, env: { ADMIN_PASSWORD: 'another-one' }, onLine: () => {} })
  const workerd = second.workerdPid!
  try {
    expect(await call(second.url, '/auth/me', { token: body.access_token })).toMatchObject({ status: 200 })
    const projects = await call(second.url, '/projects', { token: body.access_token })
    expect(projects.body).toMatchObject([{ id: project.body.id, name: 'Wells' }])
    expect((await login(second.url, 'another-one')).status).toBe(401)
  } finally {
    await second.stop()
  }
  expect(isAlive(workerd)).toBe(false)
})

test('a first start without a password makes one and shows it once', async () => {
  const own = join(stateDir, 'own')
  const seen: { email: string; password: string | null }[] = []
  const options = {
    port: 0,
    stateDir: own,
    onLine: () => {},
    onFirstAdmin: (admin: (typeof seen)[0]) => seen.push(admin),
  }
  const first = await startServer(options)
  expect(seen).toEqual([{ email: 'admin@fieldpost.local', password: expect.stringMatching(/^\w{4}(-\w{4}){3}$/) }])
  const answer = await call(first.url, '/auth/login', { json: seen[0] })
  expect(answer.status).toBe(200)
  await first.stop()
  const second = await startServer(options)
  expect(seen).toHaveLength(1)
  await second.stop()
})

test('the walk-through of the README works as it is printed', async () => {
  const folder = join(stateDir, 'walk')
  const { url, stop } = await startServer({
    port: 0,
    stateDir: folder,
    env: { ADMIN_PASSWORD: password },
    onLine: () => {},
  })
  const chapter = readFileSync('README.md', 'utf8')
    .split(/^## /m)
    .find((text) => text.startsWith('From nothing'))!
  const script = [...chapter.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
    .map(([, block]) => block)
    .join('')
    .replace('http://127.0.0.1:8787', url)
    .replace('xxxx-xxxx-xxxx-xxxx', password)
  expect(script).toContain(url)
  expect(script).toContain(password)
  const shell = spawn('sh', ['-eu'], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
  children.push(shell)
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk) => (output += chunk))
  shell.stdin.end(script)
  const code = await new Promise((resolve) => shell.once('close', resolve))
  await stop()
  expect(code, output).toBe(0)
  expect(output).toContain('"ignored":[{')
  expect(output).toContain('The photo came back as it left.')
})

test('when the server is killed, nothing of it keeps running', async () => {
  const { child, url, ended } = await start({})
  child.kill('SIGKILL')
  await ended
  await expect
    .poll(
      () =>
        fetch(`${url}/api/v1/health`).then(
          () => 'answers',
          () => 'gone',
        ),
      { timeout: 5_000 },
    )
    .toBe('gone')
  const { stop } = await startServer({ port: Number(new URL(url).port), stateDir, onLine: () => {} })
  await stop()
})
