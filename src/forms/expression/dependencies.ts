// Which fields an expression needs, and whether it can be answered at any time and place.
import { functionNamed } from './functions.ts'
import { childrenOf, type Node, walk } from './syntax.ts'
import { fieldNamed } from './toolkit.ts'

/** A field that is named. `loose`: its answer in another row is meant, or only its options, so that it need not be
 *  computed first. */
export interface Dependency {
  readonly id: string
  readonly at: number
  readonly bare: boolean
  readonly loose: boolean
}

/** The fields that `node` names, in the order they are written, each as often as it is named. */
export function dependenciesOf(node: Node): Dependency[] {
  const found: Dependency[] = []
  collect(node, false, found)
  return found
}

function collect(node: Node, isInPath: boolean, found: Dependency[]): void {
  // Plain names within a path are parts of what it leads to.
  if (node.type === 'ref' && !(node.bare && isInPath)) {
    found.push({ id: node.id, at: node.at, bare: node.bare, loose: false })
  }
  if (node.type !== 'call') {
    for (const child of childrenOf(node)) collect(child, isInPath || node.type === 'path', found)
    return
  }
  for (const [index, arg] of node.args.entries()) {
    const isNamed = namesField(node.name, index)
    const id = isNamed ? fieldNamed(arg) : undefined
    if (id === undefined) collect(arg, isInPath, found)
    else found.push({ id, at: arg.at, bare: arg.type === 'ref' && arg.bare, loose: true })
  }
}

/** Whether the argument stands for a field itself rather than for a value. */
function namesField(name: string, index: number): boolean {
  if (name === 'jr:choice-name') return index === 1
  return name === 'indexed-repeat' && (index === 0 || index % 2 === 1)
}

/** Whether the expression speaks of the answer it belongs to. */
export function usesSelf(node: Node): boolean {
  let found = false
  walk(node, (child) => {
    if (child.type === 'self') found = true
    if (child.type === 'call' && child.args.length === 0 && SELF_BY_DEFAULT.has(child.name)) found = true
  })
  return found
}
const SELF_BY_DEFAULT: ReadonlySet<string> = new Set(['string-length', 'normalize-space'])

/** Whether the value depends on when it is asked. */
export function usesClock(node: Node): boolean {
  let found = false
  walk(node, (child) => {
    if (child.type === 'call' && functionNamed(child.name)?.clock) found = true
  })
  return found
}

/** What in the expression the device alone can answer, as it is written; of a path, not its parts. */
export function deviceParts(node: Node): { readonly text: string; readonly at: number }[] {
  if (node.type === 'path') return [{ text: node.text, at: node.at }]
  const within = childrenOf(node).flatMap(deviceParts)
  if (node.type !== 'call' || !functionNamed(node.name)?.device) return within
  return [{ text: `${node.name}()`, at: node.at }, ...within]
}
