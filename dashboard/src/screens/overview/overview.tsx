// The first screen: how much has come in and what waits for somebody; for an empty installation, how to begin.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link } from 'wouter'
import { useChanges } from '../../api/changes.ts'
import { api, ask } from '../../api/client.ts'
import { useForms } from '../../api/queries.ts'
import type { Form } from '../../api/types.ts'
import { formatNumber, t } from '../../i18n/i18n.ts'
import { atLeast, somewhere, useMe } from '../../shell/me.ts'
import { Page } from '../../ui/page.tsx'
import { Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { FormStatus } from '../forms/form-status.tsx'
import { StateBadge } from '../submissions/state-badge.tsx'
import { FirstSteps } from './first-steps.tsx'

export default function Overview() {
  const me = useMe()
  const client = useQueryClient()
  const forms = useForms()
  const refresh = useCallback(() => {
    for (const key of ['summary', 'submissions', 'forms']) void client.invalidateQueries({ queryKey: [key] })
  }, [client])
  useChanges(refresh, somewhere(me, 'manager'))
  const isEmpty = forms.data?.length === 0
  return (
    <Page title={t('nav.overview')} about={isEmpty ? undefined : t('overview.about', { tenant: me.tenant_name })}>
      {forms.isPending && <Loading />}
      {forms.error && <Failure error={forms.error} onRetry={() => forms.refetch()} />}
      {isEmpty && <FirstSteps />}
      {!isEmpty && atLeast(me, 'manager') && <Figures />}
      {forms.data && !isEmpty && (
        <div className="detail">
          <Latest forms={forms.data} />
          <Drafts forms={forms.data} />
        </div>
      )}
    </Page>
  )
}

function Figures() {
  const { data, error, refetch } = useQuery({
    queryKey: ['summary'],
    queryFn: () => ask(api.dashboard.summary.$get()),
  })
  if (error) return <Failure error={error} onRetry={() => refetch()} />
  if (!data) return <Loading />
  const figures = [
    { label: t('overview.submissions'), value: data.submissions, href: '/submissions' },
    { label: t('overview.today'), value: data.submissions_today, href: '/submissions' },
    { label: t('overview.issues'), value: data.with_issues, href: '/submissions?list=issues' },
    { label: t('overview.quarantine'), value: data.quarantine_open, href: '/quarantine' },
    { label: t('overview.devices'), value: data.devices_seen_24h, href: '/devices' },
  ]
  return (
    <ul className="figures">
      {figures.map(({ label, value, href }) => (
        <li key={label}>
          <Link href={href}>
            <span className="figure">{formatNumber(value)}</span> {label}
          </Link>
        </li>
      ))}
    </ul>
  )
}

const LATEST = '8'

function Latest({ forms }: { forms: readonly Form[] }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['submissions', 'latest'],
    queryFn: () => ask(api.submissions.$get({ query: { limit: LATEST } })),
  })
  return (
    <section className="card" aria-labelledby="latest">
      <div className="card-head">
        <h2 id="latest">{t('overview.latest')}</h2>
        <Link href="/submissions">{t('overview.all')}</Link>
      </div>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {!data && !error && <Loading />}
      {data?.length === 0 && <p className="soft">{t('submissions.none_help')}</p>}
      <ul className="plain versions">
        {data?.map(({ id, form_id, submitted_at, submitted_by_email, review_state }) => (
          <li key={id}>
            <span>
              <Link href={`/submissions/${id}`}>{forms.find((form) => form.id === form_id)?.name ?? form_id}</Link>{' '}
              <span className="soft">
                {submitted_by_email}, <Time at={submitted_at} ago />
              </span>
            </span>
            <StateBadge state={review_state} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Forms that somebody may believe to be live. */
function Drafts({ forms }: { forms: readonly Form[] }) {
  const waiting = forms.filter(({ has_draft, archived }) => has_draft && !archived)
  return (
    <section className="card" aria-labelledby="drafts">
      <div className="card-head">
        <h2 id="drafts">{t('overview.drafts')}</h2>
        <Link href="/forms">{t('overview.all_forms')}</Link>
      </div>
      {waiting.length === 0 && <p className="soft">{t('overview.no_drafts')}</p>}
      <ul className="plain versions">
        {waiting.map((form) => (
          <li key={form.id}>
            <Link href={`/forms/${form.id}`}>{form.name}</Link>
            <FormStatus form={form} />
          </li>
        ))}
      </ul>
    </section>
  )
}
