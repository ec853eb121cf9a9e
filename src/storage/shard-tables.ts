// Shard tables: all data of a tenant. `tenant_id` leads every primary key and every index (test/unit/schema.test.ts),
// and nothing here joins with the directory. Times are epoch milliseconds, JSON columns hold text.
// drizzle-kit can't say STRICT or WITHOUT ROWID: both are written into migrations/0000_*.sql by hand.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type {
  ApiKeyId,
  DeviceId,
  FormId,
  FormVersionId,
  MediaId,
  ProjectId,
  SubmissionId,
  TenantId,
  UserId,
  WebhookId,
} from '../lib/ids.ts'

const tenantId = () => text('tenant_id').notNull().$type<TenantId>()

/** Who did it, on every row and revision. */
const actorColumns = () => ({
  actorKind: text('actor_kind', { enum: ['user', 'device', 'key', 'system'] }).notNull(),
  actorId: text('actor_id'),
  userId: text('user_id').$type<UserId>(),
  deviceId: text('device_id').$type<DeviceId>(),
  protocol: text('protocol').notNull(),
})

/** One row per tenant: the last `seq` given out. Only ever touched inside the transaction that writes the rows. */
export const tenantCounters = sqliteTable('tenant_counters', {
  tenantId: text('tenant_id').primaryKey().$type<TenantId>(),
  seq: integer('seq').notNull().default(0),
})

