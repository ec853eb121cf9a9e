// The words of an export: what is exported (plan), as which tables, and the submissions as they come from the source.
// Types only. plan.ts decides, source.ts reads, rows.ts and spatial.ts turn answers into cells and geometries, and the
// formats write what they are given: none of them knows the database, the request or the job that it runs in.
import type { Answers } from '../../forms/canonical.ts'
import type { FieldType, SpatialType } from '../../forms/field-types.ts'
import type { FormId, FormVersionId, MediaId, SubmissionId } from '../../lib/ids.ts'
import type { TrackPause, TrackPoint } from '../../lib/track.ts'
import type { SubmissionFilter } from '../../storage/submissions.ts'
import type { EpochMs } from '../context.ts'

/**
 * What the cells of a column hold where they are not null. Answers are exported as they were sent, so a cell of a typed
 * column may still be a text that is none of its type ("about ten" in a number): writers of typed files decide what
 * becomes of it.
 *
 * - `text`: a string; a boolean where one was sent
 * - `number`, `integer`: a number
 * - `timestamp`: a number, epoch milliseconds (only columns of the submission itself)
 * - `date`, `time`, `datetime`: a string as the device wrote it (ISO 8601, with or without an offset)
 */
export type ColumnType = 'text' | 'number' | 'integer' | 'timestamp' | 'date' | 'time' | 'datetime'

export type Cell = string | number | boolean | null

export interface Column {
  /** Unique in its table, made of ids: `gps_lat`. Stays when labels change. */
  readonly key: string
  /** Unique in its table, for people: `Position_lat`. */
  readonly label: string
  readonly type: ColumnType
  /** The field it comes from; null for columns of the submission itself. */
  readonly fieldId: string | null
  readonly fieldType: FieldType | null
}

/** The main table has a row per submission, each further one a row per row of a repeat. */
export interface Table {
  /** '' for the main table; else the id of the repeat. Unique in the plan, but for letter case. */
  readonly name: string
  readonly label: string
  /** Ids of the repeats that its rows stand in, outermost first, its own last; empty for the main table. */
  readonly repeats: readonly string[]
  /** First those of the submission (main table) or the keys (`submission_id`, indexes), then those of the fields. */
  readonly columns: readonly Column[]
  /** Place in `ExportPlan.tables`. */
  readonly index: number
}

/** A spatial field by its name in the current version, or in the last one that had it. */
export interface SpatialField {
  readonly fieldId: string
  readonly label: string
  readonly type: SpatialType
}

export interface LegendEntry {
  readonly id: string
  readonly type: FieldType
  readonly label: string
}

