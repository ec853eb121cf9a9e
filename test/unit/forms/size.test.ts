// The form language also runs in browsers and on phones: it stays small, and filling in a form takes no zod along.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const FILLING_IN = ['fill', 'filling', 'validate', 'compile', 'canonical', 'media-answers', 'texts', 'field-types']
const LANGUAGE = ['validate', 'compile', 'check', 'diff', 'uids', 'schema', 'texts', 'expression/print']

/** Bytes after gzip, and what went into the bundle. */
async function bundle(files: string[], external: string[] = []): Promise<{ size: number; inputs: string[] }> {
  const contents = files.map((file) => `export * from './src/forms/${file}.ts'`).join('\n')
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    external,
    metafile: true,
    write: false,
  })
  return { size: gzipSync(outputFiles[0]!.contents, { level: 9 }).length, inputs: Object.keys(metafile.inputs) }
}

const FOREIGN = /forms\/xlsform\/|workbook|node_modules/

test('what fills in and checks forms weighs at most 22 kB with all that it needs, and needs no library', async () => {
  const { size, inputs } = await bundle(FILLING_IN)
  expect(size).toBeLessThanOrEqual(22_000)
  expect(inputs.filter((path) => FOREIGN.test(path) || path === 'src/forms/schema.ts')).toEqual([])
})

test('what checks definitions weighs at most 25 kB beside zod, and brings no workbooks along', async () => {
  const { size, inputs } = await bundle(LANGUAGE, ['zod'])
  expect(size).toBeLessThanOrEqual(25_000)
  expect(inputs.filter((path) => FOREIGN.test(path))).toEqual([])
})