export const tenantSettings = sqliteTable(
  'tenant_settings',
  {
    tenantId: tenantId(),
    key: text('key').notNull(),
    value: text('value').notNull(),
    updatedAtMs: integer('updated_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] })],
)

export const projects = sqliteTable(
  'projects',
  {
    tenantId: tenantId(),
    id: text('id').notNull().$type<ProjectId>(),
    name: text('name').notNull(),
    description: text('description'),
    /** Whom the project's forms are offered to: every device, or those of its members. */
    formAccess: text('form_access', { enum: ['everyone', 'assigned'] })
      .notNull()
      .default('everyone'),
    /** IANA name; date-only filters, charts and exports count days in it. */
    timeZone: text('time_zone').notNull().default('UTC'),
    /** The project that dialects without projects work in. */
    isDefault: integer('is_default', { mode: 'boolean' }).notNull().default(false),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index('projects_created').on(t.tenantId, t.createdAtMs)],
)

export const forms = sqliteTable(
  'forms',
  {
    tenantId: tenantId(),
    id: text('id').notNull().$type<FormId>(),
    projectId: text('project_id').notNull().$type<ProjectId>(),
    /** Immutable, unique in the tenant: form_type (Synkronus), form_id (XLSForm, OpenRosa). */
    key: text('key').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: ['form', 'untyped'] })
      .notNull()
      .default('form'),
    currentVersionId: text('current_version_id').$type<FormVersionId>(),
    draftVersionId: text('draft_version_id').$type<FormVersionId>(),
    seq: integer('seq').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    updatedAtMs: integer('updated_at_ms').notNull(),
    archivedAtMs: integer('archived_at_ms'),
    deletedAtMs: integer('deleted_at_ms'),
    purgedAtMs: integer('purged_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('forms_key').on(t.tenantId, t.key),
    uniqueIndex('forms_seq').on(t.tenantId, t.seq),
    index('forms_project').on(t.tenantId, t.projectId, t.createdAtMs),
    index('forms_unpurged')
      .on(t.tenantId, t.deletedAtMs)
      .where(sql`${t.deletedAtMs} IS NOT NULL AND ${t.purgedAtMs} IS NULL`),
  ],
)

export const formVersions = sqliteTable(
  'form_versions',
  {
    tenantId: tenantId(),
    id: text('id').notNull().$type<FormVersionId>(),
    formId: text('form_id').notNull().$type<FormId>(),
    versionNum: integer('version_num').notNull(),
    /** What another system calls this version (XLSForm version, bundle label). */
    versionLabel: text('version_label'),
    /** JSON text. Never changes once published. */
    schema: text('schema').notNull(),
    schemaSha256: text('schema_sha256').notNull(),
    /** R2 key of the file the version was imported from. */
    sourceKey: text('source_key'),
    createdBy: text('created_by').$type<UserId>(),
    createdAtMs: integer('created_at_ms').notNull(),
    publishedAtMs: integer('published_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('form_versions_num').on(t.tenantId, t.formId, t.versionNum),
  ],
)

/**
 * One row per submission, in its latest state. Keyed by `seq`, so that writing appends and the feed is a scan
 * (docs/decisions/0002-seq-in-d1.md); an edit takes a new seq and moves the row.
 */
export const submissions = sqliteTable(
  'submissions',
  {
    tenantId: tenantId(),
    seq: integer('seq').notNull(),
    /** UUIDv5 of tenant and localUuid. */
    id: text('id').notNull().$type<SubmissionId>(),
    createdSeq: integer('created_seq').notNull(),
    formId: text('form_id').notNull().$type<FormId>(),
    formVersionId: text('form_version_id').$type<FormVersionId>(),
    versionLabel: text('version_label'),
    localUuid: text('local_uuid').notNull(),
    mode: text('mode', { enum: ['live', 'test'] }).notNull(),
    dataKind: text('data_kind', { enum: ['json', 'encrypted', 'opaque'] }).notNull(),
    /** The answers as sent; null when they are in R2 under data_key (over 256 kB) or erased. */
    data: text('data'),
    dataKey: text('data_key'),
    dataBytes: integer('data_bytes').notNull(),
    /** JSON array of faults that were accepted and flagged; null when there are none. */
    issues: text('issues'),
    collectedAtMs: integer('collected_at_ms'),
    /** Minutes east of UTC as the client wrote them. */
    collectedOffsetMin: integer('collected_offset_min'),
    /** What the device's clock showed when it synced. */
    deviceClockMs: integer('device_clock_ms'),
    submittedAtMs: integer('submitted_at_ms').notNull(),
    /** collected_at_ms, or submitted_at_ms where the client sent none: what date filters look at. */
    occurredAtMs: integer('occurred_at_ms').notNull(),
    ...actorColumns(),
    /** Copied, because a join with the directory is not possible. */
    submittedByLabel: text('submitted_by_label'),
    /** The free text that the client sent as its device id. */
    reportedDeviceId: text('reported_device_id'),
    /** JSON object: what a protocol's records carry beside their answers and others have no column for. */
    extras: text('extras'),
    revision: integer('revision').notNull().default(1),
    reviewState: text('review_state', { enum: ['received', 'approved', 'rejected', 'has_issues'] })
      .notNull()
      .default('received'),
    updatedAtMs: integer('updated_at_ms').notNull(),
    deletedAtMs: integer('deleted_at_ms'),
    erasedAtMs: integer('erased_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.seq] }),
    uniqueIndex('submissions_id').on(t.tenantId, t.id),
    // The live rows only. The first covers the filters of lists and exports, so that a page costs the rows it returns.
    index('submissions_form')
      .on(t.tenantId, t.formId, t.mode, t.createdSeq, t.occurredAtMs)
      .where(sql`${t.deletedAtMs} IS NULL`),
    index('submissions_created').on(t.tenantId, t.mode, t.createdSeq).where(sql`${t.deletedAtMs} IS NULL`),
    index('submissions_user').on(t.tenantId, t.userId, t.createdSeq).where(sql`${t.deletedAtMs} IS NULL`),
    index('submissions_device').on(t.tenantId, t.deviceId).where(sql`${t.deviceId} IS NOT NULL`),
    index('submissions_deleted').on(t.tenantId, t.formId, t.seq).where(sql`${t.deletedAtMs} IS NOT NULL`),
    // The few rows that lists of work look for: with issues, reviewed, in the trash.
    index('submissions_issues')
      .on(t.tenantId, t.mode, t.createdSeq)
      .where(sql`${t.issues} IS NOT NULL AND ${t.deletedAtMs} IS NULL`),
    index('submissions_review')
      .on(t.tenantId, t.mode, t.reviewState, t.createdSeq)
      .where(sql`${t.reviewState} <> 'received' AND ${t.deletedAtMs} IS NULL`),
    index('submissions_trash')
      .on(t.tenantId, t.mode, t.createdSeq, t.deletedAtMs)
      .where(sql`${t.deletedAtMs} IS NOT NULL AND ${t.erasedAtMs} IS NULL`),
  ],
)

/** Further names of a submission: instanceIDs after edits, primary keys of features. */
export const submissionKeys = sqliteTable(
  'submission_keys',
  {
    tenantId: tenantId(),
    kind: text('kind').notNull(),
    clientId: text('client_id').notNull(),
    submissionId: text('submission_id').notNull().$type<SubmissionId>(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.kind, t.clientId] }),
    index('submission_keys_submission').on(t.tenantId, t.submissionId),
  ],
)

/** All states of submissions that were ever changed, the latest included. One that never changed has no rows here: its
 *  revision 1 is the row in `submissions`. */
export const submissionRevisions = sqliteTable(
  'submission_revisions',
  {
    tenantId: tenantId(),
    submissionId: text('submission_id').notNull().$type<SubmissionId>(),
    revision: integer('revision').notNull(),
    seq: integer('seq').notNull(),
    change: text('change', { enum: ['create', 'edit', 'delete', 'restore', 'review', 'erase'] }).notNull(),
    formVersionId: text('form_version_id').$type<FormVersionId>(),
    data: text('data'),
    dataKey: text('data_key'),
    issues: text('issues'),
    reviewState: text('review_state', { enum: ['received', 'approved', 'rejected', 'has_issues'] }).notNull(),
    collectedAtMs: integer('collected_at_ms'),
    ...actorColumns(),
    atMs: integer('at_ms').notNull(),
    extras: text('extras'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.submissionId, t.revision] }),
    index('submission_revisions_seq').on(t.tenantId, t.seq),
  ],
)

