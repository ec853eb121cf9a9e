// The same submissions as a table, on a map, as charts: the filters go along.
import { Link, useSearchParams } from 'wouter'
import { t } from '../../i18n/i18n.ts'

const TABS = [
  { name: 'table', path: '/submissions' },
  { name: 'map', path: '/map' },
  { name: 'charts', path: '/charts' },
] as const

/** What all of them understand. */
const SHARED = ['form', 'state', 'list', 'from', 'to', 'mode']

export function ViewTabs({ shown }: { shown: (typeof TABS)[number]['name'] }) {
  const [params] = useSearchParams()
  const shared = new URLSearchParams([...params].filter(([name]) => SHARED.includes(name))).toString()
  return (
    <nav className="tabs" aria-label={t('view.as')}>
      {TABS.map(({ name, path }) => (
        <Link key={name} href={shared ? `${path}?${shared}` : path} aria-current={name === shown ? 'page' : undefined}>
          {t(`view.${name}`)}
        </Link>
      ))}
    </nav>
  )
}
