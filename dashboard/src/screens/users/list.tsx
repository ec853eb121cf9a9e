// The people of the organisation.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useSearchParams } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useUsers } from '../../api/queries.ts'
import type { User } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ChoiceField, Form, TextField, textOf } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { newPassword, PasswordToGive } from './password-to-give.tsx'

const ROLES = ['field_worker', 'manager', 'admin'] as const

export const roleOptions = () => ROLES.map((role) => ({ value: role as string, label: t(`role.${role}`) }))

const columns = (): Column<User>[] => [
  {
    id: 'name',
    label: t('user.name'),
    cell: ({ id, email, username, is_active }) => (
      <>
        <Link href={`/users/${id}`}>{email ?? username}</Link>{' '}
        {!is_active && <Badge tone="bad">{t('user.inactive')}</Badge>}
      </>
    ),
  },
  { id: 'role', label: t('user.role'), cell: ({ role }) => t(`role.${role}`) },
  { id: 'projects', label: t('user.project_roles'), align: 'end', cell: ({ memberships }) => memberships.length },
  { id: 'login', label: t('user.last_login'), cell: ({ last_login_at }) => <Time at={last_login_at} ago /> },
  { id: 'created', label: t('form.created'), cell: ({ created_at }) => <Time at={created_at} /> },
]

export default function Users() {
  const [, navigate] = useLocation()
  const [params, setParams] = useSearchParams()
  const users = useUsers(true)
  return (
    <Page
      title={t('nav.users')}
      actions={
        <>
          <CopyCurl url={api.users.$url()} />
          <button type="button" className="primary" onClick={() => setParams({ new: 'user' }, { replace: true })}>
            {t('users.new')}
          </button>
        </>
      }
    >
      {users.isPending && <Loading />}
      {users.error && <Failure error={users.error} onRetry={() => users.refetch()} />}
      {users.data && (
        <Table
          label={t('nav.users')}
          columns={columns()}
          rows={users.data}
          keyOf={({ id }) => id}
          onOpen={({ id }) => navigate(`/users/${id}`)}
        />
      )}
      {params.get('new') === 'user' && <NewUserDialog onClose={() => setParams({}, { replace: true })} />}
    </Page>
  )
}

function NewUserDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [password] = useState(newPassword)
  const create = useMutation({
    mutationFn: (values: FormData) => {
      const [email, username] = [textOf(values, 'email'), textOf(values, 'username')]
      const json = {
        ...(email && { email }),
        ...(username && { username }),
        password,
        role: String(values.get('role')),
      }
      return ask(api.users.$post({ json }))
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['users'] })
      showDone(t('users.made'))
    },
  })
  return (
    <Dialog title={t('users.new')} onClose={onClose}>
      {create.data ? (
        <PasswordToGive who={create.data.email ?? create.data.username ?? ''} password={password} onClose={onClose} />
      ) : (
        <Form
          onSubmit={create.mutate}
          action={t('action.create')}
          busy={create.isPending}
          error={create.error}
          onCancel={onClose}
        >
          <TextField label={t('user.email')} name="email" type="email" autoComplete="off" maxLength={320} />
          <TextField
            label={t('user.username')}
            hint={t('user.username_help')}
            name="username"
            autoComplete="off"
            maxLength={100}
          />
          <ChoiceField label={t('user.role')} hint={t('user.role_help')} name="role" options={roleOptions()} />
        </Form>
      )}
    </Dialog>
  )
}
