// Receivers of webhooks for tests, the fault injection and the bench: a real HTTP server in a process of its own, with
// mailboxes that behave well or badly. What they do stands in receiver-process.ts.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Behaviour, Received } from './receiver-process.ts'

export type { Behaviour, Received }

export interface Mailbox {
  /** What a webhook is pointed at. */
  readonly url: string
  behave(behaviour: Behaviour): Promise<void>
  /** From now on requests are counted, not kept. */
  countOnly(): Promise<void>
  count(): Promise<number>
  /** How many different `webhook-id` were answered 2xx. */
  reached(): Promise<number>
  /** Everything that came, oldest first. */
  received(): Promise<Received[]>
}

export interface Receiver {
  readonly port: number
  readonly pid: number
  /** Made when it is first spoken of; answers 200 until it is told otherwise. */
  mailbox(name: string): Mailbox
  /** Nobody listens on its port any more, and who is connected is cut off. What it received is kept. */
  die(): Promise<void>
  /** Listens again, on the same port. */
  comeBack(): Promise<void>
  stop(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), { stdio: 'inherit' })
  const { port, controlPort } = await ready(child)
  const send = async (method: 'GET' | 'PUT', name: string, mailbox: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${controlPort}/${name}?mailbox=${encodeURIComponent(mailbox)}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`The receiver does not know ${method} ${name}.`)
    return response.json()
  }
  const tell = async (name: string, mailbox = '/', body?: unknown): Promise<void> => {
    await send('PUT', name, mailbox, body)
  }
  return {
    port,
    pid: child.pid!,
    mailbox: (name) => ({
      url: `http://127.0.0.1:${port}/${name}`,
      behave: (behaviour) => tell('behaviour', `/${name}`, behaviour),
      countOnly: () => tell('counting', `/${name}`),
      count: async () => (await send('GET', 'count', `/${name}`)) as number,
      reached: async () => (await send('GET', 'reached', `/${name}`)) as number,
      received: async () => (await send('GET', 'received', `/${name}`)) as Received[],
    }),
    die: () => tell('dead'),
    comeBack: () => tell('alive'),
    async stop() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

function ready(child: ChildProcess): Promise<{ port: number; controlPort: number }> {
  return new Promise((done, failed) => {
    child.once('message', (ports) => done(ports as { port: number; controlPort: number }))
    child.once('exit', (code) => failed(new Error(`The receiver ended with ${code} before it listened.`)))
  })
}
