// An answer as people read it.
import { canonicalAnswer, canonicalSelectOther, isObject, OTHER } from '../../../src/forms/canonical.ts'
import type { FieldType } from '../../../src/forms/field-types.ts'
import { formatNumber, formatTime, t } from '../i18n/i18n.ts'

interface Answered {
  type: string
  options: readonly { value: string; label: string }[]
}

/** In one line; empty when there is no answer. */
export function textOfAnswer(field: Answered, value: unknown): string {
  if (value === undefined || value === null || value === '') return ''
  const nameOf = (option: string) => field.options.find((one) => one.value === option)?.label ?? option
  if (field.type === 'repeat') return Array.isArray(value) ? t('submission.rows', { count: value.length }) : ''
  if (field.type === 'select_one_other') {
    const said = canonicalSelectOther(value)
    if (!said) return ''
    return said.other_text ?? (said.selection === OTHER ? '' : nameOf(said.selection))
  }
  if (field.type === 'datetime' || field.type === 'timestamp' || field.type === 'start' || field.type === 'end')
    return typeof value === 'string' ? formatTime(value) : String(value)
  if (
    typeof value === 'object' &&
    !Array.isArray(value) &&
    typeof (value as { filename?: unknown }).filename === 'string'
  )
    return (value as { filename: string }).filename
  const read = canonicalAnswer(field.type as FieldType, value)
  if (read === null) return ''
  if (typeof read === 'string') return nameOf(read)
  if (typeof read === 'number') return formatNumber(read)
  if (typeof read === 'boolean') return read ? t('answer.yes') : t('answer.no')
  if (read.kind === 'choices') return read.values.map(nameOf).join(', ')
  if (read.points.length === 1) return placeText(read.points[0]!)
  if (read.points.length > 1) return t('answer.points', { count: read.points.length })
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)
}

function placeText({
  latitude,
  longitude,
  accuracy,
}: {
  latitude: number
  longitude: number
  accuracy?: number
}): string {
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
  return accuracy === undefined ? place : `${place} ±${Math.round(accuracy)} m`
}
