// Exports: asked for, followed while they are made, downloaded, tried again.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useSearchParams } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useForms } from '../../api/queries.ts'
import type { ExportJob } from '../../api/types.ts'
import { formatBytes, formatNumber, t } from '../../i18n/i18n.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Time, type Tone } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { showFailure } from '../../ui/toasts.tsx'
import { NewExportDialog } from './new-export-dialog.tsx'

const LOOK_EVERY_MS = 1_000

const isOpen = ({ state }: ExportJob): boolean => state === 'queued' || state === 'running'

export default function Exports() {
  const [params, setParams] = useSearchParams()
  const forms = useForms()
  const list = useInfiniteQuery({
    queryKey: ['exports'],
    queryFn: ({ pageParam }) =>
      ask(api.exports.$get({ query: { limit: '50', ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    // Only while something is being made.
    refetchInterval: ({ state }) => (state.data?.pages.some(({ items }) => items.some(isOpen)) ? LOOK_EVERY_MS : false),
  })
  const jobs = list.data?.pages.flatMap(({ items }) => items) ?? []
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage])
  return (
    <Page
      title={t('nav.exports')}
      about={t('exports.about')}
      actions={
        <>
          <CopyCurl url={api.exports.$url({ query: {} })} />
          <button type="button" className="primary" onClick={() => setParams({ new: 'export' }, { replace: true })}>
            {t('exports.new')}
          </button>
        </>
      }
    >
      {list.isPending && <Loading />}
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && jobs.length === 0 && <Empty title={t('exports.none')}>{t('exports.none_help')}</Empty>}
      <ul className="plain" aria-label={t('nav.exports')}>
        {jobs.map((job) => (
          <Job key={job.id} job={job} form={forms.data?.find(({ id }) => id === job.form_id)?.name ?? job.form_id} />
        ))}
      </ul>
      {hasNextPage && !isFetchingNextPage && (
        <p className="more">
          <button type="button" onClick={more}>
            {t('submissions.more')}
          </button>
        </p>
      )}
      {params.get('new') === 'export' && forms.data && (
        <NewExportDialog forms={forms.data} params={params} onClose={() => setParams({}, { replace: true })} />
      )}
    </Page>
  )
}

const TONES: Record<ExportJob['state'], Tone> = {
  queued: 'calm',
  running: 'calm',
  done: 'good',
  failed: 'bad',
  cancelled: 'calm',
  expired: 'calm',
}

function Job({ job, form }: { job: ExportJob; form: string }) {
  const client = useQueryClient()
  const param = { id: job.id }
  const refresh = () => client.invalidateQueries({ queryKey: ['exports'] })
  const act = useMutation({
    mutationFn: (what: 'retry' | 'cancel') =>
      what === 'retry'
        ? ask(api.exports[':id'].retry.$post({ param }))
        : ask(api.exports[':id'].cancel.$post({ param })),
    onError: showFailure,
    onSettled: refresh,
  })
  const mayRetry = job.state === 'failed' || job.state === 'cancelled'
  return (
    <li className="card job">
      <div className="card-head">
        <h2>
          {form} <span className="soft">{t(`format.${job.format}`)}</span>
        </h2>
        <Badge tone={TONES[job.state]}>{t(`export.${job.state}`)}</Badge>
      </div>
      {isOpen(job) && (
        <progress value={job.percent} max={100} aria-label={t('export.progress', { form })}>
          {job.percent}
        </progress>
      )}
      <p className="soft">
        <Time at={job.created_at} /> ·{' '}
        {t('export.rows', { rows: formatNumber(job.rows), total: formatNumber(job.total_rows) })}
        {filterText(job.filters) && ` · ${filterText(job.filters)}`}
      </p>
      {job.state === 'failed' && job.error && <p className="fault">{job.error}</p>}
      <div className="row">
        {job.volumes.map((volume) => (
          <DownloadVolume key={volume.number} job={job} volume={volume} />
        ))}
        {isOpen(job) && (
          <button type="button" disabled={act.isPending} onClick={() => act.mutate('cancel')}>
            {t('action.cancel')}
          </button>
        )}
        {mayRetry && (
          <button type="button" disabled={act.isPending} onClick={() => act.mutate('retry')}>
            {t('action.retry')}
          </button>
        )}
        {job.state === 'done' && (
          <span className="soft small">
            {t('export.until')} <Time at={job.expires_at} />
          </span>
        )}
      </div>
    </li>
  )
}

/** By a signed link, so that the browser itself fetches the file, whatever its size, and goes on after a break. */
function DownloadVolume({ job, volume }: { job: ExportJob; volume: ExportJob['volumes'][number] }) {
  const link = useMutation({
    mutationFn: () => ask(api.links.$post({ json: { export_id: job.id, volume: volume.number } })),
    onSuccess: ({ url }) => location.assign(url),
    onError: showFailure,
  })
  return (
    <button type="button" className="primary" disabled={link.isPending} onClick={() => link.mutate()}>
      <Icon name="download" /> {volume.filename} ({formatBytes(volume.size_bytes)})
    </button>
  )
}

/** What was picked, as the API names it. */
const filterText = (filters: Record<string, unknown>): string =>
  Object.entries(filters)
    .filter(([name, value]) => value !== null && value !== undefined && !(name === 'mode' && value === 'live'))
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ')
