// Forms from XLSForm workbooks and back: a new form, or a new draft of one that is there.
import type { SheetFinding } from '../../forms/xlsform/findings.ts'
import { readXlsform, type XlsformForm } from '../../forms/xlsform/read.ts'
import { writeXlsform } from '../../forms/xlsform/write.ts'
import type { FormId, ProjectId } from '../../lib/ids.ts'
import { inspectJson } from '../../lib/json-guard.ts'
import { readWorkbook, WorkbookError, writeWorkbook } from '../../lib/workbook.ts'
import { findProject } from '../../storage/projects.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { AppError, errors } from '../errors.ts'
import { findNamedVersion } from './compare.ts'
import { parseSchema } from './definition.ts'
import { FORM_KEY } from './form-key.ts'
import { createForm, type FormHead, requireForm, updateForm } from './forms.ts'
import { dropLoose, keepSource } from './source.ts'

/** Bytes of a workbook, as it is sent. */
export const MAX_WORKBOOK_BYTES = 10 * 1024 * 1024
const MAX_NAME_CHARS = 200
const MAX_JSON_DEPTH = 100

export type ImportTarget = { formId: FormId; projectId: ProjectId | null } | { formId: null; projectId: ProjectId }

export interface Imported {
  form: FormHead
  warnings: readonly SheetFinding[]
}

/** May this caller import here? Asked before the file is read. Throws `project_not_found`, `form_not_found`, `forbidden`. */
export async function checkImportTarget(ctx: Ctx, { formId, projectId }: ImportTarget): Promise<FormHead | null> {
  if (projectId !== null && !(await findProject(ctx.db, projectId))) throw errors.projectNotFound()
  if (formId === null) {
    authorize(ctx, 'form.write', { projectId })
    return null
  }
  const form = await requireForm(ctx, 'form.write', formId)
  if (projectId !== null && projectId !== form.projectId) throw errors.formNotFound()
  return form
}

/**
 * Reads a workbook and stores the form with it. Nothing is stored unless all of it is right. Throws `xlsform_invalid`
 * with every fault, `form_key_taken`, `body_too_large`, and what `checkImportTarget` throws.
 */
export async function importForm(
  ctx: Ctx,
  target: ImportTarget,
  file: { name: string; bytes: Uint8Array },
): Promise<Imported> {
  const existing = await checkImportTarget(ctx, target)
  const { form, warnings } = await readForm(file.bytes)
  const schema = form.schema as Record<string, unknown>
  const source = await keepSource(ctx, file.bytes)
  const from = { versionLabel: form.version === '' ? null : form.version, source }
  try {
    if (existing) {
      const imported = await updateForm(ctx, existing.id, { schema, from })
      return { form: imported, warnings: [...warnings, ...keyWarning(form, imported)] }
    }
    const name = (form.title || stemOf(file.name) || form.formId || 'Imported form').slice(0, MAX_NAME_CHARS)
    const key = FORM_KEY.test(form.formId) ? form.formId : undefined
    const imported = await createForm(ctx, { projectId: target.projectId!, name, schema, key, from })
    return { form: imported, warnings: [...warnings, ...keyWarning(form, imported)] }
  } catch (error) {
    // After an unclear failure of the database the version may be there and name the file: the sweep finds out.
    if (!(error instanceof AppError) || error.status >= 500) throw error
    await dropLoose(ctx, source)
    if (error.code === 'form_key_taken') {
      throw errors.formKeyTaken(form.formId, '. To make a new draft of it, send its id as form_id')
    }
    if (error.code !== 'body_too_large') throw error
    throw errors.xlsformInvalid([
      ofWhole('The form is too large, 1.5 MB as a definition. Shorten its lists, or split it.'),
    ])
  }
}

async function readForm(bytes: Uint8Array): Promise<{ form: XlsformForm; warnings: readonly SheetFinding[] }> {
  const sheets = await readWorkbook(bytes).catch((error: unknown) => {
    if (!(error instanceof WorkbookError)) throw error
    throw errors.xlsformInvalid([ofWhole(error.message)])
  })
  const read = readXlsform(sheets)
  if (!read.ok) throw errors.xlsformInvalid(read.faults)
  const inspected = inspectJson(read.form.schema, { maxDepth: MAX_JSON_DEPTH })
  if (!inspected.ok) {
    const message = `The form cannot be kept: ${inspected.path} is a name or a character that no client can read.`
    throw errors.xlsformInvalid([ofWhole(message)])
  }
  return read
}

const ofWhole = (message: string): SheetFinding => ({ sheet: null, row: null, column: null, cell: null, message })

function keyWarning({ formId }: XlsformForm, form: FormHead): SheetFinding[] {
  if (formId === '' || formId === form.key) return []
  const message = `The form's key is '${form.key}', which never changes; form_id '${formId.slice(0, 100)}' is left out.`
  return [{ sheet: 'settings', row: null, column: 'form_id', cell: null, message }]
}

const stemOf = (filename: string): string =>
  filename
    .slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1)
    .replace(/\.xlsx$/i, '')
    .trim()

/** The form as a workbook. Without a name of a version: the draft, or else the live one. Throws `form_not_found`,
 *  `version_not_found`, `xlsform_unwritable`. */
export async function exportXlsform(
  ctx: Ctx,
  formId: FormId,
  versionName?: string,
): Promise<{ filename: string; bytes: Uint8Array }> {
  const form = await requireForm(ctx, 'form.read', formId)
  const version = await findNamedVersion(ctx, form, versionName ?? (form.draftVersionId ? 'draft' : 'live'))
  const names = { key: form.key, version: version.versionLabel ?? String(version.versionNum) }
  const { sheets, tooLong } = writeXlsform(parseSchema(version), names)
  if (tooLong.length > 0) throw errors.xlsformUnwritable([...tooLong])
  return { filename: `${form.key}.xlsx`, bytes: await writeWorkbook(sheets) }
}
