// What is on the map, in words: for the keyboard, for screen readers, and for whoever reads faster than they point.
import { formatTime, t } from '../../i18n/i18n.ts'
import type { Place } from './places.ts'

const MAX_LISTED = 50

interface Props {
  /** Of all that is on the map, what is in view, or what was pressed. */
  places: readonly Place[]
  /** How the list is called. */
  title: string
  onOpen: (place: Place) => void
  /** Where only what was pressed is listed: back to what is in view. */
  onAll?: () => void
}

export const PlaceList = ({ places, title, onOpen, onAll }: Props) => (
  <section className="card" aria-labelledby="places">
    <div className="card-head">
      <h2 id="places">{title}</h2>
      {onAll && (
        <button type="button" className="quiet" onClick={onAll}>
          {t('map.list_all')}
        </button>
      )}
    </div>
    <p role="status" className="soft small">
      {places.length > MAX_LISTED
        ? t('map.first_of', { shown: MAX_LISTED, count: places.length })
        : t('map.count', { count: places.length })}
    </p>
    <ul className="plain place-list">
      {places.slice(0, MAX_LISTED).map((place, i) => (
        <li key={i}>
          <button type="button" className="quiet" onClick={() => onOpen(place)}>
            <span dir="auto">{nameOf(place)}</span>
            <span className="soft small">{place.collectedAt ? formatTime(place.collectedAt) : whereIs(place)}</span>
          </button>
        </li>
      ))}
    </ul>
  </section>
)

const nameOf = ({ label, row }: Place): string => (row === '' ? label : `${label} (${row})`)

export function whereIs({ corners }: Place): string {
  const [longitude, latitude] = corners[0]!
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
}
