// A bad line between one phone and the server: a TCP proxy that cuts, stalls, repeats and slows down what passes. It knows
// nothing of HTTP but that a connection carries one request. What it does to each connection is drawn from the seed.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random.ts'

export const FAULTS = [
  'request cut',
  'response cut',
  'request stalled',
  'response stalled',
  'request doubled at once',
  'request repeated later',
  'darkness',
] as const
export type Fault = (typeof FAULTS)[number]

/** Share of connections that something happens to. */
const TROUBLED = 0.25
const MAX_STALL_MS = 4_000
const MAX_DARKNESS_MS = 4_000
const MAX_DELAY_OF_REPEAT_MS = 3_000
/** Small, so that a slow line is slow all the time and not in jumps. */
const SLOW_PIECE_BYTES = 512

export interface LinkOptions {
  targetPort: () => number
  random: Random
  /** Both ways together; null = as fast as the machine. */
  bytesPerSecond: number | null
}

export interface Link {
  port: number
  /** Faults that really happened, not those that came too late. */
  counts: Record<Fault, number>
  /** Between phone and line, both ways. */
  bytes(): number
  goDark(ms: number): void
  /** Resolves when the requests that are still to be repeated have been. */
  close(): Promise<void>
}

interface Plan {
  fault: Fault | null
  /** Where in the stream of bytes it happens. */
  atByte: number
  waitMs: number
}

export async function openLink({ targetPort, random, bytesPerSecond }: LinkOptions): Promise<Link> {
  const counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>
  const open = new Set<Socket>()
  const repeats = new Set<Promise<void>>()
  let bytes = 0
  let darkUntilMs = 0
  let lineFreeAtMs = 0

  function goDark(ms: number): void {
    darkUntilMs = performance.now() + ms
    for (const socket of open) socket.destroy()
  }

  /** Waits until the line has carried so many bytes more. */
  async function pace(count: number): Promise<void> {
    if (bytesPerSecond === null) return
    const nowMs = performance.now()
    lineFreeAtMs = Math.max(lineFreeAtMs, nowMs) + (count / bytesPerSecond) * 1000
    await sleep(lineFreeAtMs - nowMs)
  }

  function drawPlan(): Plan {
    const fault = random.chance(TROUBLED) ? random.pick(FAULTS) : null
    const isEarly = random.chance(0.5)
    switch (fault) {
      case 'request cut':
      case 'request stalled':
        return { fault, atByte: random.int(0, isEarly ? 500 : 20_000), waitMs: random.int(200, MAX_STALL_MS) }
      case 'response cut':
      case 'response stalled':
        return { fault, atByte: isEarly ? 0 : random.int(0, 2_000), waitMs: random.int(200, MAX_STALL_MS) }
      case 'darkness':
        return { fault, atByte: random.int(0, 20_000), waitMs: random.int(500, MAX_DARKNESS_MS) }
      default:
        return { fault, atByte: 0, waitMs: random.int(0, MAX_DELAY_OF_REPEAT_MS) }
    }
  }

  function happened(fault: Fault | null): void {
    if (fault) counts[fault]++
  }

  /** The copy of a request that the phone knows nothing of; its answer goes nowhere. */
  function sendCopy(): Socket {
    const copy = connect({ host: '127.0.0.1', port: targetPort() })
    // It may well meet a dead server.
    copy.on('error', () => copy.destroy())
    copy.resume()
    return copy
  }

  async function sendLater(request: Buffer[], waitMs: number): Promise<void> {
    await sleep(waitMs)
    const copy = sendCopy()
    copy.end(Buffer.concat(request))
    await new Promise((closed) => copy.once('close', closed))
  }

  async function carry(phone: Socket): Promise<void> {
    const plan = drawPlan()
    const server = connect({ host: '127.0.0.1', port: targetPort() })
    const both = [phone, server]
    for (const socket of both) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      // What breaks is seen by whoever reads or writes it.
      socket.on('error', () => {})
    }
    phone.once('close', () => server.destroySoon())
    const copy = plan.fault === 'request doubled at once' ? sendCopy() : null
    if (copy) happened(plan.fault)
    const sent: Buffer[] = []

    const cut = () => {
      for (const socket of both) {
        if (random.chance(0.5)) socket.resetAndDestroy()
        else socket.destroy()
      }
    }
    /** False when the connection is gone. */
    const meet = async (): Promise<boolean> => {
      happened(plan.fault)
      if (plan.fault === 'darkness') goDark(plan.waitMs)
      else if (plan.fault?.endsWith('cut')) cut()
      else await sleep(plan.waitMs)
      return both.every((socket) => !socket.destroyed)
    }
    const pump = async (from: Socket, to: Socket, isRequest: boolean): Promise<void> => {
      let passed = 0
      const mine = isRequest ? ['request cut', 'request stalled', 'darkness'] : ['response cut', 'response stalled']
      let pending = plan.fault !== null && mine.includes(plan.fault)
      for await (const chunk of from as AsyncIterable<Buffer>) {
        const step = bytesPerSecond === null ? chunk.length : SLOW_PIECE_BYTES
        for (let at = 0; at < chunk.length; at += step) {
          let piece = chunk.subarray(at, at + step)
          if (pending && passed + piece.length > plan.atByte) {
            pending = false
            const before = piece.subarray(0, plan.atByte - passed)
            if (before.length > 0) to.write(before)
            piece = piece.subarray(before.length)
            bytes += before.length
            if (!(await meet())) return
          }
          await pace(piece.length)
          if (from.destroyed && isRequest) return
          passed += piece.length
          bytes += piece.length
          if (isRequest && plan.fault === 'request repeated later') sent.push(piece)
          if (isRequest) copy?.write(piece)
          if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')])
        }
      }
      to.end()
    }
    const broken = (error: unknown) => {
      if (!(error instanceof Error && 'code' in error)) throw error
      for (const socket of both) socket.destroy()
    }
    await Promise.all([pump(phone, server, true).catch(broken), pump(server, phone, false).catch(broken)])
    copy?.end()
    if (sent.length > 0) {
      happened(plan.fault)
      const repeat = sendLater(sent, plan.waitMs).finally(() => repeats.delete(repeat))
      repeats.add(repeat)
    }
  }

  const listener = createServer({ noDelay: true }, (phone) => {
    if (performance.now() < darkUntilMs) phone.destroy()
    else void carry(phone)
  })
  listener.listen({ host: '127.0.0.1', port: 0 })
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    counts,
    bytes: () => bytes,
    goDark,
    async close() {
      for (const socket of open) socket.destroy()
      await Promise.all(repeats)
      listener.close()
      await once(listener, 'close')
    },
  }
}
