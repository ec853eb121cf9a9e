// Every submission that the filters pick, in a table of any length that grows by itself. Opens one, or acts on many.
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useChanges } from '../../api/changes.ts'
import { api, askPage } from '../../api/client.ts'
import { useForm, useForms } from '../../api/queries.ts'
import type { ListedSubmission } from '../../api/types.ts'
import { formatTime, t } from '../../i18n/i18n.ts'
import { somewhere, useMe } from '../../shell/me.ts'
import { CopyCurl, copyText } from '../../ui/curl.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { ColumnChooser } from './column-chooser.tsx'
import { choosableColumns, shownColumns } from './columns.tsx'
import { fieldsOf } from './fields.ts'
import { Filters } from './filters.tsx'
import { exportOf, queryOf, useView, type View } from './view.ts'
import { ViewTabs } from './view-tabs.tsx'

const PAGE_ROWS = '100'
/** Lists of up to so many pages grow by themselves. */
const MAX_LIVE_PAGES = 3

export default function Submissions() {
  const me = useMe()
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [view, changeView] = useView()
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  const forms = useForms()
  const form = useForm(view.form)
  const query = queryOf(view)
  const list = useInfiniteQuery({
    queryKey: ['submissions', query],
    queryFn: ({ pageParam }) =>
      askPage(api.submissions.$get({ query: { ...query, limit: PAGE_ROWS, ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    placeholderData: keepPreviousData,
  })

  const schema = form.data?.schema
  const columns = useMemo(() => {
    const fields = schema ? fieldsOf(schema.fields, schema.choices as Record<string, unknown> | undefined) : []
    return choosableColumns(fields, forms.data ?? [], view.form !== undefined)
  }, [schema, forms.data, view.form])
  const shown = shownColumns(columns, view.columns)
  const isLong = (list.data?.pages.length ?? 0) > MAX_LIVE_PAGES
  const [isOld, setOld] = useState(false)
  const refresh = useCallback(() => {
    // A long list would jump, and asking for all of it again costs as much as it is long.
    if (isLong) setOld(true)
    else void client.invalidateQueries({ queryKey: ['submissions'] })
  }, [client, isLong])
  useChanges(refresh, somewhere(me, 'manager'))

  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data])
  const total = list.data?.pages[0]?.total ?? null
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  const mark = (row: ListedSubmission, isMarked: boolean) => {
    const next = new Set(marked)
    if (isMarked) next.add(row.id)
    else next.delete(row.id)
    setMarked(next)
  }
  const change = (changed: Partial<View>) => {
    setMarked(new Set())
    changeView(changed)
  }
  const mayAct = somewhere(me, 'manager')
  return (
    <Page
      title={t('nav.submissions')}
      actions={
        <>
          <button type="button" className="quiet" onClick={() => copyText(location.href, t('view.copied'))}>
            {t('view.copy')}
          </button>
          <CopyCurl url={api.submissions.$url({ query })} />
          {view.form && (
            <Link className="button" href={`/exports?new=export&${exportOf(view)}`}>
              {t('exports.new')}
            </Link>
          )}
        </>
      }
    >
      <Filters view={view} forms={forms.data ?? []} onChange={change} />
      <ViewTabs shown="table" />
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.isPending && <Loading />}
      {list.data && rows.length === 0 && !hasNextPage && <NothingHere view={view} />}
      {list.data && (rows.length > 0 || hasNextPage) && (
        <>
          <div className="table-head">
            <p role="status">
              {total === null
                ? t('submissions.loaded', { count: rows.length })
                : t('submissions.count', { count: total })}
            </p>
            {isOld && (
              <button
                type="button"
                className="primary"
                onClick={() => {
                  setOld(false)
                  scrollTo(0, 0)
                  void client.resetQueries({ queryKey: ['submissions', query] })
                }}
              >
                {t('submissions.newer')}
              </button>
            )}
            <ColumnChooser columns={columns} shown={shown} onChange={(names) => change({ columns: names })} />
          </div>
          {mayAct && <BulkBar view={view} marked={marked} total={total} onDone={() => setMarked(new Set())} />}
          <Table
            label={t('nav.submissions')}
            columns={shown}
            rows={rows}
            keyOf={({ id }) => id}
            total={total ?? rows.length}
            onOpen={({ id }) => navigate(`/submissions/${id}`)}
            marked={
              mayAct
                ? {
                    keys: marked,
                    onMark: mark,
                    onMarkAll: (all) => setMarked(new Set(all ? rows.map(({ id }) => id) : [])),
                    nameOf: ({ submitted_at, submitted_by_email }) =>
                      `${formatTime(submitted_at)} ${submitted_by_email ?? ''}`,
                  }
                : undefined
            }
            sorting={
              view.list === 'missing'
                ? undefined
                : { by: view.sort, onSort: (by) => change({ sort: by as View['sort'] }) }
            }
            onEnd={onEnd}
          />
          {isFetchingNextPage && <Loading />}
          {hasNextPage && !isFetchingNextPage && (
            <p className="more">
              <button type="button" onClick={onEnd}>
                {t('submissions.more')}
              </button>
            </p>
          )}
        </>
      )}
    </Page>
  )
}

function NothingHere({ view }: { view: View }) {
  const isFiltered = view.form || view.state || view.list || view.from || view.to || view.mode === 'test'
  return (
    <Empty title={isFiltered ? t('submissions.none_match') : t('submissions.none')}>
      {isFiltered ? <Link href="/submissions">{t('submissions.clear')}</Link> : t('submissions.none_help')}
    </Empty>
  )
}
