// App bundles as form designers zip them.
import { strToU8, zipSync } from 'fflate'
import { sendParts, type Wire } from './synkronus.ts'

export type BundleFiles = Record<string, string | Uint8Array>

export const schemaOf = (properties: Record<string, unknown>, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties, ...more }, null, 2)

export const uiOf = (...names: string[]): string =>
  JSON.stringify({
    type: 'VerticalLayout',
    elements: names.map((name) => ({ type: 'Control', scope: `#/properties/${name}` })),
  })

/** A form of a bundle: its two files. */
export const formFiles = (name: string, schema: string, ui = uiOf()): BundleFiles => ({
  [`forms/${name}/schema.json`]: schema,
  [`forms/${name}/ui.json`]: ui,
})

export const HOUSEHOLD = schemaOf(
  {
    name: { type: 'string', title: 'Name of the head' },
    members: { type: 'integer', title: 'Members', minimum: 1, maximum: 40 },
    roof: { type: 'string', enum: ['iron', 'thatch'] },
    visited: { type: 'string', format: 'date' },
  },
  { required: ['name'] },
)

export const PAGE: BundleFiles = { 'app/index.html': '<!doctype html><title>Survey</title>' }

export const BUNDLE: BundleFiles = {
  ...PAGE,
  'app/style.css': 'body { color: black }',
  'app/js/main.js': 'console.log(1)',
  ...formFiles('household', HOUSEHOLD, uiOf('name', 'members', 'roof', 'visited')),
}

export const zipOf = (files: BundleFiles): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    zipSync(
      Object.fromEntries(
        Object.entries(files).map(([path, content]) => [
          path,
          typeof content === 'string' ? strToU8(content) : content,
        ]),
      ),
    ),
  )

export const pushArchive = (by: Wire, archive: Uint8Array | string, field = 'bundle') =>
  sendParts(by, 'POST', '/app-bundle/push', [
    { name: field, content: archive, filename: 'bundle.zip', type: 'application/zip' },
  ])

export const pushBundle = (by: Wire, files: BundleFiles) => pushArchive(by, zipOf(files))
