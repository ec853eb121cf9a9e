// A small HTTP/1.1 load generator over raw keep-alive sockets: it builds each request when it is its turn, reads just
// enough of the answer to know its status and end, and costs little of the core it shares with the server.
import { connect, type Socket } from 'node:net'

export interface LoadRequest {
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
}

export interface LoadOptions {
  host: string
  port: number
  clients: number
  /** Stops after so many milliseconds or requests, whichever is first. */
  durationMs: number
  maxRequests?: number
  /** The n-th request of all. */
  next: (index: number) => LoadRequest
}

export interface LoadResult {
  requests: number
  /** Answers by status. */
  statuses: Record<string, number>
  seconds: number
  perSecond: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  bytesIn: number
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  let issued = 0
  let bytesIn = 0
  const startMs = performance.now()
  const endMs = startMs + options.durationMs
  const take = (): LoadRequest | null => {
    if (performance.now() >= endMs || issued >= (options.maxRequests ?? Number.POSITIVE_INFINITY)) return null
    return options.next(issued++)
  }
  const client = async () => {
    const connection = await openConnection(options)
    for (let request = take(); request; request = take()) {
      const beforeMs = performance.now()
      const { status, bytes } = await connection.send(request)
      latencies.push(performance.now() - beforeMs)
      statuses[status] = (statuses[status] ?? 0) + 1
      bytesIn += bytes.length
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: options.clients }, client))
  const seconds = (performance.now() - startMs) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return {
    requests: latencies.length,
    statuses,
    seconds,
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    bytesIn,
  }
}

function encode({ method, path, headers = {}, body }: LoadRequest, host: string): Buffer {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`
  if (body !== undefined) head += `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(`${head}\r\n${body ?? ''}`)
}

interface Answer {
  status: string
  /** Head and body as they came. */
  bytes: Buffer
}

export interface Connection {
  /** One at a time. */
  send(request: LoadRequest): Promise<Answer>
  close(): void
}

export function openConnection({ host, port }: Pick<LoadOptions, 'host' | 'port'>): Promise<Connection> {
  return new Promise((opened, refused) => {
    const socket: Socket = connect({ host, port, noDelay: true })
    let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null
    let received: Buffer[] = []
    socket.on('connect', () =>
      opened({
        send: (request) =>
          new Promise((resolve, reject) => {
            waiting = { resolve, reject }
            socket.write(encode(request, host))
          }),
        close: () => socket.destroy(),
      }),
    )
    const fail = (error: Error) => {
      refused(error)
      waiting?.reject(error)
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('The server closed the connection')))
    socket.on('data', (chunk) => {
      received.push(chunk)
      const all = received.length === 1 ? chunk : Buffer.concat(received)
      received = [all]
      if (!isWhole(all)) return
      received = []
      const { resolve } = waiting ?? {}
      waiting = null
      resolve?.({ status: all.toString('latin1', 9, 12), bytes: all })
    })
  })
}

/** Whether a whole answer is there: by its content-length, or by the last chunk. */
function isWhole(bytes: Buffer): boolean {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return false
  const head = bytes.toString('latin1', 0, headEnd)
  const declared = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (declared) return bytes.length >= headEnd + 4 + Number(declared[1])
  if (/\r\ntransfer-encoding: *chunked/i.test(head))
    return bytes.subarray(-7).toString('latin1').endsWith('\r\n0\r\n\r\n')
  return true
}
