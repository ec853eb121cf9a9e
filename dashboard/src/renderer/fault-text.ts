// What is wrong with an answer, in a sentence for who gives it: the author's own where there is one.
import type { FaultCode } from '../../../src/forms/answer-types.ts'
import { type TextName, t } from '../i18n/i18n.ts'

const TYPES: Record<string, TextName> = {
  integer: 'fill.fault_integer',
  number: 'fill.fault_number',
  decimal: 'fill.fault_number',
  range: 'fill.fault_number',
  date: 'fill.fault_date',
  today: 'fill.fault_date',
  time: 'fill.fault_time',
  datetime: 'fill.fault_datetime',
  timestamp: 'fill.fault_datetime',
  geopoint: 'fill.fault_place',
  geotrace: 'fill.fault_place',
  geoshape: 'fill.fault_place',
}

/** `authors`: what the author says when the rule of this code is broken. */
export function faultText(code: FaultCode, type: string, authors: string | undefined): string {
  if (code === 'required') return authors ?? t('fill.fault_required')
  if (code === 'constraint') return authors ?? t('fill.fault_constraint')
  if (code === 'option') return t('fill.fault_option')
  if (code === 'count') return t('fill.fault_count')
  if (code === 'range') return t('fill.fault_range')
  return t(TYPES[type] ?? 'fill.fault_type')
}
