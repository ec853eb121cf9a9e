// Which photos and files a submission's answers speak of. Whether they have arrived is not known here.
import { type Answers, isAnswered, isObject, readAnswer } from './canonical.ts'
import type { CompiledForm, FieldLocation } from './compile.ts'

export interface MediaAnswer {
  fieldId: string
  /** Row of the repeat that the field stands in (`hh[1]`, `hh[1].kids[0]`); '' outside repeats. */
  repeatPath: string
  /** What the device calls the file, usually a path or URI of its own. */
  marker: string
}

/** One per file: a field that holds a list names several. In the order of the form, then of the rows.
 *  Source: contracts/native.md, section 8.7. */
export function mediaAnswers(form: CompiledForm, data: Answers): MediaAnswer[] {
  const found: MediaAnswer[] = []
  for (const location of form.mediaFields) collect(location, 0, data, '', found)
  return found
}

function collect(location: FieldLocation, depth: number, row: Answers, repeatPath: string, found: MediaAnswer[]): void {
  const repeat = location.repeats[depth]
  if (!repeat) {
    const value = readAnswer(row, location.place)
    if (!isAnswered(location.field.type, value)) return
    for (const one of Array.isArray(value) ? value : [value])
      if (isAnswered(location.field.type, one))
        found.push({ fieldId: location.field.id, repeatPath, marker: markerOf(one) })
    return
  }
  const rows = readAnswer(row, repeat)
  if (!Array.isArray(rows)) return
  const prefix = repeatPath === '' ? '' : `${repeatPath}.`
  for (const [index, inner] of rows.entries())
    if (isObject(inner)) collect(location, depth + 1, inner, `${prefix}${repeat.id}[${index}]`, found)
}

function markerOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (isObject(value))
    for (const key of ['uri', 'filename', 'name']) if (typeof value[key] === 'string') return value[key]
  return JSON.stringify(value)
}
