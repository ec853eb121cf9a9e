// Choosing from options: one, several, one or something else, and in an order of one's own. Long lists are searched.
import { useEffect, useId, useRef, useState } from 'react'
import { canonicalChoice, canonicalSelectOther, OTHER } from '../../../src/forms/canonical.ts'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../ui/icon.tsx'
import { Picture } from './attachments.tsx'
import { Clear } from './clear.tsx'
import { focusIn } from './focus.ts'
import { Words } from './words.tsx'

export interface Choice {
  value: string
  label: string
  /** A picture with it, as the author names it. */
  image: string | undefined
}

interface Props {
  choices: readonly Choice[]
  value: unknown
  onChange: (value: unknown) => void
}

/** From here on a list is searched. */
const LONG = 15
/** Options that are drawn at a time. */
const DRAWN = 50

/** The options that are drawn: all of a short list; of a long one those that are chosen and the first that match. */
function useSearch(choices: readonly Choice[], chosen: readonly string[]) {
  const [wanted, setWanted] = useState('')
  if (choices.length <= LONG) return { drawn: choices, search: null }
  const plain = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const words = plain(wanted).split(/\s+/)
  const matching = choices.filter(({ value, label }) => {
    const text = plain(`${label} ${value}`)
    return words.every((word) => text.includes(word))
  })
  const first = matching.slice(0, DRAWN)
  const others = choices.filter((choice) => chosen.includes(choice.value) && !first.includes(choice))
  const search = (
    <div className="search">
      <input
        type="search"
        aria-label={t('fill.find_option')}
        placeholder={t('fill.find_option')}
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Enter means "find", not "send the form".
          if (event.key === 'Enter') event.preventDefault()
        }}
      />
      <p className="soft small" role="status">
        {t('fill.options_shown', { shown: first.length, count: matching.length })}
      </p>
    </div>
  )
  return { drawn: [...others, ...first], search }
}

/** What was chosen before and is not offered any more is shown as it is. */
const withUnlisted = (choices: readonly Choice[], chosen: readonly string[]): readonly Choice[] => {
  const known = new Set(choices.map(({ value }) => value))
  const missing = chosen.filter((value) => !known.has(value))
  if (missing.length === 0) return choices
  return [...choices, ...missing.map((value) => ({ value, label: value, image: undefined }))]
}

const Label = ({ choice }: { choice: Choice }) => (
  <span dir="auto">
    <Words text={choice.label} />
    {choice.image && <Picture name={choice.image} />}
  </span>
)

export function OneOf({
  choices,
  value,
  onChange,
  isOpen,
  otherLabel,
}: Props & { isOpen: boolean; otherLabel: string }) {
  const name = useId()
  const said = isOpen ? canonicalSelectOther(value) : undefined
  const chosen = (isOpen ? said?.selection : canonicalChoice(value)) || undefined
  const listed = isOpen ? [...choices, { value: OTHER, label: otherLabel, image: undefined }] : choices
  const all = withUnlisted(listed, chosen === undefined ? [] : [chosen])
  const { drawn, search } = useSearch(all, chosen === undefined ? [] : [chosen])
  const choose = (option: string) =>
    onChange(isOpen && option === OTHER ? { selection: OTHER, other_text: said?.other_text ?? '' } : option)
  return (
    <>
      {search}
      <div className="options">
        {drawn.map((choice) => (
          <label key={choice.value} className="check">
            <input type="radio" name={name} checked={choice.value === chosen} onChange={() => choose(choice.value)} />
            <Label choice={choice} />
          </label>
        ))}
      </div>
      {isOpen && chosen === OTHER && (
        <input
          type="text"
          dir="auto"
          aria-label={otherLabel}
          value={said?.other_text ?? ''}
          onInput={(event) => onChange({ selection: OTHER, other_text: event.currentTarget.value })}
        />
      )}
      {chosen !== undefined && <Clear onClear={() => onChange(undefined)} />}
    </>
  )
}

