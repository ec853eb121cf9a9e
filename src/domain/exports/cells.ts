// How an answer of each field type becomes cells: which columns it has, and what goes into them. Answers that do not
// suit their type are exported as they are: what was accepted must be found again.
// Source: contracts/native.md, section 12.1.
import { canonicalChoice, canonicalSelectOther, isAnswered, isObject } from '../../forms/canonical.ts'
import { type FieldType, isMediaType } from '../../forms/field-types.ts'
import type { Cell, CellReader, ColumnType, ExportedMedia, RowContext } from './model.ts'

type Read = CellReader['read']

export interface ColumnShape {
  /** Behind the id. */
  readonly key: string
  /** Behind the label. */
  readonly label: string
  readonly type: ColumnType
}

/** Fields of one layout have the same columns: a field that keeps its layout when its type changes keeps them. */
export interface Layout {
  readonly name: 'value' | 'open-select' | 'media' | 'point' | 'line' | 'area' | 'route' | 'rows'
  readonly columns: readonly ColumnShape[]
}

const one = (name: Layout['name'], type: ColumnType): Layout => ({ name, columns: [{ key: '', label: '', type }] })

const POINT: Layout = {
  name: 'point',
  columns: ['lat', 'lng', 'alt', 'accuracy'].map((part) => ({ key: `_${part}`, label: `_${part}`, type: 'number' })),
}
const LINE_COLUMNS: readonly ColumnShape[] = [
  { key: '_points', label: ' (Points)', type: 'integer' },
  { key: '_wkt', label: ' (WKT)', type: 'text' },
]
const LINE: Layout = { name: 'line', columns: LINE_COLUMNS }
const AREA: Layout = { name: 'area', columns: LINE_COLUMNS }
const ROUTE: Layout = {
  name: 'route',
  columns: [
    { key: '_points', label: ' (Points)', type: 'integer' },
    { key: '_distance_m', label: ' (Distance m)', type: 'number' },
    { key: '_duration_s', label: ' (Duration s)', type: 'number' },
    { key: '_started_at', label: ' (Started at)', type: 'datetime' },
    { key: '_wkt', label: ' (WKT)', type: 'text' },
  ],
}
const OPEN_SELECT: Layout = {
  name: 'open-select',
  columns: [
    { key: '', label: '', type: 'text' },
    { key: '_other', label: ' (Other text)', type: 'text' },
  ],
}
const ROWS: Layout = { name: 'rows', columns: [{ key: '_count', label: ' (Count)', type: 'integer' }] }

const VALUE_TYPES: Partial<Record<FieldType, ColumnType>> = {
  number: 'number',
  decimal: 'number',
  range: 'number',
  integer: 'integer',
  date: 'date',
  today: 'date',
  time: 'time',
  datetime: 'datetime',
  timestamp: 'datetime',
  start: 'datetime',
  end: 'datetime',
}

/** Not for notes, dividers and groups: they have no answer. Calculations of the native dialect are numbers, XLSForm's may
 *  be anything. */
export function layoutOf(type: FieldType, dialect: 'native' | 'xlsform'): Layout {
  switch (type) {
    case 'geopoint':
      return POINT
    case 'geotrace':
      return LINE
    case 'geoshape':
      return AREA
    case 'route':
      return ROUTE
    case 'select_one_other':
      return OPEN_SELECT
    case 'repeat':
      return ROWS
    case 'calculated':
      return one('value', dialect === 'native' ? 'number' : 'text')
    default:
      return isMediaType(type) ? one('media', 'text') : one('value', VALUE_TYPES[type] ?? 'text')
  }
}

/** `labels` by option value, where labels are exported instead of values. */
export function readerOf(type: FieldType, fieldId: string, labels: ReadonlyMap<string, string> | null): Read {
  switch (type) {
    case 'geopoint':
      return readPoint
    case 'geotrace':
      return readTrace
    case 'geoshape':
      return readShape
    case 'route':
      return readRoute
    case 'repeat':
      return readCount
    case 'select_one_other':
      return labels ? openSelectReader((value) => labels.get(value) ?? value) : openSelectReader((value) => value)
    case 'select_multiple':
    case 'rank':
      return labels ? choicesReader((value) => labels.get(value) ?? value) : choicesReader((value) => value)
    case 'select_one':
      return labels
        ? (value, cells, at) => {
            const choice = canonicalChoice(value)
            cells[at] = (choice === undefined ? undefined : labels.get(choice)) ?? scalar(value)
          }
        : readScalar
    default:
      return isMediaType(type) ? mediaReader(type, fieldId) : readScalar
  }
}

