// API keys: made, shown once, changed, revoked.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useProjects } from '../../api/queries.ts'
import type { ApiKey, Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyButton, CopyCurl } from '../../ui/curl.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { CheckField, ChoiceField, Form, TextField, textOf } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Time } from '../../ui/small.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { showDone } from '../../ui/toasts.tsx'

const SCOPES = ['forms:read', 'submissions:write', 'changes:read'] as const
type Scope = (typeof SCOPES)[number]

export default function Keys() {
  const [params, setParams] = useSearchParams()
  const [changed, setChanged] = useState<ApiKey | null>(null)
  const [revoked, setRevoked] = useState<ApiKey | null>(null)
  const projects = useProjects()
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => ask(api['api-keys'].$get()) })
  const columns: Column<ApiKey>[] = [
    {
      id: 'name',
      label: t('key.name'),
      cell: (key) => (
        <>
          {key.revoked ? (
            key.name || '–'
          ) : (
            <button type="button" className="link" onClick={() => setChanged(key)}>
              {key.name || key.prefix}
            </button>
          )}{' '}
          <KeyState apiKey={key} />
        </>
      ),
    },
    { id: 'prefix', label: t('key.prefix'), cell: ({ prefix }) => <code>{prefix}…</code> },
    {
      id: 'scopes',
      label: t('key.scopes'),
      cell: ({ scopes }) => (scopes.length === 0 ? t('key.usual') : scopes.join(', ')),
    },
    {
      id: 'project',
      label: t('form.project'),
      cell: ({ project_id }) =>
        project_id === null ? t('key.all_projects') : (projects.data?.find(({ id }) => id === project_id)?.name ?? '–'),
    },
    { id: 'used', label: t('key.used'), cell: ({ last_used_at }) => <Time at={last_used_at} ago /> },
    { id: 'expires', label: t('key.expires'), cell: ({ expires_at }) => <Time at={expires_at} /> },
    {
      id: 'revoke',
      label: t('table.actions'),
      cell: (key) =>
        key.revoked ? null : (
          <button
            type="button"
            className="link"
            aria-label={t('key.revoke_of', { name: key.name || key.prefix })}
            onClick={() => setRevoked(key)}
          >
            {t('key.revoke')}
          </button>
        ),
    },
  ]
  return (
    <Page
      title={t('nav.keys')}
      about={t('keys.about')}
      actions={
        <>
          <CopyCurl url={api['api-keys'].$url()} />
          <button type="button" className="primary" onClick={() => setParams({ new: 'key' }, { replace: true })}>
            {t('keys.new')}
          </button>
        </>
      }
    >
      {keys.isPending && <Loading />}
      {keys.error && <Failure error={keys.error} onRetry={() => keys.refetch()} />}
      {keys.data?.length === 0 && <Empty title={t('keys.none')}>{t('keys.none_help')}</Empty>}
      {keys.data && keys.data.length > 0 && (
        <Table label={t('nav.keys')} columns={columns} rows={keys.data} keyOf={({ id }) => id} />
      )}
      {params.get('new') === 'key' && (
        <NewKeyDialog projects={projects.data ?? []} onClose={() => setParams({}, { replace: true })} />
      )}
      {changed && <ChangeKeyDialog apiKey={changed} onClose={() => setChanged(null)} />}
      {revoked && <RevokeDialog apiKey={revoked} onClose={() => setRevoked(null)} />}
    </Page>
  )
}

function KeyState({ apiKey: { revoked, expires_at } }: { apiKey: ApiKey }) {
  if (revoked) return <Badge tone="bad">{t('key.revoked')}</Badge>
  if (expires_at && Date.parse(expires_at) < Date.now()) return <Badge tone="warn">{t('key.expired')}</Badge>
  return null
}

function KeyFields({ apiKey }: { apiKey?: ApiKey }) {
  const scopes: readonly string[] = apiKey?.scopes.length ? apiKey.scopes : ['forms:read', 'submissions:write']
  return (
    <>
      <TextField
        label={t('key.name')}
        hint={t('key.name_help')}
        name="name"
        defaultValue={apiKey?.name}
        maxLength={200}
      />
      <fieldset>
        <legend>{t('key.scopes')}</legend>
        {SCOPES.map((scope) => (
          <CheckField
            key={scope}
            label={t(`key.scope_${scope.replace(':', '_') as 'forms_read'}`)}
            name="scopes"
            value={scope}
            defaultChecked={scopes.includes(scope)}
          />
        ))}
      </fieldset>
      <TextField
        label={t('key.expires')}
        hint={t('key.expires_help')}
        name="expires_at"
        type="date"
        defaultValue={apiKey?.expires_at?.slice(0, 10)}
      />
    </>
  )
}

const changeOf = (values: FormData) => {
  const day = textOf(values, 'expires_at')
  return {
    name: textOf(values, 'name') ?? '',
    scopes: values.getAll('scopes') as Scope[],
    // The chosen day is the last one.
    expires_at: day ? `${day}T23:59:59Z` : null,
  }
}

function NewKeyDialog({ projects, onClose }: { projects: readonly Project[]; onClose: () => void }) {
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: (values: FormData) => {
      const project = textOf(values, 'project_id')
      return ask(api['api-keys'].$post({ json: { ...changeOf(values), ...(project && { project_id: project }) } }))
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys'] }),
  })
  if (create.data) {
    const { key } = create.data
    const line = `curl ${location.origin}/api/v1/headless/projects -H 'x-api-key: ${key}'`
    return (
      <Dialog title={t('key.made')} onClose={onClose}>
        <p className="notice">{t('key.once')}</p>
        <p>
          <code className="secret">{key}</code>
        </p>
        <p>{t('key.try')}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{line}</pre>
        <div className="dialog-actions">
          <CopyButton text={line} label={t('copy.curl')} />
          <CopyButton text={key} label={t('key.copy')} />
          <button type="button" className="primary" onClick={onClose}>
            {t('action.done')}
          </button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={t('keys.new')} onClose={onClose}>
      <Form
        onSubmit={create.mutate}
        action={t('action.create')}
        busy={create.isPending}
        error={create.error}
        onCancel={onClose}
      >
        <KeyFields />
        <ChoiceField
          label={t('form.project')}
          name="project_id"
          options={[
            { value: '', label: t('key.all_projects') },
            ...projects.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </Form>
    </Dialog>
  )
}

function ChangeKeyDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const client = useQueryClient()
  const change = useMutation({
    mutationFn: (values: FormData) =>
      ask(api['api-keys'][':id'].$patch({ param: { id: apiKey.id }, json: changeOf(values) })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['keys'] })
      showDone(t('key.changed'))
      onClose()
    },
  })
  return (
    <Dialog title={apiKey.name || apiKey.prefix} onClose={onClose}>
      <Form
        onSubmit={change.mutate}
        action={t('edit.save')}
        busy={change.isPending}
        error={change.error}
        onCancel={onClose}
      >
        <KeyFields apiKey={apiKey} />
      </Form>
    </Dialog>
  )
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => ask(api['api-keys'][':id'].$delete({ param: { id: apiKey.id } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['keys'] })
      showDone(t('key.revoked_done'))
      onClose()
    },
  })
  return (
    <Confirm
      title={t('key.revoke_sure', { name: apiKey.name || apiKey.prefix })}
      action={t('key.revoke')}
      danger
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{t('key.revoke_about')}</p>
    </Confirm>
  )
}
