// The types of fields and what they have in common. Without zod, which schema.ts describes documents with: whoever only
// fills in or checks a form needs no more than this.

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
