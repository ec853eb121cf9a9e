// docs/examples/headless.py as it is printed, against the server as `npm start` runs it. Where Python has no requests,
// test/api/headless-example.test.ts still walks the same way.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer } from '../../scripts/server.ts'
import { createClient } from '../../src/client.ts'

const hasRequests = spawnSync('python3', ['-c', 'import requests']).status === 0
const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-python-'))
const credentials = { email: 'chiara@example.org', password: 'chiara-owns-it' }

afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

/** Runs the program with nothing but its settings, and no proxy between. */
async function runProgram(url: string, key: string) {
  const env = { PATH: process.env.PATH, FIELDPOST_URL: url, FIELDPOST_API_KEY: key }
  const child = spawn('python3', ['docs/examples/headless.py'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const code = await new Promise((done) => child.once('close', done))
  return { code, stdout, stderr }
}

test.skipIf(!hasRequests)('the Python example stores its reading once, and tells what is wrong', async () => {
  const env = { ADMIN_EMAIL: credentials.email, ADMIN_PASSWORD: credentials.password }
  const server = await startServer({ port: 0, stateDir, env, onLine: () => {} })
  try {
    const login = await createClient(server.url).auth.login.$post({ json: credentials })
    const admin = createClient(server.url, { token: (await login.json()).access_token })
    const { key } = await (await admin['api-keys'].$post({ json: { name: 'pole 7' } })).json()
    expect(await runProgram(server.url, key)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The key reaches no published form with the name Well.\n',
    })

    const project = await (await admin.projects.$post({ json: { name: 'Wells of Fatick' } })).json()
    const fields = [
      { id: 'village', type: 'text', label: 'Village', required: true },
      { id: 'depth', type: 'number', label: 'Depth (m)' },
    ]
    const made = await admin.forms.$post({ json: { project_id: project.id, name: 'Well', schema: { fields } } })
    const form = await made.json()
    await admin.forms[':id'].publish.$post({ param: { id: form.id } })

    const { code, stdout, stderr } = await runProgram(`${server.url}/`, key)
    expect([code, stderr]).toEqual([0, ''])
    const list = await (await admin.submissions.$get({ query: {} })).json()
    expect(list).toMatchObject([{ form_id: form.id, data: { village: 'Fatick', depth: 31.5 }, protocol: 'headless' }])
    expect(stdout.split('\n')).toEqual([
      'Well, version 1',
      '  village: text, required',
      '  depth: number',
      `sent: accepted, ${list[0]!.id}`,
      `sent again: ignored, ${list[0]!.id}`,
      '',
    ])

    const stranger = await runProgram(server.url, 'qb_nonsense')
    expect(stranger).toEqual({ code: 1, stdout: '', stderr: '401: Invalid or revoked API key\n' })
  } finally {
    await server.stop()
  }
})
