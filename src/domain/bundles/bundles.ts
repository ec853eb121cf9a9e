// App bundles: checked and stored as they were uploaded, one object each, numbered on; files are read out of the archive
// where they lie (docs/decisions/0015-synkronus.md). Source: contracts/synkronus.md, section 7.

import { isObject } from '../../forms/canonical.ts'
import { guessContentType } from '../../lib/file-name.ts'
import type { MediaId } from '../../lib/ids.ts'
import { listZip, placeOf, unpackEntry, type ZipEntry, ZipError, type ZipPlace } from '../../lib/zip-file.ts'
import {
  type AppBundleRow,
  activateBundle,
  findBundle,
  insertAppBundle,
  listBundleVersions,
} from '../../storage/app-bundles.ts'
import { BlobStoreError, bundleKey, openBlob, putBytes } from '../../storage/blobs.ts'
import { insertMediaUpload } from '../../storage/media.ts'
import { authorOf } from '../access/author.ts'
import { authorize } from '../access/authorize.ts'
import { type Act, auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { dropLoose } from '../forms/source.ts'
import {
  type AppChanges,
  type AppForm,
  type AppInfo,
  appFormOf,
  brokenCoreField,
  changesBetween,
  sha256,
} from './app-info.ts'
import { describeForms } from './describe-forms.ts'
import { type Layout, layoutOf, unknownRenderer } from './layout.ts'

export const MAX_BUNDLE_BYTES = 50 * 1024 * 1024
const MAX_FILES = 2_000
/** An isolate holds the archive and one file of it. */
const MAX_FILE_BYTES = 25 * 1024 * 1024
const MAX_UNPACKED_BYTES = 250 * 1024 * 1024
const MAX_SCHEMA_BYTES = 2 * 1024 * 1024
/** A D1 row ends at 2 MB: lists of files and of fields have to fit. */
const MAX_ROW_CHARS = 800_000
/** Versions that stay, besides the active one. */
const VERSIONS_KEPT = 5
const INFO_FILE = 'APP_INFO.json'

/** `place` is null for the file that is added. */
export interface BundleFile {
  path: string
  sizeBytes: number
  sha256: string
  contentType: string
  place: ZipPlace | null
}

export interface Bundle {
  version: string
  createdAtMs: number
  files: BundleFile[]
  /** Changes with the version. */
  hash: string
}

const labelOf = (version: number): string => String(version).padStart(4, '0')

/** Null when the text is no version's label. */
const versionOf = (label: string): number | null =>
  /^\d{1,9}$/.test(label) && Number(label) > 0 ? Number(label) : null

/** Checks an archive and stores it as the next version, which nobody gets yet. Throws `bundle_invalid` (400). */
export async function pushBundle(ctx: Ctx, archive: Uint8Array): Promise<{ version: string; createdAtMs: number }> {
  authorize(ctx, 'bundle.write')
  const { files, info } = await read(archive).catch((error: unknown) => {
    throw error instanceof ZipError ? errors.bundleInvalid(`The bundle is no good archive. ${error.message}`) : error
  })
  await refuseBrokenCore(ctx, info)
  const appInfo = JSON.stringify(info)
  files.push(infoFileOf(appInfo))
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  const listed = JSON.stringify(files)
  if (listed.length > MAX_ROW_CHARS || appInfo.length > MAX_ROW_CHARS)
    throw errors.bundleInvalid('The bundle has too many fields, or too long names')
  return store(ctx, archive, { files: listed, appInfo })
}

async function store(ctx: Ctx, archive: Uint8Array, { files, appInfo }: { files: string; appInfo: string }) {
  const { deps, db, tenant, nowMs } = ctx
  const uploadId = deps.newId<MediaId>()
  const objectKey = bundleKey(tenant.id, uploadId)
  await insertMediaUpload(db, { mediaId: uploadId, objectKey, startedAtMs: nowMs })
  await putBytes(deps.blobs, objectKey, archive, 'application/zip').catch(asUnavailable)
  const bundle = {
    objectKey,
    sizeBytes: archive.length,
    sha256: sha256(archive),
    files,
    appInfo,
    ...authorOf(ctx),
    createdAtMs: nowMs,
  }
  const audit = auditEntry(ctx, actOn('pushed', null, { sha256: bundle.sha256, size_bytes: archive.length }))
  const { version, superseded } = await insertAppBundle(db, bundle, { uploadId, keep: VERSIONS_KEPT, audit })
  for (const loose of superseded) await dropLoose(ctx, loose)
  return { version: labelOf(version), createdAtMs: nowMs }
}

/** Every file of the archive, one at a time. Throws `bundle_invalid`, `ZipError`. */
async function read(archive: Uint8Array): Promise<{ files: BundleFile[]; info: AppInfo }> {
  const entries = listZip(archive).filter(({ name, bytes }) => !(name.endsWith('/') && bytes === 0))
  const layout = checkEntries(entries)
  const texts = new Map<string, string>()
  const wanted = new Set([...layout.forms.flatMap(({ schema, ui }) => [schema, ui]), ...layout.extensions])
  const files: BundleFile[] = []
  for (const entry of entries) {
    const content = await unpackEntry(archive, entry)
    const { name: path, bytes: sizeBytes } = entry
    const contentType = guessContentType(path)
    files.push({ path, sizeBytes, sha256: sha256(content), contentType, place: placeOf(archive, entry) })
    if (wanted.has(path)) texts.set(path, textOf(path, content))
  }
  for (const path of layout.extensions) jsonOf(path, texts.get(path)!)
  const forms: [string, AppForm][] = layout.forms.map(({ name, schema, ui }) => {
    const [schemaText, uiText] = [texts.get(schema)!, texts.get(ui)!]
    const parsed = jsonOf(schema, schemaText)
    jsonOf(ui, uiText)
    const renderer = unknownRenderer(parsed, layout.renderers)
    if (renderer !== null)
      throw errors.bundleInvalid(`'${schema}' asks for the renderer '${renderer}', which is unknown`)
    return [name, appFormOf(parsed, schemaText, uiText)]
  })
  return { files, info: { version: '3', forms: Object.fromEntries(forms) } }
}

function checkEntries(entries: readonly ZipEntry[]): Layout {
  if (entries.length > MAX_FILES) throw errors.bundleInvalid(`A bundle has at most ${MAX_FILES} files`)
  const names = entries.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw errors.bundleInvalid(`'${twice}' is in the bundle twice`)
  const layout = layoutOf(names)
  if (typeof layout === 'string') throw errors.bundleInvalid(layout)
  let sum = 0
  for (const { name, bytes } of entries) {
    sum += bytes
    if (bytes > MAX_FILE_BYTES || sum > MAX_UNPACKED_BYTES) throw errors.bundleInvalid(`'${name}' is too large`)
  }
  return layout
}

function textOf(path: string, content: Uint8Array): string {
  if (content.length > MAX_SCHEMA_BYTES) throw errors.bundleInvalid(`'${path}' is too large`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(content)
  } catch {
    throw errors.bundleInvalid(`'${path}' is not UTF-8`)
  }
}

function jsonOf(path: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw errors.bundleInvalid(`'${path}' is not JSON: ${(error as Error).message}`)
  }
  if (!isObject(value)) throw errors.bundleInvalid(`'${path}' holds no JSON object`)
  return value
}