export const submissionComments = sqliteTable(
  'submission_comments',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    submissionId: text('submission_id').notNull().$type<SubmissionId>(),
    body: text('body').notNull(),
    ...actorColumns(),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('submission_comments_submission').on(t.tenantId, t.submissionId, t.createdAtMs),
  ],
)

/** What is still to be removed of erased submissions (objects and the rows that name them): the row goes last. */
export const erasures = sqliteTable(
  'erasures',
  {
    tenantId: tenantId(),
    submissionId: text('submission_id').notNull().$type<SubmissionId>(),
    startedAtMs: integer('started_at_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.submissionId] }),
    index('erasures_started').on(t.tenantId, t.startedAtMs),
  ],
)

/** One change of many submissions at once, by filter; with its rows, enough to undo it. */
export const bulkActions = sqliteTable(
  'bulk_actions',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    action: text('action', { enum: ['delete', 'restore', 'review'] }).notNull(),
    /** What `review` sets. */
    reviewState: text('review_state', { enum: ['received', 'approved', 'rejected', 'has_issues'] }),
    /** JSON: the resolved filter, with the actor's rights and the time bounds in it. */
    filter: text('filter').notNull(),
    state: text('state', { enum: ['running', 'done', 'undoing', 'undone'] }).notNull(),
    /** How many matched when it began. */
    matched: integer('matched').notNull(),
    affected: integer('affected').notNull().default(0),
    undone: integer('undone').notNull().default(0),
    /** Only submissions created up to this seq: what arrives meanwhile is not meant. */
    untilSeq: integer('until_seq').notNull(),
    /** How far it got: the created_seq of the last row done; while undoing, the id of the last submission. */
    position: text('position'),
    ...actorColumns(),
    createdAtMs: integer('created_at_ms').notNull(),
    updatedAtMs: integer('updated_at_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('bulk_actions_created').on(t.tenantId, t.createdAtMs),
    index('bulk_actions_open').on(t.tenantId, t.updatedAtMs).where(sql`${t.state} IN ('running', 'undoing')`),
  ],
)

/** What a bulk action changed: undone is only what has had no later change. */
export const bulkActionRows = sqliteTable(
  'bulk_action_rows',
  {
    tenantId: tenantId(),
    actionId: text('action_id').notNull(),
    submissionId: text('submission_id').notNull().$type<SubmissionId>(),
    /** The revision that the action made. */
    revision: integer('revision').notNull(),
    previousReviewState: text('previous_review_state', {
      enum: ['received', 'approved', 'rejected', 'has_issues'],
    }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.actionId, t.submissionId] })],
)

