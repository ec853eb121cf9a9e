// One question as an input. Types that no plain input can hold are edited as JSON: rarely needed, and never lossy.
import { useId, useState } from 'react'
import { canonicalChoice, canonicalSelectOther, isObject, OTHER } from '../../../../src/forms/canonical.ts'
import { t } from '../../i18n/i18n.ts'
import { textOfAnswer } from '../../renderer/answer-text.ts'
import type { FormField } from './fields.ts'

interface Props {
  field: FormField
  name: string
  value: unknown
  fault?: string
  /** Shown, not changed. */
  isFixed: boolean
  onChange: (value: unknown) => void
}

const INPUT_TYPES: Record<string, string> = { email: 'email', phone: 'tel', date: 'date', time: 'time' }
const TEXTS = new Set(['text', 'email', 'phone', 'date', 'time', 'datetime', 'timestamp', 'barcode', 'hidden'])
const NUMBERS = new Set(['number', 'integer', 'decimal', 'range'])
const DATE = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^\d{2}:\d{2}/

export function ValueInput({ field, name, value, fault, isFixed, onChange }: Props) {
  const id = useId()
  const aria = { id, 'aria-invalid': fault ? true : undefined, 'aria-describedby': fault ? `${id}-fault` : undefined }
  const many = field.type === 'select_multiple' || field.type === 'geopoint'
  const control = () => {
    if (isFixed) return <output id={id}>{textOfAnswer(field, value) || '–'}</output>
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    if (field.type === 'textarea')
      return (
        <textarea {...aria} rows={3} value={text} onInput={(event) => onChange(orNothing(event.currentTarget.value))} />
      )
    if (NUMBERS.has(field.type))
      return (
        <input
          {...aria}
          type="text"
          inputMode="decimal"
          value={text}
          onInput={(event) => onChange(numberOrText(event.currentTarget.value))}
        />
      )
    if (field.type === 'select_one' || field.type === 'select_one_other')
      return <OneOption {...{ field, value, aria, onChange }} />
    if (field.type === 'acknowledge')
      return (
        <input
          {...aria}
          type="checkbox"
          checked={value === true || value === 'OK'}
          onChange={(event) => onChange(event.currentTarget.checked ? true : undefined)}
        />
      )
    if (TEXTS.has(field.type) && (value === undefined || value === null || typeof value === 'string')) {
      // A browser's own date input would swallow what is no date.
      const suits = field.type === 'date' ? DATE.test(text) : field.type === 'time' ? TIME.test(text) : true
      const type = text === '' || suits ? (INPUT_TYPES[field.type] ?? 'text') : 'text'
      return (
        <input
          {...aria}
          type={type as 'text'}
          value={text}
          onInput={(event) => onChange(orNothing(event.currentTarget.value))}
        />
      )
    }
    return <JsonInput aria={aria} value={value} onChange={onChange} />
  }
  const faultLine = fault && (
    <span id={`${id}-fault`} className="fault">
      {fault}
    </span>
  )
  if (many && !isFixed)
    return (
      <fieldset data-field={name}>
        <legend>{field.label}</legend>
        {field.type === 'geopoint' ? (
          <PointInput value={value} onChange={onChange} />
        ) : (
          <ManyOptions field={field} value={value} onChange={onChange} />
        )}
        {faultLine}
      </fieldset>
    )
  return (
    <div className="field" data-field={name}>
      <label htmlFor={id}>
        {field.label}
        {field.required && <span aria-hidden="true"> *</span>}
      </label>
      {control()}
      {faultLine}
    </div>
  )
}

const orNothing = (text: string): string | undefined => (text === '' ? undefined : text)

/** What is no number stays as it was typed: the server says what is wrong with it. */
const numberOrText = (text: string): number | string | undefined => {
  if (text.trim() === '') return undefined
  const number = Number(text)
  return Number.isFinite(number) && !/[.\s]$/.test(text) ? number : text
}

interface OptionProps {
  field: FormField
  value: unknown
  onChange: (value: unknown) => void
}

function OneOption({ field, value, aria, onChange }: OptionProps & { aria: { id: string } }) {
  const isOpen = field.type === 'select_one_other'
  const said = isOpen ? canonicalSelectOther(value) : null
  const chosen = isOpen ? (said?.selection ?? '') : (canonicalChoice(value) ?? '')
  const options = [...field.options, ...(isOpen ? [{ value: OTHER, label: t('answer.other') }] : [])]
  const isListed = chosen === '' || options.some((option) => option.value === chosen)
  const choose = (selection: string) => {
    if (selection === '') onChange(undefined)
    else onChange(isOpen && selection === OTHER ? { selection, other_text: said?.other_text ?? '' } : selection)
  }
  return (
    <>
      <select {...aria} value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">–</option>
        {!isListed && <option value={chosen}>{chosen}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {isOpen && chosen === OTHER && (
        <input
          type="text"
          aria-label={t('answer.other')}
          value={said?.other_text ?? ''}
          onInput={(event) => onChange({ selection: OTHER, other_text: event.currentTarget.value })}
        />
      )}
    </>
  )
}

function ManyOptions({ field, value, onChange }: OptionProps) {
  const chosen = Array.isArray(value) ? value.map(String) : []
  const toggle = (option: string, isChosen: boolean) => {
    const next = isChosen ? [...chosen, option] : chosen.filter((one) => one !== option)
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <>
      {field.options.map((option) => (
        <label key={option.value} className="check">
          <input
            type="checkbox"
            checked={chosen.includes(option.value)}
            onChange={(event) => toggle(option.value, event.currentTarget.checked)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </>
  )
}

function PointInput({ value, onChange }: Omit<OptionProps, 'field'>) {
  const point = isObject(value) ? value : {}
  const set = (part: 'latitude' | 'longitude', text: string) => {
    const next = { ...point, [part]: numberOrText(text) }
    onChange(next.latitude === undefined && next.longitude === undefined ? undefined : next)
  }
  return (
    <div className="row">
      {(['latitude', 'longitude'] as const).map((part) => (
        <label key={part} className="field">
          <span>{t(`answer.${part}`)}</span>
          <input
            type="text"
            inputMode="decimal"
            value={point[part] === undefined || point[part] === null ? '' : String(point[part])}
            onInput={(event) => set(part, event.currentTarget.value)}
          />
        </label>
      ))}
    </div>
  )
}

function JsonInput({ aria, value, onChange }: Omit<OptionProps, 'field'> & { aria: { id: string } }) {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2))
  const [isBroken, setBroken] = useState(false)
  const take = (next: string) => {
    setText(next)
    try {
      onChange(next.trim() === '' ? undefined : JSON.parse(next))
      setBroken(false)
    } catch {
      // Half-typed: the last whole value stays until it can be read again.
      setBroken(true)
    }
  }
  return (
    <>
      <textarea {...aria} rows={4} className="code" value={text} onInput={(event) => take(event.currentTarget.value)} />
      {isBroken && <span className="fault">{t('edit.no_json')}</span>}
    </>
  )
}
