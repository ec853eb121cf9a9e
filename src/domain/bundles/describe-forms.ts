// The forms of a bundle become forms with versions, when the bundle is the one that is handed out: each is translated
// into the form language, published under its name, and left as it is when its files have not changed.
import { formOfJsonSchema } from '../../forms/json-schema.ts'
import type { AppBundleRow } from '../../storage/app-bundles.ts'
import { findVersion } from '../../storage/forms.ts'
import { findFormsByKey } from '../../storage/untyped-forms.ts'
import type { Ctx } from '../context.ts'
import { createForm, updateForm } from '../forms/forms.ts'
import { publishForm } from '../forms/publish.ts'
import { openRepository } from '../sync/repository.ts'
import { type AppForm, type AppInfo, sha256 } from './app-info.ts'

/** What a version is called that came from these files: the beginning of their hash. */
const labelOf = ({ form_hash, ui_hash }: AppForm): string => sha256(`${form_hash}${ui_hash}`).slice(0, 12)

/** `read` gives a file of the bundle. A name that a form of another project has is left to that project. */
export async function describeForms(
  ctx: Ctx,
  { appInfo }: Pick<AppBundleRow, 'appInfo'>,
  read: (path: string) => Promise<string>,
): Promise<void> {
  const { forms } = JSON.parse(appInfo) as AppInfo
  const { projectId } = (await openRepository(ctx)).repository
  const known = new Map((await findFormsByKey(ctx.db, Object.keys(forms))).map((form) => [form.key, form]))
  for (const [key, form] of Object.entries(forms)) {
    const there = known.get(key)
    const versionLabel = labelOf(form)
    if (there && there.projectId !== projectId) {
      ctx.deps.log({ level: 'warn', event: 'bundle_form_of_other_project', tenant: ctx.tenant.slug, form: key })
      continue
    }
    if (there?.currentVersionId) {
      const live = await findVersion(ctx.db, there.currentVersionId)
      if (live?.version.versionLabel === versionLabel) continue
    }
    const schema: Record<string, unknown> = formOfJsonSchema(JSON.parse(await read(`forms/${key}/schema.json`)))
    const from = { versionLabel, source: null }
    const name = typeof schema.title === 'string' ? schema.title : key
    const { id } = there
      ? await updateForm(ctx, there.id, { schema, from })
      : await createForm(ctx, { projectId, name, key, schema, from })
    // Phones may hold answers to the version before: they stay as they are.
    await publishForm(ctx, id, { force: true })
  }
}