/** Text and numbers as they are, everything else as JSON. */
export function scalar(value: unknown): Cell {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value
    default:
      return value === undefined || value === null ? null : JSON.stringify(value)
  }
}

const readScalar: Read = (value, cells, at) => {
  cells[at] = scalar(value)
}

const readCount: Read = (value, cells, at) => {
  cells[at] = Array.isArray(value) ? value.length : null
}

const choicesReader =
  (spell: (value: string) => string): Read =>
  (value, cells, at) => {
    if (!Array.isArray(value)) {
      cells[at] = typeof value === 'string' ? spell(value) : scalar(value)
      return
    }
    let text = ''
    for (let i = 0; i < value.length; i++) {
      const choice = spell(canonicalChoice(value[i]) ?? JSON.stringify(value[i]))
      if (i > 0) text += '|'
      text += choice.includes('|') ? choice.replaceAll('|', '\\|') : choice
    }
    cells[at] = value.length === 0 ? null : text
  }

const openSelectReader =
  (spell: (value: string) => string): Read =>
  (value, cells, at) => {
    const answer = canonicalSelectOther(value)
    if (answer === undefined) {
      cells[at] = scalar(value)
      cells[at + 1] = null
      return
    }
    cells[at] = answer && spell(answer.selection)
    cells[at + 1] = answer?.other_text ?? null
  }

const readPoint: Read = (value, cells, at) => {
  const point = isObject(value) ? value : NOTHING
  cells[at] = scalar(point.latitude)
  cells[at + 1] = scalar(point.longitude)
  cells[at + 2] = scalar(point.altitude)
  cells[at + 3] = scalar(point.accuracy)
}

const NOTHING: Record<string, unknown> = {}

const readTrace: Read = (value, cells, at) => {
  const points: unknown[] = Array.isArray(value) ? value : []
  cells[at] = points.length
  cells[at + 1] = lineOf(points)
}

const readShape: Read = (value, cells, at) => {
  const points: unknown[] = Array.isArray(value) ? value : []
  cells[at] = points.length
  const ring = coordinatesOf(points)
  if (ring.length > 0 && ring[0] !== ring.at(-1)) ring.push(ring[0]!)
  cells[at + 1] = ring.length < 4 ? null : `POLYGON ((${ring.join(', ')}))`
}

const readRoute: Read = (value, cells, at) => {
  const route = isObject(value) ? value : NOTHING
  const points: unknown[] = Array.isArray(route.points) ? route.points : []
  cells[at] = points.length
  cells[at + 1] = scalar(route.distance_meters)
  cells[at + 2] = scalar(route.duration_seconds)
  cells[at + 3] = scalar(route.started_at)
  cells[at + 4] = lineOf(points)
}

function lineOf(points: unknown[]): string | null {
  const coordinates = coordinatesOf(points)
  return coordinates.length < 2 ? null : `LINESTRING (${coordinates.join(', ')})`
}

function coordinatesOf(points: unknown[]): string[] {
  const coordinates: string[] = []
  for (const point of points)
    if (isObject(point) && typeof point.latitude === 'number' && typeof point.longitude === 'number')
      coordinates.push(`${point.longitude} ${point.latitude}`)
  return coordinates
}

/** In place of a file that was taken and has not arrived. */
export const UPLOAD_MISSING = '[upload_missing]'

/** Ids of the files that have arrived, and a word for those that have not. */
const mediaReader =
  (type: FieldType, fieldId: string): Read =>
  (value, cells, at, row) => {
    const markers = Array.isArray(value) ? value.filter((one) => isAnswered(type, one)) : [value]
    const expected = isAnswered(type, value) ? markers.length : 0
    let text = ''
    let found = 0
    for (const { id } of filesAt(row, fieldId, markers)) {
      text += found++ === 0 ? id : `|${id}`
    }
    if (found < expected) text += found === 0 ? UPLOAD_MISSING : `|${UPLOAD_MISSING}`
    cells[at] = text === '' ? null : text
  }

/** The files of a field in its row. A client that tells no row is understood by the file's name. */
export function filesAt({ submission, repeatPath }: RowContext, fieldId: string, markers: unknown[]): ExportedMedia[] {
  return submission.media.filter(
    (file) =>
      file.fieldId === fieldId &&
      (file.repeatPath === repeatPath || (file.repeatPath === '' && markers.some((marker) => names(marker, file)))),
  )
}

const names = (marker: unknown, { filename }: ExportedMedia): boolean =>
  typeof marker === 'string' && baseName(marker) === baseName(filename)

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase()
