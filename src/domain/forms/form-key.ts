// A form's key: its name for other systems, made once from what people call the form.
import type { FormId } from '../../lib/ids.ts'

export const FORM_KEY = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/

/** Leaves room for the number that tells forms of one name apart. */
const MAX_CHARS = 80

/** `Ménages 2026` -> `menages_2026`; `2026` -> `form_2026`; names without Latin letters and digits -> `form_<8 of the id>`. */
export function formKeyOf(name: string, id: FormId): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_CHARS)
    .replace(/^_+|_+$/g, '')
  if (slug === '') return `form_${id.slice(0, 8)}`
  return /^[a-z]/.test(slug) ? slug : `form_${slug}`
}
