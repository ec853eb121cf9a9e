// Chooses a new password; the other sessions of the user end with it.
import { useMutation } from '@tanstack/react-query'
import { api, ask } from '../../api/client.ts'
import { t } from '../../i18n/i18n.ts'
import { Form, TextField } from '../../ui/form.tsx'

export function PasswordForm({ email, onDone }: { email: string | null; onDone: () => void }) {
  const change = useMutation({
    mutationFn: async (values: FormData) => {
      const password = String(values.get('new_password') ?? '')
      if (password !== values.get('again')) throw new Error(t('password.differ'))
      const json = { current_password: String(values.get('current_password') ?? ''), new_password: password }
      await ask(api.auth['change-password'].$post({ json }))
    },
    onSuccess: onDone,
  })
  const { mutate, isPending, error } = change
  return (
    <Form onSubmit={mutate} action={t('password.action')} busy={isPending} error={error}>
      {/* For password managers, which otherwise guess whose password this is. */}
      <input type="email" hidden readOnly autoComplete="username" value={email ?? ''} />
      <TextField
        label={t('password.current')}
        name="current_password"
        type="password"
        autoComplete="current-password"
        required
      />
      <TextField
        label={t('password.new')}
        hint={t('password.rule')}
        name="new_password"
        type="password"
        autoComplete="new-password"
        minLength={8}
        required
      />
      <TextField label={t('password.again')} name="again" type="password" autoComplete="new-password" required />
    </Form>
  )
}
