// The submission that was pressed, beside the map.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { t } from '../../i18n/i18n.ts'
import { Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { AnswerList } from '../submissions/answers.tsx'
import { fieldsOf } from '../submissions/fields.ts'
import { StateBadge } from '../submissions/state-badge.tsx'

export function Chosen({ id, onClose }: { id: string; onClose: () => void }) {
  const back = useRef<HTMLButtonElement>(null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['submission', id],
    queryFn: () => ask(api.submissions[':id'].$get({ param: { id } })),
  })
  // What was pressed is elsewhere on the page: whoever cannot see that is taken there.
  useEffect(() => back.current?.focus({ preventScroll: true }), [id])
  return (
    <section className="card" aria-labelledby="chosen">
      <div className="card-head">
        <h2 id="chosen">{t('map.chosen')}</h2>
        <button type="button" className="quiet" ref={back} onClick={onClose}>
          {t('map.back')}
        </button>
      </div>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {isPending && <Loading />}
      {data && (
        <>
          <p>
            <StateBadge state={data.review_state} /> {t('submission.by_at', { who: data.submitted_by_email ?? '–' })}{' '}
            <Time at={data.submitted_at} />
          </p>
          <p>
            <Link className="button" href={`/submissions/${id}`}>
              {t('map.open')}
            </Link>
          </p>
          <AnswerList fields={fieldsOf(data.schema_fields)} data={data.data} submission={data} />
        </>
      )}
    </section>
  )
}
