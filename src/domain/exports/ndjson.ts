// NDJSON: a line per submission with its answers as they were sent, for programs. Nothing is lost or renamed here.
import { isObject } from '../../forms/canonical.ts'
import { isoTimeOrNull } from '../../lib/iso-time.ts'
import { streamOf } from '../../lib/stream.ts'
import type { ExportedMedia, ExportedSubmission, ExportPlan, ExportSource, WriteExport } from './model.ts'

export const writeNdjson: WriteExport = (plan, source) => streamOf(ndjsonBytes(plan, source))

const encoder = new TextEncoder()

async function* ndjsonBytes(plan: ExportPlan, source: ExportSource): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const page of source.pages({ media: true })) {
    let text = ''
    for (const submission of page) text += `${lineOf(plan, submission)}\n`
    yield encoder.encode(text)
  }
}

function lineOf(plan: ExportPlan, submission: ExportedSubmission): string {
  if (submission.deletedAtMs !== null) return tombstoneOf(plan, submission)
  const record = {
    id: submission.id,
    form_id: plan.form.id,
    form_version_id: submission.formVersionId,
    form_version: submission.reader.versionNum ?? submission.versionLabel,
    local_uuid: submission.localUuid,
    mode: submission.mode,
    collected_at: isoTimeOrNull(submission.collectedAtMs),
    submitted_at: isoTimeOrNull(submission.submittedAtMs),
    updated_at: isoTimeOrNull(submission.updatedAtMs),
    submitted_by: submission.submittedBy,
    user_id: submission.userId,
    device_id: submission.deviceId,
    protocol: submission.protocol,
    revision: submission.revision,
    review_state: submission.reviewState,
    data_kind: submission.dataKind,
    media: submission.media.filter(({ fieldId }) => plan.picked === null || plan.picked.has(fieldId)).map(mediaOf),
  }
  return `${JSON.stringify(record).slice(0, -1)},"data":${dataText(plan, submission)}}`
}

/** Told by `deleted_at`, which nothing else has. */
const tombstoneOf = (plan: ExportPlan, { id, localUuid, mode, deletedAtMs, isErased }: ExportedSubmission): string =>
  JSON.stringify({
    id,
    form_id: plan.form.id,
    local_uuid: localUuid,
    mode,
    deleted_at: isoTimeOrNull(deletedAtMs),
    erased: isErased,
  })

const mediaOf = ({ id, fieldId, repeatPath, filename, contentType, sizeBytes }: ExportedMedia) => ({
  id,
  field_id: fieldId,
  repeat_path: repeatPath,
  filename,
  mime_type: contentType,
  size_bytes: sizeBytes,
})

function dataText({ picked }: ExportPlan, submission: ExportedSubmission): string {
  if (submission.dataKind !== 'json') return JSON.stringify(picked === null ? submission.data : null)
  if (picked !== null) return JSON.stringify(pick(submission.answers, picked) ?? {})
  // Line ends stand between the tokens of the text as it was sent: inside strings JSON has none.
  return /[\r\n]/.test(submission.data) ? submission.data.replace(/[\r\n]+/g, ' ') : submission.data
}

/** The fields of these ids, in the groups and rows that they stand in; undefined where there are none. */
function pick(value: unknown, ids: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) {
    const rows = value.map((row) => pick(row, ids) ?? {})
    return rows.some((row) => Object.keys(row as object).length > 0) ? rows : undefined
  }
  if (!isObject(value)) return undefined
  const kept = Object.entries(value).flatMap(([id, inner]) => {
    const found = ids.has(id) ? inner : pick(inner, ids)
    return found === undefined ? [] : [[id, found] as const]
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
