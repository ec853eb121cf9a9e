// The formats of exports, each with its name on the wire, its file, and how often it reads the source: enough to know
// before the first byte whether one request can write it. A further format is one more entry.
import { needsMedia, writeCsv } from './csv.ts'
import { geoJsonFileName, writeGeoJson } from './geojson.ts'
import { gpxFileName, hasRoutes, writeGpx } from './gpx.ts'
import { writeKml } from './kml.ts'
import { mediaFileName, writeMedia } from './media.ts'
import type { ExportFormat, ExportPlan, WriteExport } from './model.ts'
import { writeNdjson } from './ndjson.ts'
import { packageFileName, writePackage } from './package.ts'
import { writeParquet } from './parquet.ts'
import { writeXlsx } from './xlsx.ts'

export interface Format {
  readonly contentType: string
  readonly fileName: (plan: ExportPlan) => string
  /** Times that all pages are read: without the files of their submissions, and with them. */
  readonly reads: (plan: ExportPlan) => { plain: number; withMedia: number }
  /** The photos and other files themselves are part of it. */
  readonly sendsFiles?: true
  /** Submissions that one file can hold, where the format has an end. */
  readonly maxRows?: number
  readonly write: WriteExport
}

const tableReads = ({ tables }: ExportPlan) => {
  const withMedia = tables.filter(needsMedia).length
  return { plain: tables.length - withMedia, withMedia }
}

const spatialReads = ({ hasMediaFields }: ExportPlan) =>
  hasMediaFields ? { plain: 0, withMedia: 1 } : { plain: 1, withMedia: 0 }

/** Tables, places, routes, files. */
function packageReads(plan: ExportPlan) {
  const [tables, places] = [tableReads(plan), spatialReads(plan)]
  return {
    plain: tables.plain + places.plain + (hasRoutes(plan) ? 1 : 0),
    withMedia: tables.withMedia + places.withMedia + 1,
  }
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
    fileName: geoJsonFileName,
    reads: spatialReads,
    write: writeGeoJson,
  },
  gpx: {
    contentType: 'application/gpx+xml',
    fileName: gpxFileName,
    reads: () => ({ plain: 1, withMedia: 0 }),
    write: writeGpx,
  },
  media: {
    contentType: 'application/zip',
    fileName: mediaFileName,
    reads: () => ({ plain: 0, withMedia: 1 }),
    sendsFiles: true,
    write: writeMedia,
  },
  package: {
    contentType: 'application/zip',
    fileName: packageFileName,
    reads: packageReads,
    sendsFiles: true,
    write: writePackage,
  },
  xlsx: {
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    fileName: ({ slug }) => `${slug}_submissions.xlsx`,
    reads: tableReads,
    write: writeXlsx,
  },
  parquet: {
    contentType: 'application/zip',
    fileName: ({ slug }) => `${slug}_parquet.zip`,
    reads: tableReads,
    write: writeParquet,
  },
  kml: {
    contentType: 'application/vnd.google-earth.kml+xml',
    fileName: ({ slug }) => `${slug}_locations.kml`,
    reads: spatialReads,
    write: writeKml,
  },
  ndjson: {
    contentType: 'application/x-ndjson',
    fileName: ({ slug }) => `${slug}_submissions.ndjson`,
    reads: () => ({ plain: 0, withMedia: 1 }),
    write: writeNdjson,
  },
}
