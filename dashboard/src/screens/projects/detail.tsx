// One project: its settings, its forms, and who belongs to it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useForms, useUsers } from '../../api/queries.ts'
import type { Project, User } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { FormStatus } from '../forms/form-status.tsx'
import { ProjectFields, projectJsonOf } from './project-fields.tsx'

export default function ProjectScreen({ id = '' }: { id?: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['project', id],
    queryFn: () => ask(api.projects[':id'].$get({ param: { id } })),
  })
  if (data) return <Shown project={data} />
  return (
    <Page title={t('project.title')} trail={[{ label: t('nav.projects'), href: '/projects' }]}>
      {error ? <Failure error={error} onRetry={() => refetch()} /> : <Loading />}
    </Page>
  )
}

function Shown({ project }: { project: Project }) {
  const me = useMe()
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [isDeleting, setDeleting] = useState(false)
  const forms = useForms()
  const param = { id: project.id }
  const refresh = () => {
    for (const key of ['projects', 'project']) void client.invalidateQueries({ queryKey: [key] })
  }
  const save = useMutation({
    mutationFn: (values: FormData) => ask(api.projects[':id'].$patch({ param, json: projectJsonOf(values) })),
    onSuccess: () => {
      refresh()
      showDone(t('project.saved'))
    },
  })
  const remove = useMutation({
    mutationFn: () => ask(api.projects[':id'].$delete({ param })),
    onSuccess: () => {
      navigate('/projects')
      showDone(t('project.deleted', { name: project.name }))
      // Not the project itself: this page still stands, and would ask for what is gone.
      void client.invalidateQueries({ queryKey: ['projects'] })
    },
  })
  const own = forms.data?.filter(({ project_id }) => project_id === project.id) ?? []
  return (
    <Page
      title={project.name}
      trail={[{ label: t('nav.projects'), href: '/projects' }]}
      about={project.description ?? undefined}
      actions={
        <>
          <CopyCurl url={api.projects[':id'].$url({ param })} />
          {atLeast(me, 'admin', project.id) && (
            <button type="button" className="quiet danger" onClick={() => setDeleting(true)}>
              {t('project.delete')}
            </button>
          )}
        </>
      }
    >
      <div className="detail">
        <div>
          <section className="card" aria-labelledby="forms">
            <h2 id="forms">{t('nav.forms')}</h2>
            {forms.error && <Failure error={forms.error} onRetry={() => forms.refetch()} />}
            {forms.data && own.length === 0 && <p className="soft">{t('project.no_forms')}</p>}
            <ul className="plain versions">
              {own.map((form) => (
                <li key={form.id}>
                  <Link href={`/forms/${form.id}`}>{form.name}</Link>
                  <FormStatus form={form} />
                </li>
              ))}
            </ul>
          </section>
          {atLeast(me, 'admin') && <Members project={project} />}
        </div>
        {atLeast(me, 'manager', project.id) && (
          <section className="card" aria-labelledby="settings">
            <h2 id="settings">{t('project.settings')}</h2>
            <Form onSubmit={save.mutate} action={t('edit.save')} busy={save.isPending} error={save.error}>
              <ProjectFields project={project} />
            </Form>
          </section>
        )}
      </div>
      {isDeleting && (
        <Confirm
          title={t('project.delete_sure', { name: project.name })}
          action={t('project.delete')}
          danger
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setDeleting(false)}
        >
          <p>{t('project.delete_about')}</p>
        </Confirm>
      )}
    </Page>
  )
}

const ROLES = ['field_worker', 'manager', 'admin'] as const

/** Roles in this project alone. Those of the whole organisation are under Users. */
function Members({ project }: { project: Project }) {
  const client = useQueryClient()
  const users = useUsers(true)
  const change = useMutation({
    mutationFn: ({ user, role }: { user: User; role: string }) => {
      const others = user.memberships.filter(({ project_id }) => project_id !== project.id)
      const memberships = role === '' ? others : [...others, { project_id: project.id, role }]
      return ask(api.users[':id'].$patch({ param: { id: user.id }, json: { memberships } }))
    },
    onSuccess: () => showDone(t('project.member_changed')),
    onError: showFailure,
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  })
  return (
    <section className="card" aria-labelledby="members">
      <h2 id="members">{t('project.members')}</h2>
      <p className="soft">{t('project.members_help')}</p>
      {users.error && <Failure error={users.error} onRetry={() => users.refetch()} />}
      {users.isPending && <Loading />}
      <ul className="plain versions">
        {users.data
          ?.filter(({ is_active }) => is_active)
          .map((user) => {
            const name = user.email ?? user.username ?? user.id
            return (
              <li key={user.id}>
                <span>
                  {name} <span className="soft small">{t(`role.${user.role}`)}</span>
                </span>
                <select
                  aria-label={t('project.role_of', { name })}
                  value={user.memberships.find(({ project_id }) => project_id === project.id)?.role ?? ''}
                  onChange={(event) => change.mutate({ user, role: event.currentTarget.value })}
                >
                  <option value="">{t('project.no_role')}</option>
                  {ROLES.map((role) => (
                    <option key={role} value={role}>
                      {t(`role.${role}`)}
                    </option>
                  ))}
                </select>
              </li>
            )
          })}
      </ul>
    </section>
  )
}
