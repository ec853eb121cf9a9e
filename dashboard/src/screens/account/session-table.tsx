// Where somebody is signed in.
import type { SessionItem } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Badge, Time } from '../../ui/small.tsx'
import { Empty } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'

interface Props {
  sessions: readonly SessionItem[]
  onEnd: (id: string) => void
}

export function SessionTable({ sessions, onEnd }: Props) {
  const columns: Column<SessionItem>[] = [
    {
      id: 'agent',
      label: t('sessions.where'),
      cell: ({ user_agent, current }) => (
        <>
          {current && <Badge tone="good">{t('sessions.here')}</Badge>}{' '}
          <span title={user_agent}>{nameOfAgent(user_agent)}</span>
        </>
      ),
    },
    { id: 'used', label: t('sessions.used'), cell: ({ last_used_at }) => <Time at={last_used_at} ago /> },
    { id: 'created', label: t('sessions.since'), cell: ({ created_at }) => <Time at={created_at} /> },
    {
      id: 'end',
      label: t('table.actions'),
      cell: ({ id, current, user_agent }) =>
        current ? null : (
          <button
            type="button"
            className="link"
            aria-label={t('sessions.end_of', { name: nameOfAgent(user_agent) })}
            onClick={() => onEnd(id)}
          >
            {t('sessions.end')}
          </button>
        ),
    },
  ]
  if (sessions.length === 0) return <Empty title={t('sessions.none')} />
  return <Table label={t('sessions.title')} columns={columns} rows={sessions} keyOf={({ id }) => id} />
}

/** Some call themselves several: the first of these is what they are. */
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const

/** `Firefox, Linux` of the long line that browsers send; other clients as they call themselves. */
function nameOfAgent(text: string): string {
  const browser = BROWSERS.find(([mark]) => text.includes(mark))?.[1]
  const system = /\b(Android|iPhone|iPad|Windows|Mac OS X|Linux)\b/.exec(text)?.[1]
  return browser ? [browser, system].filter(Boolean).join(', ') : text || '–'
}
