// What is said of the form as a whole.
import { t } from '../../i18n/i18n.ts'
import { CheckField, LongTextField, TextField } from '../../ui/form.tsx'
import { changeDocument, type FormSchema } from './model/document.ts'
import { writtenText } from './model/texts.ts'
import { writeText } from './parts/translations/document-texts.ts'
import type { Edit } from './workbench.ts'

interface Props {
  document: FormSchema
  language: string
  onEdit: (edit: Edit) => void
}

export function FormSettings({ document, language, onEdit }: Props) {
  const text = (key: 'title' | 'description') => ({
    name: key,
    value: writtenText(document, document[key], language),
    onValue: (value: string) =>
      onEdit({
        edit: (now) => writeText(now, [key], language, value),
        changed: null,
        about: `${key} ${language}`,
      }),
  })
  return (
    <section className="card" aria-labelledby="form-settings">
      <h2 id="form-settings">{t('builder.form')}</h2>
      <TextField label={t('builder.title')} hint={t('builder.title_help')} {...text('title')} />
      <LongTextField label={t('builder.description')} {...text('description')} />
      <CheckField
        label={t('builder.progress_bar')}
        name="show_progress_bar"
        checked={document.settings?.show_progress_bar === true}
        onValue={(checked) =>
          onEdit({
            edit: (now) =>
              changeDocument(now, { settings: { ...now.settings, show_progress_bar: checked || undefined } }),
            changed: null,
          })
        }
      />
      <p className="soft small">
        {document.dialect === 'xlsform'
          ? t('builder.dialect_xlsform', { example: `\${age} >= 18 and \${consent} = 'yes'` })
          : t('builder.dialect_native', { example: "age >= 18 and consent = 'yes'" })}
      </p>
    </section>
  )
}
