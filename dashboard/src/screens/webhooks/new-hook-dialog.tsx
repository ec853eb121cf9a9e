// A new webhook, on a form or on all forms of a project. Its secret is shown once.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { api, ask } from '../../api/client.ts'
import type { Form as FormItem, Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { CheckField, ChoiceField, Form } from '../../ui/form.tsx'
import { HookFields, hookJsonOf } from './hook-fields.tsx'
import { SecretOnce } from './secret-once.tsx'

interface Props {
  forms: readonly FormItem[]
  projects: readonly Project[]
  onClose: () => void
}

export function NewHookDialog({ forms, projects, onClose }: Props) {
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [owner, setOwner] = useState(projects[0] ? `project ${projects[0].id}` : `form ${forms[0]?.id ?? ''}`)
  const [kind, id = ''] = owner.split(' ')
  const create = useMutation({
    mutationFn: (values: FormData) => {
      const json = { ...hookJsonOf(values), ...(values.has('signed') && { generate_secret: true }) }
      const param = { id }
      return kind === 'project'
        ? ask(api.projects[':id'].webhooks.$post({ param, json }))
        : ask(api.forms[':id'].webhooks.$post({ param, json }))
    },
    onSuccess: ({ id: made, secret }) => {
      void client.invalidateQueries({ queryKey: ['webhooks'] })
      if (!secret) navigate(`/webhooks/${made}`)
    },
  })
  const made = create.data
  if (made?.secret)
    return (
      <Dialog title={t('hooks.new')} onClose={() => navigate(`/webhooks/${made.id}`)}>
        <SecretOnce secret={made.secret} onClose={() => navigate(`/webhooks/${made.id}`)} />
      </Dialog>
    )
  return (
    <Dialog title={t('hooks.new')} onClose={onClose}>
      <Form
        onSubmit={create.mutate}
        action={t('action.create')}
        busy={create.isPending}
        error={create.error}
        onCancel={onClose}
      >
        <ChoiceField
          label={t('hook.of')}
          name="owner"
          value={owner}
          options={[
            ...projects.map((one) => ({ value: `project ${one.id}`, label: t('hook.of_project', { name: one.name }) })),
            ...forms.map((one) => ({ value: `form ${one.id}`, label: t('hook.of_form', { name: one.name }) })),
          ]}
          onValue={setOwner}
        />
        <HookFields ofProject={kind === 'project'} />
        <CheckField label={t('hook.signed')} name="signed" defaultChecked />
      </Form>
    </Dialog>
  )
}
