// The conformance table: every operator and function, with what it gives in each dialect. Where one value is given it
// holds in both. "XForms" is the ODK XForms specification (getodk.github.io/xforms-spec), section "XPath Functions" or
// "XPath Operators" under the name of the function; "XPath" is XPath 1.0; "contract" the native contract.
import { describe, expect, test } from 'vitest'
import { FUNCTION_NAMES } from '../../../src/forms/expression/functions.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { resultOf } from './expressions.ts'

const COLOURS = [
  { value: 'red', label: { en: 'Red', fr: 'Rouge' } },
  { value: 'blue', label: { en: 'Blue', fr: 'Bleu' } },
]
const fields: Field[] = [
  { id: 'age', type: 'number' },
  { id: 'typed', type: 'number' },
  { id: 'name', type: 'text' },
  { id: 'apples', type: 'text' },
  { id: 'blank', type: 'number' },
  { id: 'spaces', type: 'text' },
  { id: 'd', type: 'date' },
  { id: 'e', type: 'date' },
  { id: 't', type: 'time' },
  { id: 'dt', type: 'datetime' },
  { id: 'one', type: 'select_one', options: COLOURS },
  { id: 'tags', type: 'select_multiple', options: COLOURS },
  { id: 'open', type: 'select_one_other', options: COLOURS },
  { id: 'ok', type: 'acknowledge' },
  { id: 'flag', type: 'hidden' },
  { id: 'gps', type: 'geopoint' },
  { id: 'trace', type: 'geotrace' },
  { id: 'shape', type: 'geoshape' },
  { id: 'never', type: 'number', relevant: 'false()' },
  {
    id: 'hh',
    type: 'repeat',
    fields: [
      { id: 'm_name', type: 'text' },
      { id: 'm_age', type: 'number' },
      { id: 'm_pos', type: 'geopoint' },
    ],
  },
  { id: 'none', type: 'repeat', fields: [{ id: 'n_age', type: 'number' }] },
]
const data = {
  age: 42,
  typed: '25',
  name: 'Maria da Silva',
  apples: '12 apples',
  spaces: '  padded   out ',
  d: '2026-12-31',
  e: '2026-01-01',
  t: '08:45',
  dt: '2026-03-17T09:30:15.250+02:00',
  one: 'red',
  tags: ['red', 'blue'],
  open: { choice: '__other__', other: 'green' },
  ok: true,
  flag: true,
  gps: { latitude: 14.5, longitude: -17.25, altitude: 22, accuracy: 4.5 },
  trace: [
    { latitude: 0, longitude: 0 },
    { latitude: 0, longitude: 1 },
  ],
  shape: [
    { latitude: 0, longitude: 0 },
    { latitude: 0, longitude: 1 },
    { latitude: 1, longitude: 1 },
    { latitude: 1, longitude: 0 },
    { latitude: 0, longitude: 0 },
  ],
  never: 7,
  hh: [
    { m_name: 'Awa', m_age: 34, m_pos: { latitude: 0, longitude: 0 } },
    { m_name: 'Moussa', m_age: 7, m_pos: { latitude: 0, longitude: 1 } },
    { m_name: 'Issa', m_pos: null },
  ],
}
/** 17 March 2026, 23:30 in UTC, where the clock is two hours ahead. */
const circumstances = { now: Date.UTC(2026, 2, 17, 23, 30), offsetMinutes: 120 }

/** Expression, value in both dialects or `native` and `xlsform`, source. */
type Row =
  | readonly [expression: string, value: unknown, source: string]
  | readonly [expression: string, native: unknown, xlsform: unknown, source: string]
