// Small parts: badges, times, counters, lists of facts.
import type { ComponentChildren } from 'preact'
import { formatAgo, formatTime } from '../i18n/i18n.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'calm'

export const Badge = ({ tone = 'calm', children }: { tone?: Tone; children: ComponentChildren }) => (
  <span className={`badge ${tone}`}>{children}</span>
)

/** When it was; how long ago as a hint, or the other way round. */
export function Time({ at, ago = false }: { at: string | null | undefined; ago?: boolean }) {
  if (!at) return <span className="soft">–</span>
  const exact = formatTime(at)
  return (
    <time dateTime={at} title={ago ? exact : formatAgo(at)}>
      {ago ? formatAgo(at) : exact}
    </time>
  )
}

/** Names and values, side by side. */
export const Facts = ({ facts }: { facts: [label: string, value: ComponentChildren][] }) => (
  <dl className="facts">
    {facts.map(([label, value]) => (
      <div key={label}>
        <dt>{label}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)
