// The form document: what a form author writes and what every client is given. Shapes and types only.
// `checkFormSchema` (check.ts) decides what is admitted. It looks at ids, types, options and nesting and leaves the
// presentation keys alone, so whoever reads one of those must bear another JSON type than the one written here.
import { z } from 'zod'

/** Every field type. Source: contract 8.3 (25 types) and `timestamp`, which its renderers know too. */
export const FIELD_TYPES = [
  'text',
  'textarea',
  'email',
  'phone',
  'number',
  'date',
  'time',
  'datetime',
  'timestamp',
  'select_one',
  'select_multiple',
  'select_one_other',
  'note',
  'divider',
  'group',
  'repeat',
  'calculated',
  'hidden',
  'photo',
  'audio',
  'signature',
  'file',
  'geopoint',
  'geotrace',
  'route',
  'barcode',
] as const
export type FieldType = (typeof FIELD_TYPES)[number]

/** Answered with a marker for a file that is uploaded apart from the answers (contract 8.7). */
export type MediaType = 'photo' | 'audio' | 'signature' | 'file'
/** Answered with one or more positions (contract 8.3, 8.5). */
export type SpatialType = 'geopoint' | 'geotrace' | 'route'
/** Answered from the field's own `options`. */
export type ChoiceType = 'select_one' | 'select_multiple' | 'select_one_other'
/** Holds further fields. */
export type ContainerType = 'group' | 'repeat'
/** Shapes or decorates the form and has no answer of its own; the children of a group have theirs. */
export type StructuralType = 'note' | 'divider' | 'group'

const KNOWN: ReadonlySet<string> = new Set(FIELD_TYPES)
const MEDIA: ReadonlySet<string> = new Set<MediaType>(['photo', 'audio', 'signature', 'file'])
const SPATIAL: ReadonlySet<string> = new Set<SpatialType>(['geopoint', 'geotrace', 'route'])
const CHOICE: ReadonlySet<string> = new Set<ChoiceType>(['select_one', 'select_multiple', 'select_one_other'])
const CONTAINER: ReadonlySet<string> = new Set<ContainerType>(['group', 'repeat'])
const STRUCTURAL: ReadonlySet<string> = new Set<StructuralType>(['note', 'divider', 'group'])

/** Whether `type` is one of `FIELD_TYPES`. */
export const isFieldType = (type: string): type is FieldType => KNOWN.has(type)
/** Whether the answer is a marker for uploaded files: photo, audio, signature, file. */
export const isMediaType = (type: string): type is MediaType => MEDIA.has(type)
/** Whether the answer holds positions: geopoint, geotrace, route. */
export const isSpatialType = (type: string): type is SpatialType => SPATIAL.has(type)
/** Whether the answer comes from the field's `options`: the three select types. */
export const isChoiceType = (type: string): type is ChoiceType => CHOICE.has(type)
/** Whether the field holds further fields: group, repeat. */
export const isContainerType = (type: string): type is ContainerType => CONTAINER.has(type)
/** Whether the field has no answer of its own: note, divider, group. */
export const isStructural = (type: string): type is StructuralType => STRUCTURAL.has(type)

/** Text for people: one string, or one per language, as in `{ en: 'Name', fr: 'Nom' }`. */
export const FormText = z
  .union([z.string(), z.record(z.string(), z.string())])
  .meta({ id: 'FormText', description: 'Text for people: a string, or an object from language to string.' })
export type FormText = z.infer<typeof FormText>

/** One choice of a select field. `value` is what an answer holds; a number is matched by its decimal spelling. */
export const FieldOption = z
  .looseObject({ value: z.union([z.string(), z.number()]), label: FormText.optional() })
  .meta({ id: 'FieldOption' })
export type FieldOption = z.infer<typeof FieldOption>

/** One field of a form; groups and repeats hold more of them. Unknown keys survive. Source: contract 8.2 and 8.3. */
export const Field = z
  .looseObject({
    id: z.string().min(1).max(255).meta({ description: 'Unique in the whole document, nested levels included.' }),
    type: z.enum(FIELD_TYPES),
    uid: z.string().optional().meta({ description: 'Identity that survives a change of `id`.' }),
    previous_ids: z.array(z.string()).optional().meta({ description: 'Ids this field had in earlier versions.' }),
    label: FormText.optional().meta({ description: 'The question. Where it is absent, the id stands in.' }),
    hint: FormText.optional().meta({ description: 'Help shown under the question.' }),
    required: z.boolean().optional().meta({ description: 'Default false; means nothing on note, divider, group.' }),
    relevant: z.string().optional().meta({ description: 'Expression: the field is asked only while it is true.' }),
    read_only: z.boolean().optional().meta({ description: 'Shown but not editable.' }),
    default: z.unknown().optional().meta({ description: 'First answer; "today" and "now" are computed.' }),
    options: z.array(FieldOption).optional().meta({ description: 'Select types: at least one.' }),
    other_text_label: FormText.optional().meta({ description: 'select_one_other: the label of the free text.' }),
    get fields() {
      return z.array(Field).optional().meta({ description: 'Group and repeat: the children; may be empty.' })
    },
    collapsible: z.boolean().optional().meta({ description: 'Group: may be folded.' }),
    button_label: FormText.optional().meta({ description: 'Repeat: the button that adds a row.' }),
    min_count: z.number().optional().meta({ description: 'Repeat: fewest rows.' }),
    max_count: z.number().optional().meta({ description: 'Repeat: most rows.' }),
    expression: z.string().optional().meta({ description: 'Calculated: arithmetic over other answers.' }),
    body: FormText.optional().meta({ description: 'Note: the text.' }),
    date_format: z.string().optional().meta({ description: 'Date, time, datetime: how it is shown, never stored.' }),
    max_photos: z.number().optional().meta({ description: 'Photo: most pictures, 1 to 20, default 1.' }),
    allow_gallery: z.boolean().optional().meta({ description: 'Photo: may come from the gallery, default true.' }),
    max_duration_seconds: z.number().optional().meta({ description: 'Audio: longest recording.' }),
    allowed_types: z.string().optional().meta({ description: 'File: comma list of extensions, "pdf,docx".' }),
    auto_capture: z.boolean().optional().meta({ description: 'Geopoint: taken when the form opens.' }),
    capture_interval_seconds: z.number().optional().meta({ description: 'Route: pace of the recorder.' }),
    allow_pause: z.boolean().optional().meta({ description: 'Route: the recorder may be paused.' }),
    allow_manual_entry: z.boolean().optional().meta({ description: 'Barcode: may be typed.' }),
  })
  .meta({ id: 'FormField' })
export type Field = z.infer<typeof Field>

/** A whole form document. Unknown keys survive. Source: contract 8.1. */
export const FormSchema = z
  .looseObject({
    version: z.literal(1).meta({ description: 'Version of the form language, not of the form.' }),
    title: FormText.optional().meta({ description: 'Defaults to the name of the form.' }),
    description: FormText.optional(),
    settings: z.looseObject({ show_progress_bar: z.boolean().optional() }).optional(),
    fields: z.array(Field),
  })
  .meta({ id: 'FormSchema' })
export type FormSchema = z.infer<typeof FormSchema>
