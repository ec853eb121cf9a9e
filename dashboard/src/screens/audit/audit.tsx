// Who did what, newest first.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useUsers } from '../../api/queries.ts'
import type { AuditRecord } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { useAddress } from '../../ui/address.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { ChoiceField, TextField } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Time } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'

/** Where a subject has a screen of its own. */
const SCREENS: Record<string, string> = {
  form: '/forms',
  project: '/projects',
  user: '/users',
  device: '/devices',
  submission: '/submissions',
}

const columns = (): Column<AuditRecord>[] => [
  { id: 'at', label: t('audit.at'), cell: ({ at }) => <Time at={at} /> },
  {
    id: 'actor',
    label: t('audit.actor'),
    cell: ({ actor_label, actor_kind, user_email }) => actor_label ?? user_email ?? t(`actor.${actor_kind}`),
  },
  { id: 'action', label: t('audit.action'), cell: ({ action }) => <code>{action}</code> },
  {
    id: 'subject',
    label: t('audit.subject'),
    cell: ({ subject_kind, subject_id }) => {
      const screen = SCREENS[subject_kind]
      if (!subject_id) return subject_kind
      if (!screen) return <code>{`${subject_kind} ${subject_id.slice(0, 8)}`}</code>
      return <Link href={`${screen}/${subject_id}`}>{`${subject_kind} ${subject_id.slice(0, 8)}`}</Link>
    },
  },
  {
    id: 'details',
    label: t('audit.details'),
    cell: ({ details }) => {
      const text = Object.keys(details).length === 0 ? '' : JSON.stringify(details)
      return <code title={text}>{text}</code>
    },
  },
]

export default function Audit() {
  const [params, put] = useAddress()
  const users = useUsers(true)
  const value = (name: string) => params.get(name) ?? ''
  const set = (name: string, text: string) => put({ [name]: text })
  const [actor, action, from, to] = [value('actor'), value('action'), value('from'), value('to')]
  const query = {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(from && { from: `${from}T00:00:00Z` }),
    ...(to && { to: `${to}T23:59:59Z` }),
  }
  const list = useInfiniteQuery({
    queryKey: ['audit', query],
    queryFn: ({ pageParam }) =>
      ask(api.audit.$get({ query: { ...query, limit: '100', ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Page title={t('nav.audit')} about={t('audit.about')} actions={<CopyCurl url={api.audit.$url({ query })} />}>
      <search className="filters" aria-label={t('filter.title')}>
        <ChoiceField
          label={t('audit.actor')}
          name="actor"
          value={actor}
          options={[
            { value: '', label: t('filter.all') },
            ...(users.data ?? []).map(({ id, email, username }) => ({ value: id, label: email ?? username ?? id })),
          ]}
          onValue={(text) => set('actor', text)}
        />
        <TextField
          label={t('audit.action')}
          name="action"
          placeholder="form.published"
          value={action}
          onValue={(text) => set('action', text)}
        />
        <TextField label={t('audit.from')} name="from" type="date" value={from} onValue={(text) => set('from', text)} />
        <TextField label={t('filter.to')} name="to" type="date" value={to} onValue={(text) => set('to', text)} />
      </search>
      {list.isPending && <Loading />}
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && rows.length === 0 && <Empty title={t('audit.none')} />}
      {rows.length > 0 && (
        <Table label={t('nav.audit')} columns={columns()} rows={rows} keyOf={({ id }) => String(id)} onEnd={onEnd} />
      )}
    </Page>
  )
}
