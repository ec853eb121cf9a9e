// Shows the screen of the address. Screens are fetched when they are first asked for.
import { lazy, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { t } from '../i18n/i18n.ts'
import { Page } from '../ui/page.tsx'
import { Empty, Loading } from '../ui/states.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { atLeast, type Me, somewhere, useMe } from './me.ts'
import { ROUTES, type Route as Screen, type ScreenProps } from './routes.ts'

const SCREENS = ROUTES.map((route) => ({ ...route, Component: lazy(route.load) }))

export const maySee = (me: Me, { needs, inProjects }: Screen): boolean =>
  needs === undefined || (inProjects ? somewhere(me, needs) : atLeast(me, needs))

export function Screens() {
  const [path] = useLocation()
  const me = useMe()
  return (
    <Switch>
      {SCREENS.map((route) => (
        <Route key={route.path} path={route.path}>
          {(params) => (
            // The boundary starts anew with each address, so that one broken screen does not take the others along.
            <ErrorBoundary key={path}>
              <Suspense fallback={<Loading />}>
                {maySee(me, route) ? <route.Component {...(params as ScreenProps)} /> : <NotYours />}
              </Suspense>
            </ErrorBoundary>
          )}
        </Route>
      ))}
      <Route>
        <Nowhere />
      </Route>
    </Switch>
  )
}

const Nowhere = () => (
  <Page title={t('nowhere.title')}>
    <Empty title={t('nowhere.empty')}>{t('nowhere.help')}</Empty>
  </Page>
)

const NotYours = () => (
  <Page title={t('not_yours.title')}>
    <Empty title={t('not_yours.empty')}>{t('not_yours.help')}</Empty>
  </Page>
)
