// Everything of a form in one archive, to be put away: tables, places, routes, files, and a page that explains them.
// Source: contracts/native.md, section 12.5.
import { type ZipEntry, zipStream } from '../../lib/zip-writer.ts'
import { csvFiles } from './csv.ts'
import { geoJsonBytes, geoJsonFileName } from './geojson.ts'
import { gpxBytes, gpxFileName, hasRoutes } from './gpx.ts'
import { encoded, mediaFiles, newTally } from './media.ts'
import type { ExportPlan, ExportSource, WriteExport } from './model.ts'
import { readme } from './readme.ts'

export const writePackage: WriteExport = (plan, source) => zipStream(packageFiles(plan, source))

export const packageFileName = ({ slug, atMs }: ExportPlan): string =>
  `${slug}_export_${new Date(atMs).toISOString().slice(0, 10)}.zip`

async function* packageFiles(plan: ExportPlan, source: ExportSource): AsyncGenerator<ZipEntry, void, undefined> {
  const modifiedAtMs = plan.atMs
  yield* csvFiles(plan, source)
  if (plan.spatialFields.length > 0)
    yield { name: geoJsonFileName(plan), modifiedAtMs, content: geoJsonBytes(plan, source) }
  if (hasRoutes(plan)) yield { name: gpxFileName(plan), modifiedAtMs, content: gpxBytes(plan, source) }
  const tally = newTally()
  yield* mediaFiles(plan, source, tally)
  // Last, because it tells which files are missing.
  yield { name: 'README.txt', modifiedAtMs, content: encoded([readme(plan, tally)]) }
}
