// Directory queries on users and their memberships.
import { eq } from 'drizzle-orm'
import type { UserId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { users } from './directory-tables.ts'

export async function updatePassword(
  directory: Directory,
  userId: UserId,
  change: { passwordHash: string; forcePasswordReset: boolean },
): Promise<void> {
  await directory.update(users).set(change).where(eq(users.id, userId))
}
