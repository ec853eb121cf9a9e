// A new, empty form.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { api, ask } from '../../api/client.ts'
import type { Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, TextField, textOf } from '../../ui/form.tsx'
import { ProjectChoice, projectOf } from './project-choice.tsx'

interface Props {
  projects: readonly Project[]
  chosen: string
  onClose: () => void
}

export function NewFormDialog({ projects, chosen, onClose }: Props) {
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const create = useMutation({
    mutationFn: async (values: FormData) => {
      const key = textOf(values, 'key')
      const json = {
        project_id: await projectOf(values),
        name: textOf(values, 'name') ?? '',
        schema: { fields: [] },
        ...(key && { key }),
      }
      return ask(api.forms.$post({ json }))
    },
    onSuccess: ({ id }) => navigate(`/forms/${id}/build`),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['forms'] })
      void client.invalidateQueries({ queryKey: ['projects'] })
    },
  })
  return (
    <Dialog title={t('forms.new')} onClose={onClose}>
      <Form
        onSubmit={create.mutate}
        action={t('action.create')}
        busy={create.isPending}
        error={create.error}
        onCancel={onClose}
      >
        <TextField label={t('form.name')} name="name" required maxLength={200} />
        <ProjectChoice projects={projects} chosen={chosen} />
        <TextField label={t('form.key')} hint={t('form.key_help')} name="key" maxLength={100} />
      </Form>
    </Dialog>
  )
}
