// Text and numbers as XML holds them. Whatever the text, the document stays well-formed.
// Source: XML 1.0, fifth edition, sections 2.2 (characters), 2.4 (escaping) and 2.11 (ends of lines).

/** Outside `Char` of section 2.2 ... */
const FORBIDDEN = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff\\p{Cs}'
/** ... or with a meaning of its own. A bare carriage return would be read back as a line feed, by parsers that know
 *  XML 1.1 two further ends of lines, too. */
const SPECIAL = new RegExp(`[&<>"\\r\\u0085\\u2028${FORBIDDEN}]`, 'gu')

const NAMES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\u0085': '&#133;',
  '\u2028': '&#8232;',
}

/** `text` for the content of an element, or of an attribute in double quotes. What XML cannot hold, such as NUL, becomes
 *  the replacement character. */
export const escapeXml = (text: string): string => text.replace(SPECIAL, (char) => NAMES[char] ?? '\ufffd')

/** A finite number as `xsd:decimal`, which has no exponents: `0.0000001` for 1e-7. */
export function decimalText(value: number): string {
  const text = Object.is(value, -0) ? '0' : String(value)
  const [mantissa = '', exponent] = text.split('e')
  if (exponent === undefined) return text
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  // One digit stands before the point of a mantissa.
  const point = Number(exponent) + 1
  return point > 0 ? sign + digits.padEnd(point, '0') : `${sign}0.${'0'.repeat(-point)}${digits}`
}
