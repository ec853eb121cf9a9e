// The first screen: how much has come in and what waits for somebody; for an empty installation, how to begin.
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { formatNumber, t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { FirstSteps } from './first-steps.tsx'

export default function Overview() {
  const me = useMe()
  const forms = useQuery({ queryKey: ['forms'], queryFn: () => ask(api.forms.$get({ query: {} })) })
  const isEmpty = forms.data?.length === 0
  return (
    <Page title={t('nav.overview')} about={isEmpty ? undefined : t('overview.about', { tenant: me.tenant_name })}>
      {forms.isPending && <Loading />}
      {forms.error && <Failure error={forms.error} onRetry={() => forms.refetch()} />}
      {isEmpty && <FirstSteps />}
      {!isEmpty && atLeast(me, 'manager') && <Figures />}
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
    { label: t('overview.issues'), value: data.with_issues, href: '/submissions?issues=true' },
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
