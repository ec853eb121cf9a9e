// The form versions that an Intake object's credential has used, in the object's own SQLite: with them the Worker can
// read submissions while D1 is away. Nothing here is asked in good weather.

/** Far more forms than one phone fills in. */
const MAX_VERSIONS = 100
/** Published versions never change, but their form may be deleted; drafts are published some day. */
const RELEARN_MS = 24 * 3_600_000
const RELEARN_DRAFT_MS = 60_000

export interface KnownVersion {
  id: string
  formId: string
  projectId: string
  versionNum: number
  published: boolean
  /** JSON text. */
  schema: string
}

interface VersionRow extends Record<string, SqlStorageValue> {
  id: string
  form_id: string
  project_id: string
  version_num: number
  published: number
  schema: string
}

export class KnownVersions {
  readonly #sql: SqlStorage
  /** Version id -> when it has to be read again. */
  readonly #learned = new Map<string, number>()
  readonly #live = new Map<string, string>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
    const rows = sql.exec<{ id: string; published: number; learned_at_ms: number }>(
      'SELECT id, published, learned_at_ms FROM known_versions ORDER BY learned_at_ms',
    )
    for (const { id, published, learned_at_ms } of rows)
      this.#learned.set(id, learned_at_ms + (published ? RELEARN_MS : RELEARN_DRAFT_MS))
    const live = sql.exec<{ form_id: string; version_id: string }>('SELECT form_id, version_id FROM known_live')
    for (const { form_id, version_id } of live) this.#live.set(form_id, version_id)
  }

  isKnown(versionId: string, nowMs: number): boolean {
    return (this.#learned.get(versionId) ?? 0) > nowMs
  }

  learn(version: KnownVersion, nowMs: number): void {
    this.#learned.delete(version.id)
    this.#learned.set(version.id, nowMs + (version.published ? RELEARN_MS : RELEARN_DRAFT_MS))
    this.#sql.exec(
      'INSERT OR REPLACE INTO known_versions VALUES (?, ?, ?, ?, ?, ?, ?)',
      version.id,
      version.formId,
      version.projectId,
      version.versionNum,
      version.published ? 1 : 0,
      version.schema,
      nowMs,
    )
    const [oldest] = this.#learned.keys()
    if (this.#learned.size > MAX_VERSIONS && oldest !== undefined) this.unlearn(oldest)
  }

  /** Its form is gone. */
  unlearn(versionId: string): void {
    this.#learned.delete(versionId)
    this.#sql.exec('DELETE FROM known_versions WHERE id = ?', versionId)
  }

  /** The version that the form was filled in with just now. */
  noteLive(formId: string, versionId: string): void {
    if (this.#live.get(formId) === versionId) return
    this.#live.set(formId, versionId)
    this.#sql.exec('INSERT OR REPLACE INTO known_live VALUES (?, ?)', formId, versionId)
  }

  find(wanted: { versionId: string } | { formId: string }): KnownVersion | null {
    const id = 'versionId' in wanted ? wanted.versionId : this.#live.get(wanted.formId)
    if (id === undefined) return null
    const [row] = this.#sql.exec<VersionRow>('SELECT * FROM known_versions WHERE id = ?', id).toArray()
    return row
      ? {
          id: row.id,
          formId: row.form_id,
          projectId: row.project_id,
          versionNum: row.version_num,
          published: row.published === 1,
          schema: row.schema,
        }
      : null
  }
}