/** How many submissions a form has, kept by the transactions that add and remove them: nobody counts 200,000 rows for a header. */
export const submissionCounts = sqliteTable(
  'submission_counts',
  {
    tenantId: tenantId(),
    formId: text('form_id').notNull().$type<FormId>(),
    mode: text('mode', { enum: ['live', 'test'] }).notNull(),
    total: integer('total').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.formId, t.mode] })],
)

/** Bounding box of every spatial answer, for the map. Rebuildable from the answers. */
export const spatialAnswers = sqliteTable(
  'spatial_answers',
  {
    tenantId: tenantId(),
    formId: text('form_id').notNull().$type<FormId>(),
    submissionId: text('submission_id').notNull().$type<SubmissionId>(),
    /** Field with repeat indexes: `hh[1].gps`. */
    path: text('path').notNull(),
    kind: text('kind', { enum: ['point', 'line', 'polygon'] }).notNull(),
    minLon: real('min_lon').notNull(),
    minLat: real('min_lat').notNull(),
    maxLon: real('max_lon').notNull(),
    maxLat: real('max_lat').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.submissionId, t.path] }),
    index('spatial_answers_form').on(t.tenantId, t.formId, t.minLon, t.minLat),
  ],
)

/** Photos and other files. The row is written after the object exists. */
export const media = sqliteTable(
  'media',
  {
    tenantId: tenantId(),
    id: text('id').notNull().$type<MediaId>(),
    seq: integer('seq').notNull(),
    submissionId: text('submission_id').$type<SubmissionId>(),
    formId: text('form_id').$type<FormId>(),
    fieldId: text('field_id').notNull(),
    /** Row of the repeat the field stands in: `hh[1]`; '' outside repeats. */
    repeatPath: text('repeat_path').notNull(),
    filename: text('filename').notNull(),
    contentType: text('content_type').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    sha256: text('sha256').notNull(),
    /** Filled where a protocol needs it. */
    md5: text('md5'),
    objectKey: text('object_key').notNull(),
    ...actorColumns(),
    createdAtMs: integer('created_at_ms').notNull(),
    deletedAtMs: integer('deleted_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('media_identity').on(t.tenantId, t.submissionId, t.fieldId, t.repeatPath, t.filename, t.sha256),
    uniqueIndex('media_seq').on(t.tenantId, t.seq),
    index('media_form').on(t.tenantId, t.formId, t.seq),
    index('media_device').on(t.tenantId, t.deviceId).where(sql`${t.deviceId} IS NOT NULL`),
  ],
)

/** Uploads that have begun: what is left here after a day is a half-written object, and only such objects are swept. */
export const mediaUploads = sqliteTable(
  'media_uploads',
  {
    tenantId: tenantId(),
    mediaId: text('media_id').notNull().$type<MediaId>(),
    objectKey: text('object_key').notNull(),
    startedAtMs: integer('started_at_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.mediaId] }),
    index('media_uploads_started').on(t.tenantId, t.startedAtMs),
  ],
)

/** Names that sync clients give to files: one file per name. */
export const attachments = sqliteTable(
  'attachments',
  {
    tenantId: tenantId(),
    name: text('name').notNull(),
    mediaId: text('media_id').notNull().$type<MediaId>(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.name] }), uniqueIndex('attachments_media').on(t.tenantId, t.mediaId)],
)

