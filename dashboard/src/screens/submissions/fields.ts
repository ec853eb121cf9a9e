// The questions of a form as the screens walk through them: leaves, groups that only shape, repeats that hold rows.
import { type Answers, isObject, readAnswer } from '../../../../src/forms/canonical.ts'
import { textIn } from '../../../../src/forms/texts.ts'
import { currentLocale } from '../../i18n/i18n.ts'

export interface FormField {
  id: string
  type: string
  label: string
  options: { value: string; label: string }[]
  /** Of groups and repeats. */
  fields: FormField[]
  required: boolean
}

const MEDIA = new Set(['photo', 'audio', 'video', 'signature', 'file'])
const SPATIAL = new Set(['geopoint', 'geotrace', 'geoshape', 'route'])
const SILENT = new Set(['note', 'divider'])

export const isMedia = ({ type }: FormField): boolean => MEDIA.has(type)
export const isSpatial = ({ type }: FormField): boolean => SPATIAL.has(type)

/** Reads any JSON: the document was admitted, but its texts are whatever its author wrote. */
export function fieldsOf(fields: unknown, lists: Record<string, unknown> = {}): FormField[] {
  if (!Array.isArray(fields)) return []
  return fields.flatMap((field: unknown): FormField[] => {
    if (!isObject(field) || typeof field.id !== 'string' || typeof field.type !== 'string') return []
    if (SILENT.has(field.type)) return []
    const own = Array.isArray(field.options) && field.options.length > 0
    const options = own ? field.options : typeof field.list === 'string' ? lists[field.list] : []
    return [
      {
        id: field.id,
        type: field.type,
        label: textIn(field.label, currentLocale()) ?? field.id,
        options: optionsOf(options),
        fields: fieldsOf(field.fields, lists),
        required: field.required === true,
      },
    ]
  })
}

function optionsOf(options: unknown): FormField['options'] {
  if (!Array.isArray(options)) return []
  return options.flatMap((option: unknown) => {
    if (!isObject(option)) return []
    const value = String(option.value)
    return [{ value, label: textIn(option.label, currentLocale()) ?? value }]
  })
}

export interface Column {
  field: FormField
  /** Ids of the groups around it, outermost first. */
  groups: string[]
}

/** What a table can show: every answer outside of repeats, and each outermost repeat as a whole. */
export const columnsOf = (fields: readonly FormField[], groups: string[] = []): Column[] =>
  fields.flatMap((field) =>
    field.type === 'group' ? columnsOf(field.fields, [...groups, field.id]) : [{ field, groups }],
  )

export const answerOf = (data: unknown, { field, groups }: Column): unknown =>
  isObject(data) ? readAnswer(data as Answers, { id: field.id, groups }) : undefined

/** The answers of a group: under its id, or laid flat. */
export const rowsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.map((row: unknown) => (isObject(row) ? row : {})) : []
