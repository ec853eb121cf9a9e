// The repository's generation, as clients claim it and are told. Source: contracts/synkronus.md, section 5.
import type { Context } from 'hono'
import type { SynkronusEnv } from './env.ts'

export const GENERATION = 'x-repository-generation'

/** The header wins; what is no generation counts as not said. */
export function generationOf(c: Context<SynkronusEnv>, inBody: number | null | undefined): number | null {
  const header = c.req.header(GENERATION)
  const claimed = header !== undefined && /^\d{1,15}$/.test(header.trim()) ? Number(header) : (inBody ?? 0)
  return claimed >= 1 ? claimed : null
}