/** Names of files that went with their records: sync clients are told to delete them. */
export const goneAttachments = sqliteTable(
  'gone_attachments',
  {
    tenantId: tenantId(),
    name: text('name').notNull(),
    seq: integer('seq').notNull(),
    /** Whose file it was. */
    userId: text('user_id').$type<UserId>(),
    /** Null: a random name, which tells nothing and stays. */
    forgetAtMs: integer('forget_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.name] }),
    index('gone_attachments_seq').on(t.tenantId, t.seq),
    index('gone_attachments_forget').on(t.tenantId, t.forgetAtMs).where(sql`${t.forgetAtMs} IS NOT NULL`),
  ],
)

/** Records that went with their form: sync clients are told that they are deleted. */
export const goneRecords = sqliteTable(
  'gone_records',
  {
    tenantId: tenantId(),
    submissionId: text('submission_id').notNull().$type<SubmissionId>(),
    seq: integer('seq').notNull(),
    localUuid: text('local_uuid').notNull(),
    formKey: text('form_key').notNull(),
    userId: text('user_id').$type<UserId>(),
    occurredAtMs: integer('occurred_at_ms').notNull(),
    goneAtMs: integer('gone_at_ms').notNull(),
    /** Null: a random name, which tells nothing and stays. */
    forgetAtMs: integer('forget_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.submissionId] }),
    uniqueIndex('gone_records_seq').on(t.tenantId, t.seq),
    index('gone_records_forget').on(t.tenantId, t.forgetAtMs).where(sql`${t.forgetAtMs} IS NOT NULL`),
  ],
)

/** How sync clients see the tenant: one row once anything of it has changed. */
export const repositories = sqliteTable('repositories', {
  tenantId: text('tenant_id').primaryKey().$type<TenantId>(),
  /** Rises with each reset: what clients hold of an earlier one is void. */
  generation: integer('generation').notNull().default(1),
  /** Nothing up to this seq is shown: clients count from here. */
  resetSeq: integer('reset_seq').notNull().default(0),
  /** The bulk action that the last reset made. */
  resetActionId: text('reset_action_id'),
  /** The app bundle that is handed out. */
  activeBundle: integer('active_bundle'),
})

/** Where each sync client stands, as far as it was told. */
export const syncClients = sqliteTable(
  'sync_clients',
  {
    tenantId: tenantId(),
    clientId: text('client_id').notNull(),
    /** The client has, or has written, everything up to here. */
    cursorSeq: integer('cursor_seq').notNull(),
    userId: text('user_id').notNull().$type<UserId>(),
    appVersion: text('app_version'),
    lastSeenAtMs: integer('last_seen_at_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.clientId] }),
    index('sync_clients_user').on(t.tenantId, t.userId, t.lastSeenAtMs),
  ],
)

/** What a sync client was answered, by the hash of its request: the same request is answered alike. */
export const transmissions = sqliteTable(
  'transmissions',
  {
    tenantId: tenantId(),
    key: text('key').notNull(),
    reply: text('reply').notNull(),
    atMs: integer('at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] }), index('transmissions_at').on(t.tenantId, t.atMs)],
)

/** Custom apps for sync clients, one row per version. The archive is one object; its files are read out of it. */
export const appBundles = sqliteTable(
  'app_bundles',
  {
    tenantId: tenantId(),
    version: integer('version').notNull(),
    objectKey: text('object_key').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    sha256: text('sha256').notNull(),
    /** JSON array of files, with where each lies in the archive. */
    files: text('files').notNull(),
    /** JSON text of APP_INFO.json: forms and their fields. */
    appInfo: text('app_info').notNull(),
    ...actorColumns(),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.version] })],
)

/** Payloads that could not be stored as submissions, byte for byte. */
export const quarantine = sqliteTable(
  'quarantine',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    seq: integer('seq').notNull(),
    /** `device:<id>`, `key:<id>`, `user:<id>`. */
    credential: text('credential').notNull(),
    sha256: text('sha256').notNull(),
    protocol: text('protocol').notNull(),
    contentType: text('content_type').notNull(),
    body: text('body'),
    bodyKey: text('body_key'),
    sizeBytes: integer('size_bytes').notNull(),
    reason: text('reason').notNull(),
    message: text('message').notNull(),
    state: text('state', { enum: ['open', 'replayed', 'discarded'] })
      .notNull()
      .default('open'),
    /** How often the same bytes arrived. */
    arrivals: integer('arrivals').notNull().default(1),
    userId: text('user_id').$type<UserId>(),
    deviceId: text('device_id').$type<DeviceId>(),
    keyId: text('key_id').$type<ApiKeyId>(),
    receivedAtMs: integer('received_at_ms').notNull(),
    settledAtMs: integer('settled_at_ms'),
    settledBy: text('settled_by').$type<UserId>(),
    /** Why it was discarded. */
    settledNote: text('settled_note'),
    /** The submission that the payload names or became, as far as that can be read. */
    submissionId: text('submission_id').$type<SubmissionId>(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('quarantine_identity').on(t.tenantId, t.credential, t.sha256),
    index('quarantine_state').on(t.tenantId, t.state, t.seq),
    index('quarantine_seq').on(t.tenantId, t.seq),
    index('quarantine_submission').on(t.tenantId, t.submissionId),
  ],
)

/** One row per committed batch while anyone subscribes, until the queue's consumer has expanded it into deliveries. */
export const outbox = sqliteTable(
  'outbox',
  {
    tenantId: tenantId(),
    id: integer('id').notNull(),
    kind: text('kind', { enum: ['submissions', 'media', 'audit', 'quarantine'] }).notNull(),
    fromSeq: integer('from_seq').notNull(),
    toSeq: integer('to_seq').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

export const webhooks = sqliteTable(
  'webhooks',
  {
    tenantId: tenantId(),
    id: text('id').notNull().$type<WebhookId>(),
    /** A hook on one form, or on all forms of a project. */
    formId: text('form_id').$type<FormId>(),
    projectId: text('project_id').$type<ProjectId>(),
    url: text('url').notNull(),
    /** JSON array of event names. */
    events: text('events').notNull(),
    description: text('description').notNull().default(''),
    secret: text('secret'),
    previousSecret: text('previous_secret'),
    previousSecretUntilMs: integer('previous_secret_until_ms'),
    /** Inactive: what happens meanwhile is not for it. */
    isActive: integer('is_active', { mode: 'boolean' }).notNull().default(true),
    /** Failures since the last success. */
    failureStreak: integer('failure_streak').notNull().default(0),
    /** Paused: deliveries are kept and wait. */
    pausedAtMs: integer('paused_at_ms'),
    createdAtMs: integer('created_at_ms').notNull(),
    /** What happened up to here is not for it. */
    createdSeq: integer('created_seq').notNull().default(0),
    /** Address of this server as its creator reached it: the base of links in bodies where no server URL is set. */
    origin: text('origin').notNull().default(''),
    /** Why it is paused or inactive; null when somebody's PATCH made it inactive. */
    stoppedBy: text('stopped_by', { enum: ['user', 'breaker', 'gone'] }),
    /** While the breaker has paused it: when one delivery tries whether the receiver is back. */
    probeAtMs: integer('probe_at_ms'),
    /** Its deliveries are still to be removed. */
    deletedAtMs: integer('deleted_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('webhooks_form').on(t.tenantId, t.formId),
    index('webhooks_project').on(t.tenantId, t.projectId),
  ],
)

/**
 * One event on its way to one hook. An event has a `seq` of its own, so hook and seq name the delivery (its public id is
 * made of them). It is open while it has a next attempt.
 */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    tenantId: tenantId(),
    webhookId: text('webhook_id').notNull().$type<WebhookId>(),
    seq: integer('seq').notNull(),
    event: text('event').notNull(),
    subjectId: text('subject_id').notNull(),
    /** Of a submission: the immutable state that the body is made from. 0 for everything else. */
    revision: integer('revision').notNull(),
    /** Deliveries of one hook with the same key leave one after the other. */
    orderKey: text('order_key').notNull(),
    bodyVersion: integer('body_version').notNull(),
    /** A body that could come out otherwise next time: one with a signed link, for answers over 1 MB. */
    body: text('body'),
    state: text('state', { enum: ['pending', 'delivered', 'failed', 'dead'] }).notNull(),
    /** Why it is dead. */
    reason: text('reason', { enum: ['attempts', 'gone', 'erased'] }),
    /** JSON array: time, status, milliseconds, first bytes of each answer. */
    attempts: text('attempts').notNull().default('[]'),
    /** Since it was made, or sent again by hand. */
    attemptCount: integer('attempt_count').notNull().default(0),
    nextAttemptAtMs: integer('next_attempt_at_ms'),
    /** Somebody is sending it, or died over it. */
    leasedUntilMs: integer('leased_until_ms'),
    /** When it happened. */
    createdAtMs: integer('created_at_ms').notNull(),
    settledAtMs: integer('settled_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.webhookId, t.seq] }),
    index('webhook_deliveries_due')
      .on(t.tenantId, t.webhookId, t.nextAttemptAtMs, t.seq)
      .where(sql`${t.nextAttemptAtMs} IS NOT NULL`),
    index('webhook_deliveries_order')
      .on(t.tenantId, t.webhookId, t.orderKey, t.seq)
      .where(sql`${t.nextAttemptAtMs} IS NOT NULL`),
    index('webhook_deliveries_failed').on(t.tenantId, t.webhookId, t.seq).where(sql`${t.state} IN ('failed', 'dead')`),
  ],
)

export const exportJobs = sqliteTable(
  'export_jobs',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    formId: text('form_id').notNull().$type<FormId>(),
    format: text('format').notNull(),
    /** JSON of the filters, as the list takes them. */
    filters: text('filters').notNull(),
    /** JSON: what is exported, with the actor's rights and the time bounds resolved. */
    spec: text('spec').notNull().default('{}'),
    /** It holds the actor's own submissions only. */
    isOwn: integer('is_own', { mode: 'boolean' }).notNull().default(false),
    state: text('state', { enum: ['queued', 'running', 'done', 'failed', 'cancelled', 'expired'] }).notNull(),
    percent: integer('percent').notNull().default(0),
    rowCount: integer('row_count').notNull().default(0),
    /** How many rows there were when it was created. */
    totalRows: integer('total_rows').notNull().default(0),
    /** How often the present volume was begun. */
    attempts: integer('attempts').notNull().default(0),
    /** JSON array of finished volumes: number, object key, name, bytes, SHA-256, rows, last seq. */
    volumes: text('volumes').notNull().default('[]'),
    error: text('error'),
    untilSeq: integer('until_seq').notNull(),
    ...actorColumns(),
    createdAtMs: integer('created_at_ms').notNull(),
    updatedAtMs: integer('updated_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('export_jobs_created').on(t.tenantId, t.createdAtMs),
    index('export_jobs_expiry').on(t.tenantId, t.state, t.expiresAtMs),
    index('export_jobs_open').on(t.tenantId, t.updatedAtMs).where(sql`${t.state} IN ('queued', 'running')`),
  ],
)

export const auditLog = sqliteTable(
  'audit_log',
  {
    tenantId: tenantId(),
    id: integer('id').notNull(),
    action: text('action').notNull(),
    subjectKind: text('subject_kind').notNull(),
    subjectId: text('subject_id'),
    /** JSON; never a secret, never answers. */
    details: text('details').notNull().default('{}'),
    ...actorColumns(),
    requestId: text('request_id').notNull(),
    atMs: integer('at_ms').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('audit_log_action').on(t.tenantId, t.action, t.id),
    index('audit_log_subject').on(t.tenantId, t.subjectKind, t.subjectId, t.id),
  ],
)
