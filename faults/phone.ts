// A simulated phone as the contract describes one: a durable queue of submissions and photos, sent in batches, of which it
// forgets only what was acknowledged item by item. It trusts nothing that it has not read to the end.
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answers } from '../bench/survey.ts'
import type { Link } from './link.ts'
import type { Random } from './random.ts'

const MAX_BATCH = 100
const MIN_BATCH = 5
/** How long a phone waits for the next byte. */
const PATIENCE_MS = 10_000
const MAX_PAUSE_MS = 2_000
/** A refused item is sent again this often, to see that it is kept once; then it is set aside. */
const SENDS_OF_REFUSED = 3

export interface QueuedSubmission {
  localUuid: string
  /** As it is sent, so that every sending is the same bytes. */
  text: string
  answers: object
  /** Names a form version that the server has never heard of: can't be stored, must be kept. */
  isHopeless: boolean
}

export interface QueuedPhoto {
  localUuid: string
  filename: string
  bytes: Buffer
  sha256: string
  /** Once it has been acknowledged. */
  mediaId: string | null
}

export interface PhoneResult {
  /** Everything that was in the queue at the beginning. */
  submissions: QueuedSubmission[]
  /** local_uuid -> the id that the server gave. */
  acknowledged: Map<string, string>
  /** local_uuid of items of which the server said that it can't store them. */
  refused: Set<string>
  photos: QueuedPhoto[]
  /** Answers by what was asked and status; `lost` where none came. */
  statuses: Map<string, number>
  submissionBytes: number
  photoBytes: number
  /** What a server that keeps the contract never answers. */
  breaches: string[]
}

export interface Phone {
  result: PhoneResult
  readonly left: number
  /** Syncs until everything has been acknowledged. `mayGo` holds it back while the plan wants it to. */
  sync(mayGo: () => Promise<void>): Promise<void>
}

export interface PhoneOptions {
  random: Random
  link: Link
  token: string
  versionId: string
  submissions: number
  photos: number
}

export function createPhone({ random, link, token, versionId, submissions, photos }: PhoneOptions): Phone {
  const queue = Array.from({ length: submissions }, (_, i) => fillIn(random, versionId, i, false))
  queue.splice(random.int(0, queue.length), 0, fillIn(random, random.uuid(), submissions, true))
  const waiting = takePhotos(random, queue, photos)
  const refusals = new Map<string, number>()
  const result: PhoneResult = {
    submissions: queue.slice(),
    acknowledged: new Map(),
    refused: new Set(),
    photos: waiting.slice(),
    statuses: new Map(),
    submissionBytes: 0,
    photoBytes: 0,
    breaches: [],
  }
  let batchSize = MAX_BATCH
  let failures = 0

  async function ask(path: string, type: string, body: Buffer): Promise<Reply | null> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type }
    const reply = await send(link.port, path, headers, body)
    const key = `${path} ${reply?.status ?? 'lost'}`
    result.statuses.set(key, (result.statuses.get(key) ?? 0) + 1)
    // A credential that is good, and a server that is at fault only by 503.
    if (reply && (reply.status === 401 || (reply.status >= 500 && reply.status !== 503)))
      result.breaches.push(`${key}: ${reply.text.slice(0, 300)}`)
    return reply
  }

  async function sendBatch(): Promise<boolean> {
    const batch = queue.slice(0, batchSize)
    const before = link.bytes()
    const body = Buffer.from(`[${batch.map(({ text }) => text).join(',')}]`)
    const reply = await ask('/api/v1/submissions/bulk', 'application/json', body)
    result.submissionBytes += link.bytes() - before
    if (reply?.status !== 200) {
      if (reply && reply.status !== 503 && reply.status !== 429)
        result.breaches.push(`A good batch was answered ${reply.status}: ${reply.text.slice(0, 300)}`)
      batchSize = Math.max(MIN_BATCH, batchSize >> 1)
      return false
    }
    batchSize = Math.min(MAX_BATCH, batchSize * 2)
    forget(batch, JSON.parse(reply.text))
    return true
  }

  /** Takes out of the queue what the answer names, and nothing else. */
  function forget(batch: QueuedSubmission[], answer: BulkAnswer): void {
    const open = new Map(batch.map((item) => [item.localUuid, item]))
    const done = new Set<string>()
    for (const { local_uuid: localUuid, id } of [...answer.accepted, ...answer.ignored]) {
      if (!open.delete(localUuid)) result.breaches.push(`${localUuid} was acknowledged without being asked, or twice`)
      result.acknowledged.set(localUuid, id)
      done.add(localUuid)
    }
    for (const { local_uuid: localUuid, error } of answer.errors) {
      const item = open.get(localUuid)
      open.delete(localUuid)
      if (!item?.isHopeless) {
        result.breaches.push(`${localUuid} was refused: ${error}`)
        continue
      }
      result.refused.add(localUuid)
      refusals.set(localUuid, (refusals.get(localUuid) ?? 0) + 1)
      if (refusals.get(localUuid) === SENDS_OF_REFUSED) done.add(localUuid)
    }
    if (open.size > 0) result.breaches.push(`${open.size} items of a batch were answered with nothing`)
    const kept = queue.filter(({ localUuid }) => !done.has(localUuid))
    queue.splice(0, queue.length, ...kept)
  }

  /** A photo whose submission has come home. */
  const nextPhoto = (): QueuedPhoto | undefined => waiting.find(({ localUuid }) => result.acknowledged.has(localUuid))

  async function sendPhoto(photo: QueuedPhoto): Promise<boolean> {
    const { type, body } = photoForm(photo)
    const before = link.bytes()
    const reply = await ask('/api/v1/media/upload', type, body)
    result.photoBytes += link.bytes() - before
    if (reply?.status !== 201) {
      // 404: its submission waits in the server's own buffer; it will be there later.
      if (reply && ![503, 429, 404].includes(reply.status))
        result.breaches.push(`A good photo was answered ${reply.status}: ${reply.text.slice(0, 300)}`)
      return false
    }
    const { sha256, media_file_id: mediaId } = JSON.parse(reply.text)
    photo.mediaId = mediaId
    if (sha256 !== photo.sha256) result.breaches.push(`${photo.filename} was acknowledged with another hash`)
    waiting.splice(waiting.indexOf(photo), 1)
    return true
  }

  return {
    result,
    get left() {
      return queue.length + waiting.length
    },
    async sync(mayGo) {
      while (queue.length + waiting.length > 0) {
        await mayGo()
        const photo = nextPhoto()
        const went = photo && (queue.length === 0 || random.chance(0.6)) ? await sendPhoto(photo) : await sendBatch()
        failures = went ? 0 : failures + 1
        if (!went) await sleep(Math.min(MAX_PAUSE_MS, 50 * 2 ** failures) * (0.5 + random.next()))
      }
    },
  }
}

