// What there is to say about the chosen question: what is asked, how it is answered, its rules, and the rarer things.
import { type FieldType, isChoiceType, isContainerType, isFieldType } from '../../../../src/forms/field-types.ts'
import { readParameters, writeParameters } from '../../../../src/forms/xlsform/parameters.ts'
import { t, word } from '../../i18n/i18n.ts'
import { fieldTypeName } from '../../ui/field-type.ts'
import { CheckField, ChoiceField, LongTextField, TextField } from '../../ui/form.tsx'
import type { Finding } from './checks.ts'
import { DefaultAnswer } from './default-answer.tsx'
import { changeField, type Field, type FormSchema } from './model/document.ts'
import { appearancesOf, type Extra, extrasOf } from './model/extras.ts'
import { freeId, idsOf, slugOf } from './model/ids.ts'
import { changeOfType, isAutomaticId, typesLike } from './model/new-field.ts'
import { type TextKey, withText, writtenText } from './model/texts.ts'
import { Options } from './options-section.tsx'
import { Rules } from './rules-section.tsx'
import { Typed } from './typed.tsx'
import type { Edit } from './workbench.ts'

export interface FieldProps {
  document: FormSchema
  field: Field
  /** That texts are written in. */
  language: string
  onEdit: (edit: Edit) => void
}

interface Props extends FieldProps {
  findings: readonly Finding[]
  /** Phones may know the field: its id is kept in mind when it changes. */
  isKnown: boolean
  onRename: (uid: string, id: string) => void
}

/** Called by the name of the panel's first field, so that the keyboard gets there. */
export const LABEL_INPUT = 'label'

export function Properties({ findings, isKnown, onRename, ...rest }: Props) {
  const { document, field, language, onEdit } = rest
  const uid = field.uid!
  const patch = (change: Partial<Field>, about?: string) =>
    onEdit({ edit: (now) => changeField(now, uid, change), changed: uid, about: about && `${about} ${uid}` })
  const text = (key: TextKey) => ({
    value: writtenText(document, field[key], language),
    onValue: (value: string) =>
      onEdit({
        edit: (now) => changeField(now, uid, { [key]: withText(now, field[key], language, value) }),
        changed: uid,
        about: `${key} ${language} ${uid}`,
      }),
  })
  const isTaken = (id: string) => id.trim() !== field.id && idsOf(document).has(id.trim())
  const nameByLabel = () => {
    const slug = slugOf(writtenText(document, field.label, language))
    if (isKnown || slug === '' || !isAutomaticId(field.id)) return
    onRename(uid, freeId(idsOf(document), slug))
  }
  return (
    <div className="properties">
      {findings.length > 0 && (
        <ul className="plain findings-of-field" role="status">
          {findings.map(({ message, severity }) => (
            <li key={message} className={severity === 'fault' ? 'fault' : 'soft'}>
              {message}
            </li>
          ))}
        </ul>
      )}
      <div onFocusOut={(event) => (event.target as HTMLInputElement).name === LABEL_INPUT && nameByLabel()}>
        <LongTextField label={t('builder.label')} name={LABEL_INPUT} rows={2} {...text('label')} />
      </div>
      <LongTextField label={t('builder.hint')} name="hint" rows={1} {...text('hint')} />
      <div className="side-by-side">
        <ChoiceField
          label={t('builder.type')}
          name="type"
          value={field.type}
          options={typesLike(field.type).map((type) => ({ value: type, label: fieldTypeName(type) }))}
          onValue={(type) => isFieldType(type) && patch(changeOfType(field, type, t('builder.option_first')))}
        />
        <Typed
          key={uid}
          label={t('builder.id')}
          name="id"
          value={field.id}
          hintOf={(typed) => (isTaken(typed) ? t('builder.id_taken') : t('builder.id_help'))}
          onTake={(typed) => {
            const id = typed.trim()
            if (id === '' || isTaken(id)) return false
            onRename(uid, id)
            return true
          }}
        />
      </div>
      {isChoiceType(field.type) && <Options {...rest} />}
      {extrasOf(field.type).map((extra) => (
        <ExtraField key={extra.key} extra={extra} field={field} text={text} onPatch={patch} />
      ))}
      <Rules {...rest} />
      <details className="section">
        <summary>{t('builder.more')}</summary>
        {!isContainerType(field.type) && <DefaultAnswer key={uid} field={field} onPatch={patch} />}
        <Appearance field={field} onPatch={patch} />
        <Parameters key={`${uid} ${field.type}`} field={field} onPatch={patch} />
        {(['image', 'audio', 'video'] as const).map((kind) => (
          <TextField
            key={kind}
            label={word('builder.media', kind)}
            name={`media-${kind}`}
            value={writtenText(document, field.media?.[kind], language)}
            onValue={(value) => {
              const { [kind]: before, ...media } = field.media ?? {}
              const file = withText(document, before, language, value)
              const next = file === undefined ? media : { ...media, [kind]: file }
              patch({ media: Object.keys(next).length > 0 ? next : undefined }, `media ${kind} ${language}`)
            }}
          />
        ))}
      </details>
    </div>
  )
}

