// Forms on the browser's own controls. What the server finds wrong with a field is shown at that field.
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useId } from 'react'
import { ApiError } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Failure } from './states.tsx'

const Faults = createContext<ReadonlyMap<string, string>>(new Map())

/** What was said of each field, by the last name in its place. */
function faultsOf(error: Error | null | undefined): Map<string, string> {
  if (!(error instanceof ApiError)) return new Map()
  return new Map(error.faults.map(({ loc, msg }) => [String(loc.at(-1)), msg]))
}

interface FormProps {
  onSubmit: (values: FormData) => void
  /** Text of the button. */
  action: string
  danger?: boolean
  busy?: boolean
  error?: Error | null
  onCancel?: () => void
  children: ComponentChildren
}

export function Form({ onSubmit, action, danger, busy, error, onCancel, children }: FormProps) {
  const faults = faultsOf(error)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) onSubmit(new FormData(event.currentTarget as HTMLFormElement))
      }}
    >
      <Faults.Provider value={faults}>{children}</Faults.Provider>
      {error && <Failure error={error} />}
      <div className="form-actions">
        {onCancel && (
          <button type="button" onClick={onCancel}>
            {t('action.cancel')}
          </button>
        )}
        <button type="submit" className={danger ? 'danger' : 'primary'} disabled={busy}>
          {busy ? t('state.working') : action}
        </button>
      </div>
    </form>
  )
}

interface Labelled {
  label: string
  hint?: string
  name: string
}

/** Label, control, hint and fault, tied together for screen readers. */
function Labelling({ label, hint, name, children }: Labelled & { children: (ids: AriaIds) => ComponentChildren }) {
  const id = useId()
  const fault = useContext(Faults).get(name)
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': fault ? true : undefined })}
      {hint && (
        <span id={`${id}-hint`} className="soft small">
          {hint}
        </span>
      )}
      {fault && (
        <span id={`${id}-fault`} className="fault">
          {fault}
        </span>
      )}
    </div>
  )
}

interface AriaIds {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

interface Input {
  defaultValue?: string | number
  value?: string
  required?: boolean
  disabled?: boolean
  autoComplete?: string
  placeholder?: string
  minLength?: number
  maxLength?: number
  min?: string | number
  max?: string | number
  pattern?: string
  onValue?: (value: string) => void
}

interface TextProps extends Labelled, Input {
  type?: 'text' | 'email' | 'password' | 'number' | 'date' | 'datetime-local' | 'url' | 'search'
}

export const TextField = ({ label, hint, name, type = 'text', onValue, ...input }: TextProps) => (
  <Labelling label={label} hint={hint} name={name}>
    {(ids) => (
      // One type of many at a time: each has rules of its own in the types of JSX.
      <input
        type={type as 'text'}
        name={name}
        onInput={(event) => onValue?.(event.currentTarget.value)}
        {...input}
        {...ids}
      />
    )}
  </Labelling>
)

interface LongTextProps extends Labelled, Input {
  rows?: number
  /** Set in the typeface of code. */
  code?: boolean
}

export const LongTextField = ({ label, hint, name, rows = 3, code, onValue, ...input }: LongTextProps) => (
  <Labelling label={label} hint={hint} name={name}>
    {(ids) => (
      <textarea
        className={code ? 'code' : undefined}
        rows={rows}
        name={name}
        onInput={(event) => onValue?.(event.currentTarget.value)}
        {...input}
        {...ids}
      />
    )}
  </Labelling>
)

interface ChoiceProps extends Labelled, Input {
  options: readonly { value: string; label: string }[]
}

export const ChoiceField = ({ label, hint, name, options, onValue, ...input }: ChoiceProps) => (
  <Labelling label={label} hint={hint} name={name}>
    {(ids) => (
      <select name={name} onChange={(event) => onValue?.(event.currentTarget.value)} {...input} {...ids}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    )}
  </Labelling>
)

interface CheckProps {
  label: string
  name: string
  value?: string
  checked?: boolean
  defaultChecked?: boolean
  onValue?: (checked: boolean) => void
}

export const CheckField = ({ label, onValue, ...input }: CheckProps) => (
  <label className="check">
    <input type="checkbox" onChange={(event) => onValue?.(event.currentTarget.checked)} {...input} />
    <span>{label}</span>
  </label>
)

/** The trimmed text of a field; undefined when it is blank. */
export function textOf(values: FormData, name: string): string | undefined {
  const value = values.get(name)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}