interface BulkAnswer {
  accepted: { local_uuid: string; id: string }[]
  ignored: { local_uuid: string; id: string }[]
  errors: { local_uuid: string; error: string }[]
}

function fillIn(random: Random, versionId: string, serial: number, isHopeless: boolean): QueuedSubmission {
  const localUuid = random.uuid()
  const data = { ...answers(serial), remarks: `The path floods in April. ${random.int(0, 1e9)}` }
  const item = { form_version_id: versionId, local_uuid: localUuid, data, collected_at: '2026-11-20T08:45:00Z' }
  return { localUuid, text: JSON.stringify(item), answers: data, isHopeless }
}

/** Bytes that begin and end like a JPEG and can't be compressed any more than one. */
function takePhotos(random: Random, queue: QueuedSubmission[], count: number): QueuedPhoto[] {
  const fit = queue.filter(({ isHopeless }) => !isHopeless)
  return Array.from({ length: count }, (_, i) => {
    const body = random.bytes(random.int(2_000, 24_000))
    const bytes = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), body, Buffer.from('ffd9', 'hex')])
    return {
      localUuid: fit[Math.floor((i * fit.length) / count)]!.localUuid,
      filename: `photo-${i}.jpg`,
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      mediaId: null,
    }
  })
}

function photoForm({ localUuid, filename, bytes }: QueuedPhoto): { type: string; body: Buffer } {
  const boundary = 'fieldpost-phone'
  const field = (name: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const head = [
    field('submission_local_uuid', localUuid),
    field('field_id', 'picture'),
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\n`,
    'content-type: image/jpeg\r\n\r\n',
  ].join('')
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
  return { type: `multipart/form-data; boundary=${boundary}`, body }
}

interface Reply {
  status: number
  text: string
}

/** One request on a connection of its own. Null when no whole answer came. */
function send(port: number, path: string, headers: Record<string, string>, body: Buffer): Promise<Reply | null> {
  return new Promise((done) => {
    const lost = () => done(null)
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        agent: false,
        timeout: PATIENCE_MS,
        headers: { ...headers, connection: 'close', 'content-length': body.length },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', lost)
        response.on('close', () => {
          if (response.complete) done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
          else lost()
        })
      },
    )
    request.on('error', lost)
    request.on('timeout', () => {
      request.destroy()
      lost()
    })
    request.end(body)
  })
}
