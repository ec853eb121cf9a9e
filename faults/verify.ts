// What became of everything that was acknowledged: asked over the API first, then read from the disk.
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { createClient } from '../bench/api.ts'
import type { PhoneResult } from './phone.ts'
import type { ServerProcess } from './server-process.ts'
import { readStorage } from './storage.ts'

/** What the server has in its own buffers must be in the database by then. */
const DRAINED_WITHIN_MS = 60_000

export interface Findings {
  acknowledged: number
  stored: number
  photos: number
  quarantined: number
  /** Acknowledged, and not there. */
  lost: string[]
  /** There more than once. */
  doubled: string[]
  /** Everything else that must not be. */
  wrong: string[]
}

export interface VerifyInput {
  server: ServerProcess
  stateDir: string
  formId: string
  admin: { email: string; password: string }
  results: PhoneResult[]
  log: (line: string) => void
}

export async function verify(input: VerifyInput): Promise<Findings> {
  const { results, log } = input
  const acknowledged = new Map(results.flatMap((result) => [...result.acknowledged]))
  const photos = results.flatMap((result) => result.photos)
  const found: Findings = {
    acknowledged: acknowledged.size,
    stored: 0,
    photos: photos.length,
    quarantined: 0,
    lost: [],
    doubled: [],
    wrong: results.flatMap(({ breaches }) => breaches),
  }
  log('all queues are empty: asking the API')
  await checkByApi(input, acknowledged, found)
  await input.server.stop()
  log('reading the disk')
  checkOnDisk(input, acknowledged, found)
  return found
}

async function checkByApi(
  { server, formId, admin, results }: VerifyInput,
  acknowledged: Map<string, string>,
  found: Findings,
): Promise<void> {
  const baseUrl = `http://127.0.0.1:${server.port}`
  const api = createClient(baseUrl)
  await api.logIn(admin.email, admin.password)
  const get = (path: string) =>
    fetch(`${baseUrl}/api/v1${path}`, { headers: { authorization: `Bearer ${api.token()}` } })
  const deadline = performance.now() + DRAINED_WITHIN_MS
  while ((await api.count(formId)) < acknowledged.size && performance.now() < deadline) await sleep(250)

  const sent = new Map(results.flatMap(({ submissions }) => submissions.map((item) => [item.localUuid, item] as const)))
  const listed = new Map<string, number>()
  for (let cursor = ''; ; ) {
    const page = await get(`/submissions?form_id=${formId}&limit=1000${cursor && `&cursor=${cursor}`}`)
    if (page.status !== 200) throw new Error(`The list was answered ${page.status}: ${await page.text()}`)
    for (const { id, local_uuid: localUuid, data } of (await page.json()) as Listed[]) {
      listed.set(localUuid, (listed.get(localUuid) ?? 0) + 1)
      if (acknowledged.get(localUuid) !== id)
        found.wrong.push(`${localUuid} is listed as ${id}, acknowledged as another`)
      if (!isDeepStrictEqual(data, sent.get(localUuid)?.answers)) found.wrong.push(`${localUuid} has other answers`)
    }
    cursor = page.headers.get('x-next-cursor') ?? ''
    if (!cursor) break
  }
  for (const [localUuid, times] of listed) if (times > 1) found.doubled.push(`${localUuid} is listed ${times} times`)
  for (const localUuid of acknowledged.keys())
    if (!listed.has(localUuid)) found.lost.push(`submission ${localUuid} is not listed`)

  for (const photo of results.flatMap(({ photos }) => photos)) {
    const download = await get(`/media/${photo.mediaId}`)
    const hash = createHash('sha256')
      .update(Buffer.from(await download.arrayBuffer()))
      .digest('hex')
    if (download.status === 404) found.lost.push(`photo ${photo.filename} of ${photo.localUuid} is not there`)
    else if (hash !== photo.sha256)
      found.wrong.push(`photo ${photo.mediaId} was downloaded (${download.status}) with another hash`)
  }
}

interface Listed {
  id: string
  local_uuid: string
  data: object
}

function checkOnDisk({ stateDir, results }: VerifyInput, acknowledged: Map<string, string>, found: Findings): void {
  const disk = readStorage(stateDir)
  found.wrong.push(...disk.damage)
  found.stored = disk.submissions.length
  found.quarantined = disk.quarantined.length

  const rows = countBy(disk.submissions.map(({ localUuid }) => localUuid))
  for (const [localUuid, times] of rows) {
    if (times > 1) found.doubled.push(`submission ${localUuid} has ${times} rows`)
    if (!acknowledged.has(localUuid)) found.wrong.push(`submission ${localUuid} is stored, but no phone knows it`)
  }
  for (const localUuid of acknowledged.keys())
    if (!rows.has(localUuid)) found.lost.push(`submission ${localUuid} has no row`)
  if (disk.counted !== disk.submissions.length)
    found.wrong.push(`the counters say ${disk.counted} submissions, there are ${disk.submissions.length}`)

  const photoName = (photo: { localUuid: string; filename: string }) => `${photo.localUuid}/${photo.filename}`
  const stored = new Map(disk.photos.map((photo) => [photoName(photo), photo]))
  for (const [name, times] of countBy(disk.photos.map(photoName)))
    if (times > 1) found.doubled.push(`photo ${name} has ${times} rows`)
  for (const photo of results.flatMap(({ photos }) => photos)) {
    const row = stored.get(photoName(photo))
    if (!row) found.lost.push(`photo ${photoName(photo)} has no row`)
    else if (disk.objects.get(row.objectKey) !== photo.sha256)
      found.wrong.push(`photo ${photoName(photo)} has other bytes on the disk`)
  }

  // What interrupted uploads left behind must be known to the sweep.
  const known = new Set([...disk.pendingUploads, ...disk.photos.map(({ objectKey }) => objectKey)])
  for (const key of disk.objects.keys()) if (!known.has(key)) found.wrong.push(`the object ${key} belongs to nothing`)

  // What can't be stored is kept byte for byte, once.
  const kept = countBy(disk.quarantined)
  for (const { refused, submissions } of results) {
    for (const { localUuid, text } of submissions) {
      if (!refused.has(localUuid)) continue
      const times = kept.get(text) ?? 0
      if (times === 0) found.lost.push(`the refused submission ${localUuid} is not in quarantine`)
      if (times > 1) found.doubled.push(`the refused submission ${localUuid} is in quarantine ${times} times`)
    }
  }
}

function countBy(values: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
