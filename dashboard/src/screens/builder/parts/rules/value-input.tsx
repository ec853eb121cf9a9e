// The value of a row: something written down, in the input that the answer asks for, or the answer of another question.
import { useState } from 'react'
import { t, word } from '../../../../i18n/i18n.ts'
import { type Choice, type Kind, shownAs } from './choices.ts'
import { Picker, type PickerItem } from './picker.tsx'
import type { Subject, Value } from './rows.ts'

interface Props {
  value: Value
  kind: Kind
  options: Choice['options']
  /** What else there is to compare with. */
  others: readonly PickerItem[]
  subjectOf: (key: string) => Subject | undefined
  isMissing: boolean
  onChange: (value: Value) => void
}

type Source = 'value' | 'answer' | 'today' | 'now'
const NOTHING: Value = { is: 'text', text: '' }
/** Written as in the browser's own inputs; a time of day compares with no day. */
const SOURCES: Partial<Record<Kind, readonly Source[]>> = {
  date: ['value', 'answer', 'today'],
  datetime: ['value', 'answer', 'today', 'now'],
  any: ['value', 'answer', 'today'],
}

const sourceOf = (value: Value): Source =>
  value.is === 'text' || value.is === 'number'
    ? 'value'
    : value.is === 'today' || value.is === 'now'
      ? value.is
      : 'answer'

export function RuleValue(props: Props) {
  const { value, kind, others, subjectOf, onChange } = props
  const [source, setSource] = useState(() => sourceOf(value))
  // Something else may have come in from outside; an empty value is every source's beginning.
  const isBegun = value.is !== 'text' || value.text !== ''
  const shown = isBegun ? sourceOf(value) : source === 'answer' ? 'answer' : 'value'
  const suitable = SOURCES[kind] ?? ['value', 'answer']
  const sources = suitable.includes(shown) ? suitable : [...suitable, shown]
  const isKnown = (key: string): boolean => subjectOf(key) !== undefined
  const choose = (next: Source) => {
    setSource(next)
    onChange(next === 'today' || next === 'now' ? { is: next } : NOTHING)
  }
  return (
    <>
      <select
        className="rule-source"
        aria-label={t('rule.compare_with')}
        value={shown}
        onChange={(event) => choose(event.currentTarget.value as Source)}
      >
        {sources.map((one) => (
          <option key={one} value={one}>
            {word('rule.source', one)}
          </option>
        ))}
      </select>
      {shown === 'value' && <Written {...props} />}
      {shown === 'answer' && (
        <Picker
          label={t('rule.other_question')}
          placeholder={t('rule.choose_question')}
          items={others}
          value={value.is === 'self' || value.is === 'field' || value.is === 'column' ? shownAs(value, isKnown) : null}
          onPick={(key) => onChange(subjectOf(key) ?? NOTHING)}
        />
      )}
    </>
  )
}

const INPUTS: Partial<Record<Kind, 'date' | 'time' | 'datetime-local'>> = {
  date: 'date',
  time: 'time',
  datetime: 'datetime-local',
}
const SUITS: Partial<Record<Kind, RegExp>> = {
  date: /^(\d{4}-\d{2}-\d{2})?$/,
  time: /^(\d{2}:\d{2})?$/,
  datetime: /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})?$/,
}

function Written({ value, kind, options, isMissing, onChange }: Props) {
  const [typed, setTyped] = useState('')
  const text = value.is === 'number' ? String(value.number) : value.is === 'text' ? value.text : ''
  const isNumber = kind === 'number' || kind === 'rows'
  const aria = { 'aria-label': t('rule.value'), 'aria-invalid': isMissing ? (true as const) : undefined }
  if (options.length > 0)
    return (
      <Picker
        label={t('rule.value')}
        placeholder={t('rule.choose_option')}
        items={options.map((option) => ({
          ...option,
          detail: option.value === option.label ? undefined : option.value,
        }))}
        value={text === '' ? null : text}
        onPick={(chosen) => onChange({ is: 'text', text: chosen })}
      />
    )
  const type = SUITS[kind]?.test(text) ? INPUTS[kind] : undefined
  if (type)
    return (
      <input
        {...aria}
        type={type as 'text'}
        value={text}
        onInput={(event) => onChange({ is: 'text', text: event.currentTarget.value })}
      />
    )
  const read = (written: string): Value => {
    const number = written.trim() === '' ? Number.NaN : Number(written)
    if (Number.isFinite(number) && (isNumber || kind === 'any')) return { is: 'number', number }
    return isNumber ? NOTHING : { is: 'text', text: written }
  }
  // Half a number (`1.`, `-`) is to be seen as it was typed.
  const before = read(typed)
  const isTyped = typed !== '' && JSON.stringify(before) === JSON.stringify(value)
  return (
    <input
      {...aria}
      type="text"
      inputMode={isNumber ? 'decimal' : undefined}
      dir="auto"
      value={isTyped ? typed : text}
      onInput={(event) => {
        setTyped(event.currentTarget.value)
        onChange(read(event.currentTarget.value))
      }}
    />
  )
}
