// A bounded map whose entries expire: least recently written goes first. Time is passed in, never read.

export class TimedCache<Value> {
  readonly #entries = new Map<string, { value: Value; untilMs: number }>()
  readonly #maxEntries: number
  readonly #ttlMs: number

  constructor(maxEntries: number, ttlMs: number) {
    this.#maxEntries = maxEntries
    this.#ttlMs = ttlMs
  }

  /** The value, or undefined when it is unknown or too old. */
  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    if (entry.untilMs <= nowMs) {
      this.#entries.delete(key)
      return undefined
    }
    return entry.value
  }

  set(key: string, value: Value, nowMs: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, untilMs: nowMs + this.#ttlMs })
    if (this.#entries.size > this.#maxEntries) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Forgets every key that begins with `prefix`. */
  deletePrefix(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key)
  }
}
