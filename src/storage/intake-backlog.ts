// The write-ahead log of an Intake object: requests that were acknowledged while D1 was away, oldest first, until they
// are in D1. `append` is one transaction of the object's SQLite, and the object's answer leaves only when that is durable.

/** Beyond this the object takes no more: an object may hold 10 GB, and everything in it has to be drained some day. */
const MAX_BYTES = 1024 * 1024 * 1024
/** A value in SQLite ends at 2 MB; UTF-8 is at most three bytes per UTF-16 unit. */
const MAX_PIECE_CHARS = 600_000

/** What is taken in one go: requests that share their header. */
export interface Appendable<Header> {
  header: Header
  epoch: number
  /** The ledger's keys of the requests, for when they have been drained. */
  keys: string[]
  ids: string[]
  /** JSON texts, which hold no line breaks. */
  rows: string[]
}

export interface Piece<Header> extends Appendable<Header> {
  position: number
}

interface PieceRow extends Record<string, SqlStorageValue> {
  position: number
  header: string
  request_keys: string
  epoch: number
  ids: string
  rows: string
}

export class Backlog<Header> {
  readonly #storage: DurableObjectStorage
  readonly #sql: SqlStorage
  readonly #maxBytes: number
  #rowCount: number

  constructor(storage: DurableObjectStorage, maxBytes = MAX_BYTES) {
    this.#storage = storage
    this.#sql = storage.sql
    this.#maxBytes = maxBytes
    this.#rowCount = this.#sql.exec<{ n: number }>('SELECT coalesce(sum(row_count), 0) AS n FROM backlog').one().n
  }

  /** Rows that wait to be drained. */
  get rowCount(): number {
    return this.#rowCount
  }

  get isFull(): boolean {
    return this.#sql.databaseSize >= this.#maxBytes
  }

  /** Which of these ids wait here. */
  knownIds(ids: readonly string[]): Set<string> {
    if (this.#rowCount === 0) return new Set()
    const rows = this.#sql
      .exec<{ id: string }>(
        'SELECT id FROM backlog_ids WHERE id IN (SELECT value FROM json_each(?))',
        JSON.stringify(ids),
      )
      .toArray()
    return new Set(rows.map(({ id }) => id))
  }

  /** All of it or nothing, behind what is there. The keys go with the last piece. */
  append({ header, epoch, keys, ids, rows }: Appendable<Header>): void {
    this.#storage.transactionSync(() => {
      for (const { from, to } of piecesOf(rows)) {
        const idList = JSON.stringify(ids.slice(from, to))
        const { position } = this.#sql
          .exec<{ position: number }>(
            `INSERT INTO backlog (header, request_keys, epoch, row_count, ids, rows) VALUES (?, ?, ?, ?, ?, ?)
             RETURNING position`,
            JSON.stringify(header),
            JSON.stringify(to === rows.length ? keys : []),
            epoch,
            to - from,
            idList,
            rows.slice(from, to).join('\n'),
          )
          .one()
        this.#sql.exec(
          `INSERT INTO backlog_ids (id, position) SELECT value, ? FROM json_each(?) WHERE true
           ON CONFLICT (id) DO UPDATE SET position = excluded.position`,
          position,
          idList,
        )
      }
    })
    this.#rowCount += rows.length
  }

  /** The oldest pieces that one batch can hold and that `belongs` together with the first. */
  oldest(limit: { rows: number; chars: number }, belongs: (first: Header, other: Header) => boolean): Piece<Header>[] {
    const pieces: Piece<Header>[] = []
    let rows = 0
    let chars = 0
    const cursor = this.#sql.exec<PieceRow>(
      'SELECT position, header, request_keys, epoch, ids, rows FROM backlog ORDER BY position LIMIT ?',
      limit.rows,
    )
    for (const row of cursor) {
      const piece = {
        position: row.position,
        header: JSON.parse(row.header) as Header,
        keys: JSON.parse(row.request_keys) as string[],
        epoch: row.epoch,
        ids: JSON.parse(row.ids) as string[],
        rows: row.rows.split('\n'),
      }
      const fits = rows + piece.rows.length <= limit.rows && chars + row.rows.length <= limit.chars
      if (pieces.length > 0 && !(fits && belongs(pieces[0]!.header, piece.header))) break
      pieces.push(piece)
      rows += piece.rows.length
      chars += row.rows.length
    }
    return pieces
  }

  /** What stands up to this position is in D1 or in quarantine. */
  remove(upToPosition: number): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM backlog_ids WHERE position <= ?', upToPosition)
      const removed = this.#sql.exec<{ row_count: number }>(
        'DELETE FROM backlog WHERE position <= ? RETURNING row_count',
        upToPosition,
      )
      for (const { row_count } of removed) this.#rowCount -= row_count
    })
  }

  /** For a tenant that is no more. */
  clear(): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM backlog_ids')
      this.#sql.exec('DELETE FROM backlog')
    })
    this.#rowCount = 0
  }
}

function piecesOf(rows: readonly string[]): { from: number; to: number }[] {
  const pieces: { from: number; to: number }[] = []
  let from = 0
  let chars = 0
  for (const [i, row] of rows.entries()) {
    if (i > from && chars + row.length > MAX_PIECE_CHARS) {
      pieces.push({ from, to: i })
      from = i
      chars = 0
    }
    chars += row.length
  }
  if (from < rows.length) pieces.push({ from, to: rows.length })
  return pieces
}
