// The rules of a question: when it is asked, what its answer must be, when there must be one, what is computed.
import { useState } from 'react'
import { isChoiceType } from '../../../../src/forms/field-types.ts'
import { t } from '../../i18n/i18n.ts'
import { CheckField, ChoiceField, LongTextField, TextField } from '../../ui/form.tsx'
import { changeField, type Field } from './model/document.ts'
import { isAsked } from './model/extras.ts'
import { withText, writtenText } from './model/texts.ts'
import type { FieldProps } from './properties.tsx'

type RuleKey = 'relevant' | 'constraint' | 'choice_filter' | 'calculation' | 'required' | 'read_only'

export function Rules({ document, field, language, onEdit }: FieldProps) {
  const uid = field.uid!
  const patch = (change: Partial<Field>, about?: string) =>
    onEdit({ edit: (now) => changeField(now, uid, change), changed: uid, about: about && `${about} ${uid}` })
  const rule = (key: RuleKey, writtenAs: RuleKey | 'expression' = key) => (
    <LongTextField
      label={t(`builder.rule_${key}`)}
      name={key}
      rows={1}
      code
      value={typeof field[writtenAs] === 'string' ? field[writtenAs] : ''}
      onValue={(value) => patch({ [writtenAs]: value === '' ? undefined : value }, key)}
    />
  )
  const message = (key: 'required_message' | 'constraint_message') => (
    <TextField
      label={t(`builder.${key}`)}
      name={key}
      value={writtenText(document, field[key], language)}
      onValue={(value) => patch({ [key]: withText(document, field[key], language, value) }, `${key} ${language}`)}
    />
  )
  // As it was when the question was chosen: it does not close while its last rule is being deleted.
  const [isOpen] = useState(Boolean(field.relevant || field.constraint || field.choice_filter))
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
      <details className="section" open={isOpen}>
        <summary>{t('builder.rules')}</summary>
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
            {rule('calculation')}
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
      </details>
    </>
  )
}
