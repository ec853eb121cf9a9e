// Numbers as people type them.
import { canonicalNumber } from '../../../src/forms/canonical.ts'

/** Digits that a number in memory keeps to the last one. */
const SAFE_DIGITS = 15

/** A number while it is being typed: a number once it says the same as what stands there, else the text itself (`1.`,
 *  `1.0`, `-`), so that no key is lost. */
export function typedNumber(text: string): number | string | undefined {
  if (text.trim() === '') return undefined
  const number = Number(text)
  return Number.isFinite(number) && String(number) === text ? number : text
}

/** What was typed, when it is finished: a number where it is one, in digits of any script and with a decimal comma. */
export function finishedNumber(text: string): number | string | undefined {
  if (text.trim() === '') return undefined
  const latin = text
    .trim()
    .replaceAll(/\p{Nd}/gu, digitOf)
    .replaceAll('٫', '.')
    .replace(/^([+-]?\d*),(\d+)$/, '$1.$2')
  const isExact = latin.replaceAll(/\D/g, '').length <= SAFE_DIGITS
  return (isExact ? canonicalNumber(latin) : undefined) ?? text
}

/** Decimal digits stand in runs of ten, each of which begins with its zero. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0)!
  if (code < 128) return digit
  let zero = code
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
  return String(code - zero)
}
