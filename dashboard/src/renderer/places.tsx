// Positions: typed, or taken from the device. Lines and areas are lists of them.
import { useEffect, useId, useRef, useState } from 'react'
import { isObject } from '../../../src/forms/canonical.ts'
import { type TextName, t } from '../i18n/i18n.ts'
import { Icon } from '../ui/icon.tsx'
import { Clear } from './clear.tsx'
import { focusIn } from './focus.ts'
import { NumberBox } from './inputs.tsx'

interface Props {
  value: unknown
  onChange: (value: unknown) => void
}

type Point = Record<string, unknown>

const WAIT_MS = 30_000
/** Better than this is good enough to find a house again. */
const GOOD_METRES = 20
/** Points that are drawn as inputs; a recorded line has thousands. */
const DRAWN = 100

/** Asks the device where it is. */
function usePosition(onPoint: (point: Point) => void) {
  const [state, setState] = useState<TextName | 'idle'>('idle')
  const take = () => {
    setState('fill.place_waiting')
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, altitude, accuracy }, timestamp }) => {
        setState('idle')
        const measured = { ...(altitude !== null && { altitude }), accuracy }
        onPoint({ latitude, longitude, ...measured, captured_at: new Date(timestamp).toISOString() })
      },
      ({ code }) => setState(code === 1 ? 'fill.place_refused' : 'fill.place_unknown'),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 0 },
    )
  }
  return { state, take }
}

function TakePosition({ label, onPoint }: { label: string; onPoint: (point: Point) => void }) {
  const { state, take } = usePosition(onPoint)
  if (!('geolocation' in navigator)) return null
  return (
    <>
      <button type="button" aria-disabled={state === 'fill.place_waiting'} onClick={take}>
        <Icon name="map" /> {label}
      </button>
      <span role="status" className={state === 'fill.place_waiting' ? 'soft small' : 'fault'}>
        {state === 'idle' ? '' : t(state)}
      </span>
    </>
  )
}

const PARTS = ['latitude', 'longitude'] as const

interface PointProps {
  point: Point
  /** Which of several. */
  number?: number
  onChange: (point: Point) => void
}

function PointInputs({ point, number, onChange }: PointProps) {
  const id = useId()
  // What is typed is not what the device measured.
  const { accuracy: _accuracy, altitude: _altitude, ...typed } = point
  return (
    <>
      {PARTS.map((part) => (
        <div key={part} className="field">
          <label htmlFor={`${id}-${part}`}>
            {number === undefined ? t(`answer.${part}`) : `${number}. ${t(`answer.${part}`)}`}
          </label>
          <NumberBox
            aria={{ id: `${id}-${part}` }}
            value={point[part]}
            onChange={(value) => onChange({ ...typed, [part]: value })}
          />
        </div>
      ))}
    </>
  )
}

const isBlank = ({ latitude, longitude }: Point): boolean => (latitude ?? longitude) === undefined

export function PointInput({ value, onChange }: Props) {
  const point = isObject(value) ? value : {}
  const { accuracy } = point
  return (
    <>
      <div className="row">
        <PointInputs point={point} onChange={(next) => onChange(isBlank(next) ? undefined : next)} />
        {typeof accuracy === 'number' && (
          <span className={accuracy <= GOOD_METRES ? 'badge good' : 'badge warn'}>
            {t(accuracy <= GOOD_METRES ? 'fill.place_good' : 'fill.place_poor', { metres: Math.round(accuracy) })}
          </span>
        )}
      </div>
      <div className="row">
        <TakePosition label={t('fill.place_take')} onPoint={onChange} />
        {isObject(value) && <Clear onClear={() => onChange(undefined)} />}
      </div>
    </>
  )
}

/** A trace, a shape or a route, which keeps its points among other things. */
export function PointsInput({ value, isRoute, onChange }: Props & { isRoute: boolean }) {
  const listed: unknown = isObject(value) ? value.points : value
  const points = Array.isArray(listed) ? listed.map((point: unknown) => (isObject(point) ? point : {})) : []
  const box = useRef<HTMLDivElement>(null)
  const [goal, setGoal] = useState<{ index: number } | null>(null)
  // To the new point; from a point that is gone, to the next one or the buttons below.
  useEffect(() => {
    if (goal) focusIn(box.current?.children[goal.index] as HTMLElement | undefined)
  }, [goal])
  const set = (next: Point[]) => {
    if (next.length === 0) onChange(undefined)
    else onChange(isRoute ? { ...(isObject(value) && value), points: next } : next)
  }
  const isDrawn = points.length <= DRAWN
  return (
    <div ref={box}>
      {!isDrawn && <p>{t('answer.points', { count: points.length })}</p>}
      {isDrawn &&
        points.map((point, index) => (
          // Points have no other name.
          <div key={index} className="row point">
            <PointInputs point={point} number={index + 1} onChange={(next) => set(points.with(index, next))} />
            <button
              type="button"
              className="quiet"
              aria-label={t('fill.point_remove', { number: index + 1 })}
              onClick={() => {
                set(points.toSpliced(index, 1))
                setGoal({ index })
              }}
            >
              <Icon name="close" />
            </button>
          </div>
        ))}
      <div className="row">
        {isDrawn && (
          <button
            type="button"
            onClick={() => {
              set([...points, {}])
              setGoal({ index: points.length })
            }}
          >
            <Icon name="add" /> {t('fill.point_add')}
          </button>
        )}
        <TakePosition label={t('fill.point_take')} onPoint={(point) => set([...points, point])} />
      </div>
    </div>
  )
}
