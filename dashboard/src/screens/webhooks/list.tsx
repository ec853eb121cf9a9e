// Where events are sent, of all forms and projects.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link, useLocation, useSearchParams } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useForms, useProjects } from '../../api/queries.ts'
import type { Webhook } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Page } from '../../ui/page.tsx'
import { Time } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { HookState } from './hook-state.tsx'
import { NewHookDialog } from './new-hook-dialog.tsx'

export default function Webhooks() {
  const [, navigate] = useLocation()
  const [params, setParams] = useSearchParams()
  const forms = useForms()
  const projects = useProjects()
  const list = useInfiniteQuery({
    queryKey: ['webhooks'],
    queryFn: ({ pageParam }) =>
      ask(api.webhooks.$get({ query: { limit: '100', ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const ownerOf = ({ form_id, project_id }: Webhook): string =>
    (form_id
      ? forms.data?.find(({ id }) => id === form_id)?.name
      : projects.data?.find(({ id }) => id === project_id)?.name) ?? '–'
  const columns: Column<Webhook>[] = [
    { id: 'url', label: t('hook.url'), cell: ({ id, url }) => <Link href={`/webhooks/${id}`}>{url}</Link> },
    { id: 'state', label: t('hook.state'), cell: (hook) => <HookState hook={hook} /> },
    { id: 'of', label: t('hook.of'), cell: ownerOf },
    { id: 'events', label: t('hook.events'), cell: ({ events }) => events.join(', ') },
    { id: 'created', label: t('form.created'), cell: ({ created_at }) => <Time at={created_at} /> },
  ]
  const hooks = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Page
      title={t('nav.webhooks')}
      about={t('hooks.about')}
      actions={
        <>
          <CopyCurl url={api.webhooks.$url({ query: {} })} />
          <button type="button" className="primary" onClick={() => setParams({ new: 'hook' }, { replace: true })}>
            {t('hooks.new')}
          </button>
        </>
      }
    >
      {list.isPending && <Loading />}
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && hooks.length === 0 && <Empty title={t('hooks.none')}>{t('hooks.none_help')}</Empty>}
      {hooks.length > 0 && (
        <Table
          label={t('nav.webhooks')}
          columns={columns}
          rows={hooks}
          keyOf={({ id }) => id}
          onOpen={({ id }) => navigate(`/webhooks/${id}`)}
          onEnd={onEnd}
        />
      )}
      {params.get('new') === 'hook' && forms.data && projects.data && (
        <NewHookDialog forms={forms.data} projects={projects.data} onClose={() => setParams({}, { replace: true })} />
      )}
    </Page>
  )
}
