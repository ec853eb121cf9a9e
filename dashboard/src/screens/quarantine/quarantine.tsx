// What could not be stored: why, what it says, and sending it through once more.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { Link } from 'wouter'
import { ApiError, api, ask } from '../../api/client.ts'
import { useForms } from '../../api/queries.ts'
import type { Quarantined } from '../../api/types.ts'
import { formatBytes, t } from '../../i18n/i18n.ts'
import { sessionFetch } from '../../session.ts'
import { useAddress } from '../../ui/address.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ChoiceField, TextField } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Facts, Time } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { showDone } from '../../ui/toasts.tsx'

const STATES = ['open', 'replayed', 'discarded'] as const

const columns = (): Column<Quarantined>[] => [
  { id: 'received', label: t('quarantine.received'), cell: ({ received_at }) => <Time at={received_at} /> },
  {
    id: 'state',
    label: t('quarantine.state'),
    cell: ({ state }) => (
      <Badge tone={state === 'open' ? 'warn' : state === 'replayed' ? 'good' : 'calm'}>
        {t(`quarantine.${state}`)}
      </Badge>
    ),
  },
  { id: 'reason', label: t('quarantine.reason'), cell: ({ message }) => message },
  { id: 'protocol', label: t('submission.protocol'), cell: ({ protocol }) => protocol },
  { id: 'arrivals', label: t('quarantine.arrivals'), align: 'end', cell: ({ arrivals }) => arrivals },
  { id: 'size', label: t('quarantine.size'), align: 'end', cell: ({ size_bytes }) => formatBytes(size_bytes) },
]

export default function Quarantine() {
  const [params, put] = useAddress()
  const state = STATES.find((one) => one === params.get('state'))
  const opened = params.get('open')
  const query = state ? { state } : {}
  const list = useInfiniteQuery({
    queryKey: ['quarantine', query],
    queryFn: ({ pageParam }) =>
      ask(api.quarantine.$get({ query: { ...query, limit: '100', ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const set = (name: string, value: string | null) => put({ [name]: value })
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? []
  const shown = rows.find(({ id }) => id === opened)
  return (
    <Page
      title={t('nav.quarantine')}
      about={t('quarantine.about')}
      actions={<CopyCurl url={api.quarantine.$url({ query })} />}
    >
      <search className="filters" aria-label={t('filter.title')}>
        <ChoiceField
          label={t('quarantine.state')}
          name="state"
          value={state ?? ''}
          options={[
            { value: '', label: t('filter.all') },
            ...STATES.map((value) => ({ value, label: t(`quarantine.${value}`) })),
          ]}
          onValue={(value) => set('state', value)}
        />
      </search>
      {list.isPending && <Loading />}
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && rows.length === 0 && <Empty title={t('quarantine.none')}>{t('quarantine.none_help')}</Empty>}
      {rows.length > 0 && (
        <Table
          label={t('nav.quarantine')}
          columns={columns()}
          rows={rows}
          keyOf={({ id }) => id}
          onOpen={({ id }) => set('open', id)}
          onEnd={onEnd}
        />
      )}
      {shown && <Payload row={shown} onClose={() => set('open', null)} />}
    </Page>
  )
}

const SHOWN_CHARS = 20_000

function Payload({ row, onClose }: { row: Quarantined; onClose: () => void }) {
  const client = useQueryClient()
  const forms = useForms()
  const [version, setVersion] = useState('')
  const [reason, setReason] = useState('')
  const body = useQuery({
    queryKey: ['quarantine', row.id, 'body'],
    queryFn: async () => {
      const response = await sessionFetch(api.quarantine[':id'].body.$url({ param: { id: row.id } }))
      if (!response.ok) throw new ApiError(response.status, await response.json(), response.headers.get('x-request-id'))
      return response.text()
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ['quarantine'] })
    void client.invalidateQueries({ queryKey: ['summary'] })
    void client.invalidateQueries({ queryKey: ['submissions'] })
  }
  const replay = useMutation({
    mutationFn: () =>
      ask(
        api.quarantine[':id'].replay.$post({
          param: { id: row.id },
          json: version ? { form_version_id: version } : {},
        }),
      ),
    onSuccess: ({ outcome, error }) => {
      refresh()
      if (outcome === 'rejected') return
      showDone(outcome === 'created' ? t('quarantine.stored') : (error ?? t('quarantine.known')))
      onClose()
    },
  })
  const discard = useMutation({
    mutationFn: () => ask(api.quarantine[':id'].discard.$post({ param: { id: row.id }, json: { reason } })),
    onSuccess: () => {
      refresh()
      showDone(t('quarantine.discarded_done'))
      onClose()
    },
  })
  const published = forms.data?.filter((form) => form.published && form.current_version_id) ?? []
  return (
    <Dialog title={t('quarantine.payload')} wide onClose={onClose}>
      <p>{row.message}</p>
      <Facts
        facts={[
          [t('quarantine.received'), <Time key="r" at={row.received_at} />],
          [t('quarantine.reason'), <code key="c">{row.reason}</code>],
          [t('quarantine.from'), row.device_id ?? row.key_id ?? row.user_id ?? '–'],
          ['SHA-256', <code key="s">{row.sha256}</code>],
        ]}
      />
      {row.submission_id && row.state === 'replayed' && (
        <p>
          <Link href={`/submissions/${row.submission_id}`}>{t('quarantine.submission')}</Link>
        </p>
      )}
      {row.settled_note && <p>{row.settled_note}</p>}
      {body.error && <Failure error={body.error} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      {body.data !== undefined && <pre tabIndex={0}>{readable(body.data)}</pre>}
      {row.state === 'open' && (
        <>
          <ChoiceField
            label={t('quarantine.version')}
            hint={t('quarantine.version_help')}
            name="version"
            value={version}
            options={[
              { value: '', label: t('quarantine.version_own') },
              ...published.map((form) => ({
                value: form.current_version_id ?? '',
                label: `${form.name}, ${t('form.version_short', { number: form.version_num ?? 0 })}`,
              })),
            ]}
            onValue={setVersion}
          />
          {replay.data?.outcome === 'rejected' && (
            <div className="notice" role="alert">
              {t('quarantine.rejected', { why: replay.data.error ?? '' })}
            </div>
          )}
          {replay.error && <Failure error={replay.error} />}
          <TextField
            label={t('quarantine.discard_reason')}
            name="reason"
            maxLength={500}
            value={reason}
            onValue={setReason}
          />
          {discard.error && <Failure error={discard.error} />}
        </>
      )}
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          {t('action.close')}
        </button>
        {row.state === 'open' && (
          <>
            <button type="button" disabled={reason.trim() === '' || discard.isPending} onClick={() => discard.mutate()}>
              {t('quarantine.discard')}
            </button>
            <button type="button" className="primary" disabled={replay.isPending} onClick={() => replay.mutate()}>
              {t('quarantine.replay')}
            </button>
          </>
        )}
      </div>
    </Dialog>
  )
}

/** Indented where it is JSON, byte for byte where it is not. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, SHOWN_CHARS)
  } catch {
    return text.slice(0, SHOWN_CHARS)
  }
}
