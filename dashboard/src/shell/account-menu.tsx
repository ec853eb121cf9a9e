// Who is signed in, and what is theirs alone: password, language, light and dark, signing out.
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Link } from 'wouter'
import { api, ask } from '../api/client.ts'
import { t, word } from '../i18n/i18n.ts'
import { end } from '../session.ts'
import { Icon } from '../ui/icon.tsx'
import { showFailure } from '../ui/toasts.tsx'
import { LanguageChoice } from './language-choice.tsx'
import { useMe } from './me.ts'
import { chooseTheme, currentTheme, THEMES, type Theme } from './theme.ts'

export function AccountMenu() {
  const me = useMe()
  const menu = useRef<HTMLDetailsElement>(null)
  const [theme, setTheme] = useState(currentTheme())
  const signOut = useMutation({
    mutationFn: () => ask(api.auth.logout.$post()),
    onSuccess: end,
    onError: showFailure,
  })
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !menu.current?.open) return
    menu.current.open = false
    menu.current.querySelector('summary')?.focus()
  }
  return (
    <details className="account" ref={menu} onKeyDown={closeOnEscape}>
      <summary>
        <Icon name="person" />
        <span className="account-who">
          <span className="cut">{me.email}</span>
          <span className="soft">{word('role', me.role)}</span>
        </span>
      </summary>
      <div className="account-menu">
        <Link href="/account" onClick={() => menu.current?.removeAttribute('open')}>
          {t('account.title')}
        </Link>
        <LanguageChoice />
        <label className="field">
          <span>{t('account.theme')}</span>
          <select
            value={theme}
            onChange={(event) => {
              const chosen = event.currentTarget.value as Theme
              chooseTheme(chosen)
              setTheme(chosen)
            }}
          >
            {THEMES.map((one) => (
              <option key={one} value={one}>
                {t(`theme.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={signOut.isPending} onClick={() => signOut.mutate()}>
          {t('account.sign_out')}
        </button>
      </div>
    </details>
  )
}