async function refuseBrokenCore(ctx: Ctx, info: AppInfo): Promise<void> {
  const before = await findBundle(ctx.db, 'newest')
  const broken = before && brokenCoreField(JSON.parse(before.appInfo) as AppInfo, info)
  if (broken)
    throw errors.bundleInvalid(`The core field '${broken.field}' of the form '${broken.form}' has changed; it must not`)
}

const infoFileOf = (appInfo: string): BundleFile => ({
  path: INFO_FILE,
  sizeBytes: Buffer.byteLength(appInfo),
  sha256: sha256(appInfo),
  contentType: 'application/json',
  place: null,
})

/** Newest first. */
export async function listBundles(ctx: Ctx): Promise<{ label: string; active: boolean }[]> {
  authorize(ctx, 'bundle.read')
  const versions = await listBundleVersions(ctx.db)
  return versions.map(({ version, active }) => ({ label: labelOf(version), active }))
}

/** From now on this version is handed out, and its forms are the live ones. Throws `bundle_not_found` (404). */
export async function switchBundle(ctx: Ctx, label: string): Promise<void> {
  authorize(ctx, 'bundle.write')
  const row = await requireBundle(ctx, label)
  await describeForms(ctx, row, (path) => readText(ctx, row, path))
  const audit = auditEntry(ctx, actOn('activated', labelOf(row.version)))
  if (!(await activateBundle(ctx.db, row.version, audit))) throw errors.bundleNotFound()
}

