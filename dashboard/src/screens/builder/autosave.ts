// Saves the draft by itself: soon after a change, one save at a time, again where it did not get through. What the server
// does not have yet is kept in this browser, so that neither a closed tab nor a dead line loses it. Nobody's work is
// overwritten: a save says which state it was made from, and where somebody else has saved meanwhile, a person decides.
import type { FormSchema } from './model/document.ts'

/** After the last change; a save must not come with every letter. */
const REST_MS = 1_500
/** While somebody goes on typing. */
const MAX_WAIT_MS = 10_000
const RETRY_MS = 5_000
const MAX_RETRY_MS = 60_000

export type SaveState =
  | { is: 'saved' }
  | { is: 'waiting' }
  | { is: 'saving' }
  /** The server admits no form with mistakes; it is saved once they are mended. */
  | { is: 'faulty' }
  /** `again`: it is tried again by itself. */
  | { is: 'failed'; error: Error; again: boolean }
  /** Somebody else has saved since. Nothing is sent until `resolve`. */
  | { is: 'conflict' }

export interface SaveOptions {
  /** Stores the document if the server still has `base`, and answers what it has now. Rejects with an Error. */
  save: (document: FormSchema, base: string | null) => Promise<string>
  hasFaults: (document: FormSchema) => Promise<boolean>
  /** Keeps in this browser what the server does not have; null: there is nothing of the kind. */
  keep: (kept: { document: FormSchema; base: string | null } | null) => void
  verdict: (error: Error) => 'conflict' | 'retry' | 'refused'
  onState: (state: SaveState) => void
}

export class Autosave {
  readonly #options: SaveOptions
  #base: string | null
  #saved: FormSchema
  #wanted: FormSchema
  #state: SaveState = { is: 'saved' }
  #timer: ReturnType<typeof setTimeout> | undefined
  #firstChangeMs = 0
  #retryMs = RETRY_MS
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(document: FormSchema, base: string | null, options: SaveOptions) {
    this.#saved = document
    this.#wanted = document
    this.#base = base
    this.#options = options
  }

  /** Of the server's document, as far as it is known here. */
  get base(): string | null {
    return this.#base
  }

  get isSaved(): boolean {
    return this.#wanted === this.#saved
  }

  /** The document is this one from now on. */
  changed(document: FormSchema): void {
    if (document === this.#wanted) return
    const nowMs = Date.now()
    if (this.isSaved || this.#timer === undefined) this.#firstChangeMs = nowMs
    this.#wanted = document
    if (document === this.#saved && !this.#running && this.#state.is !== 'conflict') {
      clearTimeout(this.#timer)
      this.#options.keep(null)
      this.#say({ is: 'saved' })
      return
    }
    if (this.#state.is !== 'saving' && this.#state.is !== 'conflict') this.#say({ is: 'waiting' })
    this.#retryMs = RETRY_MS
    this.#runIn(Math.max(0, Math.min(REST_MS, this.#firstChangeMs + MAX_WAIT_MS - nowMs)))
  }

  /** Keeps what is not saved; for when the page may be gone at any moment. */
  keepNow(): void {
    if (!this.isSaved) this.#options.keep({ document: this.#wanted, base: this.#base })
  }

  /** Saves now. True when the server has the present document. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer)
    await this.#running
    if (!this.isSaved && this.#state.is !== 'conflict') await this.#run()
    return this.isSaved
  }

  /** Saves once more and then never again: whoever signs in next must not save what somebody else has written. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.keepNow()
    await this.flush()
  }

  /** After a conflict: the server has `base`, and this document is to take its place. `saved`: it has it already. */
  resolve(document: FormSchema, base: string | null, saved: boolean): void {
    this.#base = base
    this.#wanted = document
    if (saved) this.#saved = document
    this.#options.keep(saved ? null : { document, base })
    this.#say(saved ? { is: 'saved' } : { is: 'waiting' })
    if (!saved) this.#runIn(0)
  }

  #runIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#run(), ms)
  }

  #run(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#running ??= this.#save().finally(() => {
      this.#running = undefined
      // What came in meanwhile has waited long enough.
      if (!this.isSaved && (this.#state.is === 'saved' || this.#state.is === 'waiting')) {
        this.#say({ is: 'waiting' })
        this.#runIn(REST_MS)
      }
    })
    return this.#running
  }

  async #save(): Promise<void> {
    const document = this.#wanted
    this.keepNow()
    if (this.#state.is === 'conflict') return
    try {
      if (await this.#options.hasFaults(document)) {
        return this.#say({ is: document === this.#wanted ? 'faulty' : 'waiting' })
      }
      this.#say({ is: 'saving' })
      this.#base = await this.#options.save(document, this.#base)
    } catch (caught) {
      const error = caught as Error
      const verdict = this.#options.verdict(error)
      if (verdict === 'conflict') return this.#say({ is: 'conflict' })
      // What has been changed since may be what it takes.
      if (verdict === 'refused' && document !== this.#wanted) return this.#say({ is: 'waiting' })
      this.#say({ is: 'failed', error, again: verdict === 'retry' })
      if (verdict === 'retry') {
        this.#runIn(this.#retryMs)
        this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS)
      }
      return
    }
    this.#saved = document
    this.#retryMs = RETRY_MS
    if (this.isSaved) this.#options.keep(null)
    else this.keepNow()
    this.#say({ is: 'saved' })
  }

  #say(state: SaveState): void {
    this.#state = state
    this.#options.onState(state)
  }
}
