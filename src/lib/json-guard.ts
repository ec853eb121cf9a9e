// Says whether a parsed JSON value is one that the database and other readers can hold: not too deep, no U+0000, no
// lone surrogates, no `__proto__` keys, no numbers that became infinite by being parsed (1e400). It does not limit size
// (bodies are capped before parsing) and changes nothing.

export type JsonFaultCode = 'too_deep' | 'nul_character' | 'lone_surrogate' | 'forbidden_key' | 'number_too_large'

export type JsonInspection = { ok: true } | { ok: false; code: JsonFaultCode; path: string }

export interface JsonGuardLimits {
  /** Arrays and objects inside one another; a scalar has depth 0, `{}` depth 1, `[{}]` depth 2. */
  maxDepth: number
}

const FINE: JsonInspection = { ok: true }

/** Inspects the result of `JSON.parse`. `path` names the place of the first fault in reading order, such as
 *  `data.rows[2].name` (empty for the value itself; a key that is not a plain name is quoted: `data["a b"]`), and is
 *  itself free of such characters. A fault in a key has the path of that key. Iterative: no depth overflows the stack. */
export const inspectJson = (value: unknown, { maxDepth }: JsonGuardLimits): JsonInspection =>
  isSound(value, maxDepth) ? FINE : firstFault(value, maxDepth)

/** The hot path: only yes or no, no order, no path. */
const isSound = (root: unknown, maxDepth: number): boolean => {
  if (typeof root === 'string') return isSoundText(root)
  if (!isContainer(root)) return typeof root !== 'number' || Number.isFinite(root)
  if (maxDepth < 1) return false
  const containers = [root]
  const depths = [1]
  for (let container = containers.pop(); container !== undefined; container = containers.pop()) {
    const depth = depths.pop()!
    const keys = Array.isArray(container) ? undefined : Object.keys(container)
    const count = keys === undefined ? (container as unknown[]).length : keys.length
    for (let i = 0; i < count; i++) {
      const key = keys === undefined ? i : keys[i]!
      if (typeof key === 'string' && (key === '__proto__' || !isSoundText(key))) return false
      const value = (container as Record<string | number, unknown>)[key]
      if (typeof value === 'string') {
        if (!isSoundText(value)) return false
      } else if (typeof value === 'number') {
        if (!Number.isFinite(value)) return false
      } else if (isContainer(value)) {
        if (depth >= maxDepth) return false
        containers.push(value)
        depths.push(depth + 1)
      }
    }
  }
  return true
}

interface Frame {
  container: object
  keys: (string | number)[]
  next: number
}

/** The same rules in reading order, with the way back to the root. Runs only when there is a fault to name. */
const firstFault = (root: unknown, maxDepth: number): JsonInspection => {
  const frames: Frame[] = []
  const fault = (code: JsonFaultCode): JsonInspection => ({ ok: false, code, path: pathOf(frames) })
  const enter = (value: unknown): JsonFaultCode | undefined => {
    if (typeof value === 'string') return textFault(value)
    if (typeof value === 'number' && !Number.isFinite(value)) return 'number_too_large'
    if (!isContainer(value)) return undefined
    if (frames.length >= maxDepth) return 'too_deep'
    frames.push({ container: value, keys: Array.isArray(value) ? [...value.keys()] : Object.keys(value), next: 0 })
    return undefined
  }

  const rootFault = enter(root)
  if (rootFault) return fault(rootFault)
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const key = frame.keys[frame.next++]
    if (key === undefined) {
      frames.pop()
      continue
    }
    const found =
      (key === '__proto__' ? 'forbidden_key' : undefined) ??
      (typeof key === 'string' ? textFault(key) : undefined) ??
      enter((frame.container as Record<string | number, unknown>)[key])
    if (found) return fault(found)
  }
  return FINE
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

const isSoundText = (text: string) => text.isWellFormed() && !text.includes('\0')

const textFault = (text: string): JsonFaultCode | undefined => {
  if (!text.isWellFormed()) return 'lone_surrogate'
  return text.includes('\0') ? 'nul_character' : undefined
}

const pathOf = (frames: Frame[]) => {
  let path = ''
  for (const { keys, next } of frames) {
    const key = keys[next - 1]!
    if (typeof key === 'number') path += `[${key}]`
    else if (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) path += path === '' ? key : `.${key}`
    // JSON.stringify escapes control characters and lone surrogates.
    else path += `[${JSON.stringify(key)}]`
  }
  return path
}
