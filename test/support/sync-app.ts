// The sync loop of the Formulus app, step by step, on a phone that may end between any two steps and a network that loses
// requests or answers. Both generations: that of 1.0.3 (everything in one push, no epoch, PUT without asking) and that of
// today (pages and batches that shrink, HEAD before PUT, the epoch in every request). It gives up loudly where the app
// does. Source: contracts/synkronus.md, section 10.
import { expectStatus } from './app.ts'
import {
  type Observation,
  observation,
  type PulledObservation,
  putAttachment,
  type Reply,
  type Wire,
} from './synkronus.ts'

/** What becomes of the next request, and what the app does about it when it was lost. */
export interface Fate {
  network: 'arrives' | 'request lost' | 'answer lost'
  afterwards: 'again' | 'split' | 'give up'
}

export const GOOD: Fate = { network: 'arrives', afterwards: 'again' }

/** The connection broke. */
export class Cut extends Error {}

/** The server as it must be after what has reached it, in the order of arrival. */
export class Truth {
  readonly records = new Map<string, Observation>()
  readonly files = new Map<string, string>()
  private readonly goneFiles = new Set<string>()
  private readonly transmissions = new Set<string>()

  pushed(clientId: string, transmissionId: string, records: Observation[]): void {
    const key = JSON.stringify([clientId, transmissionId, records])
    // Sent once more under one name, it changes nothing, whatever others have written meanwhile.
    if (this.transmissions.has(key)) return
    this.transmissions.add(key)
    for (const record of records) this.records.set(record.observation_id, record)
  }

  uploaded(name: string, content: string): void {
    if (!this.goneFiles.has(name)) this.files.set(name, content)
  }

  /** The only form there is, with all its records and the files that they name, also those that are still to come. */
  formDeleted(): void {
    for (const [id, record] of this.records) {
      const photo = record.data.photo as string | undefined
      if (photo) this.goneFiles.add(photo)
      this.records.set(id, { ...record, deleted: true, data: {}, form_version: '' })
    }
    for (const name of this.goneFiles) this.files.delete(name)
  }
}

export interface PhoneOptions {
  name: string
  wire: Wire
  truth: Truth
  generation: '1.0.3' | 'today'
}

export class Phone {
  // What survives the end of the process.
  readonly records = new Map<string, Observation>()
  readonly files = new Map<string, string>()
  private readonly dirty = new Set<string>()
  private readonly pendingUploads = new Set<string>()
  private readonly missingFiles = new Map<string, string>()
  private cursor = 0
  private attachmentCursor = 0
  private epoch: number | undefined
  private made = 0

  /** Of the next request. */
  fate: Fate = GOOD
  private toPush: Fate | undefined
  private running: AsyncGenerator<void> | undefined
  private transmissions = 0

  readonly name: string
  private readonly wire: Wire
  private readonly truth: Truth
  private readonly generation: PhoneOptions['generation']

  constructor({ name, wire, truth, generation }: PhoneOptions) {
    this.name = name
    this.wire = wire
    this.truth = truth
    this.generation = generation
  }

  create(withPhoto: boolean): void {
    const id = `${this.name}-${++this.made}`
    const photo = `${crypto.randomUUID()}.jpg`
    this.write(observation(id, { data: { by: this.name, n: this.made, ...(withPhoto ? { photo } : {}) } }))
    if (!withPhoto) return
    this.files.set(photo, `bytes of ${photo}`)
    this.pendingUploads.add(photo)
  }

  /** Any record that the phone knows, its own or another's. */
  change(pick: number, deleted: boolean): void {
    const known = [...this.records.values()]
    const found = known[pick % Math.max(1, known.length)]
    if (!found) return
    this.write({ ...found, deleted, data: { ...found.data, by: this.name, n: ++this.made } })
  }

  private write(record: Observation): void {
    this.records.set(record.observation_id, record)
    this.dirty.add(record.observation_id)
  }

  /** Goes on by one step, or begins to sync. */
  async step(): Promise<void> {
    this.running ??= this.sync()
    try {
      const { done } = await this.running.next()
      if (done) this.running = undefined
    } catch (error) {
      this.running = undefined
      if (!(error instanceof Cut)) throw error
    }
  }

  /** Goes on until the next push has left; what comes before it arrives. Sends nothing when nothing waits. */
  async stepToPush(fate: Fate): Promise<void> {
    this.toPush = fate
    try {
      this.fate = GOOD
      do await this.step()
      while (this.toPush && this.running)
    } finally {
      this.toPush = undefined
    }
  }

  /** Ends the sync that is on its way, or does a whole one, over a good network. */
  async finish(): Promise<void> {
    this.fate = GOOD
    do await this.step()
    while (this.running)
  }

  /** The process ends: what it was about to do is forgotten. */
  crash(): void {
    this.running = undefined
  }

  get isClean(): boolean {
    return this.dirty.size === 0 && this.pendingUploads.size === 0 && this.missingFiles.size === 0
  }

  private async call(send: () => Promise<Reply>, arrived: (reply: Reply) => void = () => {}): Promise<Reply> {
    const { network } = this.fate
    if (network === 'request lost') throw new Cut()
    const reply = await send()
    arrived(reply)
    if (network === 'answer lost') throw new Cut()
    return reply
  }

  /** Every yield is a moment at which the process may end and others may act. */
  private async *sync(): AsyncGenerator<void> {
    yield* this.pull()
    yield* this.upload()
    yield* this.push()
  }

