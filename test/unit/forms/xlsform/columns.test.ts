// Every spelling of a column and of a type that is in use means what it says.
import { describe, expect, test } from 'vitest'
import { Languages, meaningOf } from '../../../../src/forms/xlsform/columns.ts'
import { kindOf } from '../../../../src/forms/xlsform/types.ts'

describe('a column of the survey sheet', () => {
  test.each([
    ['type', 'type'],
    ['Type', 'type'],
    ['label', 'label'],
    ['caption', 'label'],
    ['label::English', 'label', 'English'],
    ['label::English (en)', 'label', 'English (en)'],
    ['label :: Français (fr)', 'label', 'Français (fr)'],
    ['label:English', 'label', 'English'],
    ['Hint::Luo', 'hint', 'Luo'],
    ['relevant', 'relevant'],
    ['relevance', 'relevant'],
    ['bind::relevant', 'relevant'],
    ['required', 'required'],
    ['constraint_message', 'constraint_message'],
    ['constraint message', 'constraint_message'],
    ['Constraint Message::English (en)', 'constraint_message', 'English (en)'],
    ['constraining message', 'constraint_message'],
    ['bind::jr:constraintMsg::French', 'constraint_message', 'French'],
    ['required_message::Luo', 'required_message', 'Luo'],
    ['requiredMsg', 'required_message'],
    ['calculation', 'calculation'],
    ['calculate', 'calculation'],
    ['bind::calculate', 'calculation'],
    ['read_only', 'read_only'],
    ['readonly', 'read_only'],
    ['read only', 'read_only'],
    ['choice_filter', 'choice_filter'],
    ['choice filter', 'choice_filter'],
    ['repeat_count', 'repeat_count'],
    ['jr:count', 'repeat_count'],
    ['control::jr:count', 'repeat_count'],
    ['appearance', 'appearance'],
    ['body::appearance', 'appearance'],
    ['parameters', 'parameters'],
    ['default', 'default'],
    ['image', 'image'],
    ['media::image', 'image'],
    ['media::big-image', 'big-image'],
    ['media::image::English (en)', 'image', 'English (en)'],
    ['audio::Luo', 'audio', 'Luo'],
    ['media:video:Luo', 'video', 'Luo'],
    ['value', 'name'],
    ['notes', undefined],
    ['bind::odk:length', undefined],
    ['guidance_hint::English', undefined],
    ['body::accuracyThreshold', undefined],
    ['instance::custom', undefined],
    ['media::3d', undefined],
    ['constructor', undefined],
    ['label::', 'label', ''],
  ] as const)('%s', (header, key, language: string | undefined = undefined) => {
    expect(meaningOf(header, 'survey')).toEqual({ key, language })
  })
})

test.each([
  ['choices', 'list name', 'list_name'],
  ['choices', 'list_name', 'list_name'],
  ['choices', 'value', 'name'],
  ['choices', 'image', 'image'],
  ['choices', 'district', undefined],
  ['settings', 'form_title', 'form_title'],
  ['settings', 'Form Title', 'form_title'],
  ['settings', 'id_string', 'form_id'],
  ['settings', 'default_language', 'default_language'],
  ['settings', 'instance_name', undefined],
] as const)('on the %s sheet, %s', (kind, header, key) => {
  expect(meaningOf(header, kind).key).toBe(key)
})

test('a language is called by its code where it has one', () => {
  const languages = new Languages()
  expect(['English (en)', 'Français (fr-CA)', 'Luo', 'English (en)'].map((name) => languages.keyOf(name))).toEqual([
    'en',
    'fr-CA',
    'Luo',
    'en',
  ])
  expect([...languages.headings]).toEqual([
    ['en', 'English (en)'],
    ['fr-CA', 'Français (fr-CA)'],
  ])
  // What stands in parentheses and is no code belongs to the name.
  expect(languages.keyOf('Swahili (Kenya 2)')).toBe('Swahili (Kenya 2)')
})

