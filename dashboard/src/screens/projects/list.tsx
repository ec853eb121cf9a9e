// The projects: what holds forms, says whom they are offered to, and in which time zone days are counted.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation, useSearchParams } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useForms, useProjects } from '../../api/queries.ts'
import type { Form as FormItem, Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { ProjectFields, projectJsonOf } from './project-fields.tsx'

const columnsOf = (forms: readonly FormItem[]): Column<Project>[] => [
  { id: 'name', label: t('project.name'), cell: ({ id, name }) => <Link href={`/projects/${id}`}>{name}</Link> },
  {
    id: 'forms',
    label: t('nav.forms'),
    align: 'end',
    cell: ({ id }) => forms.filter(({ project_id }) => project_id === id).length,
  },
  { id: 'access', label: t('project.access'), cell: ({ form_access }) => t(`project.${form_access}`) },
  { id: 'zone', label: t('project.time_zone'), cell: ({ time_zone }) => time_zone },
]

export default function Projects() {
  const me = useMe()
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [params, setParams] = useSearchParams()
  const projects = useProjects()
  const forms = useForms()
  const close = () => setParams({}, { replace: true })
  const create = useMutation({
    mutationFn: (values: FormData) => ask(api.projects.$post({ json: projectJsonOf(values) })),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['projects'] })
      navigate(`/projects/${id}`)
    },
  })
  return (
    <Page
      title={t('nav.projects')}
      about={t('projects.about')}
      actions={
        <>
          <CopyCurl url={api.projects.$url()} />
          {atLeast(me, 'manager') && (
            <button type="button" className="primary" onClick={() => setParams({ new: 'project' }, { replace: true })}>
              {t('projects.new')}
            </button>
          )}
        </>
      }
    >
      {projects.error && <Failure error={projects.error} onRetry={() => projects.refetch()} />}
      {projects.isPending && <Loading />}
      {projects.data?.length === 0 && <Empty title={t('projects.none')}>{t('projects.none_help')}</Empty>}
      {projects.data && projects.data.length > 0 && (
        <Table
          label={t('nav.projects')}
          columns={columnsOf(forms.data ?? [])}
          rows={projects.data}
          keyOf={({ id }) => id}
          onOpen={({ id }) => navigate(`/projects/${id}`)}
        />
      )}
      {params.get('new') === 'project' && (
        <Dialog title={t('projects.new')} onClose={close}>
          <Form
            onSubmit={create.mutate}
            action={t('action.create')}
            busy={create.isPending}
            error={create.error}
            onCancel={close}
          >
            <ProjectFields />
          </Form>
        </Dialog>
      )}
    </Page>
  )
}
