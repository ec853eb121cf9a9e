// The rules of a question: when it is asked, what its answer must be, when there must be one, what is computed.
import { lazy, Suspense, useState } from 'react'
import { isChoiceType, isMediaType, isSpatialType } from '../../../../src/forms/field-types.ts'
import { t } from '../../i18n/i18n.ts'
import { CheckField, ChoiceField, TextField } from '../../ui/form.tsx'
import { Loading } from '../../ui/states.tsx'
import { changeField, type Field } from './model/document.ts'
import { isAsked } from './model/extras.ts'
import { withText, writtenText } from './model/texts.ts'
import type { RuleKey } from './parts/rules/choices.ts'
import type { FieldProps } from './properties.tsx'

/** Fetched when it is first needed: it reads expressions, and with that the form language. */
const RuleEditor = lazy(async () => ({ default: (await import('./parts/rules/rule-editor.tsx')).RuleEditor }))

export function Rules({ document, field, language, onEdit }: FieldProps) {
  const uid = field.uid!
  const patch = (change: Partial<Field>, about?: string) =>
    onEdit({ edit: (now) => changeField(now, uid, change), changed: uid, about: about && `${about} ${uid}` })
  const rule = (key: RuleKey, writtenAs: RuleKey | 'expression' = key) => {
    const value = field[writtenAs]
    // A condition that says nothing yet is still one: the choice beside it goes by its being a text.
    const none = key === 'required' || key === 'read_only' ? '' : undefined
    return (
      <Suspense fallback={<Loading />}>
        <RuleEditor
          key={uid}
          label={t(`builder.rule_${key}`)}
          rule={key}
          document={document}
          field={field}
          language={language}
          value={typeof value === 'string' ? value : ''}
          onChange={(text) => patch({ [writtenAs]: text === '' ? none : text }, key)}
        />
      </Suspense>
    )
  }
  const message = (key: 'required_message' | 'constraint_message') => (
    <TextField
      label={t(`builder.${key}`)}
      name={key}
      value={writtenText(document, field[key], language)}
      onValue={(value) => patch({ [key]: withText(document, field[key], language, value) }, `${key} ${language}`)}
    />
  )
  // As it was when the question was chosen: it does not close while its last rule is being deleted.
  const [isOpen, setOpen] = useState(Boolean(field.relevant || field.constraint || field.choice_filter))
  const required = field.required === true ? 'always' : typeof field.required === 'string' ? 'when' : 'no'
  const isCalculated = field.type === 'calculated'
  return (
    <>
      {isAsked(field.type) && (
        <>
          <ChoiceField
            label={t('builder.required')}
            name="required"
            value={required}
            options={(['no', 'always', 'when'] as const).map((value) => ({
              value,
              label: t(`builder.required_${value}`),
            }))}
            onValue={(value) => patch({ required: value === 'no' ? undefined : value === 'always' ? true : '' })}
          />
          {required === 'when' && rule('required')}
          {required !== 'no' && message('required_message')}
        </>
      )}
      {isCalculated && rule('calculation', field.calculation ? 'calculation' : 'expression')}
      <details className="section" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t('builder.rules')}</summary>
        {isOpen && (
          <>
            {rule('relevant')}
            {isAsked(field.type) && (
              <>
                {rule('constraint')}
                {message('constraint_message')}
              </>
            )}
            {isChoiceType(field.type) && rule('choice_filter')}
            {isAsked(field.type) && (
              <>
                {!isMediaType(field.type) && !isSpatialType(field.type) && rule('calculation')}
                <CheckField
                  label={t('builder.read_only')}
                  name="read_only"
                  checked={field.read_only === true || typeof field.read_only === 'string'}
                  onValue={(checked) => patch({ read_only: checked ? true : undefined })}
                />
                {typeof field.read_only === 'string' && rule('read_only')}
              </>
            )}
            {field.type === 'repeat' && (
              <TextField
                label={t('builder.repeat_count')}
                name="repeat_count"
                value={String(field.repeat_count ?? '')}
                onValue={(value) => {
                  const number = Number(value)
                  const count = value.trim() === '' ? undefined : Number.isInteger(number) ? number : value
                  patch({ repeat_count: count }, 'repeat_count')
                }}
              />
            )}
          </>
        )}
      </details>
    </>
  )
}
