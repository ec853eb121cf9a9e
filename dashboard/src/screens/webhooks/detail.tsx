// One webhook: how it is, what it is sent, and every delivery with its attempts.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { api, ask } from '../../api/client.ts'
import type { Webhook } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { Deliveries } from './deliveries.tsx'
import { HookFields, hookJsonOf } from './hook-fields.tsx'
import { HookState } from './hook-state.tsx'
import { SecretOnce } from './secret-once.tsx'

const trail = () => [{ label: t('nav.webhooks'), href: '/webhooks' }]

export default function WebhookScreen({ id = '' }: { id?: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['webhook', id],
    queryFn: ({ signal }) => ask(api.webhooks[':id'].$get({ param: { id } }, { init: { signal } })),
  })
  if (data) return <Shown hook={data} />
  return (
    <Page title={t('hook.title')} trail={trail()}>
      {error ? <Failure error={error} onRetry={() => refetch()} /> : <Loading />}
    </Page>
  )
}

type Act = 'pause' | 'resume' | 'test' | 'activate' | 'deactivate'

function Shown({ hook }: { hook: Webhook }) {
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [opened, setOpened] = useState<'rotate' | 'delete' | null>(null)
  const close = () => setOpened(null)
  const param = { id: hook.id }
  const one = api.webhooks[':id']
  const refresh = () => {
    for (const key of ['webhook', 'webhooks']) void client.invalidateQueries({ queryKey: [key] })
  }
  const act = useMutation({
    mutationFn: async (what: Act) => {
      if (what === 'pause') await ask(one.pause.$post({ param }))
      else if (what === 'resume') await ask(one.resume.$post({ param }))
      else if (what === 'test') await ask(one.test.$post({ param }))
      else await ask(one.$patch({ param, json: { active: what === 'activate' } }))
      if (what === 'test') showDone(t('hook.test_sent'))
    },
    onError: showFailure,
    onSettled: refresh,
  })
  const save = useMutation({
    mutationFn: (values: FormData) => ask(one.$patch({ param, json: hookJsonOf(values) })),
    onSuccess: () => showDone(t('hook.saved')),
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: async () => {
      // Who asks for its deliveries while it goes is told that there is no such webhook.
      await client.cancelQueries({ queryKey: ['webhook', hook.id] })
      await ask(one.$delete({ param }))
    },
    onSuccess: () => {
      navigate('/webhooks')
      showDone(t('hook.deleted'))
      // Not the hook itself: this page still stands, and would ask for what is gone.
      void client.invalidateQueries({ queryKey: ['webhooks'] })
    },
  })
  return (
    <Page
      title={hook.description || new URL(hook.url).host}
      trail={trail()}
      about={
        <>
          <HookState hook={hook} /> <code>{hook.url}</code>
        </>
      }
      actions={
        <>
          <CopyCurl url={one.$url({ param })} />
          <button type="button" disabled={act.isPending} onClick={() => act.mutate('test')}>
            {t('hook.test')}
          </button>
          {hook.is_active && hook.paused_at === null && (
            <button type="button" disabled={act.isPending} onClick={() => act.mutate('pause')}>
              {t('hook.pause')}
            </button>
          )}
          {(hook.paused_at !== null || !hook.is_active) && (
            <button
              type="button"
              className="primary"
              disabled={act.isPending}
              onClick={() => act.mutate(hook.is_active ? 'resume' : 'activate')}
            >
              {t('hook.resume')}
            </button>
          )}
        </>
      }
    >
      {hook.stopped_by === 'breaker' && <p className="notice">{t('hook.broken_help')}</p>}
      {hook.stopped_by === 'gone' && <p className="notice">{t('hook.gone_help')}</p>}
      <div className="detail">
        <Deliveries hook={hook} isGoing={remove.isPending || remove.isSuccess} />
        <div>
          <section className="card" aria-labelledby="settings">
            <h2 id="settings">{t('hook.settings')}</h2>
            <Form onSubmit={save.mutate} action={t('edit.save')} busy={save.isPending} error={save.error}>
              <HookFields hook={hook} ofProject={hook.project_id !== null} />
            </Form>
          </section>
          <section className="card">
            <h2>{t('form.more')}</h2>
            <p>{hook.signed ? t('hook.is_signed') : t('hook.is_unsigned')}</p>
            <div className="row">
              <button type="button" onClick={() => setOpened('rotate')}>
                {t('hook.rotate')}
              </button>
              {hook.is_active && (
                <button type="button" disabled={act.isPending} onClick={() => act.mutate('deactivate')}>
                  {t('hook.deactivate')}
                </button>
              )}
              <button type="button" className="quiet danger" onClick={() => setOpened('delete')}>
                {t('form.delete')}
              </button>
            </div>
          </section>
        </div>
      </div>
      {opened === 'rotate' && <RotateDialog hook={hook} onClose={close} />}
      {opened === 'delete' && (
        <Confirm
          title={t('hook.delete_sure')}
          action={t('form.delete')}
          danger
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={close}
        >
          <p>{t('hook.delete_about')}</p>
        </Confirm>
      )}
    </Page>
  )
}

function RotateDialog({ hook, onClose }: { hook: Webhook; onClose: () => void }) {
  const client = useQueryClient()
  const rotate = useMutation({
    mutationFn: () => ask(api.webhooks[':id']['rotate-secret'].$post({ param: { id: hook.id }, json: {} })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhook', hook.id] }),
  })
  if (rotate.data?.secret)
    return (
      <Dialog title={t('hook.rotate')} onClose={onClose}>
        <SecretOnce secret={rotate.data.secret} onClose={onClose} />
      </Dialog>
    )
  return (
    <Confirm
      title={t('hook.rotate')}
      action={t('hook.rotate')}
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={() => rotate.mutate()}
      onClose={onClose}
    >
      <p>{t('hook.rotate_about')}</p>
    </Confirm>
  )
}
