// How the changes between two versions of a form look on the native wire.
import { z } from '@hono/zod-openapi'
import type { FormDiff } from '../../forms/diff.ts'

const change = { id: z.string(), uid: z.string().nullable() }
const Change = z.object(change).meta({
  id: 'FieldChange',
  description: 'A field by its id in the version that has it: the newer one, or for removed fields the older one',
})

export const FormDiffBody = z
  .object({
    added: z.array(Change),
    removed: z.array(Change).meta({ description: 'Their answers stay, and stay exportable' }),
    renamed: z.array(z.object({ ...change, from: z.string() })),
    type_changed: z.array(z.object({ ...change, from: z.string(), to: z.string() })),
    moved: z.array(z.object({ ...change, from: z.array(z.string()), to: z.array(z.string()) })).meta({
      description: 'Into, out of or between repeats, which `from` and `to` name, the outermost first',
    }),
    options_removed: z.array(z.object({ ...change, values: z.array(z.string()) })),
    made_required: z.array(Change),
  })
  .meta({ id: 'FormDiff' })

export function diffBodyOf(diff: FormDiff): z.infer<typeof FormDiffBody> {
  const named = <C extends { id: string; uid: string | undefined }>({ uid, ...rest }: C) => ({
    ...rest,
    uid: uid ?? null,
  })
  return {
    added: diff.added.map(named),
    removed: diff.removed.map(named),
    renamed: diff.renamed.map(named),
    type_changed: diff.typeChanged.map(named),
    moved: diff.moved.map((one) => ({ ...named(one), from: [...one.from], to: [...one.to] })),
    options_removed: diff.optionsRemoved.map((one) => ({ ...named(one), values: [...one.values] })),
    made_required: diff.madeRequired.map(named),
  }
}
