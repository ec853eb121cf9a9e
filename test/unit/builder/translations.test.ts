// The texts of a form in its languages.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withText, writtenText } from '../../../dashboard/src/screens/builder/parts/texts.ts'
import {
  addLanguage,
  languagesOf,
  makeDefault,
  removeLanguage,
  slotsOf,
  writeText,
} from '../../../dashboard/src/screens/builder/parts/translations/document-texts.ts'
import type { FormSchema, FormText } from '../../../src/forms/schema.ts'
import { textIn } from '../../../src/forms/texts.ts'

const FORM: FormSchema = {
  version: 1,
  title: 'Households',
  fields: [
    {
      id: 'water',
      type: 'select_one',
      label: { en: 'Water', fr: 'Eau' },
      hint: '',
      options: [{ value: 'tap', label: 'Tap' }, { value: 1 }],
    },
    { id: 'people', type: 'repeat', button_label: 'One more', fields: [{ id: 'name', type: 'text', label: 'Name' }] },
    { id: 'crop', type: 'select_one', list: 'crops', media: { image: { en: 'crop.png' } } },
  ],
  choices: { crops: [{ value: 'maize', label: { en: 'Maize' } }] },
}

test('the texts of a form are found wherever they stand', () => {
  expect(slotsOf(FORM).map(({ what, of, path }) => [what, of, path.join('.')])).toEqual([
    ['title', '', 'title'],
    ['label', 'water', 'fields.0.label'],
    ['option', 'water · tap', 'fields.0.options.0.label'],
    ['button_label', 'people', 'fields.1.button_label'],
    ['label', 'name', 'fields.1.fields.0.label'],
    ['media.image', 'crop', 'fields.2.media.image'],
    ['option', 'crops · maize', 'choices.crops.0.label'],
  ])
  expect(languagesOf(FORM)).toEqual(['en', 'fr'])
  expect(languagesOf({ ...FORM, default_language: 'fr' })).toEqual(['fr', 'en'])
})

test('a text is written where it stands, and the rest stays the same', () => {
  const written = writeText(FORM, ['fields', 1, 'fields', 0, 'label'], 'fr', 'Nom')
  expect(written.fields[1]!.fields![0]!.label).toEqual({ en: 'Name', fr: 'Nom' })
  expect(written.fields[0]).toBe(FORM.fields[0])
  expect(writeText(written, ['fields', 1, 'fields', 0, 'label'], 'fr', '').fields[1]!.fields![0]!.label).toEqual({
    en: 'Name',
  })
})

describe('a language', () => {
  test('that is new is one of the form before it has a text, and after its title is cleared', () => {
    const plain: FormSchema = { version: 1, title: 'Wells', fields: [{ id: 'a', type: 'text', label: 'Depth' }] }
    const added = addLanguage(plain, 'sw', 'en')
    expect(added).toEqual({ ...plain, default_language: 'en', title: { en: 'Wells', sw: '' } })
    expect(languagesOf(added)).toEqual(['en', 'sw'])
    expect(languagesOf(writeText(writeText(added, ['title'], 'sw', 'Visima'), ['title'], 'sw', ''))).toEqual([
      'en',
      'sw',
    ])
    expect(removeLanguage(added, 'sw')).toEqual({ ...plain, default_language: 'en', title: { en: 'Wells' } })
    expect(addLanguage(added, 'sw', 'en')).toEqual(added)
  })

  test('that goes takes its texts along; the default one stays', () => {
    expect(removeLanguage(FORM, 'fr').fields[0]!.label).toEqual({ en: 'Water' })
    expect(removeLanguage(FORM, 'en')).toBe(FORM)
  })

  test('that becomes the default leaves plain texts in the old one', () => {
    const changed = makeDefault(FORM, 'fr')
    expect(changed.title).toEqual({ en: 'Households' })
    expect(changed.choices!.crops![0]!.label).toEqual({ en: 'Maize' })
    expect(languagesOf(changed)).toEqual(['fr', 'en'])
  })
})

const LANGUAGES = ['en', 'fr', 'sw']
const texts: fc.Arbitrary<FormText | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.string(),
  fc.record({ en: fc.string(), fr: fc.string(), sw: fc.string() }, { requiredKeys: [] }),
)

test('what is written into one language is read there, and changes no other', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(...LANGUAGES), fc.string(), (text, language, value) => {
      const after = withText(text, language, 'en', value)
      expect(writtenText(after, language, 'en')).toBe(value)
      for (const other of LANGUAGES)
        if (other !== language) expect(writtenText(after, other, 'en')).toBe(writtenText(text, other, 'en'))
    }),
  )
})

test('readers of a language see what is written in it, or else the default', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(...LANGUAGES), (text, language) => {
      const written = writtenText(text, language, 'en')
      const inDefault = writtenText(text, 'en', 'en')
      const expected = written.trim() !== '' ? written : inDefault.trim() !== '' ? inDefault : undefined
      if (expected !== undefined) expect(textIn(text, language, 'en')).toBe(expected)
    }),
  )
})
