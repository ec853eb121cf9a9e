// The languages of the dashboard: each has every text of the others, with the same gaps to fill, and the screens name
// no text that is not there.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'

const FOLDER = 'dashboard/src/i18n/locales'
const read = (tag: string): Record<string, string> => JSON.parse(readFileSync(`${FOLDER}/${tag}.json`, 'utf8'))
const tags = globSync(`${FOLDER}/*.json`).map((path) => basename(path, '.json'))
const english = read('en')

const PLURAL = /_(zero|one|two|few|many|other)$/
const stemsOf = (texts: Record<string, string>) => new Set(Object.keys(texts).map((key) => key.replace(PLURAL, '')))
const gapsOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

test('English and Spanish are there', () => {
  expect(tags).toEqual(expect.arrayContaining(['en', 'es']))
})

describe.each(tags)('%s', (tag) => {
  const texts = read(tag)

  test('has every text, and no other', () => {
    expect([...stemsOf(texts)].sort()).toEqual([...stemsOf(english)].sort())
  })

  test('has every plural form of its language', () => {
    const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories
    const stems = Object.keys(english).flatMap((key) => (key.endsWith('_other') ? [key.slice(0, -6)] : []))
    // "many" is for millions in Spanish and its like: the general form serves.
    const needed = forms.filter((form) => form !== 'many' || /^(ar|be|cs|cy|he|lt|mt|pl|ru|sk|uk)/.test(tag))
    const missing = stems.flatMap((stem) => needed.map((form) => `${stem}_${form}`)).filter((key) => !(key in texts))
    expect(missing).toEqual([])
  })

  test('leaves the same gaps, and no text is empty', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect(text.trim(), key).not.toBe('')
      // A singular may say "one" instead of its number.
      const wanted = gapsOf(english[key] ?? english[`${key.replace(PLURAL, '')}_other`]!)
      if (!PLURAL.test(key)) expect([key, gapsOf(text)]).toEqual([key, wanted])
      else expect(wanted).toEqual(expect.arrayContaining(gapsOf(text)))
    }
  })

  test('is sorted, so that two people who add a text seldom meet', () => {
    const keys = Object.keys(texts)
    expect(keys).toEqual([...keys].sort())
  })
})

test('every text is used somewhere', () => {
  const code = globSync('dashboard/src/**/*.{ts,tsx}')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  // Put together from data: t(`theme.${theme}`), word('role', role).
  const built = [...code.matchAll(/t\(`([a-z_.]+)\$\{|word\('([a-z_.]+)'/g)].map(([, a, b]) => a ?? `${b}.`)
  const unused = [...stemsOf(english)].filter(
    (key) => !code.includes(`'${key}'`) && !built.some((start) => key.startsWith(start)),
  )
  expect(unused).toEqual([])
})
