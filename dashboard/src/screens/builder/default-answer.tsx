// What a question holds before anybody answers it: nothing, a value, the moment, or what an expression gives.
import { isObject } from '../../../../src/forms/canonical.ts'
import { t } from '../../i18n/i18n.ts'
import { ChoiceField, TextField } from '../../ui/form.tsx'
import type { Field } from './model/document.ts'
import type { OnPatch } from './properties.tsx'
import { Typed } from './typed.tsx'

const KINDS = ['none', 'value', 'today', 'now', 'expression'] as const
type Kind = (typeof KINDS)[number]

function kindOf(first: unknown): Kind {
  if (first === undefined || first === null) return 'none'
  if (first === 'today' || first === 'now') return first
  return isObject(first) && typeof first.expression === 'string' ? 'expression' : 'value'
}

const NUMERIC: ReadonlySet<string> = new Set(['integer', 'decimal', 'number', 'range'])
const MULTIPLE: ReadonlySet<string> = new Set(['select_multiple', 'rank'])

/** Of lists the values with commas between. */
const textOf = (first: unknown): string =>
  Array.isArray(first) ? first.join(', ') : typeof first === 'object' ? JSON.stringify(first) : String(first ?? '')

function readValue({ type }: Field, text: string): unknown {
  if (NUMERIC.has(type) && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  if (MULTIPLE.has(type))
    return text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean)
  return text
}

export function DefaultAnswer({ field, onPatch }: { field: Field; onPatch: OnPatch }) {
  const first = field.default
  const kind = kindOf(first)
  const STARTS: Record<Kind, unknown> = {
    none: undefined,
    value: '',
    today: 'today',
    now: 'now',
    expression: { expression: '' },
  }
  // A position or a file is no text: it stays as its author wrote it.
  const isText = typeof first !== 'object' || first === null || Array.isArray(first)
  return (
    <div className="side-by-side">
      <ChoiceField
        label={t('builder.default')}
        name="default-kind"
        value={kind}
        options={KINDS.map((one) => ({ value: one, label: t(`builder.default_${one}`) }))}
        onValue={(next) => onPatch({ default: STARTS[next as Kind] })}
      />
      {kind === 'value' && isText && (
        <Typed
          label={t('builder.default_value')}
          name="default"
          value={textOf(first)}
          hintOf={() => (MULTIPLE.has(field.type) ? t('builder.default_list') : undefined)}
          onTake={(text) => {
            onPatch({ default: readValue(field, text) })
            return true
          }}
        />
      )}
      {kind === 'expression' && (
        <TextField
          label={t('builder.default_expression')}
          name="default"
          value={String((first as { expression: string }).expression)}
          onValue={(expression) => onPatch({ default: { expression } }, 'default')}
        />
      )}
    </div>
  )
}
