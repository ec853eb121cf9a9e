// The paired phones: who has them, when they were last heard of, and pairing one more by QR code.
import { Link, useLocation, useSearchParams } from 'wouter'
import { api } from '../../api/client.ts'
import { useDevices } from '../../api/queries.ts'
import type { Device } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Time } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { PairDialog } from './pair-dialog.tsx'

const columns = (): Column<Device>[] => [
  {
    id: 'label',
    label: t('device.label'),
    cell: ({ id, label, mode }) => (
      <>
        <Link href={`/devices/${id}`}>{label ?? t('device.unnamed')}</Link>{' '}
        {mode === 'test' && <Badge tone="warn">{t('mode.test')}</Badge>}
      </>
    ),
  },
  { id: 'user', label: t('device.user'), cell: ({ user_email }) => user_email ?? '–' },
  { id: 'seen', label: t('device.seen'), cell: ({ last_used_at }) => <Time at={last_used_at} ago /> },
  { id: 'app', label: t('device.app'), cell: ({ app_version }) => app_version ?? '–' },
  { id: 'paired', label: t('device.paired'), cell: ({ created_at }) => <Time at={created_at} /> },
]

export default function Devices() {
  const me = useMe()
  const [, navigate] = useLocation()
  const [params, setParams] = useSearchParams()
  const { data, error, isPending, refetch } = useDevices()
  const mayPair = atLeast(me, 'manager')
  return (
    <Page
      title={t('nav.devices')}
      about={t('devices.about')}
      actions={
        <>
          <CopyCurl url={api.settings.mobile.devices.$url()} />
          {mayPair && (
            <button type="button" className="primary" onClick={() => setParams({ new: 'device' }, { replace: true })}>
              {t('devices.pair')}
            </button>
          )}
        </>
      }
    >
      {isPending && <Loading />}
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {data?.length === 0 && <Empty title={t('devices.none')}>{mayPair && t('devices.none_help')}</Empty>}
      {data && data.length > 0 && (
        <Table
          label={t('nav.devices')}
          columns={columns()}
          rows={data}
          keyOf={({ id }) => id}
          onOpen={({ id }) => navigate(`/devices/${id}`)}
        />
      )}
      {params.get('new') === 'device' && mayPair && (
        <PairDialog known={data ?? []} onClose={() => setParams({}, { replace: true })} />
      )}
    </Page>
  )
}
