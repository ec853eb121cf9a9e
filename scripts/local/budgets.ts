// How much JavaScript a page of the dashboard may cost on a field office's link. Checked at each build.
import { gzipSync } from 'node:zlib'

/** kB (1,024 bytes) after gzip. */
const SHELL_AND_SIGN_IN = 45
const SCREEN = 40
/** Screens that carry a large library, by the folder of their file in screens/. Fetched only by those who open them. */
const LARGE_SCREENS: Record<string, number> = { map: 460 }

const SIGN_IN = 'screens/sign-in/sign-in.tsx'

interface Chunk {
  type: 'chunk'
  fileName: string
  code: string
  isEntry: boolean
  isDynamicEntry: boolean
  facadeModuleId: string | null
  imports: string[]
  dynamicImports: string[]
}

interface Asset {
  type: 'asset'
  fileName: string
  source: string | Uint8Array
}

/** Throws an Error that names every part that is over its budget. */
export function checkBudgets(output: readonly (Chunk | Asset)[]): void {
  const chunks = new Map(output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one] as const] : [])))
  const workers = output.filter((one) => one.type === 'asset' && /worker.*\.m?js$/.test(one.fileName))
  const sizes = new Map([...chunks].map(([name, { code }]) => [name, gzipSync(code, { level: 9 }).length]))
  const kilobytes = (names: Iterable<string>): number => {
    let bytes = 0
    for (const name of names) bytes += sizes.get(name) ?? 0
    return bytes / 1024
  }
  const closure = (from: string, found = new Set<string>()): Set<string> => {
    if (found.has(from)) return found
    found.add(from)
    for (const name of chunks.get(from)?.imports ?? []) closure(name, found)
    return found
  }
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry)
  if (!entry) throw new Error('The dashboard has no entry chunk.')
  const shell = closure(entry.fileName)
  const faults: string[] = []
  const check = (what: string, kB: number, budget: number) => {
    if (kB > budget) faults.push(`${what}: ${kB.toFixed(1)} kB of JavaScript, ${budget} kB allowed`)
  }
  for (const { fileName, isDynamicEntry, facadeModuleId, dynamicImports } of chunks.values()) {
    if (!isDynamicEntry) continue
    const own = closure(fileName)
    const place = facadeModuleId?.split('/dashboard/src/')[1] ?? fileName
    if (place === SIGN_IN) {
      check('The shell with the sign-in page', kilobytes(new Set([...shell, ...own])), SHELL_AND_SIGN_IN)
      continue
    }
    const large = LARGE_SCREENS[/^screens\/([^/]+)\//.exec(place)?.[1] ?? '']
    if (large === undefined) {
      check(place, kilobytes([...own].filter((name) => !shell.has(name))), SCREEN)
      continue
    }
    for (const name of dynamicImports) closure(name, own)
    const ofWorkers = workers.reduce((sum, one) => sum + ('source' in one ? gzipSync(one.source).length : 0), 0) / 1024
    check(place, kilobytes([...own].filter((name) => !shell.has(name))) + ofWorkers, large)
  }
  if (faults.length > 0) throw new Error(`Over budget (scripts/local/budgets.ts):\n${faults.join('\n')}`)
}
