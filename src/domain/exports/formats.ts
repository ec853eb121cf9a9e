// The formats of exports, each with its name on the wire, its file, and how often it reads the source: enough to know
// before the first byte whether one request can write it. A further format is one more entry.
import { needsMedia, writeCsv } from './csv.ts'
import { writeGeoJson } from './geojson.ts'
import type { ExportFormat, ExportPlan, WriteExport } from './model.ts'
import { writeNdjson } from './ndjson.ts'

export interface Format {
  readonly contentType: string
  readonly fileName: (plan: ExportPlan) => string
  /** Times that all pages are read: without the files of their submissions, and with them. */
  readonly reads: (plan: ExportPlan) => { plain: number; withMedia: number }
  /** The photos and other files themselves are part of it. */
  readonly sendsFiles?: true
  readonly write: WriteExport
}

const tableReads = ({ tables }: ExportPlan) => {
  const withMedia = tables.filter(needsMedia).length
  return { plain: tables.length - withMedia, withMedia }
}

export const FORMATS: Record<ExportFormat, Format> = {
  csv: {
    contentType: 'application/zip',
    fileName: ({ slug }) => `${slug}_submissions.zip`,
    reads: tableReads,
    write: writeCsv,
  },
  geojson: {
    contentType: 'application/geo+json',
    fileName: ({ slug }) => `${slug}_locations.geojson`,
    reads: ({ hasMediaFields }) => (hasMediaFields ? { plain: 0, withMedia: 1 } : { plain: 1, withMedia: 0 }),
    write: writeGeoJson,
  },
  ndjson: {
    contentType: 'application/x-ndjson',
    fileName: ({ slug }) => `${slug}_submissions.ndjson`,
    reads: () => ({ plain: 0, withMedia: 1 }),
    write: writeNdjson,
  },
}
