// One item of a bulk body, read by hand: a batch is never refused because of one of its items, and this runs for every
// submission of every phone.
import type { IntakeItem } from '../../domain/submissions/model.ts'
import { MAX_NAME_CHARS } from '../../domain/submissions/model.ts'
import { type FormId, type FormVersionId, parseId } from '../../lib/ids.ts'
import { unkeepable } from '../read-json.ts'

/** An unreadable item says what is missing; the domain decides what becomes of it. */
export function readBulkItem(value: unknown): IntakeItem {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'unreadable', localUuid: null, message: 'A submission is an object' }
  const item = value as Record<string, unknown>
  const { local_uuid, collected_at, device_id, form_id } = item
  const localUuid =
    typeof local_uuid === 'string' && local_uuid !== '' && local_uuid.length <= MAX_NAME_CHARS ? local_uuid : null
  const unreadable = (message: string): IntakeItem => ({ kind: 'unreadable', localUuid: keepable(localUuid), message })

  const fault = unkeepable(value)
  if (fault) return unreadable(`${fault.path || 'The item'} ${fault.message}`)
  if (local_uuid !== undefined && local_uuid !== null && local_uuid !== '' && localUuid === null)
    return unreadable(`local_uuid is not a text of at most ${MAX_NAME_CHARS} characters`)
  if (item.form_version_id === undefined || item.form_version_id === null)
    return unreadable('form_version_id: Field required')
  const versionId = typeof item.form_version_id === 'string' ? parseId<FormVersionId>(item.form_version_id) : null
  if (!versionId) return unreadable(`form_version_id '${shown(item.form_version_id)}' not found`)
  const formId = typeof form_id === 'string' ? parseId<FormId>(form_id) : null
  if (form_id !== undefined && form_id !== null && !formId) return unreadable(`form_id '${shown(form_id)}' not found`)
  const data = item.data ?? item.data_json
  if (data === undefined) return unreadable('data: Field required')
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return unreadable('data is not an object')
  return {
    kind: 'submission',
    target: { versionId, formId },
    localUuid,
    data: data as Record<string, unknown>,
    collectedAt: collected_at === undefined || collected_at === null ? null : shown(collected_at),
    reportedDeviceId: typeof device_id === 'string' ? device_id.slice(0, MAX_NAME_CHARS) : null,
  }
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200)

/** A name that can't be kept is no name. */
const keepable = (name: string | null): string | null => (name !== null && unkeepable(name) ? null : name)