const NAN = Number.NaN
const ARITHMETIC: Row[] = [
  ['1 + 2 * 3', 7, 'XPath 3.5'],
  ['(1 + 2) * 3', 9, 'XPath 3.5'],
  ['10 - 4 - 3', 3, 'XPath 3.5: from the left'],
  ['7 div 2', 3.5, 'XPath 3.5'],
  ['-7 mod 3', -1, 'XPath 3.5: the sign of the dividend'],
  ['7 mod -3', 1, 'XPath 3.5'],
  ['--3', 3, 'XPath 3.5'],
  ['2 - -3', 5, 'case 122'],
  ['.5 + 1.', 1.5, 'XPath 3.7'],
  ['${age} + 1', 43, 'contract 8.9'],
  ['${typed} + 1', 26, 'contract 8.3: numbers may be text'],
  ['${blank} + 1', 1, NAN, 'contract 8.9: missing is 0; XPath: blank is NaN'],
  ['${apples} + 1', 1, NAN, 'contract 8.9 with 8.8 [REC]: text is no number, not even its start'],
  ['-${blank}', -0, NAN, 'contract 8.9'],
  ['1 div 0', null, Number.POSITIVE_INFINITY, 'case 122; XPath: IEEE 754'],
  ['0 div 0', null, NAN, 'case 122; XPath: IEEE 754'],
  ['1 div 0 + 1', null, Number.POSITIVE_INFINITY, 'case 122: what is no number stays none'],
  ['${d} - ${e}', 364, 'XForms number(): dates count days'],
  ['${d} + 1', 20819, 'XForms number()'],
  ['date(${e} + 30)', '2026-01-31', 'XForms date()'],
  ['${dt} - ${e}', 75 + (9 * 60 + 30.25 + 0.0041666666666666) / 1440, 'XForms number()'],
  ["'10:00' - '09:00'", 1 / 24, 'ours: times differ in days too'],
]
const COMPARISONS: Row[] = [
  ['${age} = 42', true, 'contract 8.8'],
  ["${age} = '42'", true, 'contract 8.8'],
  ["${typed} = '25.0'", true, false, 'contract 8.8: whole numbers compare as numbers; XPath: two texts'],
  ['${typed} = 25', true, 'XPath 3.4'],
  ["${apples} = '12'", false, 'contract 8.8 [REC]'],
  ['${apples} > 5', false, 'contract 8.8 [REC]; XPath: NaN'],
  ["${name} != 'x'", true, 'contract 8.8'],
  ['${blank} < 5', false, 'contract 8.8 [REC]; XPath: NaN'],
  ['${blank} >= 0', false, 'contract 8.8 [REC]; XPath: NaN'],
  ["${blank} = ''", true, 'contract 8.8'],
  ["${blank} != 'x'", true, 'contract 8.8'],
  ['${blank} != 0', true, 'contract 8.8; XPath: NaN differs from all'],
  ['${blank} = 0', false, 'contract 8.8; XPath: NaN'],
  ["${d} > '2026-01-01'", true, 'case 120'],
  ["${d} = '2026-01-01'", false, 'case 120'],
  ["${t} > '08:30'", true, 'case 120'],
  ["${t} = '08:45:00'", true, 'ours: the same time'],
  ["${dt} < '2026-03-18'", true, 'ours: a day is the day where it was written'],
  ["'2026-03-17T01:00+02:00' >= '2026-03-17'", true, 'ours: a day is the day where it was written'],
  ["'2026-03-17T09:30+02:00' = '2026-03-17T07:30Z'", true, 'ours: the same instant'],
  ["'2026-03-17T10:30+02:00' > '2026-03-17T09:00Z'", false, 'ours: instants'],
  ['${d} > 20000', true, 'XForms number()'],
  ["'b' > 'a'", true, false, 'contract 8.8: texts lexically; XPath: NaN'],
  ['${d} <= today()', false, 'XForms today()'],
  ["${tags} = 'red,blue'", true, false, 'contract 8.8: lists joined with commas'],
  ["${tags} = 'red blue'", false, true, 'XForms: spaces between items'],
  ["${open} = '__other__'", true, 'contract 8.6'],
  ["${ok} = 'OK'", true, 'XForms: a trigger holds OK'],
  ["${flag} = 'true'", true, 'XForms: booleans are stored as text'],
  ['${flag} = true()', true, 'contract 8.8'],
  ['true() = 1', false, true, 'contract 8.8: true is no number; XPath 3.4: as booleans'],
  ['${m_age} > 30', true, 'XPath 3.4: a list compares when any of it does'],
  ['${m_age} > 40', false, 'XPath 3.4'],
  ['${n_age} = 1', false, 'XPath 3.4: nothing compares'],
  ['(1 < 2) = true()', true, 'XPath 3.4'],
]
const LOGIC: Row[] = [
  ['true() and false()', false, 'XPath 3.4'],
  ['false() or 1', true, 'XPath 3.4'],
  ['1 = 1 or 1 = 2 and 1 = 3', true, 'case 117: and binds tighter'],
  ['not(${age} = 42)', false, 'case 121'],
  ['not(${blank})', true, 'XForms boolean(), not()'],
  ["boolean('false')", true, 'XForms, note on boolean("false")'],
  ['boolean(0)', false, 'XForms boolean()'],
  ['boolean(0 div 0)', false, 'XPath 4.3'],
  ["boolean-from-string('true')", true, 'XForms boolean-from-string()'],
  ["boolean-from-string('1')", true, 'XForms boolean-from-string()'],
  ["boolean-from-string('yes')", false, 'XForms boolean-from-string()'],
  ["if(${age} > 18, 'adult', 'child')", 'adult', 'XForms if()'],
  ["if(${blank} > 18, 'adult', 'child')", 'child', 'XForms if()'],
  ['if(true(), 1, random())', 1, 'ours: only what is needed is evaluated'],
  ['coalesce(${blank}, ${age})', 42, '42', 'XForms coalesce()'],
  ["coalesce(${blank}, '')", null, '', 'XForms coalesce()'],
  ["coalesce(${blank}, ${spaces}, 'x')", '  padded   out ', 'ours: any number of values'],
  ['once(5)', 5, 'XForms once()'],
  ["checklist(1, 2, 'yes', 'no', 1)", true, 'XForms checklist(); ODK docs: "yes"'],
  ["checklist(3, -1, 'yes', 'no', 1)", false, 'XForms checklist(): -1 is no bound'],
  ["weighted-checklist(5, 6, 'yes', 2, 'yes', 4, 'no', 9)", true, 'XForms weighted-checklist()'],
  ["weighted-checklist(-1, 5, 'yes', 2, 'yes', 4)", false, 'XForms weighted-checklist()'],
  ["selected(${tags}, 'red')", true, 'case 118; XForms selected()'],
  ["selected(${tags}, 'green')", false, 'case 118'],
  ["selected(${blank}, 'red')", false, 'case 118'],
  ["selected(${one}, 'red')", true, 'case 118'],
  ["selected('a b', 'b')", false, true, 'contract 8.8: text is one value; XForms: a list'],
  ["selected(${open}, '__other__')", true, 'contract 8.6'],
  ['selected-at(${tags}, 1)', 'blue', 'XForms selected-at(): from 0'],
  ['selected-at(${tags}, 2)', '', 'XForms selected-at()'],
  ['selected-at(${tags}, -1)', '', 'XForms selected-at()'],
  ['count-selected(${tags})', 2, 'XForms count-selected()'],
  ['count-selected(${blank})', 0, 'XForms count-selected()'],
  ["jr:choice-name(${one}, '${one}')", 'Red', 'XForms jr:choice-name()'],
  ["jr:choice-name(selected-at(${tags}, 1), '${tags}')", 'Blue', 'XForms jr:choice-name()'],
  ["jr:choice-name('green', '${one}')", null, '', 'XForms jr:choice-name()'],
  ["regex('12345', '[0-9]+')", true, 'XForms regex()'],
  ["regex('12345a', '[0-9]+')", false, 'ODK docs regex(): exact and complete'],
  ["regex(${name}, '(\\p{L}+ ?){3}')", true, 'XForms regex()'],
]
const TEXT: Row[] = [
  ['string(1 div 4)', '0.25', 'XPath 4.2'],
  ['string(100000000000000000000000)', '100000000000000000000000', 'XPath 4.2: no exponent'],
  ['string(1 div 10000000)', '0.0000001', 'XPath 4.2: no exponent'],
  ['string(0 div 0)', '', 'NaN', 'XPath 4.2'],
  ['string(true())', 'true', 'XPath 4.2'],
  ['string(${blank})', '', 'XPath 4.2'],
  ['string(${gps})', '14.5 -17.25 22 4.5', 'XForms geopoint'],
  ["concat('a', 1, ${blank}, 'b')", 'a1b', 'XForms concat()'],
  ['concat(${m_name})', 'AwaMoussaIssa', 'XForms concat(): all nodes'],
  ["join(', ', ${m_name})", 'Awa, Moussa, Issa', 'XForms join()'],
  ["join('-', 1, 2)", '1-2', 'XForms join()'],
  ["join(',', ${n_age})", '', 'XForms join()'],
  ["substr('hello', 2)", 'llo', 'XForms substr(): from 0'],
  ["substr('hello', 2, 4)", 'll', 'XForms substr()'],
  ["substr('hello', -2)", 'lo', 'JavaRosa: from the end'],
  ["substring('12345', 2, 3)", '234', 'XPath 4.2: from 1'],
  ["substring('12345', 1.5, 2.6)", '234', 'XPath 4.2'],
  ["substring('12345', 0, 3)", '12', 'XPath 4.2'],
  ["substring-before('1999/04', '/')", '1999', 'XPath 4.2'],
  ["substring-before('1999', '/')", '', 'XPath 4.2'],
  ["substring-after('1999/04', '/')", '04', 'XPath 4.2'],
  ["translate('--aaa--', 'abc-', 'ABC')", 'AAA', 'XPath 4.2'],
  ["contains(${name}, 'da')", true, 'XPath 4.2'],
  ["contains(${name}, '')", true, 'XPath 4.2'],
  ["starts-with(${name}, 'Maria')", true, 'XPath 4.2'],
  ["ends-with(${name}, 'Silva')", true, 'XForms ends-with()'],
  ["upper-case('abc')", 'ABC', 'ODK docs'],
  ["lower-case('ABC')", 'abc', 'ODK docs'],
  ["base64-decode('w6k=')", 'é', 'ODK docs'],
  ["base64-decode('*')", '', 'ours: nothing to decode'],
  ['string-length(${name})', 14, 'XForms string-length()'],
  ['string-length(${blank})', 0, 'XForms string-length()'],
  ['normalize-space(${spaces})', 'padded out', 'XPath 4.2'],
]
const NUMBERS: Row[] = [
  ["number('5')", 5, 'XPath 4.4'],
  ["number('abc')", 0, NAN, 'contract 8.9; XPath 4.4'],
  ['number(true())', 1, 'XPath 4.4'],
  ['number(${d})', 20818, 'XForms number()'],
  ["number('1970-01-02')", 1, 'XForms number()'],
  ['int(5.8)', 5, 'XForms int()'],
  ['int(-5.8)', -5, 'XForms int(): discards the fraction'],
  ['int(${blank})', 0, NAN, 'contract 8.9'],
  ['round(2.5)', 3, 'XPath 4.4'],
  ['round(-2.5)', -2, 'XPath 4.4: halves up'],
  ['round(2.345, 2)', 2.35, 'XForms round()'],
  ['round(1234, -2)', 1200, 'XForms round()'],
  ['abs(-3)', 3, 'XForms abs()'],
  ['pow(2, 10)', 1024, 'XForms pow()'],
  ['sqrt(9)', 3, 'XForms sqrt()'],
  ['sqrt(-1)', null, NAN, 'XForms sqrt()'],
  ['log(exp(1))', 1, 'XForms log(), exp()'],
  ['log10(1000)', 3, 'XForms log10()'],
  ['exp10(3)', 1000, 'XForms exp10()'],
  ['int(pi() * 1000)', 3141, 'XForms pi()'],
  ['sin(0) + cos(0) + tan(0)', 1, 'XForms sin(), cos(), tan()'],
  ['asin(0) + atan(0) + acos(1)', 0, 'XForms asin(), acos(), atan()'],
  ['int(atan2(1, 1) * 4000)', 3141, 'XForms atan2()'],
  ['sum(${m_age})', 41, NAN, 'contract 8.9: missing is 0; XPath 4.4: blank is NaN'],
  ['sum(${n_age})', 0, 'XPath 4.4'],
  ['sum(${age})', 42, 'XPath 4.4'],
  ['min(${m_age})', 7, NAN, 'ours: blanks are passed over; XForms min(): as XPath 3'],
  ['max(${m_age})', 34, NAN, 'ours: blanks are passed over; XForms max(): as XPath 3'],
  ['max(3, ${age}, 7)', 42, 'XForms max()'],
  ['min(${n_age})', null, '', 'XForms min(): of nothing'],
  ['count(${hh})', 3, 'XForms count()'],
  ['count(${none})', 0, 'XForms count()'],
  ['count(${m_age})', 3, 'XPath 4.1: blank nodes count'],
  ['count(${never})', 0, 'XForms relevant: removed'],
  ['count-non-empty(${m_age})', 2, 'XForms count-non-empty()'],
  ['round(distance(${trace}))', 111319, 'XForms distance()'],
  ['round(distance(${m_pos}))', 111319, 'XForms distance(): of nodes'],
  ["round(distance('0 0 0 0; 0 1 0 0'))", 111319, 'XForms distance(): of text'],
  ['distance(${gps})', 0, 'XForms distance()'],
  ['round(area(${shape}) div 1000000)', 12391, 'XForms area()'],
  ['area(${trace})', 0, 'XForms area()'],
]
const DATES: Row[] = [
  ['today()', '2026-03-18', 'XForms today(): local'],
  ['now()', '2026-03-18T01:30:00.000+02:00', 'XForms now(): with offset'],
  ['date(0)', '1970-01-01', 'XForms date()'],
  ["date('2026-03-17')", '2026-03-17', 'XForms date()'],
  ['date(${dt})', '2026-03-17', 'XForms date()'],
  ["date('2026-02-30')", null, '', 'XForms date(): no such day'],
  ["date(date('1915-01-01'))", '1915-01-01', 'WHO verbal autopsy form'],
  ['date-time(0)', '1970-01-01T00:00:00.000+00:00', 'XForms date()'],
  ["decimal-date-time('1970-01-02T12:00:00Z')", 1.5, 'XForms decimal-date-time()'],
  ["decimal-date-time('1970-01-02T12:00:00+12:00')", 1, 'XForms decimal-date-time(): UTC'],
  ["decimal-time('18:00')", 0.75, 'XForms decimal-time()'],
  ["decimal-time('18:00:00.000+05:00')", 0.75, 'XForms decimal-time(): on that clock'],
  ["decimal-time('noon')", 0, NAN, 'XForms decimal-time()'],
  ["format-date(${d}, '%Y-%y %m/%n %b %d %e %a')", '2026-26 12/12 Dec 31 31 Thu', 'XForms format-date()'],
  ["format-date('', '%Y')", '', 'XForms format-date()'],
  ["format-date-time(${dt}, '%H %h %M %S %3')", '09 9 30 15 250', 'XForms format-date-time()'],
]
const PLACES: Row[] = [
  ['${never}', null, '', 'XForms relevant: what is not asked is blank'],
  ['${m_name}', { kind: 'nodes', values: ['Awa', 'Moussa', 'Issa'] }, 'XPath: all nodes'],
  ['indexed-repeat(${m_name}, ${hh}, 2)', 'Moussa', 'XForms indexed-repeat(): from 1'],
  ['indexed-repeat(${m_age}, ${hh}, 3)', null, '', 'XForms indexed-repeat()'],
  ['indexed-repeat(${m_age}, ${hh}, 4)', null, '', 'XForms indexed-repeat()'],
  ['position(..)', 1, 'XForms position(): outside of repeats'],
  ['count(${m_age} | ${age})', 4, 'XPath 3.3'],
  ['null', null, '', 'WHO verbal autopsy form: a path to nowhere'],
]
const DEVICE: Row[] = [
  ['random()', undefined, 'XForms random()'],
  ['uuid()', undefined, 'XForms uuid()'],
  ["digest('a', 'MD5')", undefined, 'XForms digest()'],
  ["pulldata('a', 'b', 'c', 'd')", undefined, 'XForms pulldata()'],
  ["if(true(), 1, pulldata('a', 'b', 'c', 'd'))", 1, 'ours'],
  ["regex('a', '(?=a)a')", undefined, 'ours: patterns that need backtracking'],
  ["false() and regex('a', '(')", false, 'ours'],
]

