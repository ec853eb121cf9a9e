// What is one's own: the password, and where one is signed in.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import { t } from '../../i18n/i18n.ts'
import { end } from '../../session.ts'
import { useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { PasswordForm } from '../sign-in/password-form.tsx'
import { SessionTable } from './session-table.tsx'

export default function Account() {
  const me = useMe()
  const client = useQueryClient()
  const [turn, setTurn] = useState(0)
  const [isAsking, setAsking] = useState(false)
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => ask(api.auth.sessions.$get()) })
  const endOne = useMutation({
    mutationFn: (id: string) => ask(api.auth.sessions[':id'].$delete({ param: { id } })),
    onSuccess: () => showDone(t('sessions.ended')),
    onError: showFailure,
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const endAll = useMutation({
    mutationFn: () => ask(api.auth['logout-all'].$post()),
    onSuccess: end,
  })
  return (
    <Page title={t('account.title')} about={me.email ?? undefined}>
      <section className="card narrow" aria-labelledby="password">
        <h2 id="password">{t('password.action')}</h2>
        {/* Once done, the form is empty again. */}
        <PasswordForm
          key={turn}
          email={me.email}
          onDone={() => {
            setTurn(turn + 1)
            showDone(t('password.done'))
            void client.invalidateQueries({ queryKey: ['sessions'] })
          }}
        />
      </section>
      <section className="card" aria-labelledby="sessions">
        <div className="card-head">
          <h2 id="sessions">{t('sessions.title')}</h2>
          <div className="row">
            <CopyCurl url={api.auth.sessions.$url()} />
            <button type="button" className="danger" onClick={() => setAsking(true)}>
              {t('sessions.end_all')}
            </button>
          </div>
        </div>
        {sessions.isPending && <Loading />}
        {sessions.error && <Failure error={sessions.error} onRetry={() => sessions.refetch()} />}
        {sessions.data && <SessionTable sessions={sessions.data} onEnd={(id) => endOne.mutate(id)} />}
      </section>
      {isAsking && (
        <Confirm
          title={t('sessions.end_all_sure')}
          action={t('sessions.end_all')}
          danger
          busy={endAll.isPending}
          error={endAll.error}
          onConfirm={() => endAll.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t('sessions.end_all_about')}</p>
        </Confirm>
      )}
    </Page>
  )
}