export const EXPORT_FORMATS = ['csv', 'geojson', 'gpx', 'media', 'package', 'xlsx', 'parquet', 'kml', 'ndjson'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface WriteOptions {
  /** CSV begins with a byte order mark. */
  bom: boolean
  /** Texts that a spreadsheet would run as formulas are made harmless. */
  guard: boolean
}

/** Everything about an export that is known before its first byte. */
export interface ExportPlan {
  readonly form: { readonly id: FormId; readonly name: string }
  /** Of the form's name, safe in every file system: letters and digits of any script, `_` and `-`. Never empty. */
  readonly slug: string
  readonly filter: SubmissionFilter & { formId: FormId }
  /** The tenant's counter when the export began: nothing newer is in it. */
  readonly untilSeq: number
  /** Only what was changed or deleted after this `seq`; null: everything, whatever became of it. */
  readonly since: number | null
  readonly atMs: EpochMs
  /** The main table first; a repeat stands before those inside it. */
  readonly tables: readonly Table[]
  readonly spatialFields: readonly SpatialField[]
  readonly hasMediaFields: boolean
  /** Label of a media field by id, under every id that it ever had. */
  readonly labels: ReadonlyMap<string, string>
  /** Every field of the export in schema order, containers dissolved. */
  readonly legend: readonly LegendEntry[]
  /** Ids that `fields=` picked, under every name that they ever had; null: all. */
  readonly picked: ReadonlySet<string> | null
  readonly options: WriteOptions
  /** How the answers of a submission are read, by its version. */
  readonly readers: VersionReaders
}

/** Made by columns.ts; rows.ts and spatial.ts know what is in it. */
export interface VersionReaders {
  of(versionId: FormVersionId | null): VersionReader
}

export interface VersionReader {
  readonly versionNum: number | null
  /** By `Table.index`; null where this version has no such repeat. */
  readonly tableReader: (index: number) => TableReader | null
  readonly spatial: readonly SpatialReader[]
}

export interface Place {
  readonly id: string
  readonly groups: readonly string[]
}

export interface TableReader {
  /** From the document to a row of the table. */
  readonly repeats: readonly Place[]
  readonly cells: readonly CellReader[]
  /** Of the fields that are not spatial, for the properties of features. */
  readonly properties: readonly PropertyReader[]
}

export interface PropertyReader {
  readonly key: string
  readonly place: Place
  readonly read: (value: unknown, row: RowContext) => unknown
}

/** Reads one answer into one or more neighbouring cells. */
export interface CellReader {
  readonly at: number
  readonly place: Place
  readonly read: (value: unknown, cells: Cell[], at: number, row: RowContext) => void
}

export interface SpatialReader {
  readonly field: SpatialField
  readonly place: Place
  readonly repeats: readonly Place[]
  /** Place in `ExportPlan.tables` of the table that it stands in. */
  readonly table: number
}

/** Where a row stands: what its media fields look for. */
export interface RowContext {
  readonly submission: ExportedSubmission
  /** `hh[1]`, `hh[1].kids[0]`; '' in the main table. */
  readonly repeatPath: string
}

export interface ExportedMedia {
  readonly id: MediaId
  readonly submissionId: SubmissionId
  readonly fieldId: string
  /** Row of the repeat that the field stands in (`hh[1]`); '' outside repeats. */
  readonly repeatPath: string
  readonly filename: string
  readonly contentType: string
  readonly sizeBytes: number
  readonly objectKey: string
  readonly createdAtMs: EpochMs
}

export interface ExportedSubmission {
  readonly id: SubmissionId
  readonly localUuid: string
  readonly reader: VersionReader
  readonly formVersionId: FormVersionId | null
  readonly versionLabel: string | null
  readonly dataKind: 'json' | 'encrypted' | 'opaque'
  /** Answers as sent, as JSON text. */
  readonly data: string
  /** The same, parsed; empty where they are encrypted or no JSON object. Parsed when first asked for. */
  readonly answers: Answers
  readonly submittedBy: string | null
  readonly collectedAtMs: EpochMs | null
  readonly submittedAtMs: EpochMs
  readonly updatedAtMs: EpochMs
  readonly userId: string | null
  readonly deviceId: string | null
  readonly mode: 'live' | 'test'
  readonly protocol: string
  readonly revision: number
  readonly reviewState: string
  /** Of a tombstone, which has no answers: only in exports of what changed. */
  readonly deletedAtMs: EpochMs | null
  readonly isErased: boolean
  /** In the order of their arrival. Filled when the page was read with `media`. */
  readonly media: readonly ExportedMedia[]
}

export type ExportPage = readonly ExportedSubmission[]

/** Where formats read from. */
export interface ExportSource {
  /** In the order of arrival. Each call begins anew: a format of several files reads once per file. */
  pages(want: { media: boolean }): AsyncIterable<ExportPage>
  /** The bytes of a file, null when the storage has none. */
  openMedia(file: ExportedMedia): Promise<ReadableStream<Uint8Array> | null>
}

/** Writes an export. Throws in the middle of the stream what the source throws. */
export type WriteExport = (plan: ExportPlan, source: ExportSource) => ReadableStream<Uint8Array>

/** A spatial answer that has at least one valid point. */
export interface SpatialAnswer {
  readonly field: SpatialField
  /** `hh[1]`; '' outside repeats. */
  readonly repeatPath: string
  /** Indexes of the rows of all repeats around it, outermost first; empty outside repeats. */
  readonly repeatIndexes: readonly number[]
  /** On the globe, in the order of recording. One for a geopoint; a geoshape's ring is as sent, closed or not. */
  readonly points: readonly TrackPoint[]
  /** Routes only. */
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly distanceMeters: number | null
  readonly durationSeconds: number | null
  readonly pauses: readonly TrackPause[]
}

/** What the actor asked for, resolved by plan.ts. */
export interface ExportFilters {
  from?: string
  to?: string
  /** User id or e-mail. */
  submitter?: string
  /** Id of a paired device, or what the client sent as its device id. */
  device?: string
  reviewState?: SubmissionFilter['reviewState']
  /** Version number. */
  version?: number
  mode: 'live' | 'test'
  /** Ids of fields; those of a group or repeat stand for all in it. */
  fields?: readonly string[]
}
