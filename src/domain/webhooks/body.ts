// What a delivery says. Made from what never changes, so that every attempt has the same bytes; a change of these
// shapes is a new body version, and deliveries that are under way keep theirs. Pure. Shapes: docs/webhooks.md.
import { isoTime } from '../../lib/iso-time.ts'
import type { SubmissionState, ToldAct, ToldMedia, ToldQuarantined } from '../../storage/webhook-subjects.ts'

export const BODY_VERSION = 1

/** Larger bodies carry a link to the answers instead of the answers. */
export const MAX_BODY_BYTES = 1_000_000

export interface Told {
  event: string
  seq: number
  /** When it happened. */
  createdAtMs: number
}

/** The answers: as they were stored, or where to fetch them. */
export type ToldAnswers = { text: string } | { url: string; bytes: number }

const head = ({ event, seq, createdAtMs }: Told) => ({ type: event, created_at: isoTime(createdAtMs), seq })

/** Source: contracts/native.md, section 13 (the shape of `GET /submissions/{id}`, `submission_id` as an alias). */
export function submissionBody(told: Told, state: SubmissionState, answers: ToldAnswers): string {
  const body = {
    ...head(told),
    id: state.id,
    submission_id: state.id,
    form_id: state.formId,
    project_id: state.projectId,
    form_version_id: state.formVersionId,
    version_num: state.versionNum,
    revision: state.revision,
    local_uuid: state.localUuid,
    device_id: state.deviceId,
    user_id: state.userId,
    submitted_by_email: state.submittedByLabel,
    collected_at: state.collectedAtMs === null ? null : isoTime(state.collectedAtMs),
    submitted_at: isoTime(state.submittedAtMs),
    protocol: state.protocol,
    review_state: state.reviewState,
    issues: state.issues === null ? [] : JSON.parse(state.issues),
    actor: { kind: state.actorKind, id: state.actorId },
    // A new submission has no files yet: they come after it, and each is told by itself.
    ...(told.event === 'submission.created' && { media_files: [] }),
    ...('url' in answers && { data: null, data_url: answers.url, data_bytes: answers.bytes }),
  }
  const text = JSON.stringify(body)
  // Not parsed and written again: the answers leave as they were stored.
  return 'text' in answers ? `${text.slice(0, -1)},"data":${asJson(answers.text)}}` : text
}

/** Encrypted and opaque answers are no JSON: they travel as a string. */
function asJson(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}

/** Of a deleted or erased submission: what it was called, nothing that it said. */
export const deletionBody = (told: Told, state: SubmissionState): string =>
  JSON.stringify({
    ...head(told),
    id: state.id,
    submission_id: state.id,
    form_id: state.formId,
    project_id: state.projectId,
    revision: state.revision,
    erased: state.change === 'erase',
    actor: { kind: state.actorKind, id: state.actorId },
  })

/** Source: the shape of `media_files` in `GET /submissions/{id}`. */
export const mediaBody = (told: Told, file: ToldMedia): string =>
  JSON.stringify({
    ...head(told),
    id: file.id,
    submission_id: file.submissionId,
    form_id: file.formId,
    field_id: file.fieldId,
    field_name: file.fieldId,
    repeat_path: file.repeatPath,
    filename: file.filename,
    mime_type: file.contentType,
    size_bytes: file.sizeBytes,
    sha256: file.sha256,
  })

export function actBody(told: Told, act: ToldAct): string {
  const details = JSON.parse(act.details) as Record<string, unknown>
  const actor = { kind: act.actorKind, id: act.actorId }
  switch (told.event) {
    case 'form.published': {
      const { version_id, version_num } = details
      return JSON.stringify({
        ...head(told),
        id: act.subjectId,
        form_id: act.subjectId,
        version_id,
        version_num,
        actor,
      })
    }
    case 'device.paired':
      return JSON.stringify({
        ...head(told),
        id: act.subjectId,
        label: details.label ?? null,
        user_id: act.userId,
        actor,
      })
    default:
      return JSON.stringify({ ...head(told), id: act.subjectId, actor })
  }
}

/** Without the payload, which may be anything. */
export const quarantineBody = (told: Told, row: ToldQuarantined): string =>
  JSON.stringify({
    ...head(told),
    id: row.id,
    reason: row.reason,
    message: row.message,
    protocol: row.protocol,
    content_type: row.contentType,
    size_bytes: row.sizeBytes,
    sha256: row.sha256,
    user_id: row.userId,
    device_id: row.deviceId,
    key_id: row.keyId,
  })

export const testBody = (told: Told, webhookId: string): string =>
  JSON.stringify({ ...head(told), id: webhookId, message: 'This is a test: nothing has happened.' })
