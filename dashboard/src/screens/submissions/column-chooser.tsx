// Which columns the list shows. The choice goes into the address, like every other part of a view.
import { useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import type { SubmissionColumn } from './columns.tsx'

interface Props {
  columns: readonly SubmissionColumn[]
  shown: readonly SubmissionColumn[]
  onChange: (names: string[] | undefined) => void
}

export function ColumnChooser({ columns, shown, onChange }: Props) {
  const [isOpen, setOpen] = useState(false)
  const [wanted, setWanted] = useState('')
  const names = shown.map(({ id }) => id)
  const found = columns.filter(({ label, id }) => `${label} ${id}`.toLowerCase().includes(wanted.toLowerCase()))
  const toggle = (id: string, isShown: boolean) => {
    const next = isShown ? [...names, id] : names.filter((name) => name !== id)
    // A table without columns says nothing.
    if (next.length > 0) onChange(columns.map((column) => column.id).filter((name) => next.includes(name)))
  }
  return (
    <>
      <button type="button" className="quiet" onClick={() => setOpen(true)}>
        <Icon name="columns" /> {t('columns.title')}
      </button>
      {isOpen && (
        <Dialog title={t('columns.title')} onClose={() => setOpen(false)}>
          <TextField label={t('columns.search')} name="search" type="search" value={wanted} onValue={setWanted} />
          <div className="choices">
            {found.map(({ id, label }) => (
              <label key={id} className="check">
                <input
                  type="checkbox"
                  checked={names.includes(id)}
                  onChange={(event) => toggle(id, event.currentTarget.checked)}
                />
                <span>{label}</span>
              </label>
            ))}
          </div>
          <div className="dialog-actions">
            <button type="button" onClick={() => onChange(undefined)}>
              {t('columns.reset')}
            </button>
            <button type="button" className="primary" onClick={() => setOpen(false)}>
              {t('action.done')}
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}
