// Names of archive entries: whatever files were called, what comes out can be unpacked anywhere and overwrites nothing.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EntryNames } from '../../../src/lib/entry-names.ts'

const take = (...names: string[]): string[] => {
  const archive = new EntryNames()
  return names.map((name) => archive.take(name))
}

describe('names that are left alone', () => {
  test.each([
    'report.csv',
    'media/8d0c/photo/IMG_2026.jpg',
    'Ærø/Überblick 2026.csv',
    '調査.csv',
    '.hidden',
    'no extension',
    'constant.txt',
  ])('%s', (name) => expect(take(name)).toEqual([name]))
})

describe('names that are made safe', () => {
  test.each([
    ['../../etc/passwd', 'etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['a/./b//c', 'a/b/c'],
    ['C:\\Windows\\cmd.exe', 'C_/Windows/cmd.exe'],
    ['..', 'file'],
    ['', 'file'],
    ['photo\u0000\n.jpg', 'photo__.jpg'],
    ['invoice\u202egpj.exe', 'invoice_gpj.exe'],
    ['what?*.txt', 'what__.txt'],
    ['dots... ', 'dots____'],
    ['nul.txt', '_nul.txt'],
    ['lone \ud800', 'lone \ufffd'],
    ['1/2/3/4/5/6/7/8/9/10', '3/4/5/6/7/8/9/10'],
  ])('%j', (name, safe) => expect(take(name)).toEqual([safe]))

  test('a long one is cut between characters and keeps its extension', () => {
    const [name] = take(`${'é'.repeat(300)}.jpeg`)
    expect(name).toBe(`${'é'.repeat(97)}.jpeg`)
  })
})

describe('names that meet', () => {
  test.each([
    [
      ['photo.jpg', 'photo.jpg', 'photo.jpg'],
      ['photo.jpg', 'photo (2).jpg', 'photo (3).jpg'],
    ],
    [
      ['photo.jpg', 'PHOTO.JPG'],
      ['photo.jpg', 'PHOTO (2).JPG'],
    ],
    [
      ['photo.jpg', 'photo (2).jpg', 'photo.jpg'],
      ['photo.jpg', 'photo (2).jpg', 'photo (3).jpg'],
    ],
    [
      ['caf\u00e9', 'cafe\u0301'],
      ['caf\u00e9', 'cafe\u0301 (2)'],
    ],
    [
      ['a', 'a/b'],
      ['a', 'a (2)/b'],
    ],
    [
      ['a/b', 'a'],
      ['a/b', 'a (2)'],
    ],
    [
      ['a/b', 'a/c', 'A/d'],
      ['a/b', 'a/c', 'A/d'],
    ],
    [
      ['a', 'a/b', 'a/c', 'a (2)'],
      ['a', 'a (2)/b', 'a (2)/c', 'a (2) (2)'],
    ],
  ])('%j', (names, given) => expect(take(...names)).toEqual(given))

  test('many of one name are told apart without trying all numbers again', () => {
    const names = take(...Array.from({ length: 30_000 }, () => 'photo.jpg'))
    expect(names.at(-1)).toBe('photo (30000).jpg')
  })
})

/** Few different characters, so that names meet. */
const hostile = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'A', '.', '/', '\\', ' ', '(', '2', ')', '\u0000', 'é', '\ud800'),
    maxLength: 8,
  }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', minLength: 150, maxLength: 300 }),
)

test('any names: no two are one file, none is also a folder, none leaves the archive', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 30 }), (names) => {
      const given = take(...names)
      const keys = given.map((name) => name.normalize('NFC').toLowerCase())
      expect(new Set(keys).size).toBe(names.length)
      for (const [index, name] of given.entries()) {
        const segments = name.split('/')
        expect(segments.length).toBeLessThanOrEqual(8)
        for (const segment of segments) {
          expect(segment).toMatch(/^[^\p{Cc}\\:*?"<>|]+$/u)
          expect(segment).toMatch(/[^. ]$/)
          expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(220)
        }
        for (let depth = 1; depth < segments.length; depth++) {
          expect(keys).not.toContain(keys[index]!.split('/').slice(0, depth).join('/'))
        }
      }
    }),
  )
})

test('any names: taken again, they stay as they are', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 30 }), (names) => {
      const given = take(...names)
      expect(take(...given)).toEqual(given)
    }),
  )
})
