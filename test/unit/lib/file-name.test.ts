// Names and types of uploads: what is stored, what is sent back, what a browser may show.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentDisposition, guessContentType, isInlineSafe, safeFileName } from '../../../src/lib/file-name.ts'

const anyName = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }))

describe('safeFileName', () => {
  test.each([
    ['photo.jpg', 'photo.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\DCIM\\IMG 0001 (2).JPG', 'IMG_0001__2_.JPG'],
    ['naïve 😀.txt', 'na_ve__.txt'],
    ['a/..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['folder/', 'file'],
    ['.hidden', '.hidden'],
    ['nul\0\r\n.txt', 'nul___.txt'],
    [`${'a'.repeat(200)}.jpeg`, `${'a'.repeat(145)}.jpeg`],
    ['a'.repeat(200), 'a'.repeat(150)],
    [`a.${'b'.repeat(200)}`, `a.${'b'.repeat(148)}`],
    [`.${'b'.repeat(200)}`, `.${'b'.repeat(149)}`],
  ])('%j is stored as %j', (name, stored) => {
    expect(safeFileName(name)).toBe(stored)
  })

  test('any name becomes a short, plain, stable one', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const stored = safeFileName(name)
        expect(stored).toMatch(/^[A-Za-z0-9._-]{1,150}$/)
        expect(['.', '..']).not.toContain(stored)
        expect(safeFileName(stored)).toBe(stored)
      }),
    )
  })
})

describe('contentDisposition', () => {
  test.each([
    ['photo 1.jpg', 'inline; filename="photo 1.jpg"'],
    ['naïve (1).txt', 'inline; filename="na_ve (1).txt"; filename*=UTF-8\'\'na%C3%AFve%20%281%29.txt'],
    ['50%"x".txt', 'inline; filename="50__x_.txt"; filename*=UTF-8\'\'50%25%22x%22.txt'],
    ['a/b\\c\r\nSet-Cookie: x', 'inline; filename="a_b_c__Set-Cookie: x"'],
    ['photo\u202egpj.exe', 'inline; filename="photo_gpj.exe"'],
    ['\ud800.txt', 'inline; filename="_.txt"; filename*=UTF-8\'\'%EF%BF%BD.txt'],
    ['', 'inline; filename="file"'],
  ])('%j', (name, header) => {
    expect(contentDisposition('inline', name)).toBe(header)
  })

  test('any name makes one header of plain ASCII, from which the name can be read back', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const header = contentDisposition('attachment', name)
        expect(header).toMatch(/^attachment; filename="[ !#-[\]-~]+"(; filename\*=UTF-8''[\w!#$&+.^`|~%-]+)?$/)
        new Headers({ 'content-disposition': header })
        const [, plain, extended] = /filename="(.*?)"(?:; filename\*=UTF-8''(.*))?$/.exec(header)!
        const read = extended === undefined ? plain! : decodeURIComponent(extended)
        const unsafe = /[\p{Cc}/\\\u202a-\u202e\u2066-\u2069]/gu
        expect(read).toBe(name.toWellFormed().replace(unsafe, '_') || 'file')
      }),
    )
  })
})

test('guessContentType reads the extension, whatever its case, and never trips over strange ones', () => {
  expect(guessContentType('IMG_1.JPG')).toBe('image/jpeg')
  expect(guessContentType('clip.tar.mp4')).toBe('video/mp4')
  expect(guessContentType('track.gpx')).toBe('application/gpx+xml')
  for (const name of ['', 'file', 'file.', 'x.unknown', 'x.constructor', 'x.__proto__', 'x.jpg ']) {
    expect(guessContentType(name)).toBe('application/octet-stream')
  }
})

test('isInlineSafe allows pictures, sound and film that run no script', () => {
  for (const type of ['image/jpeg', 'IMAGE/PNG', 'audio/mpeg', 'video/mp4; codecs="avc1"', ' image/webp ']) {
    expect(isInlineSafe(type), type).toBe(true)
  }
  for (const type of [
    'image/svg+xml',
    'text/html',
    'application/pdf',
    'text/plain',
    'image/',
    '',
    'video/x',
    'image',
  ]) {
    expect(isInlineSafe(type), type).toBe(false)
  }
})
