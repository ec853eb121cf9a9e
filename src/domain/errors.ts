// Every failure the system can tell about, in one catalogue. The code is the stable contract, the message is for
// people and says what to do next; each protocol renders its own envelope. docs/errors.md is printed from here.

import type { FormDiff } from '../forms/diff.ts'
import { type SheetFinding, sentenceOf } from '../forms/xlsform/findings.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

interface Entry {
  status: number
  /** For docs/errors.md: when it happens and what the client does about it. */
  about: string
}

export const CATALOGUE = {
  // The request itself
  body_malformed: {
    status: 400,
    about: 'The body is not the JSON or multipart it claims to be, or broke off. Send it again, whole.',
  },
  body_invalid: {
    status: 422,
    about: 'The body, path or query has not the expected shape. `detail` lists every fault with its place.',
  },
  body_too_large: { status: 413, about: 'The body is over the limit that the message names. Split it, or send less.' },
  media_type_unsupported: { status: 415, about: 'The content type is not the one this endpoint takes.' },
  route_not_found: { status: 404, about: 'No endpoint has this method and path.' },
  rate_limited: { status: 429, about: 'Too many requests. Wait for the seconds in `Retry-After`.' },
  too_many_streams: {
    status: 429,
    about:
      'Too many live streams are open with this credential, or in the tenant. Close some, or poll the feed instead.',
  },
  // Credentials
  not_authenticated: { status: 401, about: 'No credential, or one of another kind than this endpoint takes.' },
  token_invalid: { status: 401, about: 'The token is unknown, expired, revoked or forged. Log in or pair again.' },
  credentials_invalid: {
    status: 401,
    about: 'E-mail and password do not belong together, or the account is inactive.',
  },
  api_key_invalid: { status: 401, about: 'The API key is unknown, expired or revoked.' },
  device_token_invalid: {
    status: 401,
    about: 'The device is unknown or revoked, or its user is inactive. Pair it again; data on the phone stays valid.',
  },
  pairing_token_invalid: { status: 401, about: 'The pairing token is unknown, used or expired. Make a new one.' },
  forbidden: { status: 403, about: 'The credential is good, but its role or scopes do not allow this.' },
  password_wrong: { status: 400, about: 'The current password is not right.' },
  password_too_short: { status: 422, about: 'A password has at least 8 characters.' },
  // Things that are not there (or belong to another tenant, which is the same)
  tenant_not_found: { status: 404, about: 'No such tenant.' },
  user_not_found: { status: 404, about: 'No such user in this tenant.' },
  session_not_found: { status: 404, about: 'No such session of this user.' },
  api_key_not_found: { status: 404, about: 'No such API key in this tenant.' },
  device_not_found: { status: 404, about: 'No such device in this tenant.' },
  project_not_found: { status: 404, about: 'No such project in this tenant.' },
  form_not_found: { status: 404, about: 'No such form in this tenant, or it was deleted.' },
  form_not_published: { status: 404, about: 'The form has no published version, or does not exist.' },
  version_not_found: { status: 404, about: 'The form has no such version.' },
  source_not_found: { status: 404, about: 'The version was not imported from a file.' },
  submission_not_found: { status: 404, about: 'No such submission in this tenant, or none that you may read.' },
  revision_not_found: { status: 404, about: 'The submission has no such revision.' },
  bulk_action_not_found: { status: 404, about: 'No such bulk action in this tenant.' },
  quarantined_not_found: { status: 404, about: 'No such payload in quarantine, or its bytes were erased.' },
  webhook_not_found: { status: 404, about: 'No such webhook in this tenant, or none of this form.' },
  delivery_not_found: { status: 404, about: 'The webhook has no such delivery, or it is older than 30 days.' },
  media_not_found: { status: 404, about: 'No such media file in this tenant.' },
  media_object_missing: { status: 404, about: 'The file is recorded, but its bytes are not in the storage.' },
  link_invalid: { status: 404, about: 'The signed link is wrong or has expired. Ask for a new one.' },
  tile_not_found: {
    status: 404,
    about: 'No tile server is set, it has no such tile, or it did not answer with a picture.',
  },
  range_not_satisfiable: {
    status: 416,
    about: 'The `Range` lies outside the file. `Content-Range` tells the size; ask again inside it.',
  },
  // Rules
  role_invalid: { status: 400, about: 'Roles are field_worker, manager and admin.' },
  email_taken: {
    status: 409,
    about: 'Another account, perhaps a deactivated one or of another tenant, has this e-mail.',
  },
  username_taken: { status: 409, about: 'Another account of the tenant has this username.' },
  slug_taken: { status: 409, about: 'Another tenant has this slug.' },
  form_key_taken: { status: 409, about: 'Another form of the tenant has this key. Keys never change; choose another.' },
  cannot_deactivate_self: { status: 400, about: 'Nobody can deactivate or demote themselves: ask another admin.' },
  last_admin: { status: 409, about: 'The tenant would be left without an active admin.' },
  default_tenant: { status: 409, about: 'The default tenant can be neither suspended nor deleted.' },
  project_not_empty: { status: 409, about: 'The project still holds forms. Delete or move them first.' },
  webhook_stopped: { status: 409, about: 'The webhook is paused or inactive. Resume it first.' },
  delivery_erased: {
    status: 409,
    about: 'What the delivery told of was erased, or deleted with its form: there is nothing left to send.',
  },
  too_many_webhooks: { status: 409, about: 'A form or project has as many webhooks as it can have. Delete one first.' },
  nothing_to_publish: { status: 400, about: 'The form has no draft that differs from the published version.' },
  form_unpublished: { status: 400, about: 'The form has no published version yet, so nothing can be submitted to it.' },
  schema_invalid: { status: 422, about: 'The form definition has faults; `detail` lists them all.' },
  form_changed: {
    status: 409,
    about:
      'The definition is no longer the one that the change was made from (`base_sha256`): somebody else has saved. Read ' +
      'the form, decide, and send again with its `schema_sha256`.',
  },
  force_needed: {
    status: 409,
    about:
      'Fields that have answers get another type, or move into or out of rows. `detail` names them, `diff` has every ' +
      'change. Publish with `{"force": true}` if that is meant.',
  },
  xlsform_invalid: {
    status: 422,
    about:
      'The file is no XLSForm workbook, or has faults. `detail` lists them all, each with `sheet`, `row`, `column`, ' +
      '`cell` and a sentence that says what to change.',
  },
  xlsform_unwritable: {
    status: 422,
    about: 'A text of the form is longer than a cell of a workbook may be. Take the JSON definition instead.',
  },
  // Submissions
  answers_invalid: { status: 422, about: 'Answers break the rules of the form; every fault is named with its field.' },
  version_unknown: {
    status: 422,
    about: 'No form version has this id (or it belongs to another form). Fetch the forms again.',
  },
  version_unpublished: {
    status: 422,
    about: 'The form version is a draft. Only devices in test mode may submit to drafts.',
  },
  revision_conflict: {
    status: 409,
    about: 'The submission was changed since, in the same fields; `theirs` is how it is now. Decide, and send again.',
  },
  submission_reviewed: {
    status: 403,
    about: 'The submission was approved or rejected: from then on only managers change it.',
  },
  answers_unreadable: { status: 409, about: 'The answers are encrypted or no JSON: they cannot be edited here.' },
  restore_too_late: { status: 409, about: 'Deleted submissions can be restored for 30 days.' },
  bulk_count_changed: {
    status: 409,
    about: 'Another number of submissions matches the filter than was expected. Look again, then repeat.',
  },
  bulk_action_busy: { status: 409, about: 'The bulk action is still running. Undo it when it is done.' },
  quarantined_settled: { status: 409, about: 'The payload was replayed or discarded already.' },
  item_invalid: { status: 422, about: 'The item of a bulk request is not a submission. It was kept in quarantine.' },
  export_too_large: {
    status: 409,
    about: 'The export is too large for one answer. Create a job: the message says what to send.',
  },
  export_not_found: { status: 404, about: 'No such export in this tenant, or none that you may read.' },
  export_not_ready: {
    status: 409,
    about: 'The export is not done, or its files have expired. Look at its `state`.',
  },
  export_state_conflict: {
    status: 409,
    about: 'Exports are cancelled while they run, and tried again when they have failed or were cancelled.',
  },
  too_many_items: { status: 400, about: 'A bulk request takes at most 100 submissions.' },
  // Sync apps
  repository_reset_required: {
    status: 409,
    about: 'The repository was begun anew since the client last synced. It must drop its copy and fetch everything.',
  },
  attachment_name_invalid: {
    status: 400,
    about: 'An attachment has a flat name of 1 to 255 characters, without slashes and control characters.',
  },
  attachment_exists: {
    status: 409,
    about: 'Another file has this name already. Attachments never change: choose another name.',
  },
  attachment_gone: {
    status: 409,
    about: 'The file of this name was erased with its record. Send another file under another name.',
  },
  attachment_not_found: { status: 404, about: 'No such attachment, or none that you may see.' },
  bundle_invalid: {
    status: 400,
    about: 'The app bundle breaks a rule that the message names. Mend it, upload it again.',
  },
  bundle_not_found: { status: 404, about: 'No such version of the app bundle, or none was chosen yet.' },
  bundle_file_not_found: { status: 404, about: 'The app bundle has no such file.' },
  // Weather
  unavailable: {
    status: 503,
    about: 'The database can not be reached just now. Nothing was stored; retry after `Retry-After` seconds.',
  },
  internal: { status: 500, about: 'A fault of ours. It is logged under the request id.' },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof CATALOGUE

export interface ErrorExtras {
  /** What the native API shows as `detail` when it is more than the message: a list of faults. */
  detail?: Json
  /** Seconds until a retry makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number
  cause?: unknown
  faults?: string[]
  /** What changed in a form, where that is what fails. */
  diff?: FormDiff
}

export class AppError extends Error {
  readonly code: ErrorCode
  readonly detail: Json | undefined
  readonly retryAfterSeconds: number | undefined
  /** One sentence per fault, where there are several. */
  readonly faults: string[]
  readonly diff: FormDiff | undefined

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause })
    this.name = 'AppError'
    this.code = code
    this.detail = extras.detail
    this.retryAfterSeconds = extras.retryAfterSeconds
    this.faults = extras.faults ?? []
    this.diff = extras.diff
  }

  get status(): number {
    return CATALOGUE[this.code].status
  }
}

