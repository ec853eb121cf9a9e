// One phone: what it holds and what has come from it, and whose it is.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { ApiError, api, ask } from '../../api/client.ts'
import { useDevices, useUsers } from '../../api/queries.ts'
import type { Device } from '../../api/types.ts'
import { formatNumber, t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { ChoiceField, Form, TextField, textOf } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Facts, Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone } from '../../ui/toasts.tsx'

const trail = () => [{ label: t('nav.devices'), href: '/devices' }]

export default function DeviceScreen({ id = '' }: { id?: string }) {
  const devices = useDevices()
  const device = devices.data?.find((one) => one.id === id)
  if (device) return <Shown device={device} />
  const error = devices.error ?? (devices.data ? new ApiError(404, { detail: t('device.gone') }, null) : null)
  return (
    <Page title={t('device.title')} trail={trail()}>
      {error ? <Failure error={error} onRetry={() => devices.refetch()} /> : <Loading />}
    </Page>
  )
}

function Shown({ device }: { device: Device }) {
  const me = useMe()
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [isRevoking, setRevoking] = useState(false)
  const users = useUsers(atLeast(me, 'admin'))
  const param = { id: device.id }
  const refresh = () => client.invalidateQueries({ queryKey: ['devices'] })
  const save = useMutation({
    mutationFn: (values: FormData) => {
      const user_id = textOf(values, 'user_id')
      const json = { label: textOf(values, 'label') ?? null, ...(user_id && user_id !== device.user_id && { user_id }) }
      return ask(api.settings.mobile.devices[':id'].$patch({ param, json }))
    },
    onSuccess: () => {
      void refresh()
      showDone(t('device.saved'))
    },
  })
  const revoke = useMutation({
    mutationFn: () => ask(api.settings.mobile.devices[':id'].$delete({ param })),
    onSuccess: () => {
      navigate('/devices')
      showDone(t('device.revoked'))
      void refresh()
    },
  })
  const people = users.data?.filter(({ is_active, id }) => is_active || id === device.user_id) ?? []
  return (
    <Page
      title={device.label ?? t('device.unnamed')}
      trail={trail()}
      about={device.user_email ?? undefined}
      actions={
        <>
          <CopyCurl url={api.devices[':id'].status.$url({ param })} />
          <button type="button" className="danger" onClick={() => setRevoking(true)}>
            {t('device.revoke')}
          </button>
        </>
      }
    >
      <div className="detail">
        <Status id={device.id} />
        <section className="card" aria-labelledby="settings">
          <h2 id="settings">{t('device.settings')}</h2>
          <Form onSubmit={save.mutate} action={t('edit.save')} busy={save.isPending} error={save.error}>
            <TextField label={t('device.label')} name="label" defaultValue={device.label ?? ''} maxLength={200} />
            {people.length > 0 && (
              <ChoiceField
                label={t('device.hand_over')}
                hint={t('device.hand_over_help')}
                name="user_id"
                defaultValue={device.user_id}
                options={people.map(({ id, email, username }) => ({ value: id, label: email ?? username ?? id }))}
              />
            )}
          </Form>
          <Facts
            facts={[
              [t('device.paired'), <Time key="p" at={device.created_at} />],
              [t('device.app'), device.app_version ?? '–'],
              [t('device.hardware'), device.hardware_id ?? '–'],
            ]}
          />
        </section>
      </div>
      {isRevoking && (
        <Confirm
          title={t('device.revoke_sure')}
          action={t('device.revoke')}
          danger
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate()}
          onClose={() => setRevoking(false)}
        >
          <p>{t('device.revoke_about')}</p>
        </Confirm>
      )}
    </Page>
  )
}

function Status({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['devices', id, 'status'],
    queryFn: () => ask(api.devices[':id'].status.$get({ param: { id } })),
    refetchInterval: 15_000,
  })
  if (error) return <Failure error={error} onRetry={() => refetch()} />
  if (!data) return <Loading />
  const { server, device } = data
  const isWaiting = device !== null && device.pending_submissions + device.pending_media > 0
  return (
    <div>
      <section className="card" aria-labelledby="holds">
        <h2 id="holds">{t('device.holds')}</h2>
        {device ? (
          <>
            {isWaiting && <p className="notice">{t('device.waiting')}</p>}
            <Facts
              facts={[
                [t('device.pending_submissions'), formatNumber(device.pending_submissions)],
                [t('device.pending_media'), formatNumber(device.pending_media)],
                [t('device.oldest'), <Time key="o" at={device.oldest_pending_at} />],
                [t('device.reported'), <Time key="r" at={device.reported_at} ago />],
              ]}
            />
          </>
        ) : (
          <p className="soft">{t('device.no_report')}</p>
        )}
      </section>
      <section className="card" aria-labelledby="received">
        <h2 id="received">{t('device.received')}</h2>
        <Facts
          facts={[
            [t('nav.submissions'), formatNumber(server.submissions)],
            [t('device.media'), formatNumber(server.media)],
            [t('device.last_submission'), <Time key="l" at={server.last_submission_at} />],
            [t('nav.quarantine'), formatNumber(server.quarantined)],
            [t('device.waiting_here'), formatNumber(data.waiting_here)],
            [t('device.seen'), <Time key="s" at={data.last_seen_at} ago />],
          ]}
        />
      </section>
    </div>
  )
}
