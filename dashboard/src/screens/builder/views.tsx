// The builder's views, one at a time, and the language in which its texts are shown.
import { Link } from 'wouter'
import { t } from '../../i18n/i18n.ts'

export const VIEWS = ['questions', 'translations', 'form'] as const

interface Props {
  shown: (typeof VIEWS)[number]
  languages: readonly string[]
  language: string
  /** Changes a parameter of the address. */
  onSet: (name: string, value: string | null) => void
}

export function Views({ shown, languages, language, onSet }: Props) {
  return (
    <nav className="tabs" aria-label={t('builder.views')}>
      {VIEWS.map((one) => (
        <Link
          key={one}
          href={`?view=${one}`}
          aria-current={one === shown ? 'page' : undefined}
          onClick={(event) => {
            event.preventDefault()
            onSet('view', one === 'questions' ? null : one)
          }}
        >
          {t(`builder.view_${one}`)}
        </Link>
      ))}
      {languages.length > 1 && (
        <label className="row builder-language">
          <span className="small">{t('builder.language')}</span>
          <select value={language} onChange={(event) => onSet('language', event.currentTarget.value)}>
            {languages.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      )}
    </nav>
  )
}
