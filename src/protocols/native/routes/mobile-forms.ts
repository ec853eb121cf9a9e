// The forms that a phone is offered. Source: contracts/native.md, section 16; ETag, key, project and draft are ours.
import { z } from '@hono/zod-openapi'
import type { TypedResponse } from 'hono'
import { type Offer, readOffers } from '../../../domain/forms/offers.ts'
import { etagMatches } from '../../../lib/byte-range.ts'
import { isoTimeOrNull } from '../../../lib/iso-time.ts'
import { SchemaBody } from '../form-shapes.ts'
import { json, operation, router } from '../operation.ts'
import { Timestamp } from '../params.ts'

const OfferBody = z
  .object({
    id: z.string(),
    name: z.string(),
    key: z.string(),
    project_id: z.string(),
    project_name: z.string(),
    version_num: z.number().int(),
    version_id: z.string().meta({ description: 'To be sent as form_version_id' }),
    published_at: Timestamp.nullable(),
    draft: z.boolean().meta({ description: 'Not published; offered to devices in test mode only' }),
    schema: SchemaBody,
    schema_json: SchemaBody.meta({ description: 'Same as `schema`' }),
  })
  .meta({ id: 'OfferedForm' })

/** The stored text of the definition goes out as it is: parsing and printing it again would only cost time. */
function render(offer: Offer): string {
  const head = JSON.stringify({
    id: offer.id,
    name: offer.name,
    key: offer.key,
    project_id: offer.projectId,
    project_name: offer.projectName,
    version_num: offer.versionNum,
    version_id: offer.versionId,
    published_at: isoTimeOrNull(offer.publishedAtMs),
    draft: offer.draft,
  })
  return `${head.slice(0, -1)},"schema":${offer.schema},"schema_json":${offer.schema}}`
}

export const mobileForms = router().openapi(
  operation('offer.read', {
    method: 'get',
    path: '/mobile/forms',
    operationId: 'listOfferedForms',
    summary: 'The forms to fill in with this device',
    description: 'Send the ETag of the last answer as `If-None-Match`: nothing new is 304 without a body.',
    tags: ['Mobile'],
    responses: { 200: json(z.array(OfferBody), 'Oldest first'), 304: { description: 'Nothing new' } },
  }),
  async (c) => {
    const { body, etag } = await readOffers(c.var.ctx, render)
    const headers = { ETag: etag, 'Cache-Control': 'private, no-cache' }
    if (etagMatches(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers)
    const answer = c.body(body, 200, { ...headers, 'Content-Type': 'application/json' })
    // The text is JSON already; its shape is what `render` writes.
    return answer as unknown as Response & TypedResponse<z.infer<typeof OfferBody>[], 200, 'json'>
  },
)
