// A receiver of webhooks that behaves as it is told, in a process of its own (see receiver.ts). It listens twice: on one
// port for deliveries, whose path names the mailbox, and on another for its keeper, which stays when the first one dies.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a mailbox does with a request once it has read it. */
export type Behaviour =
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string; afterMs?: number }
  /** Fails this share of the requests with 500, drawn from the seed. */
  | { kind: 'random'; seed: number; failing: number; afterMs?: number }
  /** Hangs up without an answer. */
  | { kind: 'close' }
  /** Answers something that is not HTTP. */
  | { kind: 'garbage' }
  /** 200, and then zeros for as long as anybody reads them. */
  | { kind: 'endless' }
  /** One after the other, the last one for ever. */
  | { kind: 'script'; steps: Behaviour[] }

export interface Received {
  /** Epoch ms, when the whole request was there. */
  atMs: number
  method: string
  /** In lower case. */
  headers: Record<string, string>
  body: string
  /** Lower-case hex, of the bytes that came. */
  bodySha256: string
  /** Null: there was none that could be understood. */
  answered: number | null
  /** Of an endless answer: what was sent until the other side hung up. */
  sentBytes: number
}

interface Mailbox {
  behaviour: Behaviour
  /** Requests so far, also those that are not kept. */
  count: number
  received: Received[]
  /** webhook-ids that were answered 2xx. */
  reached: Set<string>
  /** False: requests are counted only, for measuring. */
  keeps: boolean
  random: () => number
}

const mailboxes = new Map<string, Mailbox>()
const OK: Behaviour = { kind: 'answer', status: 200 }

/** The numerical recipes' generator: enough for deciding who fails. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

function mailbox(name: string): Mailbox {
  const known = mailboxes.get(name)
  if (known) return known
  const made: Mailbox = { behaviour: OK, count: 0, received: [], reached: new Set(), keeps: true, random: seeded(0) }
  mailboxes.set(name, made)
  return made
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function nextStep(box: Mailbox): Exclude<Behaviour, { kind: 'script' }> {
  let { behaviour } = box
  while (behaviour.kind === 'script') {
    const [first, ...later] = behaviour.steps
    if (later.length > 0) box.behaviour = { kind: 'script', steps: later }
    behaviour = first ?? OK
  }
  return behaviour
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const box = mailbox(request.url ?? '/')
  const bytes = await readAll(request)
  const atMs = Date.now()
  box.count++
  const note: Received = {
    atMs,
    method: request.method ?? '',
    headers: request.headers as Record<string, string>,
    body: box.keeps ? bytes.toString('utf8') : '',
    bodySha256: box.keeps ? createHash('sha256').update(bytes).digest('hex') : '',
    answered: null,
    sentBytes: 0,
  }
  if (box.keeps) box.received.push(note)
  const step = nextStep(box)
  const answer = (status: number, headers: Record<string, string> = {}, body = '') => {
    // Whoever hung up meanwhile was not answered.
    if (response.destroyed) return
    note.answered = status
    if (box.keeps && status < 300) box.reached.add(String(request.headers['webhook-id']))
    response.writeHead(status, headers).end(body)
  }
  switch (step.kind) {
    case 'answer':
      if (step.afterMs) await sleep(step.afterMs)
      return answer(step.status, step.headers, step.body)
    case 'random': {
      const fails = box.random() < step.failing
      if (step.afterMs) await sleep(step.afterMs)
      return answer(fails ? 500 : 200)
    }
    case 'close':
      request.socket.destroy()
      return
    case 'garbage':
      request.socket.end('HTTP/9.9 YES!\u0000\r\n\u0001not: a header\r\nhello\r\n\r\n')
      return
    case 'endless':
      return pour(response, note)
  }
}

function pour(response: ServerResponse, note: Received): void {
  const zeros = Buffer.alloc(65_536)
  note.answered = 200
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  const more = () => {
    while (!response.destroyed) {
      note.sentBytes += zeros.length
      if (!response.write(zeros)) return void response.once('drain', more)
    }
  }
  more()
}

const door = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  take(request, response).catch(() => response.destroy())
})
// A sender that hangs up in the middle of its request.
door.on('clientError', (_, socket) => socket.destroy())

const listen = (server: typeof door, port: number): Promise<number> =>
  new Promise((done, failed) => {
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port))
  })

const port = await listen(door, 0)

const orders: Record<string, (name: string, body: string) => unknown> = {
  'PUT behaviour': (name, body) => {
    const box = mailbox(name)
    box.behaviour = JSON.parse(body)
    if (box.behaviour.kind === 'random') box.random = seeded(box.behaviour.seed)
  },
  'PUT counting': (name) => {
    mailbox(name).keeps = false
  },
  'GET count': (name) => mailbox(name).count,
  'GET reached': (name) => mailbox(name).reached.size,
  'GET received': (name) => mailbox(name).received,
  /** As if the process were killed: nobody listens any more, and whoever is connected is cut off. */
  'PUT dead': async () => {
    const closed = new Promise((done) => door.close(done))
    door.closeAllConnections()
    await closed
  },
  'PUT alive': () => listen(door, port),
}

const control = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://receiver')
  const order = orders[`${request.method} ${pathname.slice(1)}`]
  if (!order) return void response.writeHead(404).end()
  const result = await order(searchParams.get('mailbox') ?? '/', (await readAll(request)).toString('utf8'))
  response.end(JSON.stringify(result ?? null))
})

process.on('disconnect', () => process.exit(0))
process.send?.({ port, controlPort: await listen(control, 0) })
