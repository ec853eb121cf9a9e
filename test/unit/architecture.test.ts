// The layers: worker -> app -> protocols -> domain -> storage -> lib, with `forms` pure beside them. This reads the
// import lines of src/ and fails on an arrow that points up, or sideways between protocols.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = resolve('src')

const MAY_IMPORT: Record<string, string[]> = {
  worker: ['app', 'protocols', 'domain', 'storage', 'background', 'forms', 'lib'],
  app: ['protocols', 'domain', 'lib', 'app'],
  client: ['protocols'],
  protocols: ['domain', 'forms', 'lib'],
  background: ['domain', 'storage', 'lib'],
  domain: ['storage', 'forms', 'lib'],
  storage: ['lib'],
  forms: ['lib'],
  lib: [],
}

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

const files = globSync('**/*.ts', { cwd: SRC })

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(SRC, from), 'utf8')
  const lines = text.matchAll(
    /^(import|export)( type)?\s[^'"]*?from '(\.[^']+)'|^import '(\.[^']+)'|import\('(\.[^']+)'\)/gm,
  )
  return [...lines].map(([, , type, path, bare, dynamic]) => ({
    from,
    to: relative(SRC, resolve(SRC, dirname(from), (path ?? bare ?? dynamic)!)),
    typeOnly: type !== undefined,
  }))
})

/** `src/app.ts` and the files beside it that serve it alone are one layer. */
const layerOf = (file: string): string => {
  if (file.includes(posix.sep)) return file.split(posix.sep)[0]!
  return file === 'worker.ts' ? 'worker' : file === 'client.ts' ? 'client' : 'app'
}

const arrows = (found: Import[]): string[] => found.map(({ from, to }) => `${from} -> ${to}`)

describe('the layers', () => {
  test('every file belongs to a layer of the table', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(imports.length).toBeGreaterThan(files.length)
    expect(files.map(layerOf).filter((layer) => !(layer in MAY_IMPORT))).toEqual([])
  })

  test('imports point down, never up', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [layer, other] = [layerOf(from), layerOf(to)]
      if (layer === other) return false
      return !MAY_IMPORT[layer]!.includes(other)
    })
    expect(arrows(wrong)).toEqual([])
  })

  test('no protocol imports another protocol', () => {
    const protocolOf = (file: string) => (/^protocols\/[^/]+\//.test(file) ? file.split('/')[1] : undefined)
    const wrong = imports.filter(({ from, to }) => {
      const [mine, other] = [protocolOf(from), protocolOf(to)]
      return mine !== undefined && other !== undefined && mine !== other
    })
    expect(arrows(wrong)).toEqual([])
  })

  test('the client imports nothing but types of the native API', () => {
    const ofClient = imports.filter(({ from }) => from === 'client.ts')
    expect(ofClient.map(({ to, typeOnly }) => [to, typeOnly])).toEqual([['protocols/native/app.ts', true]])
  })

  test('only the worker and the background know the Workers runtime', () => {
    const knowing = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes("from 'cloudflare:workers'"))
    expect(knowing.map(layerOf).filter((layer) => layer !== 'worker' && layer !== 'background')).toEqual([])
  })

  test('clock, ids and network are asked for in one place only', () => {
    const direct = /\bDate\.now\(\)|\bnew Date\(\)|\bcrypto\.randomUUID\(|\bMath\.random\(|(?<![.\w])fetch\(/
    // The live room has a door by this name.
    const allowed = ['background/deps.ts', 'background/limiter.ts', 'background/live-room.ts', 'worker.ts']
    const wrong = files.filter((file) => {
      const code = readFileSync(join(SRC, file), 'utf8').replaceAll(/^\s*(\/\/|\*|\/\*\*).*$/gm, '')
      return !allowed.includes(file) && direct.test(code)
    })
    expect(wrong).toEqual([])
  })
})
