// The form document: what a form author writes and what every client is given. Shapes and types only.
// `checkFormSchema` (check.ts) decides what is admitted. It looks at ids, types, options, nesting and expressions and
// leaves the presentation keys alone, so whoever reads one of those must bear another JSON type than the one written.
import { z } from 'zod'
import { FIELD_TYPES } from './field-types.ts'

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
