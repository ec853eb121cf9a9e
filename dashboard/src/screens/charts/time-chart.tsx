// How many on each day, as columns over time. The page has the same as a table.
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { formatDay, formatNumber } from '../../i18n/i18n.ts'
import { colourOf, watchTheme } from '../../ui/colours.ts'

export interface Days {
  unit: 'day' | 'month' | 'year'
  /** In their order, those with a count: `2026-11-20`, `2026-11`, `2026`. */
  days: readonly { day: string; count: number }[]
}

const HEIGHT_PX = 220
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
const MAX_GAPS = 2_000

export function TimeChart({ label, days }: { label: string; days: Days }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = box.current!
    const colour = (variable: string) => () => colourOf(variable, element)
    const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line') }, ticks: { stroke: colour('--line') } }
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: true, range: (_, first, last) => [first - 86_400, last + 86_400] },
          // From zero: a column half as high is half as many.
          y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
        },
        axes: [
          { ...axis, space: 90, values: (_, splits) => splits.map((at) => formatDay(dayAt(at))) },
          { ...axis, incrs: WHOLE_STEPS, values: (_, splits) => splits.map(formatNumber) },
        ],
        series: [
          {},
          {
            fill: colour('--leaf'),
            stroke: colour('--leaf'),
            width: 0,
            points: { show: false },
            paths: uPlot.paths.bars!({ size: [0.8, 40], align: 0 }),
          },
        ],
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
      },
      dataOf(days),
      element,
    )
    const stopWatching = watchTheme(() => chart.redraw())
    const resized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      stopWatching()
      chart.destroy()
    }
  }, [days])
  return <div className="time-chart" ref={box} role="img" aria-label={label} />
}

const dayAt = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)
const secondsOf = (day: string): number => Date.parse(day.length === 4 ? `${day}-01-01` : day) / 1000

/** Days without any are columns of no height, unless that would be very many. */
function dataOf({ unit, days }: Days): uPlot.AlignedData {
  const counts = new Map(days.map(({ day, count }) => [secondsOf(day), count]))
  const [first, last] = [days[0], days.at(-1)]
  if (unit === 'day' && first && last && secondsOf(last.day) - secondsOf(first.day) < MAX_GAPS * 86_400)
    for (let at = secondsOf(first.day); at <= secondsOf(last.day); at += 86_400) if (!counts.has(at)) counts.set(at, 0)
  const xs = [...counts.keys()].sort((a, b) => a - b)
  return [xs, xs.map((at) => counts.get(at)!)]
}
