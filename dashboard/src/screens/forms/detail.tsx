// One form: what is live, what is not yet, its versions, its questions, who may fill it, and its end.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useForm, useProjects } from '../../api/queries.ts'
import type { FormDetail, Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, TextField, textOf } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Facts, Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { Definition } from './definition.tsx'
import { DeleteFormDialog } from './delete-form-dialog.tsx'
import { FormStatus } from './form-status.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { PublishDialog } from './publish-dialog.tsx'
import { TestOnPhone } from './test-on-phone.tsx'
import { Versions } from './versions.tsx'

export default function FormScreen({ id = '' }: { id?: string }) {
  const form = useForm(id)
  const projects = useProjects()
  if (form.data)
    return <Shown form={form.data} project={projects.data?.find((one) => one.id === form.data.project_id)} />
  return (
    <Page title={t('form.title')} trail={[{ label: t('nav.forms'), href: '/forms' }]}>
      {form.error ? <Failure error={form.error} onRetry={() => form.refetch()} /> : <Loading />}
    </Page>
  )
}

type Opened = 'publish' | 'test' | 'rename' | 'import' | 'delete'

function Shown({ form, project }: { form: FormDetail; project?: Project }) {
  const me = useMe()
  const client = useQueryClient()
  const [opened, setOpened] = useState<Opened | null>(null)
  const close = () => setOpened(null)
  const param = { id: form.id }
  const mayWrite = atLeast(me, 'manager', form.project_id)
  const archive = useMutation({
    mutationFn: () =>
      form.archived ? ask(api.forms[':id'].unarchive.$post({ param })) : ask(api.forms[':id'].archive.$post({ param })),
    onSuccess: ({ archived }) => {
      showDone(archived ? t('form.archive_done') : t('form.unarchive_done'))
      for (const key of ['forms', 'form']) void client.invalidateQueries({ queryKey: [key] })
    },
    onError: showFailure,
  })
  return (
    <Page
      title={form.name}
      trail={[
        { label: t('nav.forms'), href: '/forms' },
        ...(project ? [{ label: project.name, href: `/projects/${project.id}` }] : []),
      ]}
      about={<FormStatus form={form} />}
      actions={
        <>
          <CopyCurl url={api.forms[':id'].$url({ param })} />
          <Link className="button" href={`/forms/${form.id}/preview`}>
            {t('form.preview')}
          </Link>
          {/* Who pairs phones is a matter of the whole tenant. */}
          {mayWrite && atLeast(me, 'manager') && !form.archived && (
            <button type="button" onClick={() => setOpened('test')}>
              {t('test_phone.title')}
            </button>
          )}
          <Link className="button" href={`/submissions?form=${form.id}`}>
            {t('nav.submissions')}
          </Link>
          {mayWrite && (
            <Link className="button" href={`/forms/${form.id}/build`}>
              {t('form.build')}
            </Link>
          )}
          {mayWrite && form.has_draft && (
            <button type="button" className="primary" onClick={() => setOpened('publish')}>
              {t('publish.action')}
            </button>
          )}
        </>
      }
    >
      {!form.published && <p className="notice">{t('form.unpublished_help')}</p>}
      {form.archived && <p className="notice">{t('form.archived_help')}</p>}
      <div className="detail">
        <div>
          <Definition form={form} mayWrite={mayWrite} />
          <Versions form={form} />
        </div>
        <div>
          <section className="card">
            <h2>{t('form.facts')}</h2>
            <Facts
              facts={[
                [t('form.project'), project ? <Link href={`/projects/${project.id}`}>{project.name}</Link> : '–'],
                [t('form.key'), <code key="k">{form.key}</code>],
                [t('form.created'), <Time key="c" at={form.created_at} />],
                ['id', <code key="i">{form.id}</code>],
              ]}
            />
          </section>
          <section className="card">
            <h2>{t('form.access')}</h2>
            <p>{project?.form_access === 'assigned' ? t('project.assigned_help') : t('project.everyone_help')}</p>
            {project && <Link href={`/projects/${project.id}`}>{t('form.access_change')}</Link>}
          </section>
          {mayWrite && (
            <section className="card">
              <h2>{t('form.more')}</h2>
              <div className="row">
                <button type="button" onClick={() => setOpened('rename')}>
                  {t('form.rename')}
                </button>
                <button type="button" onClick={() => setOpened('import')}>
                  {t('form.import_draft')}
                </button>
                <button type="button" disabled={archive.isPending} onClick={() => archive.mutate()}>
                  {form.archived ? t('form.unarchive') : t('form.archive')}
                </button>
                {atLeast(me, 'admin', form.project_id) && (
                  <button type="button" className="quiet danger" onClick={() => setOpened('delete')}>
                    {t('form.delete')}
                  </button>
                )}
              </div>
            </section>
          )}
        </div>
      </div>
      {opened === 'publish' && <PublishDialog form={form} onClose={close} />}
      {opened === 'test' && <TestOnPhone formId={form.id} formName={form.name} onClose={close} />}
      {opened === 'rename' && <RenameDialog form={form} onClose={close} />}
      {opened === 'import' && <ImportDialog projects={[]} chosen="" formId={form.id} onClose={close} />}
      {opened === 'delete' && <DeleteFormDialog form={form} onClose={close} />}
    </Page>
  )
}

function RenameDialog({ form, onClose }: { form: FormDetail; onClose: () => void }) {
  const client = useQueryClient()
  const rename = useMutation({
    mutationFn: (values: FormData) =>
      ask(api.forms[':id'].$put({ param: { id: form.id }, json: { name: textOf(values, 'name') ?? '' } })),
    onSuccess: () => {
      for (const key of ['forms', 'form']) void client.invalidateQueries({ queryKey: [key] })
      onClose()
    },
  })
  return (
    <Dialog title={t('form.rename')} onClose={onClose}>
      <Form
        onSubmit={rename.mutate}
        action={t('edit.save')}
        busy={rename.isPending}
        error={rename.error}
        onCancel={onClose}
      >
        <TextField label={t('form.name')} name="name" defaultValue={form.name} required maxLength={200} />
      </Form>
    </Dialog>
  )
}
