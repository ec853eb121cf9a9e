// A name as part of file names: letters and digits of any script, and nothing that a file system or a header minds.

const MAX_CHARS = 40

/** Lower case, with `_` for spaces and everything else that is no letter, digit, `_` or `-`; at most 40 characters.
 *  `fallback` where nothing is left. Idempotent. */
export function slugOf(name: string, fallback: string): string {
  const clean = name
    .toWellFormed()
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, '_')
    .replace(/_{2,}/g, '_')
  // Whole characters: half of one is no letter.
  return trimmed([...trimmed(clean)].slice(0, MAX_CHARS).join('')) || fallback
}

const trimmed = (text: string): string => text.replace(/^_+|_+$/g, '')
