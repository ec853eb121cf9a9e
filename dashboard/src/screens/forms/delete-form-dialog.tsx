// Deleting a form takes its submissions along, so it asks for the form's name.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { api, ask } from '../../api/client.ts'
import type { FormDetail } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, TextField, textOf } from '../../ui/form.tsx'
import { showDone } from '../../ui/toasts.tsx'

export function DeleteFormDialog({ form, onClose }: { form: FormDetail; onClose: () => void }) {
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const remove = useMutation({
    mutationFn: async (values: FormData) => {
      if (textOf(values, 'name') !== form.name) throw new Error(t('form.delete_differs'))
      await ask(api.forms[':id'].$delete({ param: { id: form.id } }))
    },
    onSuccess: () => {
      onClose()
      navigate('/forms')
      showDone(t('form.deleted', { name: form.name }))
      client.removeQueries({ queryKey: ['form', form.id] })
      for (const key of ['forms', 'submissions', 'summary']) void client.invalidateQueries({ queryKey: [key] })
    },
  })
  return (
    <Dialog title={t('form.delete_sure', { name: form.name })} onClose={onClose}>
      <p>{t('form.delete_about')}</p>
      <Form
        onSubmit={remove.mutate}
        action={t('form.delete')}
        danger
        busy={remove.isPending}
        error={remove.error}
        onCancel={onClose}
      >
        <TextField label={t('form.delete_name', { name: form.name })} name="name" required autoComplete="off" />
      </Form>
    </Dialog>
  )
}
