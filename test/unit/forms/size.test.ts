// The form language also runs in browsers and on phones: it stays small. What it needs is zod, which is not counted.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const LANGUAGE = ['validate', 'compile', 'check', 'diff', 'uids', 'schema', 'texts', 'expression/print']

test('the language weighs at most 25 kB, and brings no workbooks along', async () => {
  const contents = LANGUAGE.map((file) => `export * from './src/forms/${file}.ts'`).join('\n')
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    external: ['zod'],
    metafile: true,
    write: false,
  })
  expect(gzipSync(outputFiles[0]!.contents, { level: 9 }).length).toBeLessThanOrEqual(25_000)
  expect(Object.keys(metafile.inputs).filter((path) => /forms\/xlsform\/|workbook|node_modules/.test(path))).toEqual([])
})
