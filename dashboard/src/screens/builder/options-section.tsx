// Where the choices of a question come from (its own options, a list that questions share, an attached file), and what
// they are.
import { lazy, Suspense } from 'react'
import type { FieldOption } from '../../../../src/forms/schema.ts'
import { t } from '../../i18n/i18n.ts'
import { ChoiceField, TextField } from '../../ui/form.tsx'
import { Loading } from '../../ui/states.tsx'
import { changeDocument, changeField, changeOptions, type Field, optionsOf, usersOf } from './model/document.ts'
import { freeId } from './model/ids.ts'
import { languagesOf } from './model/texts.ts'
import type { FieldProps } from './properties.tsx'

const OptionsEditor = lazy(async () => ({
  default: (await import('./parts/options/options-editor.tsx')).OptionsEditor,
}))

const OWN = 'own'
const FILE = 'file'
const LIST = 'list:'

const sourceOf = (field: Field): string => {
  if (Array.isArray(field.options) && field.options.length > 0) return OWN
  if (field.list !== undefined) return LIST + field.list
  return field.itemset === undefined ? OWN : FILE
}

export function Options({ document, field, language, onEdit }: FieldProps) {
  const uid = field.uid!
  const source = sourceOf(field)
  const options = optionsOf(document, field)
  const lists = Object.keys(document.choices ?? {})
  const patch = (change: Partial<Field>, about?: string) =>
    onEdit({ edit: (now) => changeField(now, uid, change), changed: uid, about })
  const choose = (next: string) => {
    const own: FieldOption[] =
      options.length > 0 ? [...options] : [{ value: 'option_1', label: t('builder.option_first') }]
    if (next === OWN) patch({ options: own, list: undefined, itemset: undefined })
    else if (next === FILE) patch({ options: undefined, list: undefined, itemset: field.itemset ?? '' })
    else patch({ options: undefined, list: next.slice(LIST.length), itemset: undefined })
  }
  const share = () =>
    onEdit({
      edit: (now) => {
        const list = freeId(new Set(Object.keys(now.choices ?? {})), field.id)
        const shared = changeDocument(now, { choices: { ...now.choices, [list]: [...options] } })
        return changeField(shared, uid, { options: undefined, list })
      },
      changed: uid,
    })
  const users = field.list === undefined ? 0 : usersOf(document, field.list)
  return (
    <fieldset>
      <legend>{t('builder.options')}</legend>
      <div className="side-by-side">
        <ChoiceField
          label={t('builder.options_from')}
          name="options-from"
          value={source}
          options={[
            { value: OWN, label: t('builder.options_own') },
            ...lists.map((name) => ({ value: LIST + name, label: t('builder.options_list', { name }) })),
            { value: FILE, label: t('builder.options_file') },
          ]}
          onValue={choose}
        />
        {source === FILE && (
          <TextField
            label={t('builder.options_file_name')}
            name="itemset"
            value={field.itemset ?? ''}
            onValue={(itemset) => patch({ itemset }, `itemset ${uid}`)}
          />
        )}
        {source === OWN && (
          <button type="button" className="beside-field" onClick={share}>
            {t('builder.options_share')}
          </button>
        )}
      </div>
      {source !== FILE && (
        <Suspense fallback={<Loading />}>
          <OptionsEditor
            key={`${uid} ${source}`}
            label={t('builder.options')}
            options={options}
            languages={languagesOf(document)}
            language={language}
            onChange={(next, about) =>
              onEdit({
                edit: (now) => changeOptions(now, field, next),
                changed: uid,
                about: about && `${about} ${uid}`,
              })
            }
          />
        </Suspense>
      )}
      {users > 1 && <p className="soft small">{t('builder.options_shared', { count: users })}</p>}
    </fieldset>
  )
}
