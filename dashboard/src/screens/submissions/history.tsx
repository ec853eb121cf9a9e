// Who changed what, and when.
import { useQuery } from '@tanstack/react-query'
import { api, ask } from '../../api/client.ts'
import type { HistoryEntry } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { StateBadge } from './state-badge.tsx'

const LONG = 200

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONG ? `${text.slice(0, LONG)} …` : text
}

export function History({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['submission', id, 'history'],
    queryFn: () => ask(api.submissions[':id'].history.$get({ param: { id }, query: {} })),
  })
  return (
    <section className="card" aria-labelledby="history">
      <h2 id="history">{t('history.title')}</h2>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {!data && !error && <Loading />}
      <ol className="plain history">
        {data?.map((entry, index) => (
          <Entry key={entry.revision} entry={entry} stateBefore={data[index + 1]?.review_state} />
        ))}
      </ol>
    </section>
  )
}

function Entry({ entry, stateBefore }: { entry: HistoryEntry; stateBefore?: HistoryEntry['review_state'] }) {
  return (
    <li>
      <p>
        <strong>{t(`history.${entry.change}`)}</strong>{' '}
        {entry.review_state !== stateBefore && <StateBadge state={entry.review_state} />}
        <br />
        <span className="soft small">
          {entry.actor.label ?? t(`actor.${entry.actor.kind}`)}, <Time at={entry.at} />,{' '}
          {t('history.revision', { number: entry.revision })}
        </span>
      </p>
      {entry.change !== 'create' && entry.diff.length > 0 && (
        <dl className="diff">
          {entry.diff.map(({ path, from, to }) => (
            <div key={path}>
              <dt>
                <code>{path}</code>
              </dt>
              <dd>
                {from !== undefined && <del dir="auto">{shown(from)}</del>}{' '}
                {to !== undefined && <ins dir="auto">{shown(to)}</ins>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}
