// Reading a few fields of very many submissions: which fields, over all versions of a form, and pages of the answers that
// they are found in. A field is the same as long as its uid is; each version keeps its own way of finding it.
import { type Answers, isObject, type Place } from '../../forms/canonical.ts'
import type { Field, FormSchema } from '../../forms/schema.ts'
import { textIn } from '../../forms/texts.ts'
import { childrenOf } from '../../forms/uids.ts'
import type { FormVersionId, SubmissionId } from '../../lib/ids.ts'
import { type ScannedRow, scanAnswers } from '../../storage/answer-scan.ts'
import type { FormHead } from '../../storage/forms.ts'
import { getText } from '../../storage/large-texts.ts'
import type { SubmissionFilter } from '../../storage/submissions.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { versionsOf } from '../exports/plan.ts'

/** How a version finds the answers of a field. */
export interface FieldReader {
  /** Place in `Projection.fields`. */
  readonly index: number
  readonly place: Place
  /** From the document to the rows that the field stands in; empty outside repeats. */
  readonly repeats: readonly Place[]
}

export interface ProjectedField {
  /** As the newest version has it that has it. */
  readonly field: Field
  /** The document of that version: its lists of options. */
  readonly schema: FormSchema
  /** Id of the innermost repeat around it; null outside repeats. */
  readonly repeat: string | null
}

export interface Projection {
  /** In the order of the current version, then those that only earlier ones have. */
  readonly fields: readonly ProjectedField[]
  /** Submissions of no version are read as if they were of the current one. */
  readersOf(versionId: FormVersionId | null): readonly FieldReader[]
  /** Keys of the outermost level under which all of it is found; null: better take everything. */
  readonly keys: readonly string[] | null
}

/** A text of the field's document (its label, those of its options) in the language, or else in the form's own. */
export const textOf = ({ schema }: ProjectedField, text: unknown, language?: string): string | undefined =>
  textIn(text, language, typeof schema.default_language === 'string' ? schema.default_language : undefined)?.trim()

/** A function takes 32 arguments on D1 (developers.cloudflare.com/d1/platform/limits), where the local simulator takes more. */
const MAX_KEYS = 31

export async function projectionOf(
  ctx: Ctx,
  form: FormHead,
  filter: SubmissionFilter,
  wanted: (field: Field) => boolean,
): Promise<Projection> {
  const fields: ProjectedField[] = []
  const indexes = new Map<string, number>()
  const readers = new Map<FormVersionId, FieldReader[]>()
  const keys = new Set<string>()
  let current: FieldReader[] | undefined
  for await (const { id, schema } of versionsOf(ctx.db, form, filter)) {
    const own: FieldReader[] = []
    const walk = (level: readonly Field[], groups: readonly string[], repeats: readonly Place[]): void => {
      for (const field of level) {
        const place = { id: field.id, groups }
        if (field.type === 'group') walk(childrenOf(field), [...groups, field.id], repeats)
        else if (field.type === 'repeat') walk(childrenOf(field), [], [...repeats, place])
        else if (wanted(field)) {
          // Of another type, or in rows instead of outside of them, it is another question.
          const identity = `${field.type} ${repeats.length} ${field.uid || `id:${field.id}`}`
          const index = indexes.get(identity) ?? fields.length
          if (index === fields.length) fields.push({ field, schema, repeat: repeats.at(-1)?.id ?? null })
          indexes.set(identity, index)
          own.push({ index, place, repeats })
          const outermost = repeats[0] ?? place
          for (const key of [...outermost.groups, outermost.id]) keys.add(key)
        }
      }
    }
    walk(schema.fields, [], [])
    readers.set(id, own)
    current ??= own
  }
  const readersOf = (versionId: FormVersionId | null) => (versionId && readers.get(versionId)) || (current ?? [])
  return { fields, readersOf, keys: projectableKeys(keys) }
}

/** Null: better take everything. With a single path, SQLite would answer the value itself instead of a list. Paths can't spell every key. */
export function projectableKeys(keys: ReadonlySet<string>): readonly string[] | null {
  if (keys.size > MAX_KEYS || [...keys].some((key) => /["\\\p{Cc}]/u.test(key))) return null
  const [first] = keys
  return keys.size === 1 ? [first!, first!] : [...keys]
}

export interface ProjectedSubmission {
  id: SubmissionId
  createdSeq: number
  collectedAtMs: EpochMs | null
  /** As much of them as the projection needs. */
  answers: Answers
  readers: readonly FieldReader[]
}

export interface ProjectedPage {
  /** Answers that are objects of their own are fetched one after the other, when their turn comes. */
  submissions: AsyncIterable<ProjectedSubmission>
  rows: number
  bytes: number
  /** Where the next page begins; null at the end. */
  next: number | null
}

/** Newest first. */
export async function readProjected(
  ctx: Ctx,
  filter: SubmissionFilter,
  projection: Projection,
  page: { before?: number; maxRows: number; maxBytes: number },
): Promise<ProjectedPage> {
  const { keys } = projection
  const { before, ...limits } = page
  const { rows, bytes, more } = await scanAnswers(ctx.db, filter, { keys, beforeCreatedSeq: before, ...limits })
  async function* submissions(): AsyncGenerator<ProjectedSubmission, void, undefined> {
    for (const row of rows) {
      const answers = row.dataKey === null ? projected(row, keys) : await largeAnswers(ctx, row.dataKey)
      const { id, createdSeq, collectedAtMs, formVersionId } = row
      yield { id, createdSeq, collectedAtMs, answers, readers: projection.readersOf(formVersionId) }
    }
  }
  return { submissions: submissions(), rows: rows.length, bytes, next: more ? rows.at(-1)!.createdSeq : null }
}

function projected({ answers }: ScannedRow, keys: readonly string[] | null): Answers {
  const parsed: unknown = JSON.parse(answers ?? 'null')
  if (keys === null || !Array.isArray(parsed)) return isObject(parsed) ? parsed : {}
  return Object.fromEntries(keys.flatMap((key, i) => (parsed[i] === null ? [] : [[key, parsed[i]]])))
}

/** None where the object has gone meanwhile: the submission was edited or erased since its row was read. */
async function largeAnswers(ctx: Ctx, dataKey: string): Promise<Answers> {
  const text = await getText(ctx.deps.blobs, dataKey)
  const parsed: unknown = text === null ? null : JSON.parse(text)
  return isObject(parsed) ? parsed : {}
}
