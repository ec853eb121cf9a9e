// What a webhook was sent: state by state, attempt by attempt, and sending it again, one or all that failed.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { api, ask } from '../../api/client.ts'
import type { Delivery, Webhook } from '../../api/types.ts'
import { formatNumber, t } from '../../i18n/i18n.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ChoiceField } from '../../ui/form.tsx'
import { Badge, Facts, Time, type Tone } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'

const STATES = ['pending', 'delivered', 'failed', 'dead'] as const
const TONES: Record<Delivery['state'], Tone> = { pending: 'calm', delivered: 'good', failed: 'warn', dead: 'bad' }
const LOOK_EVERY_MS = 5_000
const DAYS_KEPT_MS = 30 * 86_400_000

const DeliveryState = ({ state }: { state: Delivery['state'] }) => (
  <Badge tone={TONES[state]}>{t(`delivery.${state}`)}</Badge>
)

/** `isGoing`: the webhook is being deleted, and to ask for what it was sent would soon be in vain. */
export function Deliveries({ hook, isGoing }: { hook: Webhook; isGoing: boolean }) {
  const client = useQueryClient()
  const [state, setState] = useState('')
  const [opened, setOpened] = useState<string | null>(null)
  const param = { id: hook.id }
  const query = state ? { state: state as Delivery['state'] } : {}
  const list = useInfiniteQuery({
    queryKey: ['webhook', hook.id, 'deliveries', state],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.webhooks[':id'].deliveries.$get(
          { param, query: { ...query, limit: '50', ...(pageParam && { cursor: pageParam }) } },
          { init: { signal } },
        ),
      ),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    refetchInterval: isGoing ? false : LOOK_EVERY_MS,
  })
  const again = useMutation({
    mutationFn: () =>
      ask(
        api.webhooks[':id']['redeliver-failed'].$post({
          param,
          json: { since: new Date(Date.now() - DAYS_KEPT_MS).toISOString() },
        }),
      ),
    onSuccess: ({ count }) => showDone(t('delivery.again', { count })),
    onError: showFailure,
    onSettled: () => client.invalidateQueries({ queryKey: ['webhook', hook.id] }),
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section className="card" aria-labelledby="deliveries">
      <div className="card-head">
        <h2 id="deliveries">{t('delivery.title')}</h2>
        <div className="row">
          <CopyCurl url={api.webhooks[':id'].deliveries.$url({ param, query })} />
          <button type="button" disabled={again.isPending} onClick={() => again.mutate()}>
            {t('delivery.all_failed')}
          </button>
        </div>
      </div>
      <div className="filters">
        <ChoiceField
          label={t('delivery.state')}
          name="state"
          value={state}
          options={[
            { value: '', label: t('filter.all') },
            ...STATES.map((value) => ({ value, label: t(`delivery.${value}`) })),
          ]}
          onValue={setState}
        />
      </div>
      {list.isPending && <Loading />}
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && items.length === 0 && <Empty title={t('delivery.none')}>{t('delivery.none_help')}</Empty>}
      <ul className="plain versions">
        {items.map((item) => (
          <li key={item.id}>
            <span>
              <DeliveryState state={item.state} />{' '}
              <button type="button" className="link" onClick={() => setOpened(item.id)}>
                {item.event}
              </button>{' '}
              <span className="soft">
                <Time at={item.created_at} />
              </span>
            </span>
            <span className="soft small">{t('delivery.attempts', { count: item.attempts_made })}</span>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <button type="button" disabled={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          {t('submissions.more')}
        </button>
      )}
      {opened && <DeliveryDialog hookId={hook.id} id={opened} onClose={() => setOpened(null)} />}
    </section>
  )
}

function DeliveryDialog({ hookId, id, onClose }: { hookId: string; id: string; onClose: () => void }) {
  const client = useQueryClient()
  const param = { id: hookId, delivery_id: id }
  const { data, error, refetch } = useQuery({
    queryKey: ['webhook', hookId, 'delivery', id],
    queryFn: () => ask(api.webhooks[':id'].deliveries[':delivery_id'].$get({ param })),
    refetchInterval: LOOK_EVERY_MS,
  })
  const again = useMutation({
    mutationFn: () => ask(api.webhooks[':id'].deliveries[':delivery_id'].redeliver.$post({ param })),
    onSuccess: () => showDone(t('delivery.again', { count: 1 })),
    onError: showFailure,
    onSettled: () => client.invalidateQueries({ queryKey: ['webhook', hookId] }),
  })
  return (
    <Dialog title={data?.event ?? t('delivery.one')} wide onClose={onClose}>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          <Facts
            facts={[
              [t('delivery.state'), <DeliveryState key="s" state={data.state} />],
              [t('delivery.happened'), <Time key="c" at={data.created_at} />],
              [t('delivery.next'), <Time key="n" at={data.next_attempt_at} />],
              [
                t('delivery.subject'),
                data.event.startsWith('submission.') ? (
                  <Link key="l" href={`/submissions/${data.subject_id}`}>
                    {data.subject_id}
                  </Link>
                ) : (
                  <code key="l">{data.subject_id}</code>
                ),
              ],
            ]}
          />
          {data.reason && <p className="notice">{t(`delivery.reason_${data.reason}`)}</p>}
          <ol className="plain history">
            {data.attempts.map(({ at, status, ms, answer, error: why }) => (
              <li key={at}>
                <p>
                  <Badge tone={status !== null && status < 300 ? 'good' : 'bad'}>
                    {status ?? t('delivery.no_answer')}
                  </Badge>{' '}
                  <Time at={at} /> <span className="soft">{t('delivery.took', { ms: formatNumber(ms) })}</span>
                </p>
                {why && <p className="fault">{why}</p>}
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
                {answer && <pre tabIndex={0}>{answer}</pre>}
              </li>
            ))}
          </ol>
        </>
      )}
      <div className="dialog-actions">
        <button type="button" disabled={again.isPending || !data} onClick={() => again.mutate()}>
          {t('delivery.send_again')}
        </button>
        <button type="button" className="primary" onClick={onClose}>
          {t('action.close')}
        </button>
      </div>
    </Dialog>
  )
}