/** A fault of the request's shape, in the form that FastAPI clients know. `loc` starts with body, query or path. */
export interface ShapeFault {
  type: string
  loc: (string | number)[]
  msg: string
  input?: Json
}

const plain = (code: ErrorCode, message: string) => () => new AppError(code, message)

/** Constructors: what is thrown is spelled here, once. */
export const errors = {
  bodyMalformed: (message: string) => new AppError('body_malformed', message),
  bodyInvalid: (faults: ShapeFault[]) =>
    new AppError('body_invalid', faults.map((f) => `${f.loc.join('.')}: ${f.msg}`).join('; '), {
      detail: faults as unknown as Json,
    }),
  /** One fault of one value, for rules that a schema can't say. */
  valueInvalid: (loc: (string | number)[], msg: string) =>
    new AppError('body_invalid', msg, { detail: [{ type: 'value_error', loc, msg }] }),
  bodyTooLarge: (maxBytes: number) =>
    new AppError('body_too_large', `The body is larger than the ${sizeText(maxBytes)} that this endpoint takes.`),
  mediaTypeUnsupported: (expected: string) =>
    new AppError('media_type_unsupported', `Send this request as ${expected}.`),
  routeNotFound: plain('route_not_found', 'Not Found'),
  rateLimited: (retryAfterSeconds: number) =>
    new AppError('rate_limited', `Too many requests. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds }),
  tooManyStreams: () =>
    new AppError(
      'too_many_streams',
      'Too many live streams are open with this credential, or in this tenant. Close some, or read the feed now and then.',
      { retryAfterSeconds: 5 },
    ),
  notAuthenticated: (message = 'Not authenticated') => new AppError('not_authenticated', message),
  tokenInvalid: (message = 'Invalid or expired token') => new AppError('token_invalid', message),
  credentialsInvalid: plain('credentials_invalid', 'Invalid credentials'),
  apiKeyInvalid: plain('api_key_invalid', 'Invalid or revoked API key'),
  deviceTokenInvalid: plain('device_token_invalid', 'Invalid or revoked device token'),
  pairingTokenInvalid: plain('pairing_token_invalid', 'Invalid pairing token'),
  pairingTokenExpired: plain('pairing_token_invalid', 'Pairing token expired'),
  forbidden: (message = 'Insufficient permissions') => new AppError('forbidden', message),
  passwordWrong: plain('password_wrong', 'Current password is incorrect'),
  /** `field` is the body's field that holds the password. */
  passwordTooShort: (field = 'password') => {
    const msg = 'A password has at least 8 characters.'
    return new AppError('password_too_short', msg, {
      detail: [{ type: 'string_too_short', loc: ['body', field], msg }],
    })
  },
  tenantNotFound: plain('tenant_not_found', 'Tenant not found'),
  userNotFound: plain('user_not_found', 'User not found'),
  sessionNotFound: plain('session_not_found', 'Session not found'),
  apiKeyNotFound: plain('api_key_not_found', 'API key not found'),
  deviceNotFound: plain('device_not_found', 'Device not found'),
  projectNotFound: plain('project_not_found', 'Project not found'),
  formNotFound: plain('form_not_found', 'Form not found'),
  formNotPublished: plain('form_not_published', 'Form not found or not published'),
  versionNotFound: plain('version_not_found', 'Version not found'),
  sourceNotFound: plain('source_not_found', 'This version was not imported from a file'),
  submissionNotFound: plain('submission_not_found', 'Submission not found'),
  revisionNotFound: plain('revision_not_found', 'Revision not found'),
  submissionReviewed: plain('submission_reviewed', 'The submission has been reviewed; only managers change it now'),
  answersUnreadable: plain('answers_unreadable', 'The answers of this submission are not readable JSON'),
  restoreTooLate: plain('restore_too_late', 'The submission was deleted more than 30 days ago'),
  bulkActionNotFound: plain('bulk_action_not_found', 'Bulk action not found'),
  bulkCountChanged: (matched: number) =>
    new AppError('bulk_count_changed', `${matched} submissions match the filter now, not the number expected.`),
  bulkActionBusy: plain('bulk_action_busy', 'The bulk action is still running'),
  quarantinedNotFound: plain('quarantined_not_found', 'No such payload in quarantine'),
  quarantinedSettled: (state: string) => new AppError('quarantined_settled', `The payload has been ${state} already`),
  exportTooLarge: (what: string, job: Record<string, unknown>) =>
    new AppError(
      'export_too_large',
      `This export has ${what}: too much for one answer. Create a job: POST /api/v1/exports ${JSON.stringify(job)}`,
    ),
  archiveTooLarge: (what: string, instead: string) =>
    new AppError('export_too_large', `This archive would have ${what}, too many for one answer. ${instead}`),
  exportNotFound: plain('export_not_found', 'Export not found'),
  exportNotReady: (state: string) =>
    new AppError('export_not_ready', `The export is ${state}: it has no files to download`),
  exportStateConflict: (state: string) => new AppError('export_state_conflict', `The export is ${state}`),
  webhookNotFound: plain('webhook_not_found', 'Webhook not found'),
  deliveryNotFound: plain('delivery_not_found', 'Delivery not found'),
  mediaNotFound: plain('media_not_found', 'Media file not found'),
  mediaObjectMissing: plain('media_object_missing', 'File not found on storage'),
  tileNotFound: plain('tile_not_found', 'There is no such tile'),
  linkInvalid: plain('link_invalid', 'The link is wrong or has expired'),
  rangeNotSatisfiable: plain('range_not_satisfiable', 'The range lies outside the file'),
  roleInvalid: plain('role_invalid', 'Invalid role'),
  emailTaken: plain('email_taken', 'Email already in use'),
  usernameTaken: plain('username_taken', 'Username already in use'),
  slugTaken: plain('slug_taken', 'Slug already in use'),
  formChanged: plain('form_changed', 'Somebody else has changed the form since. Read it, decide, and send again.'),
  formKeyTaken: (key: string, hint = '') => new AppError('form_key_taken', `Another form has the key '${key}'${hint}`),
  cannotDeactivateSelf: plain('cannot_deactivate_self', 'Cannot deactivate yourself'),
  lastAdmin: plain('last_admin', 'This is the last active admin. Make somebody else an admin first.'),
  defaultTenant: plain('default_tenant', 'The default tenant cannot be suspended or deleted'),
  projectNotEmpty: plain('project_not_empty', 'The project still holds forms. Delete them first.'),
  webhookStopped: plain('webhook_stopped', 'The webhook is paused or inactive: resume it first'),
  deliveryErased: plain('delivery_erased', 'What this delivery told of was erased: there is nothing left to send'),
  tooManyWebhooks: (max: number) =>
    new AppError('too_many_webhooks', `There are ${max} webhooks here already. Delete one first.`),
  nothingToPublish: plain('nothing_to_publish', 'No draft to publish'),
  formUnpublished: plain('form_unpublished', 'Form has no published version'),
  schemaInvalid: (faults: string[]) =>
    new AppError('schema_invalid', faults.join('; '), {
      detail: faults.length === 1 && faults[0] === 'schema.fields must be a list' ? faults[0] : faults,
    }),
  forceNeeded: (diff: FormDiff) => {
    const changes = [
      ...diff.typeChanged.map(({ id, from, to }) => ({
        type: 'type_changed',
        loc: ['fields', id],
        msg: `'${id}' has answers of type ${from}, which would be read as ${to}.`,
      })),
      ...diff.moved.map(({ id }) => ({
        type: 'moved',
        loc: ['fields', id],
        msg: `'${id}' has answers that would no longer be found where it stands now.`,
      })),
    ]
    const message = `${changes.map(({ msg }) => msg).join(' ')} Publish with "force": true if that is meant.`
    return new AppError('force_needed', message, { detail: changes, diff })
  },
  /** `detail` has a shape that clients of `body_invalid` know; the place in the workbook stands beside it. */
  xlsformInvalid: (faults: readonly SheetFinding[]) => {
    const sentences = faults.map(sentenceOf)
    const detail = faults.map((fault, index) => ({
      type: 'xlsform',
      loc: ['body', 'file', ...[fault.sheet, fault.row, fault.column].filter((part) => part !== null)],
      msg: sentences[index]!,
      ...fault,
    }))
    return new AppError('xlsform_invalid', sentences.join('\n'), { detail, faults: sentences })
  },
  xlsformUnwritable: (places: string[]) => new AppError('xlsform_unwritable', places.join(' '), { detail: places }),
  answersInvalid: (messages: string[]) => new AppError('answers_invalid', messages.join('; '), { faults: messages }),
  versionUnknown: (id: string) => new AppError('version_unknown', `form_version_id '${id}' not found`),
  versionOfOtherForm: (versionId: string, formId: string) =>
    new AppError('version_unknown', `form_version_id '${versionId}' is not a version of form '${formId}'`),
  versionUnpublished: (id: string) => new AppError('version_unpublished', `form_version_id '${id}' is not published`),
  itemInvalid: (message: string) => new AppError('item_invalid', message),
  tooManyItems: (max: number) => new AppError('too_many_items', `Maximum ${max} submissions per bulk request`),
  attachmentNameInvalid: plain('attachment_name_invalid', 'attachment_id is invalid'),
  attachmentExists: plain('attachment_exists', 'Attachment already exists'),
  attachmentGone: plain(
    'attachment_gone',
    'The file of this name was erased with its record; send another one under another name',
  ),
  attachmentNotFound: plain('attachment_not_found', 'Attachment not found'),
  bundleInvalid: (reason: string) => new AppError('bundle_invalid', reason),
  bundleNotFound: plain('bundle_not_found', 'App bundle version not found'),
  bundleFileNotFound: plain('bundle_file_not_found', 'File not found'),
  repositoryResetRequired: plain(
    'repository_reset_required',
    'The repository has been reset. Erase the local copy and sync again.',
  ),
  unavailable: (cause?: unknown) =>
    new AppError('unavailable', 'The database cannot be reached just now. Nothing was stored; try again shortly.', {
      retryAfterSeconds: 5,
      cause,
    }),
  /** An administrative act that was committed, but could not be put into the audit log. */
  notRecorded: (cause: unknown) =>
    new AppError('unavailable', 'The change was made, but the audit log cannot be reached to record it.', {
      retryAfterSeconds: 5,
      cause,
    }),
  storageUnavailable: (cause: unknown) =>
    new AppError('unavailable', 'The file storage cannot be reached just now. Try again shortly.', {
      retryAfterSeconds: 5,
      cause,
    }),
  internal: (cause: unknown) => new AppError('internal', 'Internal server error', { cause }),
} as const

function sizeText(bytes: number): string {
  return bytes >= 1_048_576 ? `${Math.round(bytes / 104_857.6) / 10} MB` : `${Math.round(bytes / 1024)} kB`
}
