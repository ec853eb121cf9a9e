// The form document: what a form author writes and what every client is given. Shapes and types only.
// `checkFormSchema` (check.ts) decides what is admitted. It looks at ids, types, options, nesting and expressions and
// leaves the presentation keys alone, so whoever reads one of those must bear another JSON type than the one written.
import { z } from 'zod'

/** Every field type. Source: contract 8.3 (25 types) and `timestamp`, which its renderers know too; then the types
 *  that other form tools have beyond them, and what a device notes by itself. */
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
  'integer',
  'decimal',
  'video',
  'geoshape',
  'range',
  'rank',
  'acknowledge',
  'start',
  'end',
  'today',
  'deviceid',
  'username',
] as const
export type FieldType = (typeof FIELD_TYPES)[number]

/** Answered with a marker for a file that is uploaded apart from the answers (contract 8.7). */
export type MediaType = 'photo' | 'audio' | 'video' | 'signature' | 'file'
/** Answered with one or more positions (contract 8.3, 8.5). */
export type SpatialType = 'geopoint' | 'geotrace' | 'geoshape' | 'route'
/** Answered from a list of options. */
export type ChoiceType = 'select_one' | 'select_multiple' | 'select_one_other' | 'rank'
/** Holds further fields. */
export type ContainerType = 'group' | 'repeat'
/** Shapes or decorates the form and has no answer of its own; the children of a group have theirs. */
export type StructuralType = 'note' | 'divider' | 'group'
/** Noted by the device, never asked. */
export type CaptureType = 'start' | 'end' | 'today' | 'deviceid' | 'username'

const KNOWN: ReadonlySet<string> = new Set(FIELD_TYPES)
const MEDIA: ReadonlySet<string> = new Set<MediaType>(['photo', 'audio', 'video', 'signature', 'file'])
const SPATIAL: ReadonlySet<string> = new Set<SpatialType>(['geopoint', 'geotrace', 'geoshape', 'route'])
const CHOICE: ReadonlySet<string> = new Set<ChoiceType>(['select_one', 'select_multiple', 'select_one_other', 'rank'])
const CONTAINER: ReadonlySet<string> = new Set<ContainerType>(['group', 'repeat'])
const STRUCTURAL: ReadonlySet<string> = new Set<StructuralType>(['note', 'divider', 'group'])
const CAPTURE: ReadonlySet<string> = new Set<CaptureType>(['start', 'end', 'today', 'deviceid', 'username'])

/** Whether `type` is one of `FIELD_TYPES`. */
export const isFieldType = (type: string): type is FieldType => KNOWN.has(type)
/** Whether the answer is a marker for uploaded files: photo, audio, video, signature, file. */
export const isMediaType = (type: string): type is MediaType => MEDIA.has(type)
/** Whether the answer holds positions: geopoint, geotrace, geoshape, route. */
export const isSpatialType = (type: string): type is SpatialType => SPATIAL.has(type)
/** Whether the answer comes from a list of options: the three select types and rank. */
export const isChoiceType = (type: string): type is ChoiceType => CHOICE.has(type)
/** Whether the field holds further fields: group, repeat. */
export const isContainerType = (type: string): type is ContainerType => CONTAINER.has(type)
/** Whether the field has no answer of its own: note, divider, group. */
export const isStructural = (type: string): type is StructuralType => STRUCTURAL.has(type)
/** Whether the device fills it in by itself: start, end, today, deviceid, username. */
export const isCaptureType = (type: string): type is CaptureType => CAPTURE.has(type)

/** Text for people: one string, or one per language, as in `{ en: 'Name', fr: 'Nom' }`. */
export const FormText = z
  .union([z.string(), z.record(z.string(), z.string())])
  .meta({ id: 'FormText', description: 'Text for people: a string, or an object from language to string.' })
export type FormText = z.infer<typeof FormText>

/** Files shown or played with a question, as in `{ image: 'map.png', audio: { en: 'ask.mp3' } }`. */
export const FormMedia = z
  .record(z.string(), FormText)
  .meta({ id: 'FormMedia', description: 'Kind (image, big-image, audio, video) to file name, or one per language.' })
export type FormMedia = z.infer<typeof FormMedia>

/** One choice of a select field. `value` is what an answer holds; a number is matched by its decimal spelling.
 *  Every further key is a column that `choice_filter` may use. */
export const FieldOption = z
  .looseObject({
    value: z.union([z.string(), z.number()]),
    label: FormText.optional(),
    media: FormMedia.optional(),
  })
  .meta({ id: 'FieldOption', description: 'A choice; further keys are columns for choice_filter.' })
