// The properties that single types have beyond those of every question, as docs/forms.md and the schema list them.
import type { FieldType } from '../../../../../src/forms/field-types.ts'
import type { TextKey } from './texts.ts'

export type Extra =
  | { kind: 'text'; key: TextKey }
  | {
      kind: 'number'
      key: 'min_count' | 'max_count' | 'max_photos' | 'max_duration_seconds' | 'capture_interval_seconds'
    }
  /** `isOn`: what it is where nothing is said. */
  | {
      kind: 'flag'
      key: 'collapsible' | 'allow_gallery' | 'auto_capture' | 'allow_pause' | 'allow_manual_entry'
      isOn: boolean
    }
  | { kind: 'word'; key: 'date_format' | 'allowed_types' }

const DATE_FORMAT: Extra = { kind: 'word', key: 'date_format' }
const DURATION: Extra = { kind: 'number', key: 'max_duration_seconds' }

const EXTRAS: Partial<Record<FieldType, readonly Extra[]>> = {
  note: [{ kind: 'text', key: 'body' }],
  group: [{ kind: 'flag', key: 'collapsible', isOn: false }],
  repeat: [
    { kind: 'text', key: 'button_label' },
    { kind: 'number', key: 'min_count' },
    { kind: 'number', key: 'max_count' },
  ],
  select_one_other: [{ kind: 'text', key: 'other_text_label' }],
  date: [DATE_FORMAT],
  time: [DATE_FORMAT],
  datetime: [DATE_FORMAT],
  photo: [
    { kind: 'number', key: 'max_photos' },
    { kind: 'flag', key: 'allow_gallery', isOn: true },
  ],
  audio: [DURATION],
  video: [DURATION],
  file: [{ kind: 'word', key: 'allowed_types' }],
  geopoint: [{ kind: 'flag', key: 'auto_capture', isOn: false }],
  route: [
    { kind: 'number', key: 'capture_interval_seconds' },
    { kind: 'flag', key: 'allow_pause', isOn: true },
  ],
  barcode: [{ kind: 'flag', key: 'allow_manual_entry', isOn: true }],
}

export const extrasOf = (type: FieldType): readonly Extra[] => EXTRAS[type] ?? []

/** Types that are shown and never answered: nothing can be demanded of them. */
const SILENT: ReadonlySet<FieldType> = new Set(['note', 'divider', 'group', 'repeat'])
/** Filled in by the device or the form. */
const AUTOMATIC: ReadonlySet<FieldType> = new Set([
  'calculated',
  'hidden',
  'start',
  'end',
  'today',
  'deviceid',
  'username',
])

/** Whether somebody gives the answer. */
export const isAsked = (type: FieldType): boolean => !SILENT.has(type) && !AUTOMATIC.has(type)

/** Words of `appearance` that renderers know for a type, as suggestions. Source: xlsform.org, "Appearance". */
const APPEARANCES: Partial<Record<FieldType, readonly string[]>> = {
  text: ['multiline', 'numbers', 'masked'],
  select_one: ['minimal', 'autocomplete', 'likert', 'columns', 'columns-pack', 'quick', 'no-buttons', 'map'],
  select_multiple: ['minimal', 'autocomplete', 'columns', 'columns-pack', 'no-buttons'],
  date: ['no-calendar', 'month-year', 'year'],
  range: ['vertical', 'picker', 'rating'],
  photo: ['signature', 'draw', 'annotate', 'new', 'new-front'],
  geopoint: ['maps', 'placement-map'],
  group: ['field-list', 'table-list'],
  repeat: ['field-list'],
  integer: ['thousands-sep', 'bearing', 'counter'],
  decimal: ['thousands-sep', 'bearing'],
}

export const appearancesOf = (type: FieldType): readonly string[] => APPEARANCES[type] ?? []
