// The forms, by project, and how to get one more: empty, or from a workbook.
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { api } from '../../api/client.ts'
import { useForms, useProjects } from '../../api/queries.ts'
import type { Form, Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { somewhere, useMe } from '../../shell/me.ts'
import { useAddress } from '../../ui/address.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { CheckField, ChoiceField, TextField } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Time } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { FormStatus } from './form-status.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { NewFormDialog } from './new-form-dialog.tsx'

const columnsOf = (projects: readonly Project[]): Column<Form>[] => [
  { id: 'name', label: t('form.name'), cell: ({ id, name }) => <Link href={`/forms/${id}`}>{name}</Link> },
  {
    id: 'project',
    label: t('form.project'),
    cell: ({ project_id }) => projects.find(({ id }) => id === project_id)?.name ?? '–',
  },
  { id: 'status', label: t('form.status'), cell: (form) => <FormStatus form={form} /> },
  { id: 'key', label: t('form.key'), cell: ({ key }) => <code>{key}</code> },
  { id: 'created', label: t('form.created'), cell: ({ created_at }) => <Time at={created_at} /> },
]

export default function Forms() {
  const me = useMe()
  const [, navigate] = useLocation()
  const [params, put] = useAddress()
  const [wanted, setWanted] = useState('')
  const forms = useForms()
  const projects = useProjects()
  const project = params.get('project') ?? ''
  const withArchived = params.get('archived') === 'true'
  const dialog = params.get('new')
  const set = (name: string, value: string | null) => put({ [name]: value })
  const mayWrite = somewhere(me, 'manager')
  const query = { ...(project && { project_id: project }), ...(!withArchived && { archived: 'false' as const }) }
  const shown = (forms.data ?? []).filter(
    (form) =>
      (!project || form.project_id === project) &&
      (withArchived || !form.archived) &&
      `${form.name} ${form.key}`.toLowerCase().includes(wanted.toLowerCase()),
  )
  return (
    <Page
      title={t('nav.forms')}
      actions={
        <>
          <CopyCurl url={api.forms.$url({ query })} />
          {mayWrite && (
            <>
              <button type="button" onClick={() => set('new', 'import')}>
                {t('forms.import')}
              </button>
              <button type="button" className="primary" onClick={() => set('new', 'form')}>
                {t('forms.new')}
              </button>
            </>
          )}
        </>
      }
    >
      <search className="filters" aria-label={t('filter.title')}>
        <TextField label={t('forms.search')} name="search" type="search" value={wanted} onValue={setWanted} />
        <ChoiceField
          label={t('form.project')}
          name="project"
          value={project}
          options={[
            { value: '', label: t('filter.all') },
            ...(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onValue={(id) => set('project', id)}
        />
        <CheckField
          label={t('forms.archived')}
          name="archived"
          checked={withArchived}
          onValue={(checked) => set('archived', checked ? 'true' : null)}
        />
      </search>
      {forms.error && <Failure error={forms.error} onRetry={() => forms.refetch()} />}
      {forms.isPending && <Loading />}
      {forms.data && shown.length === 0 && (
        <Empty title={forms.data.length === 0 ? t('forms.none') : t('forms.none_match')}>
          {forms.data.length === 0 && mayWrite && t('forms.none_help')}
        </Empty>
      )}
      {shown.length > 0 && (
        <Table
          label={t('nav.forms')}
          columns={columnsOf(projects.data ?? [])}
          rows={shown}
          keyOf={({ id }) => id}
          onOpen={({ id }) => navigate(`/forms/${id}`)}
        />
      )}
      {dialog === 'form' && projects.data && (
        <NewFormDialog projects={projects.data} chosen={project} onClose={() => set('new', null)} />
      )}
      {dialog === 'import' && projects.data && (
        <ImportDialog projects={projects.data} chosen={project} onClose={() => set('new', null)} />
      )}
    </Page>
  )
}