export type FieldOption = z.infer<typeof FieldOption>

const expression = (description: string) =>
  z
    .string()
    .optional()
    .meta({ description: `Expression: ${description}` })

/** One field of a form; groups and repeats hold more of them. Unknown keys survive. Source: contract 8.2 and 8.3. */
export const Field = z
  .looseObject({
    id: z.string().min(1).max(255).meta({ description: 'Unique in the whole document, nested levels included.' }),
    type: z.enum(FIELD_TYPES),
    uid: z.string().optional().meta({ description: 'Identity that survives a change of `id`.' }),
    previous_ids: z.array(z.string()).optional().meta({ description: 'Ids this field had in earlier versions.' }),
    label: FormText.optional().meta({ description: 'The question. Where it is absent, the id stands in.' }),
    hint: FormText.optional().meta({ description: 'Help shown under the question.' }),
    media: FormMedia.optional().meta({ description: 'Files shown or played with the question.' }),
    required: z.union([z.boolean(), z.string()]).optional().meta({
      description: 'True, or an expression: an answer must be there. Means nothing on note, divider, group.',
    }),
    required_message: FormText.optional().meta({ description: 'Said when a required answer is missing.' }),
    relevant: expression('the field is asked only while it is true.'),
    constraint: expression('must be true of an answer, which it calls `.`; never asked of an absent one.'),
    constraint_message: FormText.optional().meta({ description: 'Said when the constraint is not met.' }),
    calculation: expression('the answer is computed. On type calculated, `expression` is the same.'),
    default: z.unknown().optional().meta({
      description: 'First answer: any value, "today" and "now", or { expression } to compute it when the form opens.',
    }),
    read_only: z.union([z.boolean(), z.string()]).optional().meta({ description: 'True, or an expression.' }),
    appearance: z.string().optional().meta({ description: 'How it is shown; the words of XLSForm.' }),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .meta({ description: 'Settings of the type, as in { start: 0, end: 10, step: 1 } for range.' }),
    options: z.array(FieldOption).optional().meta({ description: 'Select types and rank: at least one.' }),
    list: z.string().optional().meta({ description: 'Select types and rank: a list of `choices` instead of options.' }),
    itemset: z.string().optional().meta({
      description: 'Select types and rank: an attached file instead of options. Answers are not held against it.',
    }),
    choice_filter: expression('an option is offered while it is true; names its columns and other fields.'),
    other_text_label: FormText.optional().meta({ description: 'select_one_other: the label of the free text.' }),
    get fields() {
      return z.array(Field).optional().meta({ description: 'Group and repeat: the children; may be empty.' })
    },
    collapsible: z.boolean().optional().meta({ description: 'Group: may be folded.' }),
    button_label: FormText.optional().meta({ description: 'Repeat: the button that adds a row.' }),
    min_count: z.number().optional().meta({ description: 'Repeat: fewest rows.' }),
    max_count: z.number().optional().meta({ description: 'Repeat: most rows.' }),
    repeat_count: z
      .union([z.string(), z.number()])
      .optional()
      .meta({ description: 'Repeat: how many rows, as a number or an expression.' }),
    expression: z.string().optional().meta({ description: 'Calculated: the calculation.' }),
    body: FormText.optional().meta({ description: 'Note: the text.' }),
    date_format: z.string().optional().meta({ description: 'Date, time, datetime: how it is shown, never stored.' }),
    max_photos: z.number().optional().meta({ description: 'Photo: most pictures, 1 to 20, default 1.' }),
    allow_gallery: z.boolean().optional().meta({ description: 'Photo: may come from the gallery, default true.' }),
    max_duration_seconds: z.number().optional().meta({ description: 'Audio and video: longest recording.' }),
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
    dialect: z
      .enum(['native', 'xlsform'])
      .optional()
      .meta({ description: 'How expressions are written and what blanks mean in them. Default native.' }),
    title: FormText.optional().meta({ description: 'Defaults to the name of the form.' }),
    description: FormText.optional(),
    default_language: z.string().optional().meta({ description: 'Language of texts when the reader names none.' }),
    settings: z.looseObject({ show_progress_bar: z.boolean().optional() }).optional(),
    choices: z
      .record(z.string(), z.array(FieldOption))
      .optional()
      .meta({ description: 'Named lists of options, shared by the fields that name them in `list`.' }),
    fields: z.array(Field),
  })
  .meta({ id: 'FormSchema' })
export type FormSchema = z.infer<typeof FormSchema>
