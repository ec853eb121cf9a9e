// Attachments: upload, download, manifest. Source: contracts/synkronus.md, section 6.
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import {
  attachmentsSince,
  checkAttachmentName,
  checkAttachmentUpload,
  getAttachment,
  keepAttachment,
} from '../../domain/media/attachments.ts'
import { discardFile, receiveFile } from '../../domain/media/upload.ts'
import { contentDisposition } from '../../lib/file-name.ts'
import { sendStored } from '../send-file.ts'
import { guard } from './auth.ts'
import type { SynkronusEnv } from './env.ts'
import { reply } from './errors.ts'
import { GENERATION, generationOf } from './generation.ts'
import { readOneFile } from './upload.ts'
import { clientName, readWire } from './wire.ts'

type C = Context<SynkronusEnv>

const Manifest = z.object({
  client_id: clientName(),
  since_version: z
    .int()
    .nullish()
    .refine((version) => (version ?? 0) >= 0, 'since_version must be non-negative'),
  repository_generation: z.int().nullish(),
})

async function upload(c: C, name: string): Promise<void> {
  const { ctx, deps } = c.var
  checkAttachmentName(name)
  const repository = await checkAttachmentUpload(ctx, generationOf(c, null))
  const received = await readOneFile(
    c.req.raw,
    'file',
    deps.config.maxUploadBytes,
    (part) => receiveFile(ctx, { ...part, filename: part.filename || name }),
    (file) => discardFile(ctx, file),
  )
  await keepAttachment(ctx, repository, name, received)
}

export const attachments = new Hono<SynkronusEnv>()
  .post('/attachments/manifest', guard('sync.pull'), async (c) => {
    const body = await readWire(c, Manifest)
    const { generation, currentVersion, files, gone } = await attachmentsSince(c.var.ctx, {
      sinceVersion: body.since_version ?? 0,
      generation: generationOf(c, body.repository_generation),
    })
    const { origin, pathname } = new URL(c.req.url)
    const base = `${origin}${pathname.replace(/\/manifest\/*$/, '')}`
    c.header(GENERATION, String(generation))
    return reply(c, {
      current_version: currentVersion,
      repository_generation: generation,
      operations: [
        ...gone.map(({ name, version }) => ({ operation: 'delete', attachment_id: name, version })),
        ...files.map((file) => ({
          operation: 'download',
          attachment_id: file.name,
          download_url: `${base}/${encodeURIComponent(file.name)}`,
          size: file.sizeBytes,
          content_type: file.contentType,
          version: file.version,
        })),
      ].sort((a, b) => a.version - b.version),
      total_download_size: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      operation_count: { download: files.length, delete: gone.length },
    })
  })
  .put('/attachments/:id', guard('sync.push'), async (c) => {
    const work = upload(c, c.req.param('id'))
    // A client that hangs up must not end the work: what was stored of its file has to be taken away again. Whether it
    // failed is reported below, while there is somebody to tell.
    c.var.deps.waitUntil(work.catch(() => undefined))
    await work
    return reply(c, { status: 'success' })
  })
  .get('/attachments/:id', guard('sync.pull'), async (c) => {
    const name = c.req.param('id')
    checkAttachmentName(name)
    const file = await getAttachment(c.var.ctx, name)
    return sendStored(
      c,
      c.var.deps,
      { ...file, contentType: 'application/octet-stream', etag: file.sha256 },
      { cacheControl: 'private, no-cache', disposition: contentDisposition('attachment', name) },
    )
  })
