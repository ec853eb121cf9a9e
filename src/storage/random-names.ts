// Names that clients choose, in SQL: a random one (a UUID, with the ending of a file or without) says nothing of anybody
// and can't be chosen twice by chance; any other may be a person's, and is not kept for longer than it is needed.

/** Condition: the text is a random name. Without GLOB over the whole of it: D1's patterns end at 50 bytes. */
export const isRandomName = (name: string): string => `(length(${name}) BETWEEN 36 AND 46
  AND length(replace(substr(${name}, 1, 36), '-', '')) = 32
  AND lower(replace(substr(${name}, 1, 36), '-', '')) NOT GLOB '*[^0-9a-f]*'
  AND (length(${name}) = 36 OR (substr(${name}, 37, 1) = '.' AND substr(${name}, 38) NOT GLOB '*[^0-9A-Za-z]*')))`

/** As long as a sync client is remembered that does not come. */
const KEPT_MS = 365 * 24 * 3_600_000

/** Value: when a name is to be forgotten that went at `atMs`; null: never. */
export const forgetAt = (name: string, atMs: string): string => `iif(${isRandomName(name)}, NULL, ${atMs} + ${KEPT_MS})`
