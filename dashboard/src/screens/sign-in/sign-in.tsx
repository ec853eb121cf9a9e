// The door: e-mail and password, and what to do when one has neither yet.
import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, ask } from '../../api/client.ts'
import { t } from '../../i18n/i18n.ts'
import { begin } from '../../session.ts'
import { LanguageChoice } from '../../shell/language-choice.tsx'
import { Form, TextField, textOf } from '../../ui/form.tsx'

export default function SignIn() {
  useEffect(() => {
    document.title = `${t('sign_in.title')} · Fieldpost`
  }, [])
  const signIn = useMutation({
    mutationFn: (json: { email: string; password: string }) =>
      ask(api.auth.login.$post({ json: { ...json, cookie: true } })),
    onSuccess: ({ access_token }) => begin(access_token),
  })
  const submit = (values: FormData) =>
    signIn.mutate({ email: textOf(values, 'email') ?? '', password: String(values.get('password') ?? '') })
  return (
    <main className="alone">
      <p className="mark">
        <img src="/favicon.svg" alt="" width="40" height="40" /> Fieldpost
      </p>
      <h1>{t('sign_in.title')}</h1>
      <Form onSubmit={submit} action={t('sign_in.action')} busy={signIn.isPending} error={signIn.error}>
        <TextField label={t('user.email')} name="email" type="email" autoComplete="username" required />
        <TextField
          label={t('user.password')}
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
      </Form>
      <details>
        <summary>{t('sign_in.first_time')}</summary>
        <p>{t('sign_in.first_start')}</p>
        <p>{t('sign_in.forgotten')}</p>
      </details>
      <div className="alone-foot">
        <LanguageChoice />
        <a href="/docs/">{t('nav.api_reference')}</a>
      </div>
    </main>
  )
}
