// Photos and files: upload, download, and signed links for `<img>` and plain downloads.
// Source: contracts/native.md, section 11.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { followLink, LINK_SECONDS, makeExportLink, makeLink } from '../../../domain/links.ts'
import { getFile } from '../../../domain/media/read.ts'
import type { AttachedFile } from '../../../domain/media/upload.ts'
import type { MediaId } from '../../../lib/ids.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { fileResponses, sendFile } from '../download.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { bodyId, pathId, Timestamp } from '../params.ts'
import { readUpload } from '../upload-form.ts'

const YEAR_SECONDS = 365 * 24 * 3600

const Uploaded = z
  .object({
    media_file_id: z.string(),
    id: z.string().meta({ description: 'The same as `media_file_id`' }),
    filename: z.string().meta({ description: 'The base name, with everything but letters, digits and `._-` as `_`' }),
    size_bytes: z.number(),
    mime_type: z.string(),
    sha256: z.string().meta({ description: 'Lower-case hex; compare it with the file at hand' }),
    submission_id: z.string(),
    field_id: z.string(),
    repeat_path: z
      .string()
      .meta({ description: "The row that the field stands in, as in `hh[1]`; '' outside repeats" }),
  })
  .meta({ id: 'UploadedMedia' })

const uploadedOf = (file: AttachedFile): z.infer<typeof Uploaded> => ({
  media_file_id: file.id,
  id: file.id,
  filename: file.filename,
  size_bytes: file.sizeBytes,
  mime_type: file.contentType,
  sha256: file.sha256,
  submission_id: file.submissionId,
  field_id: file.fieldId,
  repeat_path: file.repeatPath,
})

const text = (description: string) => ({ type: 'string' as const, description })

// Not a zod schema: the router would validate one, and for that read the whole form into memory.
const uploadForm = {
  type: 'object' as const,
  required: ['file', 'submission_local_uuid', 'field_id'],
  properties: {
    submission_local_uuid: text('The `local_uuid` of the submission, which must have arrived before its files'),
    submission_id: text('Instead of `submission_local_uuid`: the id that the server gave'),
    field_id: text('Id of the field; in a repeat with its row, as in `hh[1].photo`'),
    field_name: text('Alias of `field_id`'),
    file: { type: 'string' as const, format: 'binary' },
  },
}

const LinkBody = z
  .union([
    z.object({ media_file_id: bodyId<MediaId>() }),
    z.object({ export_id: bodyId<string>(), volume: z.number().int().min(1).max(65_535).default(1) }),
  ])
  .meta({ id: 'LinkInput' })

const Link = z
  .object({
    url: z.string().meta({ description: 'Needs no credential; takes `Range` and `HEAD` like any download' }),
    expires_at: Timestamp,
  })
  .meta({ id: 'Link' })

export const media = router()
  .openapi(
    operation(
      'media.upload',
      {
        method: 'post',
        path: '/media/upload',
        operationId: 'uploadMedia',
        summary: 'Upload a photo or file of a submission',
        description:
          'Parts may come in any order; ids before the file are refused early. Sending the same file again is safe: ' +
          'it answers 201 with the id that the file already has.',
        tags: ['Media'],
        request: { body: { required: true, content: { 'multipart/form-data': { schema: uploadForm } } } },
        responses: { 201: json(Uploaded, 'The file is stored') },
        fails: ['submission_not_found', 'token_invalid', 'device_token_invalid'],
      },
      { ownBody: true },
    ),
    async (c) => {
      const upload = readUpload(c.var.ctx, c.req.raw)
      // A client that hangs up must not end the work: what was stored of its file has to be taken away again. Whether it
      // failed is reported below, while there is somebody to tell.
      c.var.deps.waitUntil(upload.catch(() => undefined))
      return c.json(uploadedOf(await upload), 201)
    },
  )
  .openapi(
    operation('media.read', {
      method: 'get',
      path: '/media/{id}',
      operationId: 'getMedia',
      summary: 'Download a photo or file',
      tags: ['Media'],
      request: { params: z.object({ id: pathId<MediaId>(errors.mediaNotFound) }) },
      responses: fileResponses,
      fails: ['media_not_found', 'media_object_missing', 'range_not_satisfiable'],
    }),
    async (c) => {
      const file = await getFile(c.var.ctx, c.req.valid('param').id)
      return sendFile(c, { ...file, etag: file.sha256 }, YEAR_SECONDS)
    },
  )
  .openapi(
    operation('link.create', {
      method: 'post',
      path: '/links',
      operationId: 'createLink',
      summary: 'Make a signed link to a file or a volume of an export, good for five minutes',
      tags: ['Media'],
      request: { body: jsonRequest(LinkBody) },
      responses: { 200: json(Link, 'The link') },
      fails: ['media_not_found', 'export_not_found', 'export_not_ready'],
    }),
    async (c) => {
      const body = c.req.valid('json')
      const { url, expiresAtMs } = await ('export_id' in body
        ? makeExportLink(c.var.ctx, body.export_id, body.volume)
        : makeLink(c.var.ctx, body.media_file_id))
      return c.json({ url, expires_at: isoTime(expiresAtMs) }, 200)
    },
  )
  .openapi(
    operation('link.follow', {
      method: 'get',
      path: '/links/{token}',
      operationId: 'followLink',
      summary: 'Download by a signed link',
      tags: ['Media'],
      request: { params: z.object({ token: z.string() }) },
      responses: fileResponses,
      fails: ['link_invalid', 'media_object_missing', 'range_not_satisfiable'],
    }),
    async (c) => {
      const file = await followLink(c.var.deps, c.req.valid('param').token)
      return sendFile(c, { ...file, etag: file.sha256 }, LINK_SECONDS)
    },
  )
