// Choosing one of very many: what is typed narrows the list. The pattern is the combobox of WAI-ARIA: the focus stays in
// the input, arrows move through the list, Enter takes, Escape leaves.
import { useId, useRef, useState } from 'react'
import { t } from '../../../../i18n/i18n.ts'

export interface PickerItem {
  value: string
  label: string
  /** Shown beside the label, and searched. */
  detail?: string
}

interface Props {
  /** For screen readers. */
  label: string
  items: readonly PickerItem[]
  /** Of the chosen item; null: none. One that is not among them is shown as it is. */
  value: string | null
  placeholder?: string
  onPick: (value: string) => void
}

/** More are found by typing. */
const MOST_SHOWN = 50

export function Picker({ label, items, value, placeholder, onPick }: Props) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  /** Null: closed. */
  const [typed, setTyped] = useState<string | null>(null)
  const [active, setActive] = useState(0)
  const chosen = items.find((item) => item.value === value)
  const found = typed === null ? [] : matching(items, typed)
  const shown = found.slice(0, MOST_SHOWN)
  const close = () => setTyped(null)
  const open = () => {
    setTyped('')
    setActive(Math.max(0, Math.min(items.indexOf(chosen!), MOST_SHOWN - 1)))
  }
  const pick = (item: PickerItem | undefined) => {
    if (!item) return
    close()
    onPick(item.value)
  }
  const moveTo = (index: number) => {
    const target = Math.max(0, Math.min(shown.length - 1, index))
    setActive(target)
    requestAnimationFrame(() => document.getElementById(`${id}-${target}`)?.scrollIntoView({ block: 'nearest' }))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (typed === null) {
      if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
      open()
    } else if (event.key === 'ArrowDown') moveTo(active + 1)
    else if (event.key === 'ArrowUp') moveTo(active - 1)
    else if (event.key === 'Enter') pick(shown[active])
    else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
    // A dialog around it is not meant.
    event.stopPropagation()
  }
  return (
    <div className="picker">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={typed !== null}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={typed !== null && shown.length > 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellcheck={false}
        dir="auto"
        placeholder={typed === null ? placeholder : (chosen?.label ?? value ?? placeholder)}
        value={typed ?? chosen?.label ?? value ?? ''}
        onClick={() => typed === null && open()}
        onInput={(event) => {
          setTyped(event.currentTarget.value)
          setActive(0)
        }}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      {typed !== null && (
        <div className="picker-list">
          <div id={`${id}-list`} role="listbox" aria-label={label} tabIndex={-1}>
            {shown.map((item, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the input
              <div
                key={item.value}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                // The input keeps the focus.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => pick(item)}
              >
                <span dir="auto">{item.label}</span>
                {item.detail && <code className="soft small">{item.detail}</code>}
              </div>
            ))}
          </div>
          {found.length === 0 && <p className="soft small">{t('picker.none')}</p>}
          {found.length > MOST_SHOWN && (
            <p className="soft small">{t('picker.more', { count: found.length - MOST_SHOWN })}</p>
          )}
        </div>
      )}
    </div>
  )
}

function matching(items: readonly PickerItem[], typed: string): readonly PickerItem[] {
  const wanted = typed.trim().toLocaleLowerCase()
  if (wanted === '') return items
  return items.filter(({ label, detail }) => `${label} ${detail ?? ''}`.toLocaleLowerCase().includes(wanted))
}
