// How a submission looks on the native wire: the documented names and the upstream ones (`data` and `data_json`) side
// by side. Source: contracts/native.md, sections 10.3 and 10.4.
import { z } from '@hono/zod-openapi'
import type { Issue } from '../../domain/submissions/model.ts'
import type { readSubmission, Submission } from '../../domain/submissions/read.ts'
import type { MediaAnswer } from '../../forms/media-answers.ts'
import { isoTime, isoTimeOrNull } from '../../lib/iso-time.ts'
import { Timestamp } from './params.ts'

export const SubmissionIssue = z
  .object({ path: z.string().meta({ example: 'hh[1].m_name' }), code: z.string(), message: z.string() })
  .meta({ id: 'SubmissionIssue' })

export const ReviewState = z.enum(['received', 'approved', 'rejected', 'has_issues'])

const Answers = z.record(z.string(), z.unknown())

export const SubmissionListItem = z
  .object({
    id: z.string(),
    form_id: z.string(),
    form_version_id: z.string().nullable(),
    local_uuid: z.string(),
    data: Answers,
    data_json: Answers,
    collected_at: Timestamp.nullable(),
    collected_offset_minutes: z
      .number()
      .nullable()
      .meta({ description: "The client's offset from UTC, as it was written" }),
    submitted_at: Timestamp,
    submitted_by_email: z.string().nullable(),
    user_id: z.string().nullable(),
    device_id: z.string().nullable().meta({ description: 'What the client sent, or the paired device' }),
    mode: z.enum(['live', 'test']),
    protocol: z.string(),
    revision: z.number().int(),
    review_state: ReviewState,
    issues: z.array(SubmissionIssue),
  })
  .meta({ id: 'SubmissionListItem' })

/** In lists and by itself; the feed says the same in its own words. */
export const ListedSubmission = SubmissionListItem.extend({
  updated_at: Timestamp.meta({ description: 'Of the last change, whatever it was' }),
  deleted_at: Timestamp.nullable().meta({ description: 'In the trash since' }),
}).meta({ id: 'ListedSubmission' })

export const MissingMedia = z
  .object({
    field_id: z.string(),
    repeat_path: z.string().meta({ example: 'hh[1]' }),
    marker: z.string().meta({ description: 'What the device calls the file', example: 'file:///data/photo-1.jpg' }),
  })
  .meta({ id: 'MissingMedia' })

const MediaFile = z
  .object({
    id: z.string(),
    field_name: z.string(),
    field_id: z.string(),
    repeat_path: z.string(),
    filename: z.string(),
    mime_type: z.string(),
    size_bytes: z.number().int(),
    sha256: z.string(),
  })
  .meta({ id: 'MediaFile' })

export const SubmissionDetail = ListedSubmission.extend({
  form_name: z.string(),
  version_num: z.number().int().nullable(),
  schema_fields: z.array(z.record(z.string(), z.unknown())),
  media_files: z.array(MediaFile),
  missing_media: z.array(MissingMedia).meta({ description: 'Files that the answers name and nobody has uploaded' }),
}).meta({ id: 'Submission' })

export const issueOf = ({ path, code, message }: Issue): z.infer<typeof SubmissionIssue> => ({ path, code, message })

export function renderItem(submission: Submission): z.infer<typeof SubmissionListItem> {
  const data = JSON.parse(submission.data) as Record<string, unknown>
  return {
    id: submission.id,
    form_id: submission.formId,
    form_version_id: submission.formVersionId,
    local_uuid: submission.localUuid,
    data,
    data_json: data,
    collected_at: isoTimeOrNull(submission.collectedAtMs),
    collected_offset_minutes: submission.collectedOffsetMin,
    submitted_at: isoTime(submission.submittedAtMs),
    submitted_by_email: submission.submittedByLabel,
    user_id: submission.userId,
    device_id: submission.reportedDeviceId ?? submission.deviceId,
    mode: submission.mode,
    protocol: submission.protocol,
    revision: submission.revision,
    review_state: submission.reviewState,
    issues: submission.issues.map(issueOf),
  }
}

export const renderListed = (submission: Submission): z.infer<typeof ListedSubmission> => ({
  ...renderItem(submission),
  updated_at: isoTime(submission.updatedAtMs),
  deleted_at: isoTimeOrNull(submission.deletedAtMs),
})

export const missingOf = ({ fieldId, repeatPath, marker }: MediaAnswer): z.infer<typeof MissingMedia> => ({
  field_id: fieldId,
  repeat_path: repeatPath,
  marker,
})

/** The revision as a validator, for If-Match. */
export const etagOf = ({ revision }: Pick<Submission, 'revision'>): string => `"${revision}"`

export function renderDetail(found: Awaited<ReturnType<typeof readSubmission>>): z.infer<typeof SubmissionDetail> {
  return {
    ...renderListed(found.submission),
    form_name: found.formName,
    version_num: found.versionNum,
    schema_fields:
      found.schema === null ? [] : (JSON.parse(found.schema) as { fields: Record<string, unknown>[] }).fields,
    media_files: found.media.map((file) => ({
      id: file.id,
      field_name: file.fieldId,
      field_id: file.fieldId,
      repeat_path: file.repeatPath,
      filename: file.filename,
      mime_type: file.contentType,
      size_bytes: file.sizeBytes,
      sha256: file.sha256,
    })),
    missing_media: found.missing.map(missingOf),
  }
}
