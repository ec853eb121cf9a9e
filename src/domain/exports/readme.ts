// The page that lies beside the data of a package: what is in which file, and how to read it. For people who open it in
// ten years, so in plain text. Pure.
// Source: contracts/native.md, section 12.5.
import { csvFileName } from './csv.ts'
import { geoJsonFileName } from './geojson.ts'
import { gpxFileName, hasRoutes } from './gpx.ts'
import { MEDIA_INDEX, type MediaTally } from './media.ts'
import type { ExportPlan } from './model.ts'

/** Missing files that are named; of more, their number is told. */
const MAX_NAMED = 200

export function readme(plan: ExportPlan, { submissions, files, missing }: MediaTally): string {
  const lines = [
    ...heading('Fieldpost export', '='),
    ...table([
      ['Form:', oneLine(plan.form.name)],
      ['Exported:', `${new Date(plan.atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
      ['Submissions:', String(submissions)],
      ['Media files:', String(files)],
      ['Coordinates:', 'WGS 84 (EPSG:4326), in degrees; altitudes and accuracies in metres'],
    ]),
    '',
    ...heading('Files', '-'),
    ...table(filesOf(plan)),
    '',
    ...heading('How to read the tables', '-'),
    ...notesOf(plan).map((note) => `- ${note}`),
    '',
    ...(missing.length === 0 ? [] : missingFiles(missing)),
    ...heading('Fields', '-'),
    ...table([['Id', 'Type', 'Label'], ...plan.legend.map(({ id, type, label }) => [id, type, oneLine(label)])]),
  ]
  // Line ends that every editor knows.
  return lines.map((line) => `${line}\r\n`).join('')
}

function filesOf(plan: ExportPlan): string[][] {
  return [
    ...plan.tables.map((each) => [
      csvFileName(plan, each),
      each.name === '' ? 'a row per submission' : `a row per row of "${oneLine(each.label)}"`,
    ]),
    ...(plan.spatialFields.length > 0 ? [[geoJsonFileName(plan), 'positions, traces, areas and routes']] : []),
    ...(hasRoutes(plan) ? [[gpxFileName(plan), 'routes as tracks, broken at their pauses']] : []),
    [MEDIA_INDEX, 'a row per photo or other file'],
    ['media/<submission_id>/<field_id>/', 'the files themselves'],
  ]
}

function notesOf({ tables, options }: ExportPlan): string[] {
  return [
    'The tables are CSV: comma-separated, UTF-8, times in UTC.',
    'Columns are those of the current version of the form, then those that only earlier versions have.',
    'Several answers in one cell stand apart by "|"; a "|" within an answer is written "\\|".',
    '"(Other text)" holds what was written beside an option of the form.',
    '"_lat", "_lng", "_alt" and "_accuracy" are the parts of a position; "(WKT)" is the whole of a line or area.',
    '[upload_missing] stands for a file that was taken and has not been uploaded.',
    '"(Count)" is the number of rows in a repeat.',
    ...(tables.length === 1
      ? []
      : ['Rows of a repeat name their submission (submission_id) and their place in it (repeat_index, from 0).']),
    ...(options.guard
      ? ['An apostrophe stands before text that a spreadsheet would run as a formula (guard=false leaves it away).']
      : []),
  ]
}

const missingFiles = (missing: readonly string[]): string[] => [
  ...heading('Missing files', '-'),
  `These were uploaded and are no longer in the storage. ${MEDIA_INDEX} lists them without a filename_in_zip.`,
  ...missing.slice(0, MAX_NAMED).map((name) => `- ${name}`),
  ...(missing.length > MAX_NAMED ? [`and ${missing.length - MAX_NAMED} more`] : []),
  '',
]

const heading = (text: string, line: string): string[] => [text, line.repeat(text.length), '']

/** Columns of equal width, but for the last. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  '),
  )
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