/** The active bundle, or the newest; null when there is none. */
export async function readBundle(ctx: Ctx, which: 'active' | 'newest'): Promise<Bundle | null> {
  authorize(ctx, 'bundle.read')
  const row = await findBundle(ctx.db, which)
  return row ? bundleOf(row) : null
}

function bundleOf(row: AppBundleRow): Bundle {
  const files = JSON.parse(row.files) as BundleFile[]
  const version = labelOf(row.version)
  const named = files.map((file) => `${file.path}${file.sha256}${file.sizeBytes}`).join('')
  return { version, createdAtMs: row.createdAtMs, files, hash: sha256(`${named}${version}${row.createdAtMs}`) }
}

export interface OpenedFile extends BundleFile {
  open: () => Promise<ReadableStream<Uint8Array>>
}

/** Throws `bundle_file_not_found` (404). */
export async function findBundleFile(ctx: Ctx, which: 'active' | 'newest', path: string): Promise<OpenedFile> {
  authorize(ctx, 'bundle.read')
  const row = await findBundle(ctx.db, which)
  const file = row && (JSON.parse(row.files) as BundleFile[]).find((one) => one.path === path)
  if (!row || !file) throw errors.bundleFileNotFound()
  return { ...file, open: () => openFileOf(ctx, row, file) }
}

async function openFileOf(ctx: Ctx, row: AppBundleRow, { place }: BundleFile): Promise<ReadableStream<Uint8Array>> {
  if (!place) return new Blob([row.appInfo]).stream()
  // A range of no bytes can't be asked for.
  if (place.packedBytes === 0) return new Blob([]).stream()
  const range = { offset: place.at, length: place.packedBytes }
  const stored = await openBlob(ctx.deps.blobs, row.objectKey, range).catch(asUnavailable)
  if (!stored) throw errors.mediaObjectMissing()
  return place.packed
    ? stored.pipeThrough(new DecompressionStream('deflate-raw') as TransformStream<Uint8Array, Uint8Array>)
    : stored
}

async function readText(ctx: Ctx, row: AppBundleRow, path: string): Promise<string> {
  const file = (JSON.parse(row.files) as BundleFile[]).find((one) => one.path === path)
  if (!file) throw errors.bundleFileNotFound()
  return new Response(await openFileOf(ctx, row, file)).text()
}

/** The active bundle as it was uploaded. Throws `bundle_not_found` (404). */
export async function getArchive(ctx: Ctx): Promise<Pick<AppBundleRow, 'objectKey' | 'sizeBytes' | 'sha256'>> {
  authorize(ctx, 'bundle.read')
  const row = await findBundle(ctx.db, 'active')
  if (!row) throw errors.bundleNotFound()
  return row
}

export interface ComparedBundles extends AppChanges {
  from: string
  to: string
}

/** `current` defaults to the active version, or else the oldest; `target` to the newest. Throws `bundle_not_found`. */
export async function compareBundles(
  ctx: Ctx,
  { current, target }: { current?: string; target?: string },
): Promise<ComparedBundles> {
  const versions = await listBundles(ctx)
  const standard = versions.find(({ active }) => active) ?? versions.at(-1)
  const from = await requireBundle(ctx, current ?? standard?.label ?? '')
  const to = await requireBundle(ctx, target ?? versions[0]?.label ?? '')
  const changes = changesBetween(JSON.parse(from.appInfo) as AppInfo, JSON.parse(to.appInfo) as AppInfo)
  return { ...changes, from: labelOf(from.version), to: labelOf(to.version) }
}

async function requireBundle(ctx: Ctx, label: string): Promise<AppBundleRow> {
  const version = versionOf(label)
  const row = version === null ? undefined : await findBundle(ctx.db, version)
  if (!row) throw errors.bundleNotFound()
  return row
}

function asUnavailable(error: unknown): never {
  throw error instanceof BlobStoreError ? errors.storageUnavailable(error) : error
}

const actOn = (what: string, label: string | null, details?: Act['details']): Act => ({
  action: `bundle.${what}`,
  subjectKind: 'bundle',
  subjectId: label,
  details,
})
