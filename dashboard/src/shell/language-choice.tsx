// The languages that we speak, each in its own words.
import { chooseLocale, currentLocale, LOCALES, t } from '../i18n/i18n.ts'
import { showFailure } from '../ui/toasts.tsx'

const nameOf = (tag: string): string => new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag

export function LanguageChoice() {
  return (
    <label className="field">
      <span>{t('account.language')}</span>
      <select
        value={currentLocale()}
        onChange={(event) => {
          chooseLocale(event.currentTarget.value).catch(showFailure)
        }}
      >
        {LOCALES.map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {nameOf(tag)}
          </option>
        ))}
      </select>
    </label>
  )
}
