// One user: role, sessions, a new password, and an end to the access.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { ApiError, api, ask } from '../../api/client.ts'
import { useProjects, useUsers } from '../../api/queries.ts'
import type { User } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { ChoiceField, Form } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Facts, Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { SessionTable } from '../account/session-table.tsx'
import { roleOptions } from './list.tsx'
import { newPassword, PasswordToGive } from './password-to-give.tsx'

const trail = () => [{ label: t('nav.users'), href: '/users' }]

export default function UserScreen({ id = '' }: { id?: string }) {
  const users = useUsers(true)
  const user = users.data?.find((one) => one.id === id)
  if (user) return <Shown user={user} />
  const error = users.error ?? (users.data ? new ApiError(404, { detail: t('user.gone') }, null) : null)
  return (
    <Page title={t('user.title')} trail={trail()}>
      {error ? <Failure error={error} onRetry={() => users.refetch()} /> : <Loading />}
    </Page>
  )
}

function Shown({ user }: { user: User }) {
  const me = useMe()
  const client = useQueryClient()
  const [opened, setOpened] = useState<'password' | 'deactivate' | null>(null)
  const projects = useProjects()
  const param = { id: user.id }
  const name = user.email ?? user.username ?? user.id
  const refresh = () => client.invalidateQueries({ queryKey: ['users'] })
  const change = useMutation({
    mutationFn: (json: { role?: string; is_active?: boolean }) => ask(api.users[':id'].$patch({ param, json })),
    onSuccess: () => {
      setOpened(null)
      showDone(t('user.saved'))
    },
    onSettled: refresh,
  })
  return (
    <Page
      title={name}
      trail={trail()}
      about={
        <>
          {t(`role.${user.role}`)} {!user.is_active && <Badge tone="bad">{t('user.inactive')}</Badge>}
        </>
      }
      actions={
        user.id === me.id ? (
          <Link className="button" href="/account">
            {t('account.title')}
          </Link>
        ) : (
          <>
            <button type="button" onClick={() => setOpened('password')}>
              {t('user.reset')}
            </button>
            {user.is_active ? (
              <button type="button" className="danger" onClick={() => setOpened('deactivate')}>
                {t('user.deactivate')}
              </button>
            ) : (
              <button type="button" className="primary" onClick={() => change.mutate({ is_active: true })}>
                {t('user.reactivate')}
              </button>
            )}
          </>
        )
      }
    >
      <div className="detail">
        <Sessions user={user} />
        <div>
          <section className="card" aria-labelledby="role">
            <h2 id="role">{t('user.role')}</h2>
            <Form
              onSubmit={(values) => change.mutate({ role: String(values.get('role')) })}
              action={t('edit.save')}
              busy={change.isPending}
              error={opened ? null : change.error}
            >
              <ChoiceField
                label={t('user.role')}
                hint={t('user.role_help')}
                name="role"
                defaultValue={user.role}
                options={roleOptions()}
              />
            </Form>
            {user.memberships.length > 0 && (
              <>
                <h3>{t('user.project_roles')}</h3>
                <ul className="plain versions">
                  {user.memberships.map(({ project_id, role }) => (
                    <li key={project_id}>
                      <Link href={`/projects/${project_id}`}>
                        {projects.data?.find(({ id }) => id === project_id)?.name ?? project_id}
                      </Link>
                      <span>{t(`role.${role}`)}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </section>
          <section className="card">
            <h2>{t('user.facts')}</h2>
            <Facts
              facts={[
                [t('user.username'), user.username ?? '–'],
                [t('form.created'), <Time key="c" at={user.created_at} />],
                [t('user.last_login'), <Time key="l" at={user.last_login_at} />],
                ['id', <code key="i">{user.id}</code>],
              ]}
            />
            <Link href={`/audit?actor=${user.id}`}>{t('user.audit')}</Link>
          </section>
        </div>
      </div>
      {opened === 'password' && <ResetDialog user={user} name={name} onClose={() => setOpened(null)} />}
      {opened === 'deactivate' && (
        <Confirm
          title={t('user.deactivate_sure', { name })}
          action={t('user.deactivate')}
          danger
          busy={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate({ is_active: false })}
          onClose={() => setOpened(null)}
        >
          <p>{t('user.deactivate_about')}</p>
        </Confirm>
      )}
    </Page>
  )
}

function Sessions({ user }: { user: User }) {
  const client = useQueryClient()
  const param = { id: user.id }
  const queryKey = ['users', user.id, 'sessions']
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: () => ask(api.users[':id'].sessions.$get({ param })),
  })
  const end = useMutation({
    mutationFn: (id: string) =>
      ask(api.users[':id'].sessions[':session_id'].$delete({ param: { ...param, session_id: id } })),
    onSuccess: () => showDone(t('sessions.ended')),
    onError: showFailure,
    onSettled: () => client.invalidateQueries({ queryKey }),
  })
  return (
    <section className="card" aria-labelledby="sessions">
      <div className="card-head">
        <h2 id="sessions">{t('sessions.title')}</h2>
        <CopyCurl url={api.users[':id'].sessions.$url({ param })} />
      </div>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {!data && !error && <Loading />}
      {data && <SessionTable sessions={data} onEnd={(id) => end.mutate(id)} />}
    </section>
  )
}

function ResetDialog({ user, name, onClose }: { user: User; name: string; onClose: () => void }) {
  const client = useQueryClient()
  const [password] = useState(newPassword)
  const reset = useMutation({
    mutationFn: () => ask(api.users[':id']['reset-password'].$post({ param: { id: user.id }, json: { password } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
  })
  if (reset.data)
    return (
      <Dialog title={t('user.reset')} onClose={onClose}>
        <PasswordToGive who={name} password={password} onClose={onClose} />
      </Dialog>
    )
  return (
    <Confirm
      title={t('user.reset_sure', { name })}
      action={t('user.reset')}
      busy={reset.isPending}
      error={reset.error}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    >
      <p>{t('user.reset_about')}</p>
    </Confirm>
  )
}