  private async *pull(): AsyncGenerator<void> {
    let limit: number | undefined = this.generation === 'today' ? 4 : undefined
    for (;;) {
      yield
      let page: Reply
      try {
        page = await this.call(() => this.askPage(limit))
      } catch (error) {
        // Today's app asks for less after a failure; the old one ends here.
        if (!(error instanceof Cut) || limit === undefined || this.fate.afterwards === 'give up') throw error
        limit = Math.max(1, Math.floor(limit / 2))
        continue
      }
      const { body } = expectStatus(200, page)
      this.checkPage(body)
      yield
      for (const record of (body.records ?? []) as PulledObservation[]) this.apply(record)
      yield
      if (this.generation === '1.0.3') yield* this.download()
      this.cursor = body.has_more ? body.change_cutoff : body.current_version
      if (!body.has_more) break
    }
    if (this.generation === 'today') yield* this.download()
  }

  private askPage(limit: number | undefined): Promise<Reply> {
    const query = limit === undefined ? '' : `?limit=${limit}`
    return this.post(`/sync/pull${query}`, { client_id: this.name, since: { version: this.cursor } })
  }

  /** What today's app throws about. */
  private checkPage(page: any): void {
    if (typeof page.current_version !== 'number' || page.current_version < 0)
      throw new Error(`current_version is ${page.current_version}`)
    if (page.has_more && !(page.change_cutoff > this.cursor))
      throw new Error(`has_more, and change_cutoff ${page.change_cutoff} is not after ${this.cursor}`)
    this.adopt(page.repository_generation)
  }

  private adopt(epoch: number): void {
    if (this.generation === '1.0.3') return
    if (this.epoch !== undefined && epoch !== this.epoch) throw new Error(`epoch ${epoch} after ${this.epoch}`)
    this.epoch = epoch
  }

  /** What waits to be sent is newer than what comes. */
  private apply({ version: _, updated_at, ...record }: PulledObservation): void {
    if (this.dirty.has(record.observation_id)) return
    this.records.set(record.observation_id, { ...record, updated_at })
  }

  private async *download(): AsyncGenerator<void> {
    yield
    const { body } = expectStatus(
      200,
      await this.call(() =>
        this.post('/attachments/manifest', { client_id: this.name, since_version: this.attachmentCursor }),
      ),
    )
    for (const { operation, attachment_id, download_url } of body.operations ?? []) {
      if (operation === 'delete') {
        this.files.delete(attachment_id)
        this.pendingUploads.delete(attachment_id)
        this.missingFiles.delete(attachment_id)
      } else if (!this.files.has(attachment_id)) this.missingFiles.set(attachment_id, download_url)
    }
    // The cursor goes on even if some downloads fail: those are on a list of their own.
    this.attachmentCursor = body.current_version
    for (const [id, url] of [...this.missingFiles]) {
      yield
      try {
        const reply = await this.call(() => this.wire.get(url))
        // It has gone since it was listed: the next manifest says so.
        if (reply.status === 404) continue
        this.files.set(id, expectStatus(200, reply).text)
        this.missingFiles.delete(id)
      } catch (error) {
        if (!(error instanceof Cut)) throw error
      }
    }
  }

  private async *upload(): AsyncGenerator<void> {
    for (const id of [...this.pendingUploads]) {
      try {
        yield
        if (this.generation === 'today') {
          const there = await this.call(() => this.wire.send('HEAD', `/attachments/${id}`))
          if (there.status === 200) {
            this.pendingUploads.delete(id)
            continue
          }
          yield
        }
        const content = this.files.get(id)!
        const reply = await this.call(
          () => putAttachment(this.wire, id, content),
          ({ status }) => {
            if (status === 200) this.truth.uploaded(id, content)
          },
        )
        expectStatus(200, reply)
        yield
        this.pendingUploads.delete(id)
      } catch (error) {
        // Only noted: the observations are sent all the same.
        if (!(error instanceof Cut)) throw error
      }
    }
  }

  private async *push(): AsyncGenerator<void> {
    const pending = [...this.dirty]
    if (pending.length === 0) return
    const batches = this.generation === 'today' ? inBatches(pending, 3) : [pending]
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const records = batch.map((id) => this.records.get(id)!)
      const transmission = `${this.name}-t${++this.transmissions}-${this.made}`
      for (let attempt = 1; ; attempt++) {
        yield
        if (this.toPush) this.fate = this.toPush
        this.toPush = undefined
        try {
          const { body } = expectStatus(
            200,
            await this.call(
              () => this.post('/sync/push', { transmission_id: transmission, client_id: this.name, records }),
              ({ status }) => {
                if (status === 200) this.truth.pushed(this.name, transmission, records)
              },
            ),
          )
          if (body.success_count !== records.length) throw new Error(`refused: ${JSON.stringify(body)}`)
          this.adopt(body.repository_generation)
          yield
          // What was changed while the answer was on its way waits for the next push.
          for (const record of records)
            if (this.records.get(record.observation_id) === record) this.dirty.delete(record.observation_id)
          yield
          this.cursor = body.current_version
          break
        } catch (error) {
          const { afterwards } = this.fate
          const ends = this.generation === '1.0.3' || afterwards === 'give up' || attempt === 4
          if (!(error instanceof Cut) || ends) throw error
          if (afterwards === 'split' && batch.length > 1) {
            batches.unshift(...inBatches(batch, Math.ceil(batch.length / 2)))
            break
          }
        }
      }
    }
  }

  private post(path: string, json: Record<string, unknown>): Promise<Reply> {
    const epoch = this.epoch
    if (epoch === undefined) return this.wire.post(path, json)
    return this.wire.post(path, { ...json, repository_generation: epoch }, { 'x-repository-generation': String(epoch) })
  }
}

function inBatches<T>(items: T[], size: number): T[][] {
  const batches: T[][] = []
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size))
  return batches
}
