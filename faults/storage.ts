// The stored data as it lies on the disk, below the server: taking D1 away by holding a lock on its files, and reading
// D1 and R2 once the server has stopped.
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const LOCK_WITHIN_MS = 10_000

const databaseFiles = (stateDir: string, kind: 'd1' | 'r2'): string[] =>
  globSync(`${kind}/**/*.sqlite`, { cwd: stateDir })
    .filter((path) => !path.endsWith('metadata.sqlite'))
    .map((path) => join(stateDir, path))

/** Every D1 call of the running server fails from now on, reads too, until the returned function is called. */
export function takeDatabasesAway(stateDir: string): () => void {
  const held = databaseFiles(stateDir, 'd1').map((path) => {
    const database = new DatabaseSync(path)
    database.exec(`PRAGMA busy_timeout = ${LOCK_WITHIN_MS}`)
    database.exec('BEGIN IMMEDIATE')
    return database
  })
  if (held.length === 0) throw new Error(`There is no D1 database under ${stateDir}.`)
  return () => {
    for (const database of held) {
      database.exec('ROLLBACK')
      database.close()
    }
  }
}

/** Webhook -> seqs of the events that are written down as delivered. The server must have stopped, or been killed. */
export function readDelivered(stateDir: string): Map<string, Set<number>> {
  const delivered = new Map<string, Set<number>>()
  for (const path of databaseFiles(stateDir, 'd1')) {
    const database = new DatabaseSync(path)
    const rows = database
      .prepare(`SELECT webhook_id AS webhookId, seq FROM webhook_deliveries WHERE state = 'delivered'`)
      .all() as { webhookId: string; seq: number }[]
    for (const [webhookId, some] of Map.groupBy(rows, (row) => row.webhookId))
      delivered.set(webhookId, new Set(some.map(({ seq }) => seq)))
    database.close()
  }
  return delivered
}

export interface StoredPhoto {
  localUuid: string
  filename: string
  objectKey: string
  sha256: string
}

export interface StoredData {
  /** local_uuid of every row, in no order. */
  submissions: { localUuid: string; data: string | null }[]
  /** As the counters have it that lists show. */
  counted: number
  photos: StoredPhoto[]
  /** Texts of the quarantined payloads. */
  quarantined: string[]
  /** Keys of uploads that have begun and are not settled: the sweep will see to them. */
  pendingUploads: string[]
  /** What SQLite's own check found in any of the files; empty when they are sound. */
  damage: string[]
  /** Object key -> sha256 of its bytes. */
  objects: Map<string, string>
}

/** Reads everything there is. The server must have stopped. */
export function readStorage(stateDir: string): StoredData {
  const found: StoredData = {
    submissions: [],
    counted: 0,
    photos: [],
    quarantined: [],
    pendingUploads: [],
    damage: [],
    objects: new Map(),
  }
  for (const path of databaseFiles(stateDir, 'd1')) {
    const database = new DatabaseSync(path, { readOnly: true })
    const all = <Row>(sql: string): Row[] => database.prepare(sql).all() as Row[]
    found.damage.push(...soundness(database, path))
    const isShard = all(`SELECT 1 FROM sqlite_master WHERE name = 'submissions'`).length > 0
    if (isShard) {
      found.submissions.push(
        ...all<{ localUuid: string; data: string | null }>('SELECT local_uuid AS localUuid, data FROM submissions'),
      )
      for (const { total } of all<{ total: number }>('SELECT total FROM submission_counts')) found.counted += total
      found.photos.push(
        ...all<StoredPhoto>(
          `SELECT s.local_uuid AS localUuid, m.filename, m.object_key AS objectKey, m.sha256
           FROM media m JOIN submissions s ON s.tenant_id = m.tenant_id AND s.id = m.submission_id`,
        ),
      )
      for (const { body } of all<{ body: string | null }>('SELECT body FROM quarantine'))
        found.quarantined.push(body ?? '')
      for (const { key } of all<{ key: string }>('SELECT object_key AS key FROM media_uploads'))
        found.pendingUploads.push(key)
    }
    database.close()
  }
  for (const path of databaseFiles(stateDir, 'r2')) {
    const database = new DatabaseSync(path, { readOnly: true })
    found.damage.push(...soundness(database, path))
    const rows = database.prepare('SELECT key, blob_id AS blob FROM _mf_objects').all() as {
      key: string
      blob: string
    }[]
    for (const { key, blob } of rows) found.objects.set(key, hashOfBlob(stateDir, path, blob))
    database.close()
  }
  return found
}

const soundness = (database: DatabaseSync, path: string): string[] =>
  (database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[])
    .filter(({ integrity_check }) => integrity_check !== 'ok')
    .map(({ integrity_check }) => `${path}: ${integrity_check}`)

/** The simulator keeps the bytes of a bucket in files beside its database. */
function hashOfBlob(stateDir: string, databasePath: string, blob: string): string {
  const [path] = globSync(`**/blobs/${blob}`, { cwd: dirname(dirname(databasePath)) })
  if (!path) throw new Error(`The object ${blob} has no file under ${stateDir}.`)
  return createHash('sha256')
    .update(readFileSync(join(dirname(dirname(databasePath)), path)))
    .digest('hex')
}
