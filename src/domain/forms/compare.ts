// What changed between two versions of a form, and finding versions by the names that people have for them.
import { diffSchemas, type FormDiff, isUnchanged, needsForce } from '../../forms/diff.ts'
import { type FormId, type FormVersionId, parseId } from '../../lib/ids.ts'
import {
  type FormHead,
  type FormVersionRow,
  findVersion,
  findVersionByNum,
  hasSubmissions,
} from '../../storage/forms.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { parseSchema } from './definition.ts'
import { requireForm } from './forms.ts'

/** A version by its id or number, or as `live` or `draft`. Throws `version_not_found`. */
export async function findNamedVersion(ctx: Ctx, form: FormHead, name: string): Promise<FormVersionRow> {
  if (/^\d{1,9}$/.test(name)) {
    const version = await findVersionByNum(ctx.db, form.id, Number(name))
    if (version) return version
    throw errors.versionNotFound()
  }
  const id =
    name === 'live' ? form.currentVersionId : name === 'draft' ? form.draftVersionId : parseId<FormVersionId>(name)
  const found = id && (await findVersion(ctx.db, id))
  if (!found || found.version.formId !== form.id) throw errors.versionNotFound()
  return found.version
}

export interface Comparison {
  from: FormVersionRow
  to: FormVersionRow
  diff: FormDiff
  isUnchanged: boolean
  /** Publishing `to` after `from` needs the author's word. */
  needsForce: boolean
}

/** Without names: from the live version to the draft, or to the live version where there is no draft.
 *  Throws `form_not_found`, `version_not_found`. */
export async function compareVersions(
  ctx: Ctx,
  formId: FormId,
  names: { from?: string; to?: string },
): Promise<Comparison> {
  const form = await requireForm(ctx, 'form.read', formId)
  const from = await findNamedVersion(ctx, form, names.from ?? 'live')
  const to = await findNamedVersion(ctx, form, names.to ?? (form.draftVersionId ? 'draft' : 'live'))
  const diff = diffSchemas(parseSchema(from), parseSchema(to))
  return { from, to, diff, isUnchanged: isUnchanged(diff), needsForce: await changesAnswers(ctx, formId, diff) }
}

/** Whether answers that are there would be read as something else, or not be found. */
export async function changesAnswers(ctx: Ctx, formId: FormId, diff: FormDiff): Promise<boolean> {
  // Which of the fields are answered is not looked at: that would mean reading every submission.
  if (!needsForce(diff, () => true)) return false
  return hasSubmissions(ctx.db, formId)
}
