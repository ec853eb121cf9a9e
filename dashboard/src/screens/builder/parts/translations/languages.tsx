// The languages of a form: what each still lacks, which one is the default, one more, one less.
import { useState } from 'react'
import { currentLocale, t } from '../../../../i18n/i18n.ts'
import { Confirm, Dialog } from '../../../../ui/dialog.tsx'
import { Form, TextField, textOf } from '../../../../ui/form.tsx'
import { Icon } from '../../../../ui/icon.tsx'
import { Badge } from '../../../../ui/small.tsx'
import { addLanguage, makeDefault, removeLanguage } from './document-texts.ts'
import type { OnEdit } from './translations.tsx'

interface Props {
  languages: readonly string[]
  /** How many texts each lacks. */
  missing: readonly number[]
  total: number
  onEdit: OnEdit
}

export function Languages({ languages, missing, total, onEdit }: Props) {
  const [isAdding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<string | null>(null)
  const [main] = languages
  return (
    <>
      {main === undefined && <p>{t('translations.one_language')}</p>}
      <ul className="plain languages">
        {languages.map((language, index) => (
          <li key={language} className="row">
            <strong>{languageName(language)}</strong>
            {language === main && <Badge>{t('translations.default')}</Badge>}
            {missing[index] === 0 ? (
              <Badge tone="good">{t('translations.complete')}</Badge>
            ) : (
              <Badge tone="warn">{t('translations.lacks', { count: missing[index]!, total })}</Badge>
            )}
            {language !== main && (
              <>
                <button
                  type="button"
                  className="quiet"
                  aria-label={`${t('translations.make_default')}: ${languageName(language)}`}
                  onClick={() => onEdit((now) => makeDefault(now, language))}
                >
                  {t('translations.make_default')}
                </button>
                <button
                  type="button"
                  className="quiet"
                  aria-label={t('translations.remove', { language: languageName(language) })}
                  title={t('translations.remove', { language: languageName(language) })}
                  onClick={() => setLeaving(language)}
                >
                  <Icon name="trash" />
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      <p>
        <button type="button" onClick={() => setAdding(true)}>
          <Icon name="add" /> {t('translations.add')}
        </button>
      </p>
      {isAdding && (
        <Dialog title={t('translations.add')} onClose={() => setAdding(false)}>
          <Form
            action={t('translations.add')}
            onCancel={() => setAdding(false)}
            onSubmit={(values) => {
              const [language, present] = [textOf(values, 'language') ?? '', textOf(values, 'present') ?? '']
              onEdit((now) => addLanguage(now, language, present))
              setAdding(false)
            }}
          >
            {main === undefined && (
              <TextField
                label={t('translations.present')}
                hint={t('translations.language_help')}
                name="present"
                required
                maxLength={100}
                defaultValue={currentLocale()}
              />
            )}
            <TextField
              label={t('translations.language')}
              hint={t('translations.language_help')}
              name="language"
              required
              maxLength={100}
            />
          </Form>
        </Dialog>
      )}
      {leaving !== null && (
        <Confirm
          title={t('translations.remove', { language: languageName(leaving) })}
          action={t('translations.remove_action')}
          danger
          onConfirm={() => {
            onEdit((now) => removeLanguage(now, leaving))
            setLeaving(null)
          }}
          onClose={() => setLeaving(null)}
        >
          <p>{t('translations.remove_about')}</p>
        </Confirm>
      )}
    </>
  )
}

/** `French (fr)`; a language that goes by a name of its own keeps it. */
export function languageName(language: string): string {
  try {
    const name = new Intl.DisplayNames([currentLocale()], { type: 'language', fallback: 'none' }).of(language)
    return name === undefined || name.toLowerCase() === language.toLowerCase() ? language : `${name} (${language})`
  } catch (error) {
    // Forms may call a language anything; a name is no tag.
    if (error instanceof RangeError) return language
    throw error
  }
}