describe.each([
  ['arithmetic', ARITHMETIC],
  ['comparisons', COMPARISONS],
  ['conditions and choices', LOGIC],
  ['text', TEXT],
  ['numbers, lists and positions', NUMBERS],
  ['dates', DATES],
  ['places', PLACES],
  ['what the device alone answers', DEVICE],
])('%s', (_, rows) => {
  for (const row of rows) {
    const [expression, native] = row
    const xlsform = row.length === 4 ? row[2] : native
    const source = row.at(-1)
    test.each([
      ['native', native],
      ['xlsform', xlsform],
    ] as const)(`%s: ${expression} is %j (${source})`, (dialect, wanted) => {
      const value = resultOf(expression, { fields, data, dialect, circumstances })
      if (Number.isFinite(wanted) && typeof value === 'number') expect(value).toBeCloseTo(Number(wanted), 9)
      else expect(value).toEqual(wanted)
    })
  }
})

test('the time is not known unless somebody says it', () => {
  expect(resultOf('today()', { fields, data })).toBeUndefined()
  expect(resultOf('now()', { fields, data, dialect: 'xlsform' })).toBeUndefined()
})

test('labels come in the language that was asked for', () => {
  const setting = { fields, data, circumstances: { language: 'fr' } }
  expect(resultOf("jr:choice-name(one, 'one')", setting)).toBe('Rouge')
})

test('every function has a row in this table, or is answered by the device alone', () => {
  const text = [ARITHMETIC, COMPARISONS, LOGIC, TEXT, NUMBERS, DATES, PLACES, DEVICE]
    .flat()
    .map(([e]) => e)
    .join(' ')
  const device = ['randomize', 'extract-signed', 'instance', 'current', 'search', 'last', 'name', 'id', 'jr:itext']
  const used = new Set(text.match(/[a-z][\w:-]*(?=\()/g))
  const missing = FUNCTION_NAMES.filter((name) => !used.has(name))
  expect(missing).toEqual([...device, 'version', 'property', 'intersects', 'geofence'])
})
