// File names and media types of uploads: names that are safe to store and to send back, and which content a browser may
// show. It does not look into files: a content type is what the sender or the extension claims.

const MAX_NAME_CHARS = 150
/** A longer "extension" is part of the name, not a file type. */
const MAX_EXTENSION_CHARS = 20
const OCTET_STREAM = 'application/octet-stream'

const TYPES_BY_EXTENSION: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  heic: 'image/heic',
  heif: 'image/heif',
  bmp: 'image/bmp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  svg: 'image/svg+xml',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  amr: 'audio/amr',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  '3gp': 'video/3gpp',
  mkv: 'video/x-matroska',
  avi: 'video/x-msvideo',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  mjs: 'text/javascript',
  jsx: 'text/javascript',
  wasm: 'application/wasm',
  woff: 'font/woff',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
  xml: 'application/xml',
  json: 'application/json',
  geojson: 'application/geo+json',
  gpx: 'application/gpx+xml',
  kml: 'application/vnd.google-earth.kml+xml',
  kmz: 'application/vnd.google-earth.kmz',
  gpkg: 'application/geopackage+sqlite3',
  pdf: 'application/pdf',
  zip: 'application/zip',
  gz: 'application/gzip',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odt: 'application/vnd.oasis.opendocument.text',
}

/** Images, sound and film that run no script. SVG and HTML do, so they are never here; nor is what browsers sniff. */
const INLINE_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/bmp',
  'image/tiff',
  'audio/mpeg',
  'audio/mp4',
  'audio/x-m4a',
  'audio/aac',
  'audio/ogg',
  'audio/opus',
  'audio/wav',
  'audio/x-wav',
  'audio/webm',
  'audio/amr',
  'audio/3gpp',
  'audio/flac',
  'video/mp4',
  'video/quicktime',
  'video/webm',
  'video/ogg',
  'video/3gpp',
])

/** A name that is safe as a storage key segment: the base name (after the last `/` or `\`), every character outside
 *  ASCII letters, digits, `.`, `_` and `-` as `_`, at most 150 characters with the extension kept. Never empty and
 *  never `.` or `..`: those become `file`. Idempotent. */
export const safeFileName = (name: string): string => {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  const clean = base.replace(/[^A-Za-z0-9._-]/gu, '_')
  if (clean === '' || clean === '.' || clean === '..') return 'file'
  if (clean.length <= MAX_NAME_CHARS) return clean
  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 && clean.length - dot <= MAX_EXTENSION_CHARS ? clean.slice(dot) : ''
  return clean.slice(0, MAX_NAME_CHARS - extension.length) + extension
}

/** A Content-Disposition value: `filename` for everyone in plain ASCII and, when that loses something, `filename*` in
 *  UTF-8. Path separators, control characters and marks that reverse the writing direction (they hide an extension)
 *  are replaced, so no name can break out of the header or of a folder.
 *  Source: RFC 6266 section 4 and appendix D; RFC 5987 section 3.2. */
export const contentDisposition = (kind: 'inline' | 'attachment', name: string): string => {
  const wanted = name.toWellFormed().replace(/[\p{Cc}/\\\u202a-\u202e\u2066-\u2069]/gu, '_') || 'file'
  // Appendix D: some clients misread an escaped quote or decode percent signs, so the ASCII form has neither.
  const plain = wanted.replace(/[^ -~]|["%]/gu, '_')
  const header = `${kind}; filename="${plain}"`
  return plain === wanted ? header : `${header}; filename*=UTF-8''${encodeExtended(wanted)}`
}

/** The content type that a name's extension suggests, `application/octet-stream` when it suggests none. */
export const guessContentType = (filename: string): string => {
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(TYPES_BY_EXTENSION, extension) ? TYPES_BY_EXTENSION[extension]! : OCTET_STREAM
}

/** True when a browser may show content of this type in the page's origin (parameters are ignored). Everything else is
 *  sent as an attachment; `X-Content-Type-Options: nosniff` belongs to both. */
export const isInlineSafe = (contentType: string): boolean =>
  INLINE_TYPES.has(contentType.split(';', 1)[0]!.trim().toLowerCase())

/** RFC 5987 attr-char is narrower than what encodeURIComponent leaves alone. */
const encodeExtended = (value: string) =>
  encodeURIComponent(value).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
