// Modal dialogs on the browser's own <dialog>, which keeps the focus inside, closes on Escape and gives the focus back.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'react'
import { t } from '../i18n/i18n.ts'
import { Failure } from './states.tsx'

interface Props {
  title: string
  onClose: () => void
  wide?: boolean
  children: ComponentChildren
}

/** Open as long as it is rendered. */
export function Dialog({ title, onClose, wide = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      // Unless what was done in it has put the focus elsewhere.
      const isFree = document.activeElement === null || document.activeElement === document.body
      if (isFree && opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} className={wide ? 'dialog wide' : 'dialog'} aria-labelledby={titleId} onClose={onClose}>
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  )
}

interface ConfirmProps {
  title: string
  /** What the button does, in one or two words. */
  action: string
  danger?: boolean
  busy?: boolean
  error?: Error | null
  onConfirm: () => void
  onClose: () => void
  children?: ComponentChildren
}

/** Asks before something that is hard to undo. */
export function Confirm({ title, action, danger, busy, error, onConfirm, onClose, children }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {error && <Failure error={error} />}
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button type="button" className={danger ? 'danger' : 'primary'} disabled={busy} onClick={onConfirm}>
          {action}
        </button>
      </div>
    </Dialog>
  )
}
