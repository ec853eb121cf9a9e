// Cursors of the feed, as `GET /changes` and its stream give them out.
import { errors } from '../../domain/errors.ts'
import { type Position, START } from '../../domain/sync/changes.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'

export const feedCursor = (epoch: number, { seq, table }: Position): string => encodeCursor([epoch, seq, table])

/** Of nothing, or an empty text: the beginning. `place` is where the cursor stood. Throws `body_invalid` (422). */
export function positionOf(cursor: string | undefined, place: string[]): Position {
  if (!cursor) return START
  const [, seq, table] = decodeCursor(cursor, 3) ?? []
  if (typeof seq !== 'number' || typeof table !== 'number')
    throw errors.valueInvalid(place, 'This is no cursor of ours. Start without one.')
  return { seq, table }
}
