// What leaves again: the demo's form in every format, as files to open.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXPORT_FORMATS } from '../../src/domain/exports/model.ts'

export interface ExportedFile {
  name: string
  bytes: number
  ms: number
}

/** Downloads every format, into `folder` where there is one. Throws with the server's words for what it refuses. */
export async function exportEverything(url: string, token: string, formId: string, folder: string | null) {
  if (folder) mkdirSync(folder, { recursive: true })
  const files: ExportedFile[] = []
  for (const format of EXPORT_FORMATS) {
    const startMs = performance.now()
    const response = await fetch(`${url}/api/v1/submissions/export/${format}?form_id=${formId}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if (!response.ok) throw new Error(`Export as ${format}: ${response.status} ${await response.text()}`)
    const content = Buffer.from(await response.arrayBuffer())
    const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? format
    if (folder) writeFileSync(join(folder, name), content)
    files.push({ name, bytes: content.length, ms: performance.now() - startMs })
  }
  return files
}