export type OnPatch = (change: Partial<Field>, about?: string) => void

interface ExtraProps {
  extra: Extra
  field: Field
  text: (key: TextKey) => { value: string; onValue: (value: string) => void }
  onPatch: OnPatch
}

function ExtraField({ extra, field, text, onPatch }: ExtraProps) {
  const { kind, key } = extra
  const label = word('builder.extra', key)
  if (kind === 'text') return <LongTextField label={label} name={key} rows={key === 'body' ? 3 : 1} {...text(key)} />
  if (kind === 'flag')
    return (
      <CheckField
        label={label}
        name={key}
        checked={typeof field[key] === 'boolean' ? field[key] : extra.isOn}
        onValue={(checked) => onPatch({ [key]: checked === extra.isOn ? undefined : checked })}
      />
    )
  if (kind === 'number')
    return (
      <TextField
        label={label}
        name={key}
        type="number"
        min={0}
        value={String(field[key] ?? '')}
        onValue={(value) => onPatch({ [key]: value === '' ? undefined : Number(value) }, key)}
      />
    )
  return (
    <TextField
      label={label}
      name={key}
      value={String(field[key] ?? '')}
      onValue={(value) => onPatch({ [key]: value === '' ? undefined : value }, key)}
    />
  )
}

function Appearance({ field, onPatch }: { field: Field; onPatch: OnPatch }) {
  const known = appearancesOf(field.type)
  const words = new Set(
    String(field.appearance ?? '')
      .split(/\s+/)
      .filter(Boolean),
  )
  const write = (next: ReadonlySet<string>) => onPatch({ appearance: [...next].join(' ') || undefined })
  return (
    <>
      <TextField
        label={t('builder.appearance')}
        name="appearance"
        value={String(field.appearance ?? '')}
        onValue={(value) => onPatch({ appearance: value === '' ? undefined : value }, 'appearance')}
      />
      {known.length > 0 && (
        <div className="row suggestions">
          {known.map((one) => (
            <CheckField
              key={one}
              label={one}
              name={`appearance-${one}`}
              checked={words.has(one)}
              onValue={(checked) => {
                const next = new Set(words)
                if (checked) next.add(one)
                else next.delete(one)
                write(next)
              }}
            />
          ))}
        </div>
      )}
    </>
  )
}

/** `start=0 end=10 step=1`, as XLSForm writes them. What cannot be written so stays as it is. */
function Parameters({ field, onPatch }: { field: Field; onPatch: OnPatch }) {
  const written = field.parameters ? writeParameters(field.parameters) : ''
  if (written === undefined) return null
  return (
    <Typed
      label={t('builder.parameters')}
      name="parameters"
      value={written}
      hintOf={(typed) => (readParameters(typed) ? parametersHelp(field.type) : t('builder.parameters_wrong'))}
      onTake={(typed) => {
        const read = readParameters(typed)
        if (read) onPatch({ parameters: Object.keys(read).length > 0 ? read : undefined })
        return read !== undefined
      }}
    />
  )
}

const parametersHelp = (type: FieldType): string =>
  type === 'range' ? t('builder.parameters_range') : t('builder.parameters_help')
