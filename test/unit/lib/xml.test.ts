// Escaping, as a strict XML parser reads it back.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalText, escapeXml } from '../../../src/lib/xml.ts'
import { readXml } from '../../support/xml-reader.ts'

const roundTrip = (text: string): string => readXml(`<a>${escapeXml(text)}</a>`).text

test.each([
  ['<a href="x">&amp;</a>', '<a href="x">&amp;</a>'],
  [']]>', ']]>'],
  ['a\r\nb\tc', 'a\r\nb\tc'],
  ['other ends of lines: \u0085 \u2028', 'other ends of lines: \u0085 \u2028'],
  ['NUL \u0000 and \u001b', 'NUL \ufffd and \ufffd'],
  ['not characters \ufffe \uffff', 'not characters \ufffd \ufffd'],
  ['half \ud83d, whole \ud83d\ude00', 'half \ufffd, whole \ud83d\ude00'],
])('%j', (text, read) => expect(roundTrip(text)).toBe(read))

test('any text that XML can hold comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(roundTrip(text)).toBe(text)
      // Parsers make spaces of line breaks in attributes; none of ours holds any.
      const inLine = text.replace(/\s/g, '_')
      expect(readXml(`<a b="${escapeXml(inLine)}"/>`).attributes.b).toBe(inLine)
    }),
  )
})

test('any number is written without an exponent, and read back the same', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
      const text = decimalText(value)
      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
      expect(Number(text)).toBe(value === 0 ? 0 : value)
    }),
  )
})
