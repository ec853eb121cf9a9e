// docs/examples/verify-* as they are printed: each is started as a receiver and sent deliveries, genuine and not. Where
// there is no PHP its example is left out, visibly.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { webhookHeaders } from '../../src/lib/webhook-signature.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const PLAIN_SECRET = 'grün: any text will do'
const BODY = JSON.stringify({ id: 'msg_1', type: 'submission.created', data: { village: 'Fātick 🌍' } })

const running: ChildProcess[] = []
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program that listens on PORT, and resolves with its address and what it has printed so far. */
async function start(command: string[], secret: string): Promise<{ url: string; printed: () => string }> {
  const port = await freePort()
  const [program, ...args] = command.map((word) => word.replace('PORT', String(port)))
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, WEBHOOK_SECRET: secret, PORT: String(port) }
  const child = spawn(program!, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let printed = ''
  child.stdout.on('data', (chunk) => (printed += chunk))
  child.stderr.on('data', (chunk) => (printed += chunk))
  const url = `http://127.0.0.1:${port}/`
  await expect
    .poll(
      () =>
        fetch(url, { method: 'POST' }).then(
          ({ status }) => status,
          () => printed,
        ),
      { timeout: 20_000 },
    )
    .toBe(401)
  return { url, printed: () => printed }
}

function freePort(): Promise<number> {
  const probe = createServer()
  return new Promise((done) => {
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
}

const EXAMPLES = [
  { language: 'JavaScript', command: [process.execPath, 'docs/examples/verify-webhook.mjs'] },
  { language: 'Python', command: ['python3', 'docs/examples/verify_webhook.py'] },
  { language: 'PHP', command: ['php', '-S', '127.0.0.1:PORT', 'docs/examples/verify-webhook.php'] },
]

for (const { language, command } of EXAMPLES) {
  const exists = spawnSync(command[0]!, ['--version']).status === 0
  const name = `the ${language} example believes what is signed and nothing else`
  test.skipIf(!exists)(exists ? name : `${name} (left out: there is no ${command[0]} here)`, async () => {
    const nowSec = Math.floor(Date.now() / 1000)
    const delivery = { id: 'msg_1', timestampSec: nowSec, body: BODY, event: 'submission.created' }
    for (const secret of [SECRET, PLAIN_SECRET]) {
      const { url, printed } = await start(command, secret)
      const post = async (headers: Record<string, string>, body = BODY) =>
        (await fetch(url, { method: 'POST', headers, body })).status
      const genuine = webhookHeaders({ ...delivery, secrets: [secret] })
      expect(await post(genuine)).toBe(204)
      await expect.poll(printed, { timeout: 20_000 }).toContain('msg_1 submission.created')
      expect(await post(webhookHeaders({ ...delivery, secrets: ['whsec_bmV3', secret] }))).toBe(204)

      expect(await post(genuine, BODY.replace('Fātick', 'Dakar'))).toBe(401)
      expect(await post({ ...genuine, 'webhook-id': 'msg_2' })).toBe(401)
      expect(await post({ ...genuine, 'webhook-timestamp': String(nowSec + 1) })).toBe(401)
      expect(await post({ ...genuine, 'webhook-signature': 'v1,' })).toBe(401)
      expect(await post({ ...genuine, 'webhook-signature': genuine['webhook-signature']!.replace('v1', 'v2') })).toBe(
        401,
      )
      expect(await post(webhookHeaders({ ...delivery, secrets: ['another'] }))).toBe(401)
      expect(await post(webhookHeaders({ ...delivery, secrets: [] }))).toBe(401)
      for (const late of [-301, 310])
        expect(await post(webhookHeaders({ ...delivery, timestampSec: nowSec + late, secrets: [secret] }))).toBe(401)
    }
  })
}
