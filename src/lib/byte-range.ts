// The two request headers that make downloads cheap: Range against a known size, and If-None-Match against an ETag.
// Multi-range answers are not offered: such a request gets the whole file, as RFC 9110 allows.

export type ByteRange =
  /** No range to honour: send the whole representation with 200. */
  | { kind: 'none' }
  /** Send `length` bytes from `start` with 206; `end` is the last byte's position, as in Content-Range. */
  | { kind: 'range'; start: number; end: number; length: number }
  /** Answer 416 with a Content-Range of `bytes` and an asterisk for the range, then the size. */
  | { kind: 'unsatisfiable' }

const WHOLE: ByteRange = { kind: 'none' }

/** Reads a Range header against a representation of `size` bytes. First-last, open-ended (`bytes=5-`) and suffix
 *  (`bytes=-5`) ranges are cut to the size. Several ranges, other units and malformed values are `none`.
 *  A suffix of an empty file is `none` too: there is no byte that a 206 could name.
 *  Source: RFC 9110 sections 14.1.1, 14.1.2 and 14.2. */
export const parseByteRange = (header: string | null | undefined, size: number): ByteRange => {
  const set = /^\s*bytes=(.*)$/is.exec(header ?? '')?.[1]
  // A recipient must ignore empty list elements (RFC 9110 section 5.6.1.2).
  const specs = set?.split(',').flatMap((item) => item.trim() || []) ?? []
  const [, first, last] = (specs.length === 1 && /^(\d*)-(\d*)$/.exec(specs[0]!)) || []
  if (first === undefined || last === undefined || (first === '' && last === '')) return WHOLE

  if (first === '') {
    const suffix = Number(last)
    if (suffix === 0) return { kind: 'unsatisfiable' }
    return size === 0 ? WHOLE : range(Math.max(0, size - suffix), size - 1)
  }
  const start = Number(first)
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last)
  if (end < start) return WHOLE
  return start >= size ? { kind: 'unsatisfiable' } : range(start, Math.min(end, size - 1))
}

const range = (start: number, end: number): ByteRange => ({ kind: 'range', start, end, length: end - start + 1 })

/** True when an If-None-Match header names `etag` (quoted, weak or strong) or is `*`: answer 304 to GET and HEAD.
 *  Comparison is weak, so `W/"x"` equals `"x"`. Source: RFC 9110 sections 8.8.3.2 and 13.1.2. */
export const etagMatches = (ifNoneMatch: string | null | undefined, etag: string): boolean => {
  if (ifNoneMatch == null) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = etag.replace(/^W\//, '')
  return [...ifNoneMatch.matchAll(/"[^"]*"/g)].some(([tag]) => tag === opaque)
}
