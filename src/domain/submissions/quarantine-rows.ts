// Quarantine of rows that were acknowledged while D1 was away and that D1 refused afterwards. The bytes of the request are
// gone by then: what is kept is the row, spelled as an item of a bulk request, so that it can be read and replayed.
import { createHash } from 'node:crypto'
import type { ApiKeyId, DeviceId, SubmissionId, UserId } from '../../lib/ids.ts'
import { getText, putText, quarantineKey } from '../../storage/large-texts.ts'
import { insertQuarantined, type NewQuarantined } from '../../storage/quarantine.ts'
import { decodeRow, type SubmissionRow } from '../../storage/submission-rows.ts'
import type { Deps } from '../context.ts'
import { errors } from '../errors.ts'
import { openChanging } from '../webhooks/announce.ts'
import type { RowHeader } from './intake-port.ts'
import { MAX_INLINE_BYTES } from './model.ts'

/** Rows are texts of `encodeRow`. Done again it only counts arrivals. Throws when D1 or R2 fails. */
export async function quarantineRows(
  deps: Deps,
  header: RowHeader,
  refused: { row: string; reason: string }[],
): Promise<void> {
  const rows: NewQuarantined[] = []
  for (const { row, reason } of refused) {
    const raw = await itemOf(deps, decodeRow(row))
    const sizeBytes = Buffer.byteLength(raw, 'utf8')
    const id = deps.newId<string>()
    const bodyKey = sizeBytes > MAX_INLINE_BYTES ? quarantineKey(header.tenantId, id) : null
    if (bodyKey !== null) await putText(deps.blobs, bodyKey, raw)
    rows.push({
      id,
      credential: `${header.actorKind}:${header.actorId}`,
      sha256: createHash('sha256').update(raw, 'utf8').digest('hex'),
      protocol: header.protocol,
      contentType: 'application/json',
      body: bodyKey === null ? raw : null,
      bodyKey,
      sizeBytes,
      reason: 'item_invalid',
      message: errors.itemInvalid(`The database cannot keep this submission: ${reason}`).message,
      userId: header.userId as UserId | null,
      deviceId: header.deviceId as DeviceId | null,
      keyId: header.actorKind === 'key' ? (header.actorId as ApiKeyId) : null,
      submissionId: decodeRow(row).id as SubmissionId | null,
      receivedAtMs: deps.clock(),
    })
  }
  await insertQuarantined(openChanging(deps, { id: header.tenantId, shard: header.shard }), rows)
}

async function itemOf(deps: Deps, row: SubmissionRow): Promise<string> {
  const data = row.data ?? (row.dataKey === null ? null : await getText(deps.blobs, row.dataKey))
  const known = {
    form_id: row.formId,
    form_version_id: row.formVersionId,
    local_uuid: row.localUuid,
    collected_at: row.collectedAtMs === null ? null : new Date(row.collectedAtMs).toISOString(),
    device_id: row.reportedDeviceId,
    ...(row.versionLabel !== null && { version_label: row.versionLabel }),
    ...(row.extras !== null && { extras: JSON.parse(row.extras) as unknown }),
    ...(row.deleted !== null && { deleted: true }),
  }
  // Answers of kind json are JSON already: pasted, they stay as they were sent.
  const answers = data === null || row.dataKind !== null ? JSON.stringify(data) : data
  return `${JSON.stringify(known).slice(0, -1)},"data":${answers}}`
}
