// Inputs for texts, numbers, dates and what is ticked. Each bears any answer that is there: what no input of its kind
// can show is shown as text, so that nobody's answer is lost by looking at it.
import { useRef, useState } from 'react'
import { isObject } from '../../../src/forms/canonical.ts'
import { t } from '../i18n/i18n.ts'
import { finishedNumber, typedNumber } from './numbers.ts'
import { wordsOf } from './pages.ts'

/** Ties the input to its label, hint and fault. */
export interface AriaIds {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
  'aria-required': true | undefined
}

export interface InputProps {
  aria: AriaIds
  field: { id: string; type: string; appearance?: unknown; parameters?: unknown }
  value: unknown
  onChange: (value: unknown) => void
}

const orNothing = (text: string): string | undefined => (text === '' ? undefined : text)
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : value === true ? 'true' : ''

const INPUT_TYPES: Record<string, string> = { email: 'email', phone: 'tel' }

export function TextInput({ aria, field, value, onChange }: InputProps) {
  const text = textOf(value)
  const words = wordsOf(field.appearance)
  // Decided once: an input that turns into another while somebody types loses the focus.
  const [hasLines] = useState(() => text.includes('\n'))
  const take = (next: string) => onChange(orNothing(next))
  if (field.type === 'textarea' || words.includes('multiline') || hasLines)
    return <textarea {...aria} dir="auto" rows={4} value={text} onInput={(event) => take(event.currentTarget.value)} />
  return (
    <input
      {...aria}
      type={(INPUT_TYPES[field.type] ?? 'text') as 'text'}
      inputMode={words.includes('numbers') ? 'numeric' : undefined}
      dir="auto"
      autoComplete="off"
      value={text}
      onInput={(event) => take(event.currentTarget.value)}
    />
  )
}

interface NumberBoxProps {
  aria: { id: string }
  value: unknown
  isWhole?: boolean
  onChange: (value: number | string | undefined) => void
}

/** Answers that were sent as text stay text until somebody types: going through a form must not change it. */
export function NumberBox({ aria, value, isWhole = false, onChange }: NumberBoxProps) {
  const isTyped = useRef(false)
  return (
    <input
      {...aria}
      type="text"
      inputMode={isWhole ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={textOf(value)}
      onInput={(event) => {
        isTyped.current = true
        onChange(typedNumber(event.currentTarget.value))
      }}
      onBlur={(event) => {
        if (isTyped.current) onChange(finishedNumber(event.currentTarget.value))
        isTyped.current = false
      }}
    />
  )
}

export const NumberInput = ({ aria, field, value, onChange }: InputProps) => (
  <NumberBox aria={aria} value={value} isWhole={field.type === 'integer'} onChange={onChange} />
)

const numberIn = (parameters: unknown, key: string): number | undefined => {
  const value = isObject(parameters) ? Number(parameters[key] ?? Number.NaN) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** A slider, and the number beside it: nothing is answered before one of them is moved. */
export function RangeInput(props: InputProps) {
  const { aria, field, value, onChange } = props
  const [start, end] = [numberIn(field.parameters, 'start'), numberIn(field.parameters, 'end')]
  if (start === undefined || end === undefined || start === end) return <NumberInput {...props} />
  const [least, most] = start < end ? [start, end] : [end, start]
  return (
    <div className="range">
      <input
        type="range"
        aria-labelledby={`${aria.id}-label`}
        min={least}
        max={most}
        step={Math.abs(numberIn(field.parameters, 'step') ?? 1) || 1}
        value={textOf(value) || String(least)}
        className={value === undefined ? 'unset' : undefined}
        aria-valuetext={value === undefined ? t('fill.unanswered') : undefined}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
      <NumberInput {...props} />
    </div>
  )
}

const CLOCKS: Record<string, { type: string; suits: RegExp }> = {
  date: { type: 'date', suits: /^\d{4}-\d{2}-\d{2}$/ },
  time: { type: 'time', suits: /^\d{2}:\d{2}$/ },
  datetime: { type: 'datetime-local', suits: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/ },
}

/** A browser's own input would swallow what it cannot show: seconds, an offset, what is no date. */
export function ClockInput({ aria, field, value, onChange }: InputProps) {
  const text = textOf(value)
  if (field.type === 'date' && wordsOf(field.appearance).includes('year') && /^(?:\d{4}-01-01|\D*\d{0,4})$/.test(text))
    return (
      <input
        {...aria}
        type="text"
        inputMode="numeric"
        value={text.replace(/-01-01$/, '')}
        onInput={({ currentTarget: { value: year } }) =>
          onChange(/^\d{4}$/.test(year) ? `${year}-01-01` : orNothing(year))
        }
      />
    )
  const clock = CLOCKS[field.type]
  const type = clock && (text === '' || clock.suits.test(text)) ? clock.type : 'text'
  return (
    <input
      {...aria}
      type={type as 'text'}
      value={text}
      onInput={(event) => onChange(orNothing(event.currentTarget.value))}
    />
  )
}

/** Rarely needed, and never lossy. */
export function JsonInput({ aria, value, onChange }: InputProps) {
  const [typed, setTyped] = useState<{ text: string; value: unknown } | null>(null)
  // What somebody else put there counts more than what was typed before.
  const text = typed?.value === value ? typed?.text : undefined
  const take = (next: string) => {
    let read = value
    try {
      read = next.trim() === '' ? undefined : JSON.parse(next)
    } catch {
      // Half-typed: the last whole value stays until it can be read again.
    }
    setTyped({ text: next, value: read })
    onChange(read)
  }
  return (
    <>
      <textarea
        {...aria}
        rows={4}
        className="code"
        value={text ?? (value === undefined ? '' : JSON.stringify(value, null, 2))}
        onInput={(event) => take(event.currentTarget.value)}
      />
      {text !== undefined && isBroken(text) && <span className="fault">{t('edit.no_json')}</span>}
    </>
  )
}

function isBroken(text: string): boolean {
  try {
    if (text.trim() !== '') JSON.parse(text)
    return false
  } catch {
    return true
  }
}