/** The browser's own list, for authors who want it small. */
export function OneFromMenu({ aria, choices, value, onChange }: Props & { aria: { id: string } }) {
  const chosen = canonicalChoice(value) ?? ''
  return (
    <select {...aria} value={chosen} onChange={(event) => onChange(event.currentTarget.value || undefined)}>
      <option value="">–</option>
      {withUnlisted(choices, chosen === '' ? [] : [chosen]).map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  )
}

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one: unknown) => canonicalChoice(one) ?? []).filter(Boolean)

export function ManyOf({ choices, value, onChange }: Props) {
  const chosen = listOf(value)
  const all = withUnlisted(choices, chosen)
  const { drawn, search } = useSearch(all, chosen)
  const toggle = (option: string, isChosen: boolean) => {
    const next = isChosen ? [...chosen, option] : chosen.filter((one) => one !== option)
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <>
      {search}
      <div className="options">
        {drawn.map((choice) => (
          <label key={choice.value} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(choice.value)}
              onChange={(event) => toggle(choice.value, event.currentTarget.checked)}
            />
            <Label choice={choice} />
          </label>
        ))}
      </div>
    </>
  )
}

/** Options are taken into the order one by one, and moved by buttons. */
export function Ranked({ choices, value, onChange }: Props) {
  const ranked = listOf(value)
  const all = withUnlisted(choices, ranked)
  const rest = all.filter((choice) => !ranked.includes(choice.value))
  const nameOf = (option: string) => all.find((choice) => choice.value === option)?.label ?? option
  const list = useRef<HTMLOListElement>(null)
  const [goal, setGoal] = useState<{ at: number; by: number } | null>(null)
  // The focus goes along with the option that was moved; from one that is gone, to what is left.
  useEffect(() => {
    if (!goal) return
    const buttons = [...(list.current?.children[goal.at]?.querySelectorAll('button') ?? [])]
    const usable = buttons.filter((button) => button.getAttribute('aria-disabled') !== 'true')
    const wanted = buttons[goal.by > 0 ? 1 : 0]
    const target = wanted && usable.includes(wanted) ? wanted : usable[0]
    if (target) target.focus()
    else focusIn(list.current?.closest<HTMLElement>('.question'))
  }, [goal])
  const set = (next: string[]) => onChange(next.length > 0 ? next : undefined)
  const move = (at: number, by: number) => {
    const to = at + by
    if (to < 0 || to >= ranked.length) return
    const next = [...ranked]
    next.splice(to, 0, ...next.splice(at, 1))
    set(next)
    setGoal({ at: to, by })
  }
  return (
    <>
      <ol ref={list} className="ranked">
        {ranked.map((option, at) => (
          <li key={option}>
            <span dir="auto">{nameOf(option)}</span>
            <button
              type="button"
              className="quiet"
              aria-disabled={at === 0}
              aria-label={t('fill.rank_up', { name: nameOf(option) })}
              onClick={() => move(at, -1)}
            >
              ↑
            </button>
            <button
              type="button"
              className="quiet"
              aria-disabled={at === ranked.length - 1}
              aria-label={t('fill.rank_down', { name: nameOf(option) })}
              onClick={() => move(at, 1)}
            >
              ↓
            </button>
            <button
              type="button"
              className="quiet"
              aria-label={t('fill.rank_out', { name: nameOf(option) })}
              onClick={() => {
                set(ranked.filter((one) => one !== option))
                setGoal({ at: Math.min(at, ranked.length - 2), by: 0 })
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ol>
      {rest.length > 0 && (
        <div className="row">
          {rest.map((choice) => (
            <button
              key={choice.value}
              type="button"
              onClick={() => {
                set([...ranked, choice.value])
                setGoal({ at: ranked.length, by: 0 })
              }}
            >
              <Icon name="add" /> <span dir="auto">{choice.label}</span>
            </button>
          ))}
        </div>
      )}
    </>
  )
}
