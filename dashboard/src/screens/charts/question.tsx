// What was answered to one question: bars for options, columns for numbers and days.
import type { InferResponseType } from 'hono/client'
import type { Client } from '../../../../src/client.ts'
import { OTHER } from '../../../../src/forms/canonical.ts'
import { formatDay, formatNumber, t } from '../../i18n/i18n.ts'
import { BarTable, Behind, Histogram } from './bars.tsx'
import { TimeChart } from './time-chart.tsx'

export type Figures = InferResponseType<Client['forms'][':id']['figures']['$get'], 200>
type QuestionFigures = Figures['questions'][number]

export function Question({ question }: { question: QuestionFigures }) {
  const { field_id, repeat, label, answered } = question
  const id = `q-${repeat ?? ''}-${field_id}`
  return (
    <section className="card" aria-labelledby={id}>
      <h3 id={id} dir="auto">
        {label}
      </h3>
      <p className="soft small">
        {t('charts.answers', { count: answered })}
        {repeat !== null && ` · ${t('charts.in_rows', { repeat })}`}
      </p>
      <Distribution question={question} />
    </section>
  )
}

function Distribution({ question: { label, answered, distribution } }: { question: QuestionFigures }) {
  if (distribution.kind === 'choices') {
    const rows = distribution.options.map((option) => ({
      key: option.value,
      label: option.value === OTHER ? t('answer.other') : (option.label ?? <Unlisted value={option.value} />),
      count: option.count,
    }))
    if (distribution.others > 0) rows.push({ key: '', label: t('charts.others'), count: distribution.others })
    return <BarTable label={label} what={t('charts.option')} rows={rows} total={answered} />
  }
  if (distribution.kind === 'numbers') {
    const { min, max, mean, bins } = distribution
    const said = t('charts.range', { min: formatNumber(min), max: formatNumber(max), mean: formatNumber(mean) })
    const rows = bins.map(({ from, to, count }) => ({
      key: String(from),
      label: t('charts.bin', { from: formatNumber(from), to: formatNumber(to) }),
      count,
    }))
    return (
      <>
        <Histogram label={`${label}: ${said}`} bins={bins} />
        <p className="small">{said}</p>
        <Behind label={label} what={t('charts.value')} rows={rows} />
      </>
    )
  }
  if (distribution.days.length === 0) return null
  return (
    <>
      <TimeChart label={label} days={distribution} />
      <Behind label={label} what={t('charts.day')} rows={dayRows(distribution.days)} />
    </>
  )
}

export const dayRows = (days: readonly { day: string; count: number }[]) =>
  days.map(({ day, count }) => ({ key: day, label: formatDay(day), count }))

const Unlisted = ({ value }: { value: string }) => (
  <>
    {value} <span className="soft small">{t('charts.unlisted')}</span>
  </>
)
