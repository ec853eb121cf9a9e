// Writes test/conformance/synkronus/openapi.d.ts: the types that openapi-typescript, a public generator, makes of the
// transcribed OpenAPI document beside it. With `--check` it writes nothing and fails when they are not what it would write.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import openapiTypescript, { astToString } from 'openapi-typescript'
import ts from 'typescript'
import { ROOT } from './local/paths.ts'

const FOLDER = join(ROOT, 'test/conformance/synkronus')
const TYPES = join(FOLDER, 'openapi.d.ts')
const NOTE = '// Generated from openapi.yaml by `node scripts/synkronus-client.ts`; changes made here are lost.\n'

const BLOB = ts.factory.createTypeReferenceNode('Blob')

const types = await openapiTypescript(pathToFileURL(join(FOLDER, 'openapi.yaml')), {
  // `type: object` without properties is any object, not one without any.
  emptyObjectsUnknown: true,
  transform: ({ format }) => (format === 'binary' ? BLOB : undefined),
})
const generated = NOTE + astToString(types)

if (!process.argv.includes('--check')) writeFileSync(TYPES, generated)
else if (readFileSync(TYPES, 'utf8') !== generated) {
  console.error(`Out of date: ${TYPES}. Run \`node scripts/synkronus-client.ts\` and look at the difference.`)
  process.exit(1)
}
