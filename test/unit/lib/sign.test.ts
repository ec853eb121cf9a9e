// Signed tokens: they come back unchanged, and nothing else does.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSigned, signBytes } from '../../../src/lib/sign.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const OTHER = 'fedcba9876543210fedcba9876543210'

test('what was signed can be opened, with any secret of the ring', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (payload) => {
      const token = signBytes(SECRET, 'link', payload)
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/)
      expect([...openSigned([OTHER, SECRET], 'link', token)!]).toEqual([...payload])
    }),
  )
})

test('another secret and another purpose open nothing', () => {
  const token = signBytes(SECRET, 'link', new Uint8Array([1, 2, 3]))
  expect(openSigned([OTHER], 'link', token)).toBeNull()
  expect(openSigned([], 'link', token)).toBeNull()
  expect(openSigned([SECRET], 'export', token)).toBeNull()
})

test('a token with any one character changed, added or taken away opens nothing', () => {
  const token = signBytes(SECRET, 'link', new Uint8Array([1, 2, 3, 4]))
  for (let i = 0; i < token.length; i++) {
    for (const char of ['A', 'b', '_', '=', ' ']) {
      const changed = token.slice(0, i) + char + token.slice(i + 1)
      if (changed !== token) expect(openSigned([SECRET], 'link', changed)).toBeNull()
      expect(openSigned([SECRET], 'link', token.slice(0, i) + char + token.slice(i))).toBeNull()
    }
    expect(openSigned([SECRET], 'link', token.slice(0, i) + token.slice(i + 1))).toBeNull()
  }
})

test('garbage of any length opens nothing', () => {
  fc.assert(fc.property(fc.string({ maxLength: 1_000 }), (text) => openSigned([SECRET], 'link', text) === null))
})
