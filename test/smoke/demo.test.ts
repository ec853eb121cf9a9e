// `npm run demo` as a user runs it: on an empty folder, against a server that runs already, and with real tracks.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const samples = process.env.FIELDPOST_SAMPLES
const folder = mkdtempSync(join(tmpdir(), 'fieldpost-demo-'))
const children: ChildProcess[] = []

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Running {
  child: ChildProcess
  /** All that it has printed. */
  text(): string
  ended: Promise<number | null>
}

function run(command: string, args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  return { child, text: () => text, ended: new Promise((done) => child.once('close', done)) }
}

const demo = (state: string, args: string[] = [], env: Record<string, string> = {}) =>
  run(process.execPath, ['scripts/demo.ts', '--state', join(folder, state), ...args], { PORT: '0', ...env })

const onceEach = (submissions: number) => [
  `submissions ${submissions}, after sending everything again ${submissions}`,
  'photos      2, after sending everything again 2',
  'every answer and photo is as it was sent',
  'Each arrived exactly once.',
]

const expectLines = (text: string, lines: string[]) => {
  for (const line of lines) expect(text).toContain(line)
  expect(text).not.toContain('issue:')
}

test('the demo stays up, its commands work when pasted, and Ctrl-C ends it', async () => {
  const first = demo('up')
  await expect.poll(() => first.text(), { timeout: 30_000 }).toContain('Ctrl-C stops the server')
  const text = first.text()
  expectLines(text, ['240 points', '20,000 points  30.0 km   8 h 20 min', '20,240 points: all made up', ...onceEach(2)])

  const commands = text
    .split('\n')
    .filter((line) => /^ {2}(URL=|TOKEN=|curl | {2}\| )/.test(line))
    .join('\n')
  const pasted = run('sh', ['-euc', `cd ${folder}\n${commands}`])
  expect(await pasted.ended, pasted.text()).toBe(0)
  expect(pasted.text()).toMatch(/^\[\{"id":"[0-9a-f-]{36}".*\n\{"id":"[0-9a-f-]{36}".*"latitude".*\n.* demo-photo\n$/s)

  // Against this server, as against any that runs already.
  const FIELDPOST_URL = /http:\S+(?=\/docs\/)/.exec(text)![0]
  const credentials = { ADMIN_EMAIL: 'demo@fieldpost.local', ADMIN_PASSWORD: 'trail-survey' }
  const second = demo('none', [], { FIELDPOST_URL, ...credentials })
  expect(await second.ended, second.text()).toBe(0)
  expectLines(second.text(), ['is offered 2 forms', ...onceEach(2)])
  expect(second.text()).not.toContain(credentials.ADMIN_PASSWORD)

  first.child.kill('SIGINT')
  expect(await first.ended).toBe(0)
  await expect(fetch(FIELDPOST_URL)).rejects.toThrow()
})

test('with --exit it ends by itself, and starts anew on the folder it has used', async () => {
  const first = demo('up', ['--exit'])
  expect(await first.ended, first.text()).toBe(0)
  expectLines(first.text(), ['is offered the form', ...onceEach(2)])
})

test.skipIf(!samples)('with FIELDPOST_SAMPLES it sends 1,455 recorded points and two real photos', async () => {
  const real = demo('samples', ['--exit'], { FIELDPOST_SAMPLES: samples! })
  expect(await real.ended, real.text()).toBe(0)
  expectLines(real.text(), [
    '21,455 points: 1,455 recorded, 20,000 made up',
    'photo-1.jpg, 150,018 bytes',
    'photo-2.jpg, 129,650 bytes',
    '5 accepted, 0 known already, 0 refused',
    '0 accepted, 5 known already, 0 refused',
    ...onceEach(5),
  ])
})

test('it refuses to empty a folder that holds data of others', async () => {
  writeFileSync(join(folder, 'thesis.txt'), 'years of work')
  const before = readdirSync(folder)
  const refused = demo('.', ['--exit'])
  expect(await refused.ended).toBe(1)
  expect(refused.text()).toContain("holds data that is not the demo's")
  expect(readdirSync(folder)).toEqual(before)
})
