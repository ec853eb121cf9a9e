// What is wrong with an answer, in a sentence for who gives it: the author's own where there is one.
import type { FaultCode } from '../../../src/forms/answer-types.ts'
import type { FillableForm } from '../../../src/forms/filling.ts'
import { textIn } from '../../../src/forms/texts.ts'
import type { Fault } from '../../../src/forms/validate.ts'
import { type TextName, t } from '../i18n/i18n.ts'
import { locate } from './fault-list.ts'

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
function faultText(code: FaultCode, type: string, authors: string | undefined): string {
  if (code === 'required') return authors ?? t('fill.fault_required')
  if (code === 'constraint') return authors ?? t('fill.fault_constraint')
  if (code === 'option') return t('fill.fault_option')
  if (code === 'count') return t('fill.fault_count')
  if (code === 'range') return t('fill.fault_range')
  return t(TYPES[type] ?? 'fill.fault_type')
}

/** The sentence about a fault; the server's own words where the path leads nowhere. */
export function sentenceOf(form: FillableForm, fault: Fault, language: string | undefined): string {
  const target = locate(form, fault.path)?.target
  if (!target) return fault.message
  const { plan } = target
  const authors = fault.code === 'required' ? plan.requiredMessage : plan.constraintMessage
  return faultText(fault.code, plan.type, textIn(authors, language, form.compiled.language))
}

/** What the question at a path is called, with the numbers of its rows. */
export function nameOf(form: FillableForm, path: string, language: string | undefined): string {
  const found = locate(form, path)
  if (!found) return path
  const { field } = found.target
  const name = (textIn(field.label, language, form.compiled.language) ?? field.id).split('\n')[0]!
  return found.rows.length === 0 ? name : t('fill.in_row', { name, number: found.rows.join('.') })
}
