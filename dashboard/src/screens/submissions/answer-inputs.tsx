// The questions as inputs, groups and rows to any depth. An answer is stored where it was found: a client may have laid
// groups flat, or nested them.
import { isObject } from '../../../../src/forms/canonical.ts'
import { t } from '../../i18n/i18n.ts'
import { type FormField, isMedia, rowsOf } from './fields.ts'
import { ValueInput } from './value-input.tsx'

type Row = Record<string, unknown>

interface Props {
  fields: readonly FormField[]
  row: Row
  onChange: (row: Row) => void
  faults: ReadonlyMap<string, string>
  /** Where the row stands: `hh[1].`. */
  prefix?: string
}

/** Made by the form, or by the device alone. */
const FIXED = new Set(['calculated', 'start', 'end', 'today', 'deviceid', 'username', 'route'])

export function AnswerInputs({ fields, row, onChange, faults, prefix = '' }: Props) {
  const set = (id: string, value: unknown) => {
    const { [id]: _, ...rest } = row
    onChange(value === undefined ? rest : { ...rest, [id]: value })
  }
  return (
    <>
      {fields.map((field) => {
        if (field.type === 'group') {
          const nested = row[field.id]
          // Laid flat unless the group's own object is there.
          const inner = isObject(nested) ? (
            <AnswerInputs
              fields={field.fields}
              row={nested}
              onChange={(next) => set(field.id, next)}
              faults={faults}
              prefix={prefix}
            />
          ) : (
            <AnswerInputs fields={field.fields} row={row} onChange={onChange} faults={faults} prefix={prefix} />
          )
          return (
            <fieldset key={field.id}>
              <legend>{field.label}</legend>
              {inner}
            </fieldset>
          )
        }
        if (field.type === 'repeat')
          return (
            <RepeatInputs
              key={field.id}
              field={field}
              rows={rowsOf(row[field.id])}
              onChange={(rows) => set(field.id, rows)}
              faults={faults}
              path={`${prefix}${field.id}`}
            />
          )
        return (
          <ValueInput
            key={field.id}
            field={field}
            name={`${prefix}${field.id}`}
            value={row[field.id]}
            fault={faults.get(`${prefix}${field.id}`)}
            isFixed={FIXED.has(field.type) || isMedia(field)}
            onChange={(value) => set(field.id, value)}
          />
        )
      })}
    </>
  )
}

interface RepeatProps {
  field: FormField
  rows: Row[]
  onChange: (rows: Row[]) => void
  faults: ReadonlyMap<string, string>
  path: string
}

function RepeatInputs({ field, rows, onChange, faults, path }: RepeatProps) {
  const fault = faults.get(path)
  return (
    <fieldset>
      <legend>{field.label}</legend>
      {fault && <p className="fault">{fault}</p>}
      {rows.map((row, index) => (
        // Rows have no other name, and their paths count them.
        <fieldset key={index}>
          <legend>{t('answer.row', { number: index + 1 })}</legend>
          <AnswerInputs
            fields={field.fields}
            row={row}
            onChange={(next) => onChange(rows.map((one, place) => (place === index ? next : one)))}
            faults={faults}
            prefix={`${path}[${index}].`}
          />
          <button
            type="button"
            aria-label={t('edit.remove_row_of', { name: field.label, number: index + 1 })}
            onClick={() => onChange(rows.filter((_, place) => place !== index))}
          >
            {t('edit.remove_row')}
          </button>
        </fieldset>
      ))}
      <button type="button" onClick={() => onChange([...rows, {}])}>
        {t('edit.add_row', { name: field.label })}
      </button>
    </fieldset>
  )
}
