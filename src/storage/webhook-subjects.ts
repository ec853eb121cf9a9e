// What deliveries tell of, read by what never changes: a state of a submission, a file, an act of the audit log, a
// quarantined payload. What is not returned is gone, with its form or by erasure, and is told to nobody.
import type { TenantDb } from './tenant-db.ts'

export interface SubmissionState {
  id: string
  revision: number
  /** What made this state. */
  change: 'create' | 'edit' | 'delete' | 'restore' | 'review' | 'erase'
  formId: string
  projectId: string
  formVersionId: string | null
  versionNum: number | null
  localUuid: string
  data: string | null
  dataKey: string | null
  /** JSON text. */
  issues: string | null
  reviewState: string
  collectedAtMs: number | null
  submittedAtMs: number
  submittedByLabel: string | null
  userId: string | null
  deviceId: string | null
  protocol: string
  /** Who made this state. */
  actorKind: string
  actorId: string | null
}

// ?1 tenant, ?2 pairs of id and revision. A submission that never changed has its only state in its row.
const STATES = `
SELECT s.id, c.value ->> 1 AS revision, coalesce(r.change, 'create') AS change, s.form_id AS formId,
  f.project_id AS projectId, v.id AS formVersionId, v.version_num AS versionNum, s.local_uuid AS localUuid,
  iif(r.revision IS NULL, s.data, r.data) AS data, iif(r.revision IS NULL, s.data_key, r.data_key) AS dataKey,
  iif(r.revision IS NULL, s.issues, r.issues) AS issues,
  iif(r.revision IS NULL, s.review_state, r.review_state) AS reviewState,
  iif(r.revision IS NULL, s.collected_at_ms, r.collected_at_ms) AS collectedAtMs,
  s.submitted_at_ms AS submittedAtMs, s.submitted_by_label AS submittedByLabel, s.user_id AS userId,
  coalesce(s.reported_device_id, s.device_id) AS deviceId, s.protocol,
  iif(r.revision IS NULL, s.actor_kind, r.actor_kind) AS actorKind,
  iif(r.revision IS NULL, s.actor_id, r.actor_id) AS actorId
FROM json_each(?2) AS c
  CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.id = c.value ->> 0
  CROSS JOIN forms AS f ON f.tenant_id = ?1 AND f.id = s.form_id AND f.deleted_at_ms IS NULL
  LEFT JOIN submission_revisions AS r
    ON r.tenant_id = ?1 AND r.submission_id = s.id AND r.revision = c.value ->> 1
  LEFT JOIN form_versions AS v
    ON v.tenant_id = ?1 AND v.id = iif(r.revision IS NULL, s.form_version_id, r.form_version_id)
WHERE r.revision IS NOT NULL OR s.revision = c.value ->> 1`

export interface ToldMedia {
  id: string
  submissionId: string | null
  formId: string | null
  fieldId: string
  repeatPath: string
  filename: string
  contentType: string
  sizeBytes: number
  sha256: string
}

const MEDIA = `
SELECT m.id, m.submission_id AS submissionId, m.form_id AS formId, m.field_id AS fieldId, m.repeat_path AS repeatPath,
  m.filename, m.content_type AS contentType, m.size_bytes AS sizeBytes, m.sha256
FROM json_each(?2) AS c CROSS JOIN media AS m ON m.tenant_id = ?1 AND m.id = c.value
  LEFT JOIN forms AS f ON f.tenant_id = ?1 AND f.id = m.form_id
WHERE m.deleted_at_ms IS NULL AND f.deleted_at_ms IS NULL`

export interface ToldAct {
  seq: number
  subjectId: string
  /** JSON text. */
  details: string
  actorKind: string
  actorId: string | null
  userId: string | null
}

const ACTS = `
SELECT a.id AS seq, a.subject_id AS subjectId, a.details, a.actor_kind AS actorKind, a.actor_id AS actorId,
  a.user_id AS userId
FROM json_each(?2) AS c CROSS JOIN audit_log AS a ON a.tenant_id = ?1 AND a.id = c.value
  LEFT JOIN forms AS f ON a.subject_kind = 'form' AND f.tenant_id = ?1 AND f.id = a.subject_id
WHERE f.deleted_at_ms IS NULL`

export interface ToldQuarantined {
  id: string
  reason: string
  message: string
  protocol: string
  contentType: string
  sizeBytes: number
  sha256: string
  userId: string | null
  deviceId: string | null
  keyId: string | null
}

const QUARANTINED = `
SELECT q.id, q.reason, q.message, q.protocol, q.content_type AS contentType, q.size_bytes AS sizeBytes, q.sha256,
  q.user_id AS userId, q.device_id AS deviceId, q.key_id AS keyId
FROM json_each(?2) AS c CROSS JOIN quarantine AS q ON q.tenant_id = ?1 AND q.id = c.value`

export interface Wanted {
  /** Submission and revision. */
  states: [string, number][]
  media: string[]
  /** Seqs of acts. */
  acts: number[]
  quarantined: string[]
}

export interface Subjects {
  states: SubmissionState[]
  media: ToldMedia[]
  acts: ToldAct[]
  quarantined: ToldQuarantined[]
}

/** In no particular order, without those that are gone. */
export async function readSubjects({ d1, tenantId }: TenantDb, wanted: Wanted): Promise<Subjects> {
  const found: Subjects = { states: [], media: [], acts: [], quarantined: [] }
  const asked = (Object.keys(SQL_OF) as (keyof Wanted)[]).filter((kind) => wanted[kind].length > 0)
  if (asked.length === 0) return found
  const results = await d1.batch(
    asked.map((kind) => d1.prepare(SQL_OF[kind]).bind(tenantId, JSON.stringify(wanted[kind]))),
  )
  return Object.assign(found, Object.fromEntries(asked.map((kind, i) => [kind, results[i]!.results])))
}

const SQL_OF: Record<keyof Wanted, string> = { states: STATES, media: MEDIA, acts: ACTS, quarantined: QUARANTINED }
