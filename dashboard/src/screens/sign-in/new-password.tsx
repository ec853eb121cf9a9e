// Before anything else: whoever got a password from somebody chooses one that nobody else knows.

import { queryClient } from '../../api/query-client.ts'
import { t } from '../../i18n/i18n.ts'
import { PasswordForm } from './password-form.tsx'

export default function NewPassword({ email }: { email: string | null }) {
  return (
    <main className="alone">
      <h1>{t('password.choose')}</h1>
      <p>{t('password.why')}</p>
      <PasswordForm email={email} onDone={() => queryClient.invalidateQueries({ queryKey: ['me'] })} />
    </main>
  )
}
