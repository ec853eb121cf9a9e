// A bounded map whose entries expire: least recently written goes first. Time is passed in, never read.

/** A second bound, for values of very different sizes; the newest entry is kept however heavy it is. */
export interface WeightLimit<Value> {
  maxWeight: number
  weigh: (value: Value) => number
}

export class TimedCache<Value> {
  readonly #entries = new Map<string, { value: Value; untilMs: number; weight: number }>()
  readonly #maxEntries: number
  readonly #ttlMs: number
  readonly #limit: WeightLimit<Value>
  #weight = 0

  constructor(maxEntries: number, ttlMs: number, limit: WeightLimit<Value> = { maxWeight: 0, weigh: () => 0 }) {
    this.#maxEntries = maxEntries
    this.#ttlMs = ttlMs
    this.#limit = limit
  }

  /** The value, or undefined when it is unknown or too old. */
  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    if (entry.untilMs <= nowMs) {
      this.delete(key)
      return undefined
    }
    return entry.value
  }

  set(key: string, value: Value, nowMs: number): void {
    this.delete(key)
    const weight = this.#limit.weigh(value)
    this.#entries.set(key, { value, untilMs: nowMs + this.#ttlMs, weight })
    this.#weight += weight
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#weight <= this.#limit.maxWeight) break
      if (oldest === key) break
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0
    this.#entries.delete(key)
  }

  /** Forgets every key that begins with `prefix`. */
  deletePrefix(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.delete(key)
  }
}
