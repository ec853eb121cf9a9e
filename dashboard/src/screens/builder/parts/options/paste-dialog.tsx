// Options out of a spreadsheet: what was copied goes into a field, and what is made of it is shown before it is taken.
import { useMemo, useState } from 'react'
import type { FieldOption } from '../../../../../../src/forms/schema.ts'
import { textIn } from '../../../../../../src/forms/texts.ts'
import { t } from '../../../../i18n/i18n.ts'
import { Dialog } from '../../../../ui/dialog.tsx'
import { CheckField, LongTextField } from '../../../../ui/form.tsx'
import { type Column, readSheet } from './sheet.ts'

interface Props {
  /** To begin with. */
  text: string
  /** That are there already. */
  options: readonly FieldOption[]
  languages: readonly string[]
  onTake: (options: FieldOption[], isInstead: boolean) => void
  onClose: () => void
}

const SHOWN = 5

export function PasteDialog({ text, options, languages, onTake, onClose }: Props) {
  const [typed, setTyped] = useState(text)
  const [isInstead, setInstead] = useState(false)
  const pasted = useMemo(() => {
    const taken = isInstead ? [] : options.map(({ value }) => String(value))
    return readSheet(typed, languages, new Set(taken))
  }, [typed, languages, options, isInstead])
  const { columns, options: found } = pasted
  return (
    <Dialog title={t('options.paste')} wide onClose={onClose}>
      <LongTextField
        label={t('options.paste_here')}
        hint={t('options.paste_help')}
        name="sheet"
        rows={8}
        code
        value={typed}
        onValue={setTyped}
      />
      {found.length > 0 && (
        <>
          <p>
            {t('options.paste_found', { count: found.length })} {columns.map(nameOf).join(', ')}
          </p>
          <ul>
            {found.slice(0, SHOWN).map((option, index) => (
              <li key={index}>
                <span dir="auto">{textIn(option.label, languages[0])}</span> <code>{option.value}</code>
              </li>
            ))}
            {found.length > SHOWN && <li>…</li>}
          </ul>
        </>
      )}
      <CheckField label={t('options.paste_instead')} name="instead" checked={isInstead} onValue={setInstead} />
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button
          type="button"
          className="primary"
          disabled={found.length === 0}
          onClick={() => onTake(found, isInstead)}
        >
          {t('options.paste_take', { count: found.length })}
        </button>
      </div>
    </Dialog>
  )
}

function nameOf(column: Column): string {
  if (column.is === 'value') return t('options.value')
  if (column.is === 'column') return column.name
  return column.language === '' ? t('options.label') : t('options.label_in', { language: column.language })
}
