// Opaque page cursors: base64url of a small JSON array. What is in them is nobody's business but the query's.

export const encodeCursor = (values: (string | number)[]): string =>
  Buffer.from(JSON.stringify(values), 'utf8').toString('base64url')

/** Null when the text is no cursor of `length` values. */
export function decodeCursor(text: string, length: number): (string | number)[] | null {
  if (!/^[A-Za-z0-9_-]{1,400}$/.test(text)) return null
  let values: unknown
  try {
    values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    // Not JSON inside: somebody made it up.
    return null
  }
  if (!Array.isArray(values) || values.length !== length) return null
  return values.every((value) => typeof value === 'string' || Number.isSafeInteger(value)) ? values : null
}
