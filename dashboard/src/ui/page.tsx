// The head of a screen: its title (in the tab, too), where it belongs, and what can be done there.
import type { ComponentChildren } from 'preact'
import { useEffect } from 'react'
import { Link } from 'wouter'
import { t } from '../i18n/i18n.ts'

interface Props {
  title: string
  /** The screens above this one, outermost first. */
  trail?: { label: string; href: string }[]
  about?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}

export function Page({ title, trail = [], about, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Fieldpost`
  }, [title])
  return (
    <>
      <div className="page-head">
        <div className="page-title">
          {trail.length > 0 && (
            <nav aria-label={t('nav.trail')} className="trail">
              {trail.map(({ label, href }) => (
                <Link key={href} href={href}>
                  {label}
                </Link>
              ))}
            </nav>
          )}
          <h1>{title}</h1>
          {about && <p className="soft about">{about}</p>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </div>
      {children}
    </>
  )
}
