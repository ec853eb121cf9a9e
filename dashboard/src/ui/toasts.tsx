// Short words about what was just done, read out by screen readers. Failures stay until they are closed.
import { useEffect, useSyncExternalStore } from 'react'
import { t } from '../i18n/i18n.ts'
import { Icon } from './icon.tsx'
import { saidOf } from './said.ts'

const SHOWN_MS = 6_000

interface Toast {
  id: number
  text: string
  bad: boolean
  action?: { label: string; run: () => void }
}

let toasts: readonly Toast[] = []
let lastId = 0
const listeners = new Set<() => void>()

function set(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

const close = (id: number): void => set(toasts.filter((toast) => toast.id !== id))

function add(toast: Omit<Toast, 'id'>): void {
  lastId += 1
  set([...toasts.filter(({ text }) => text !== toast.text), { ...toast, id: lastId }].slice(-4))
}

export const showDone = (text: string, action?: Toast['action']): void => add({ text, bad: false, action })

export const showFailure = (error: Error): void => add({ text: saidOf(error), bad: true })

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    <div className="toasts" role="status">
      {shown.map((toast) => (
        <ToastBox key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function ToastBox({ toast: { id, text, bad, action } }: { toast: Toast }) {
  useEffect(() => {
    // Something to press needs time to be reached.
    if (bad || action) return
    const timer = setTimeout(() => close(id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [id, bad, action])
  return (
    <div className={bad ? 'toast bad' : 'toast'}>
      <span>{text}</span>
      {action && (
        <button
          type="button"
          onClick={() => {
            close(id)
            action.run()
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="quiet" aria-label={t('action.close')} onClick={() => close(id)}>
        <Icon name="close" />
      </button>
    </div>
  )
}
