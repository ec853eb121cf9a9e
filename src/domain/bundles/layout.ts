// What may be in an app bundle, and where. Pure: names and texts in, the first fault by name out.
// Source: contracts/synkronus.md, section 7.
import { isObject } from '../../forms/canonical.ts'

/** The files of one form, as names in the archive. */
export interface FormFiles {
  name: string
  schema: string
  ui: string
}

export interface Layout {
  forms: FormFiles[]
  /** Names of the renderers that come along. */
  renderers: string[]
  /** Paths of extensions, of all forms and of single ones. */
  extensions: string[]
}

const BUILT_IN_RENDERERS = new Set(
  (
    'text number integer boolean date time datetime range select combo radio checkbox toggle group categorization ' +
    'category multiselect textarea slider rating builtin-text image signature audio video file qrcode'
  ).split(' '),
)

/** Publishing one costs about fifteen D1 queries, of the 1,000 that a request may make. */
const MAX_FORMS = 60

/** The layout, or a sentence that names the first file at fault. */
export function layoutOf(names: readonly string[]): Layout | string {
  const forms = new Map<string, { schema?: string; ui?: string }>()
  const renderers: string[] = []
  const extensions = names.filter((name) => /^forms\/([^/]+\/)?ext\.json$/.test(name))
  for (const name of names) {
    const parts = name.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\p{C}]/u.test(name))
      return `The path '${name}' is not one of a file inside the bundle`
    const [top, folder = '', file = '', ...deeper] = parts
    if (top === 'app' && parts.length > 1) continue
    if (top === 'forms' && parts.length > 1) {
      if (name === 'forms/ext.json') continue
      const form = forms.get(folder) ?? {}
      if (file === 'schema.json' && deeper.length === 0) form.schema = name
      else if (file === 'ui.json' && deeper.length === 0) form.ui = name
      else if (file !== 'ext.json' || deeper.length > 0)
        return `'${name}' has no place in a bundle: a form is schema.json, ui.json and perhaps ext.json`
      forms.set(folder, form)
    } else if (top === 'renderers' && file === 'renderer.jsx' && deeper.length === 0) {
      renderers.push(folder)
    } else if (top === 'renderers') {
      return `'${name}' has no place in a bundle: a renderer is renderers/<name>/renderer.jsx`
    } else {
      return `'${name}' has no place in a bundle: at its top are app/, forms/ and renderers/`
    }
  }
  if (!names.includes('app/index.html')) return 'app/index.html is missing'
  if (forms.size > MAX_FORMS) return `A bundle has at most ${MAX_FORMS} forms`
  const whole: FormFiles[] = []
  for (const [name, { schema, ui }] of forms) {
    if (!schema) return `forms/${name}/schema.json is missing`
    if (!ui) return `forms/${name}/ui.json is missing`
    if (name.length > 255) return `The name of the form '${name.slice(0, 40)}…' is longer than 255 characters`
    whole.push({ name, schema, ui })
  }
  return { forms: whole.sort((a, b) => (a.name < b.name ? -1 : 1)), renderers, extensions }
}

/** A renderer that the schema names anywhere and nobody brings, or null. */
export function unknownRenderer(schema: unknown, renderers: readonly string[]): string | null {
  const waiting: unknown[] = [schema]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (Array.isArray(value)) {
      for (const item of value) waiting.push(item)
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        const isName = (key === 'x-renderer' || key === 'rendererType') && typeof item === 'string'
        if (isName && !BUILT_IN_RENDERERS.has(item) && !renderers.includes(item)) return item
        waiting.push(item)
      }
    }
  }
  return null
}
