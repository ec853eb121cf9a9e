// Who sees what: visitors the sign-in page, whoever must change the password only that, everybody else the screens.
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { api, ask } from './api/client.ts'
import { queryClient } from './api/query-client.ts'
import { t, useLocale } from './i18n/i18n.ts'
import { useSession } from './session.ts'
import { ErrorBoundary } from './shell/error-boundary.tsx'
import { Frame } from './shell/frame.tsx'
import { MeContext } from './shell/me.ts'
import { Screens } from './shell/screens.tsx'
import { Failure, Loading } from './ui/states.tsx'
import { Toasts } from './ui/toasts.tsx'

const SignIn = lazy(() => import('./screens/sign-in/sign-in.tsx'))
const NewPassword = lazy(() => import('./screens/sign-in/new-password.tsx'))

export function App() {
  const locale = useLocale()
  const session = useSession()
  // However the session ended: nothing of it is left for whoever signs in next.
  useEffect(() => {
    if (session === 'out') queryClient.clear()
  }, [session])
  return (
    // Another language is another page: everything is drawn anew.
    <ErrorBoundary key={locale}>
      <QueryClientProvider client={queryClient}>
        <Suspense fallback={<Loading />}>{session === 'in' ? <SignedIn /> : <SignIn />}</Suspense>
        <Toasts />
      </QueryClientProvider>
    </ErrorBoundary>
  )
}

function SignedIn() {
  const me = useQuery({ queryKey: ['me'], queryFn: () => ask(api.auth.me.$get()), staleTime: 60_000 })
  if (me.error && !me.data)
    return (
      <main className="alone">
        <h1>{t('error.title')}</h1>
        <Failure error={me.error} onRetry={() => me.refetch()} />
      </main>
    )
  if (!me.data) return <Loading />
  if (me.data.force_password_reset) return <NewPassword email={me.data.email} />
  return (
    <MeContext.Provider value={me.data}>
      <Frame>
        <Screens />
      </Frame>
    </MeContext.Provider>
  )
}
