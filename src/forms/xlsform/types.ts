// The words of the `type` column and the field types they stand for, both ways.
// Source: xlsform.org, the types that pyxform takes, and openrosa.md section 10.
import type { FieldType } from '../field-types.ts'
import type { Field } from '../schema.ts'

/** What a row of the survey sheet is. */
export type RowKind =
  | { readonly kind: 'begin'; readonly container: 'group' | 'repeat' }
  | { readonly kind: 'end'; readonly container: 'group' | 'repeat' }
  | {
      readonly kind: 'select'
      readonly type: 'select_one' | 'select_multiple' | 'rank'
      /** Name of a list, of a file, or `${id}` of a question within a repeat. '' when it is missing. */
      readonly list: string
      readonly from: 'choices' | 'external_choices' | 'file' | 'answers'
      readonly orOther: boolean
    }
  | { readonly kind: 'field'; readonly type: FieldType; readonly adds?: Partial<Field> }
  /** Filled in by ODK devices alone. */
  | { readonly kind: 'device'; readonly type: FieldType; readonly adds?: Partial<Field>; readonly word: string }
  | { readonly kind: 'loop' }
  | { readonly kind: 'unknown' }

const CONTAINER = /^(begin|end)[ _]+(group|repeat|lgroup|looped group|loop)( over .*)?$/
const SELECT =
  /^(?:add[ _])?(select[ _]?one|select1|select[ _]multiple|select all that apply|rank|q select1?)(?: prompt)?([ _]external|[ _]from[ _]file)?(?: from| using)?(?: +(\S.*?))?$/i
const OR_OTHER = /(?: |^)+(?:or[ _]other|or specify other|or other)$/i

/** Reads what stands in a type cell. */
export function kindOf(text: string): RowKind {
  const words = text.replace(/\s+/g, ' ').trim()
  const lower = words.toLowerCase()
  const container = CONTAINER.exec(lower)
  if (container) {
    const word = container[2]!
    if (word === 'loop') return { kind: 'loop' }
    return { kind: container[1] as 'begin' | 'end', container: word === 'group' ? 'group' : 'repeat' }
  }
  const select = SELECT.exec(words)
  if (select) return selectOf(select)
  const spelled = lower.replace(/^(?:q|get|add) (.*?)(?: prompt)?$/, '$1')
  const type = TYPES.get(spelled) ?? TYPES.get(lower)
  if (type !== undefined) return typeof type === 'string' ? { kind: 'field', type } : { kind: 'field', ...type }
  const device = DEVICE_TYPES.get(spelled) ?? DEVICE_TYPES.get(lower.split(' ')[0]!)
  if (device !== undefined) return { kind: 'device', ...device, word: words }
  return { kind: 'unknown' }
}

function selectOf([, word = '', origin = '', rest = '']: RegExpExecArray): RowKind {
  const orOther = OR_OTHER.test(rest)
  const list = rest.replace(OR_OTHER, '').trim()
  const one = /one|1/.test(word.toLowerCase())
  const type = word.toLowerCase() === 'rank' ? 'rank' : one ? 'select_one' : 'select_multiple'
  const where = origin.toLowerCase()
  const from = where.endsWith('file')
    ? 'file'
    : where.endsWith('external')
      ? 'external_choices'
      : list.startsWith('${')
        ? 'answers'
        : 'choices'
  return { kind: 'select', type, list, from, orOther }
}

type Meaning = FieldType | { readonly type: FieldType; readonly adds: Partial<Field> }

const days = (most: number): Meaning => ({
  type: 'integer',
  adds: { constraint: `0 <= . and . <= ${most}`, hint: `Enter a number 0-${most}.` },
})