describe('a type', () => {
  const select = (type: string, list: string, more: object = {}) => ({
    kind: 'select',
    type,
    list,
    from: 'choices',
    orOther: false,
    ...more,
  })
  test.each([
    ['begin group', { kind: 'begin', container: 'group' }],
    ['begin_group', { kind: 'begin', container: 'group' }],
    ['Begin  Group', { kind: 'begin', container: 'group' }],
    ['end_group', { kind: 'end', container: 'group' }],
    ['begin repeat', { kind: 'begin', container: 'repeat' }],
    ['end_repeat', { kind: 'end', container: 'repeat' }],
    ['begin looped group', { kind: 'begin', container: 'repeat' }],
    ['begin loop over x', { kind: 'loop' }],
    ['select_one yes_no', select('select_one', 'yes_no')],
    ['select one yes_no', select('select_one', 'yes_no')],
    ['select one from yes_no', select('select_one', 'yes_no')],
    ['select1 yes_no', select('select_one', 'yes_no')],
    ['add select one prompt using yes_no', select('select_one', 'yes_no')],
    ['select_multiple fruit', select('select_multiple', 'fruit')],
    ['select all that apply from fruit', select('select_multiple', 'fruit')],
    ['select multiple fruit', select('select_multiple', 'fruit')],
    ['rank fruit', select('rank', 'fruit')],
    ['select_one yes_no or_other', select('select_one', 'yes_no', { orOther: true })],
    ['select_one yes_no or other', select('select_one', 'yes_no', { orOther: true })],
    ['select_multiple fruit or specify other', select('select_multiple', 'fruit', { orOther: true })],
    ['select_one_from_file towns.csv', select('select_one', 'towns.csv', { from: 'file' })],
    ['select multiple from file towns.csv', select('select_multiple', 'towns.csv', { from: 'file' })],
    ['select_one_external towns', select('select_one', 'towns', { from: 'external_choices' })],
    ['select_one ${name}', select('select_one', '${name}', { from: 'answers' })],
    ['select_one', select('select_one', '')],
    ['select_one or_other', select('select_one', '', { orOther: true })],
    ['text', { kind: 'field', type: 'text' }],
    ['add text prompt', { kind: 'field', type: 'text' }],
    ['q string', { kind: 'field', type: 'text' }],
    ['int', { kind: 'field', type: 'integer' }],
    ['decimal', { kind: 'field', type: 'decimal' }],
    ['range', { kind: 'field', type: 'range' }],
    ['dateTime', { kind: 'field', type: 'datetime' }],
    ['date time', { kind: 'field', type: 'datetime' }],
    ['time', { kind: 'field', type: 'time' }],
    ['gps', { kind: 'field', type: 'geopoint' }],
    ['geoshape', { kind: 'field', type: 'geoshape' }],
    ['image', { kind: 'field', type: 'photo' }],
    ['photo', { kind: 'field', type: 'photo' }],
    ['video', { kind: 'field', type: 'video' }],
    ['trigger', { kind: 'field', type: 'acknowledge' }],
    ['calculate', { kind: 'field', type: 'calculated' }],
    ['get today', { kind: 'field', type: 'today' }],
    ['start time', { kind: 'field', type: 'start' }],
    ['get device id', { kind: 'field', type: 'deviceid' }],
    ['imei', { kind: 'field', type: 'deviceid' }],
    ['simserial', { kind: 'device', type: 'hidden', word: 'simserial' }],
    ['uri:email', { kind: 'device', type: 'hidden', word: 'uri:email' }],
    ['audit', { kind: 'device', type: 'hidden', word: 'audit' }],
    ['osm buildings', { kind: 'device', type: 'hidden', word: 'osm buildings' }],
    ['start-geopoint', { kind: 'device', type: 'geopoint', adds: { auto_capture: true }, word: 'start-geopoint' }],
    ['hologram', { kind: 'unknown' }],
    ['constructor', { kind: 'unknown' }],
    ['choose_one x', { kind: 'unknown' }],
  ])('%s', (text, kind) => expect(kindOf(text)).toEqual(kind))

  test('may bring a rule with it', () => {
    expect(kindOf('percentage')).toMatchObject({ type: 'integer', adds: { constraint: '0 <= . and . <= 100' } })
  })
})
