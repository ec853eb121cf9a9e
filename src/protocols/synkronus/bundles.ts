// App bundles: upload, versions, manifest, files, archive, changes. Source: contracts/synkronus.md, section 7.
import { type Context, Hono } from 'hono'
import {
  type Bundle,
  compareBundles,
  findBundleFile,
  getArchive,
  listBundles,
  MAX_BUNDLE_BYTES,
  pushBundle,
  readBundle,
  switchBundle,
} from '../../domain/bundles/bundles.ts'
import { errors } from '../../domain/errors.ts'
import { etagMatches } from '../../lib/byte-range.ts'
import { contentDisposition } from '../../lib/file-name.ts'
import { isoTime } from '../../lib/iso-time.ts'
import { readAtMost } from '../../lib/stream.ts'
import { sendStored } from '../send-file.ts'
import { guard } from './auth.ts'
import type { SynkronusEnv } from './env.ts'
import { reply } from './errors.ts'
import { readOneFile } from './upload.ts'

type C = Context<SynkronusEnv>

/** Whatever is not said in so many words is no. */
const isPreview = (c: C): boolean => /^(true|1)$/i.test(c.req.query('preview') ?? '')
const whichOf = (c: C) => (isPreview(c) ? 'newest' : 'active')

const manifestOf = ({ version, createdAtMs, files, hash }: Bundle) => ({
  files: files.map(({ path, sizeBytes, sha256, contentType }) => ({
    path,
    size: sizeBytes,
    hash: sha256,
    mimeType: contentType,
    modTime: isoTime(createdAtMs),
  })),
  version,
  generatedAt: isoTime(createdAtMs),
  hash,
})

async function push(c: C): Promise<Response> {
  const archive = await readOneFile(
    c.req.raw,
    'bundle',
    MAX_BUNDLE_BYTES,
    async ({ body }) => {
      const read = await readAtMost(body, MAX_BUNDLE_BYTES)
      if (!read.ok) throw errors.bodyTooLarge(MAX_BUNDLE_BYTES)
      return read.bytes
    },
    async () => undefined,
  )
  const { version, createdAtMs } = await pushBundle(c.var.ctx, archive)
  // The files of a version are listed once it is handed out.
  const manifest = { files: null, version, generatedAt: isoTime(createdAtMs), hash: '' }
  return reply(c, { message: 'App bundle successfully pushed', manifest })
}

async function download(c: C): Promise<Response> {
  const file = await findBundleFile(c.var.ctx, whichOf(c), c.req.param('path') ?? '')
  const etag = `"${file.sha256}"`
  const headers = {
    ETag: etag,
    'Cache-Control': 'private, no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': 'sandbox',
    ...(isPreview(c) && { 'x-is-preview': 'true' }),
  }
  if (etagMatches(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers)
  const sized = { ...headers, 'Content-Type': file.contentType, 'Content-Length': String(file.sizeBytes) }
  if (c.req.method === 'HEAD') return c.body(null, 200, sized)
  // Of a length that is known beforehand: apps show how far they have got.
  return c.body((await file.open()).pipeThrough(new FixedLengthStream(file.sizeBytes)), 200, sized)
}

export const bundles = new Hono<SynkronusEnv>()
  .post('/app-bundle/push', guard('bundle.write'), push)
  .post('/app-bundle/switch/:version', guard('bundle.write'), async (c) => {
    const version = c.req.param('version')
    await switchBundle(c.var.ctx, version)
    return reply(c, { message: `Switched to app bundle version ${version}` })
  })
  .get('/app-bundle/versions', guard('bundle.read'), async (c) => {
    const versions = await listBundles(c.var.ctx)
    return reply(c, { versions: versions.map(({ label, active }) => (active ? `${label} *` : label)) })
  })
  .get('/app-bundle/manifest', guard('bundle.read'), async (c) => {
    const bundle = await readBundle(c.var.ctx, whichOf(c))
    const none = { files: [], version: 'current', generatedAt: isoTime(c.var.ctx.nowMs), hash: '' }
    const manifest = bundle ? manifestOf(bundle) : none
    const etag = `"${manifest.hash}"`
    c.header('ETag', etag)
    if (bundle && etagMatches(c.req.header('if-none-match'), etag)) return c.body(null, 304)
    return reply(c, manifest)
  })
  .get('/app-bundle/changes', guard('bundle.read'), async (c) => {
    const { current, target } = c.req.query()
    const asked = { current: current || undefined, target: isPreview(c) ? undefined : target || undefined }
    const changes = await compareBundles(c.var.ctx, asked)
    return reply(c, {
      compare_version_a: changes.from,
      compare_version_b: changes.to,
      form_changes: changes.formChanges,
      ui_changes: changes.uiChanges,
      new_forms: changes.newForms.map((form) => ({ form })),
      removed_forms: changes.removedForms.map((form) => ({ form })),
      modified_forms: changes.modified.map((one) => ({
        form: one.form,
        schema_changed: one.schemaChanged,
        ui_changed: one.uiChanged,
        core_changed: one.coreChanged,
        added_fields: one.added,
        removed_fields: one.removed,
      })),
    })
  })
  .get('/app-bundle/download-zip', guard('bundle.read'), async (c) => {
    const { objectKey, sizeBytes, sha256 } = await getArchive(c.var.ctx)
    const file = { objectKey, sizeBytes, etag: sha256, filename: 'bundle.zip', contentType: 'application/zip' }
    const disposition = contentDisposition('attachment', file.filename)
    return sendStored(c, c.var.deps, file, { cacheControl: 'private, no-cache', disposition })
  })
  .get('/app-bundle/download/:path{.+}', guard('bundle.read'), download)