/** In lower case, without the words that old forms put around them (`add text prompt`, `q text`, `get today`). */
const TYPES: ReadonlyMap<string, Meaning> = new Map(
  Object.entries<Meaning>({
    text: 'text',
    string: 'text',
    integer: 'integer',
    int: 'integer',
    decimal: 'decimal',
    percentage: { type: 'integer', adds: { constraint: '0 <= . and . <= 100' } },
    'number of days in last month': days(31),
    'number of days in last six months': days(183),
    'number of days in last year': days(365),
    'phone number': { type: 'text', adds: { constraint: "regex(., '^\\d*$')", hint: 'Enter numbers only.' } },
    range: 'range',
    date: 'date',
    time: 'time',
    datetime: 'datetime',
    'date time': 'datetime',
    note: 'note',
    acknowledge: 'acknowledge',
    trigger: 'acknowledge',
    barcode: 'barcode',
    calculate: 'calculated',
    calculation: 'calculated',
    hidden: 'hidden',
    geopoint: 'geopoint',
    gps: 'geopoint',
    location: 'geopoint',
    geotrace: 'geotrace',
    geoshape: 'geoshape',
    image: 'photo',
    photo: 'photo',
    picture: 'photo',
    audio: 'audio',
    video: 'video',
    file: 'file',
    start: 'start',
    'start time': 'start',
    end: 'end',
    'end time': 'end',
    today: 'today',
    deviceid: 'deviceid',
    'device id': 'deviceid',
    imei: 'deviceid',
    username: 'username',
  }),
)

const HIDDEN = { type: 'hidden' } as const

/** Kept as hidden fields, so that what ODK devices send for them has its place. */
const DEVICE_TYPES: ReadonlyMap<string, { type: FieldType; adds?: Partial<Field> }> = new Map(
  Object.entries<{ type: FieldType; adds?: Partial<Field> }>({
    'start-geopoint': { type: 'geopoint', adds: { auto_capture: true } },
    'background-geopoint': HIDDEN,
    'background-audio': HIDDEN,
    audit: HIDDEN,
    osm: HIDDEN,
    'xml-external': HIDDEN,
    'csv-external': HIDDEN,
    phonenumber: HIDDEN,
    simserial: HIDDEN,
    'sim id': HIDDEN,
    subscriberid: HIDDEN,
    'subscriber id': HIDDEN,
    email: HIDDEN,
    'uri:deviceid': HIDDEN,
    'uri:phonenumber': HIDDEN,
    'uri:simserial': HIDDEN,
    'uri:subscriberid': HIDDEN,
    'uri:username': HIDDEN,
    'uri:email': HIDDEN,
  }),
)

/** The names that are offered to those who misspelled one. */
export const TYPE_NAMES: readonly string[] = [
  ...[...TYPES.keys()].filter((name) => !name.includes(' ')),
  ...[...DEVICE_TYPES.keys()].filter((name) => !name.includes(':') && !name.includes(' ')),
  'dateTime',
  'select_one',
  'select_multiple',
  'rank',
  'begin group',
  'end group',
  'begin repeat',
  'end repeat',
]

/** The word for a field type that takes no list. Reading it back gives the same type, unless it is in `IMPRECISE`. */
export const WORDS: Readonly<Partial<Record<FieldType, string>>> = {
  text: 'text',
  textarea: 'text',
  email: 'text',
  phone: 'text',
  number: 'decimal',
  integer: 'integer',
  decimal: 'decimal',
  range: 'range',
  date: 'date',
  time: 'time',
  datetime: 'dateTime',
  timestamp: 'dateTime',
  note: 'note',
  divider: 'note',
  acknowledge: 'acknowledge',
  barcode: 'barcode',
  calculated: 'calculate',
  hidden: 'hidden',
  geopoint: 'geopoint',
  geotrace: 'geotrace',
  geoshape: 'geoshape',
  route: 'geotrace',
  photo: 'image',
  signature: 'image',
  audio: 'audio',
  video: 'video',
  file: 'file',
  start: 'start',
  end: 'end',
  today: 'today',
  deviceid: 'deviceid',
  username: 'username',
}

/** Types that XLSForm has only something like. */
export const IMPRECISE: ReadonlySet<FieldType> = new Set([
  'textarea',
  'email',
  'phone',
  'number',
  'timestamp',
  'divider',
  'route',
  'select_one_other',
])
