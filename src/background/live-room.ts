// The live room: one object per tenant, in which everybody who follows the changes live holds a hibernating WebSocket. It
// passes on hints (a seq) and holds nothing that anybody would miss: what has changed is read from the feed.
import { DurableObject } from 'cloudflare:workers'
import { depsOf } from './deps.ts'
import { RECHECK } from './live/messages.ts'

/** Many isolates may tell the room at once; listeners hear of it at most this often. Each of them then reads the feed. */
const SAY_EVERY_MS = 1_000
const MAX_LISTENERS = 1_000
/** Of one credential: some tabs on some screens. */
const MAX_LISTENERS_OF_ONE = 20
/** Who finds no room has the others asked whether they are still there, this often at most. */
const ASK_EVERY_MS = 2_000

export class LiveRoom extends DurableObject<Env> {
  readonly #clock = depsOf(this.env).clock
  #seq = 0
  #saidAtMs = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #askedAtMs = 0

  /** A listener comes in; `?as=` is its name. 429 without a WebSocket: too many are here. */
  override async fetch(request: Request): Promise<Response> {
    const name = new URL(request.url).searchParams.get('as') ?? ''
    const isFull = this.ctx.getWebSockets().length >= MAX_LISTENERS
    const isFullOfOne = this.ctx.getWebSockets(name).length >= MAX_LISTENERS_OF_ONE
    if (isFullOfOne) this.#askWhoIsThere(name)
    if (isFull || isFullOfOne) return new Response(null, { status: 429 })
    const [theirs, ours] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket]
    this.ctx.acceptWebSocket(ours, [name])
    return new Response(null, { status: 101, webSocket: theirs })
  }

  /** Something was committed. Returns how many listen. */
  async notify(seq: number): Promise<number> {
    const listeners = this.ctx.getWebSockets().length
    if (listeners > 0 && seq > this.#seq) {
      this.#seq = seq
      const waitMs = this.#saidAtMs + SAY_EVERY_MS - this.#clock()
      if (waitMs <= 0) this.#say()
      else this.#timer ??= setTimeout(() => this.#say(), waitMs)
    }
    return listeners
  }

  /** Something happened to these credentials. */
  async recheck(names: string[]): Promise<void> {
    for (const name of names) send(this.ctx.getWebSockets(name), RECHECK)
  }

  /** A stream whose client has gone is noticed when something is written to it, which a look does. */
  #askWhoIsThere(name: string): void {
    if (this.#clock() - this.#askedAtMs < ASK_EVERY_MS) return
    this.#askedAtMs = this.#clock()
    send(this.ctx.getWebSockets(name), RECHECK)
  }

  #say(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#saidAtMs = this.#clock()
    send(this.ctx.getWebSockets(), String(this.#seq))
  }
}

function send(sockets: WebSocket[], text: string): void {
  // One that is just closing takes nothing more.
  for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send(text)
}
