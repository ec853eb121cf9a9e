// How large a form document may be. Apart from what checks it, for whoever only has to know.

/** Levels of `fields` inside `fields`; the top level is the first. Bounds the recursion of everything that walks. */
export const MAX_DEPTH = 32
/** Fields in one document, nested levels included. */
export const MAX_FIELDS = 5_000
/** Characters in a field id. */
export const MAX_ID_LENGTH = 255
