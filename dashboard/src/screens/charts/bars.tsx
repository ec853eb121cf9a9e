// Counts as a table whose rows have a bar: the chart and what a screen reader reads are one thing. And columns, for what
// lies on a scale, with their table folded away.
import type { ComponentChildren } from 'preact'
import { formatNumber, formatShare, t } from '../../i18n/i18n.ts'

export interface Counted {
  key: string
  label: ComponentChildren
  count: number
}

interface Props {
  /** What is counted, for screen readers. */
  label: string
  /** Heading of the first column. */
  what: string
  rows: readonly Counted[]
  /** All, of which the rows are shares. */
  total: number
}

export const BarTable = ({ label, what, rows, total }: Props) => {
  const most = Math.max(1, ...rows.map(({ count }) => count))
  return (
    <table className="bars" aria-label={label}>
      <thead className="unseen">
        <tr>
          <th scope="col">{what}</th>
          <th scope="col">{t('charts.count')}</th>
          <th scope="col">{t('charts.share')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label: name, count }) => (
          <tr key={key}>
            <th scope="row" dir="auto">
              {name}
              <svg className="bar" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 1">
                <rect width={(100 * count) / most} height="1" />
              </svg>
            </th>
            <td className="end">{formatNumber(count)}</td>
            <td className="end soft">{total > 0 ? formatShare(count / total) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Numbers behind a drawing. */
export const Behind = ({ label, what, rows }: Omit<Props, 'total'>) => (
  <details>
    <summary className="small">{t('charts.as_table')}</summary>
    <table aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <th scope="col" className="end">
            {t('charts.count')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label: name, count }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td className="end">{formatNumber(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </details>
)

interface Bin {
  from: number
  to: number
  count: number
}

/** The distribution of numbers. */
export function Histogram({ label, bins }: { label: string; bins: readonly Bin[] }) {
  const most = Math.max(1, ...bins.map(({ count }) => count))
  const [first, last] = [bins[0], bins.at(-1)]
  return (
    <>
      <svg
        className="histogram"
        role="img"
        aria-label={label}
        preserveAspectRatio="none"
        viewBox={`0 0 ${bins.length} 100`}
      >
        {bins.map(({ from, count }, i) => (
          <rect key={from} x={i + 0.05} width={0.9} y={100 - (100 * count) / most} height={(100 * count) / most} />
        ))}
      </svg>
      <p className="scale small soft" aria-hidden="true">
        <span>{first && formatNumber(first.from)}</span>
        <span>{last && formatNumber(last.to)}</span>
      </p>
    </>
  )
}
