// What stands around every screen: skip link, navigation, who is signed in, language, light and dark.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../ui/icon.tsx'
import { AccountMenu } from './account-menu.tsx'
import { useMe } from './me.ts'
import { ROUTES } from './routes.ts'
import { maySee } from './screens.tsx'

const GROUPS = ['data', 'access', 'system'] as const

export function Frame({ children }: { children: ComponentChildren }) {
  const me = useMe()
  const [path] = useLocation()
  const main = useRef<HTMLElement>(null)
  const navigation = useRef<HTMLDialogElement>(null)
  const shown = useRef(path)

  // A new screen begins at its top, for the eye and for the screen reader.
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    navigation.current?.close()
    main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [path])

  const links = (
    <nav aria-label={t('nav.label')}>
      {GROUPS.map((group) => {
        const routes = ROUTES.filter((route) => route.nav?.group === group && maySee(me, route))
        if (routes.length === 0) return null
        return (
          <div key={group} className="nav-group">
            <p className="nav-head" id={`nav-${group}`}>
              {t(`nav.group_${group}`)}
            </p>
            <ul aria-labelledby={`nav-${group}`}>
              {routes.map(({ path: target, nav }) => {
                const current = target === '/' ? path === '/' : path === target || path.startsWith(`${target}/`)
                return (
                  <li key={target}>
                    <Link href={target} aria-current={current ? 'page' : undefined}>
                      <Icon name={nav!.icon} />
                      {t(nav!.label)}
                    </Link>
                  </li>
                )
              })}
            </ul>
          </div>
        )
      })}
    </nav>
  )

  return (
    <>
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <div className="frame">
        <header className="side">
          <div className="side-top">
            <button
              type="button"
              className="quiet menu-button"
              aria-label={t('nav.open')}
              onClick={() => navigation.current?.showModal()}
            >
              <Icon name="menu" />
            </button>
            <Link href="/" className="mark">
              <img src="/favicon.svg" alt="" width="28" height="28" />
              <span className="mark-name">{me.tenant_name}</span>
            </Link>
          </div>
          <div className="side-links">{links}</div>
          <AccountMenu />
        </header>
        <dialog ref={navigation} className="drawer" aria-label={t('nav.label')}>
          <button type="button" className="quiet" onClick={() => navigation.current?.close()}>
            <Icon name="close" /> {t('action.close')}
          </button>
          {links}
        </dialog>
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  )
}
