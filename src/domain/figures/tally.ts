// Counting answers as they come by: options, numbers in bins, days. Each counter takes as much memory for a million
// answers as for a thousand. Pure.

const MAX_OPTIONS = 50
const MAX_UNLISTED = 200

export interface OptionCount {
  value: string
  /** Null for a value that the form does not offer. */
  label: string | null
  count: number
}

/** How often each option was chosen. */
export class ChoiceTally {
  readonly #listed: Map<string, OptionCount>
  readonly #unlisted = new Map<string, OptionCount>()
  #others = 0

  constructor(options: Iterable<{ value: string; label: string }>) {
    this.#listed = new Map(Array.from(options, ({ value, label }) => [value, { value, label, count: 0 }]))
  }

  add(value: string): void {
    const known = this.#listed.get(value) ?? this.#unlisted.get(value)
    if (known) known.count++
    else if (this.#unlisted.size < MAX_UNLISTED) this.#unlisted.set(value, { value, label: null, count: 1 })
    else this.#others++
  }

  /** In the order of the form, then what it does not offer; of very many the most frequent. The rest are `others`. */
  result(): { options: OptionCount[]; others: number } {
    const all = [...this.#listed.values(), ...byCount([...this.#unlisted.values()])]
    if (all.length <= MAX_OPTIONS) return { options: all, others: this.#others }
    const options = byCount(all).slice(0, MAX_OPTIONS)
    const shown = options.reduce((sum, { count }) => sum + count, 0)
    return { options, others: this.#others + all.reduce((sum, { count }) => sum + count, 0) - shown }
  }
}

const byCount = (counts: OptionCount[]): OptionCount[] => counts.toSorted((a, b) => b.count - a.count)

export interface Bin {
  from: number
  /** Exclusive; the largest of a bin of whole numbers of width 1 is `from`. */
  to: number
  count: number
}

const MAX_BINS = 100
const SHOWN_BINS = 25
/** As powers of ten: the width of the first bins, and what numbers may reach. */
const FINEST = -6
const COARSEST = 300
/** Bins are counted by whole numbers, which floating point has only so many of. */
const MAX_BIN = 1e9

/** The distribution of numbers: bins as wide as 1 or 5 of a power of ten, which grow with what comes. */
export class NumberTally {
  #exponent: number
  #five = false
  #bins = new Map<number, number>()
  /** Of the bins that hold something. */
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  constructor({ whole }: { whole: boolean }) {
    this.#exponent = whole ? 0 : FINEST
  }

  add(value: number): void {
    if (!(Math.abs(value) < 10 ** COARSEST)) return
    this.#count++
    this.#sum += value
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
    let bin = this.#binOf(value)
    while (isTooFine(Math.min(this.#first, bin), Math.max(this.#last, bin), MAX_BINS)) {
      this.#widen()
      bin = this.#binOf(value)
    }
    this.#put(bin, 1)
  }

  /** Null when no number came by. Bins without numbers between others are there. */
  result(): { min: number; max: number; mean: number; bins: Bin[] } | null {
    if (this.#count === 0) return null
    while (isTooFine(this.#first, this.#last, SHOWN_BINS)) this.#widen()
    const bins: Bin[] = []
    for (let bin = this.#first; bin <= this.#last; bin++)
      bins.push({ from: this.#edge(bin), to: this.#edge(bin + 1), count: this.#bins.get(bin) ?? 0 })
    return { min: this.#min, max: this.#max, mean: this.#sum / this.#count, bins }
  }

  #put(bin: number, count: number): void {
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + count)
    this.#first = Math.min(this.#first, bin)
    this.#last = Math.max(this.#last, bin)
  }

  #widen(): void {
    const factor = this.#five ? 2 : 5
    if (this.#five) this.#exponent++
    this.#five = !this.#five
    const finer = this.#bins
    this.#bins = new Map()
    this.#first = Number.POSITIVE_INFINITY
    this.#last = Number.NEGATIVE_INFINITY
    for (const [bin, count] of finer) this.#put(Math.floor(bin / factor), count)
  }

  /** What is an edge but for the last bits is the edge: 0.3 / 0.1 is a little less than 3. */
  #binOf(value: number): number {
    const scaled = this.#scaled(value)
    const nearest = Math.round(scaled)
    return Math.abs(scaled - nearest) <= Math.abs(nearest) * 1e-12 ? nearest : Math.floor(scaled)
  }

  #scaled(value: number): number {
    const units = this.#exponent < 0 ? value * 10 ** -this.#exponent : value / 10 ** this.#exponent
    return this.#five ? units / 5 : units
  }

  #edge(bin: number): number {
    const units = this.#five ? bin * 5 : bin
    return this.#exponent < 0 ? units / 10 ** -this.#exponent : units * 10 ** this.#exponent
  }
}

const isTooFine = (first: number, last: number, maxBins: number): boolean =>
  last - first >= maxBins || Math.max(-first, last) > MAX_BIN

export const DAY_UNITS = ['day', 'month', 'year'] as const
export type DayUnit = (typeof DAY_UNITS)[number]

const MAX_DAYS = 800
const LENGTH: Record<DayUnit, number> = { day: 10, month: 7, year: 4 }

/** Counts by day; by month or year once there are too many days to look at. */
export class DayTally {
  #unit: DayUnit = 'day'
  #days = new Map<string, number>()

  /** `YYYY-MM-DD`. */
  add(day: string, count = 1): void {
    const key = day.slice(0, LENGTH[this.#unit])
    this.#days.set(key, (this.#days.get(key) ?? 0) + count)
    if (this.#days.size > MAX_DAYS && this.#unit !== 'year') this.#coarsen()
  }

  /** In their order; only those with a count. `day` is as long as its unit: `2026-11-20`, `2026-11`, `2026`. */
  result(): { unit: DayUnit; days: { day: string; count: number }[] } {
    const days = [...this.#days].map(([day, count]) => ({ day, count }))
    return { unit: this.#unit, days: days.sort((a, b) => (a.day < b.day ? -1 : 1)) }
  }

  #coarsen(): void {
    const finer = this.#days
    this.#unit = this.#unit === 'day' ? 'month' : 'year'
    this.#days = new Map()
    for (const [day, count] of finer) this.add(day, count)
  }
}
