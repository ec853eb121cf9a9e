// What protocols hand in and get back. A protocol reads its wire into these, and renders outcomes its own way.
import type { FormId, FormVersionId, SubmissionId } from '../../lib/ids.ts'
import type { AppError } from '../errors.ts'
import type { RateState } from './intake-port.ts'

export interface SubmissionItem {
  kind: 'submission'
  /** A version, as most clients name it, or a form, whose live version is meant. */
  target: { versionId: FormVersionId; formId: FormId | null } | { formId: FormId } | FormAnyhow
  /** Null: the client has no name for it, and it can't be recognised when it comes again. */
  localUuid: string | null
  data: Record<string, unknown>
  /** As the client wrote it. */
  collectedAt: string | null
  reportedDeviceId: string | null
  /** JSON object: what the sender's protocol carries beside the answers. */
  extras?: string | null
  /** It arrives as a deleted one. */
  deleted?: boolean
}

/** A form whose clients name versions by words of their own: answers are held against the version of this number or else
 *  the live one, and taken as they are where there is none. */
export interface FormAnyhow {
  formId: FormId
  versionLabel: string
  /** It is known to have no version: nothing is looked up. */
  untyped: boolean
}

/** Something that stood where a submission was expected. */
export interface UnreadableItem {
  kind: 'unreadable'
  localUuid: string | null
  message: string
}

export type IntakeItem = SubmissionItem | UnreadableItem

/** What became of one item. Everything but `rejected` is kept. */
export type Outcome =
  | { kind: 'created'; id: SubmissionId; localUuid: string; issues: Issue[] }
  | { kind: 'duplicate'; id: SubmissionId; localUuid: string }
  /** Of protocols whose clients send the whole record again to change it. */
  | { kind: 'updated'; id: SubmissionId; localUuid: string; issues: Issue[] }
  | { kind: 'unchanged'; id: SubmissionId; localUuid: string }
  | { kind: 'quarantined'; localUuid: string | null; error: AppError }
  | { kind: 'rejected'; localUuid: string | null; error: AppError }

/** A fault that was accepted and flagged. `path` is the field's, `collected_at` for the time of collection. */
export interface Issue {
  path: string
  code: string
  message: string
}

export interface SubmitResult {
  /** One per item, in order. */
  outcomes: Outcome[]
  rate: RateState | null
}

/** Answers larger than this live in R2: D1's rows end at 2 MB. */
export const MAX_INLINE_BYTES = 256 * 1024
export const MAX_SUBMISSION_BYTES = 20 * 1024 * 1024
export const MAX_BULK_BYTES = 32 * 1024 * 1024
export const MAX_BULK_ITEMS = 100
export const MAX_NAME_CHARS = 255
