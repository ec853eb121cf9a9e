// Brings things that need each other into an order in which each comes after what it needs, and finds the circles that
// have none. Plain graph work, without recursion: documents are as deep as their authors make them.

export interface Order<Id> {
  /** Everything that has a place, each after what it needs; ties keep the order of `needs`. */
  readonly sorted: readonly Id[]
  /** Circles, each from its first member on and closed by it: `[a, b, a]`. */
  readonly circles: readonly (readonly Id[])[]
}

/** Circles that are named; further ones are left out of `sorted` and go unnamed. */
const MAX_CIRCLES = 50

/** Orders the keys of `needs`, each of which maps to what it needs. What is needed but is no key counts as there.
 *  Takes time linear in keys and needs, apart from naming circles. */
export function inOrder<Id>(needs: ReadonlyMap<Id, Iterable<Id>>): Order<Id> {
  const missing = new Map<Id, number>()
  const neededBy = new Map<Id, Id[]>()
  for (const [id, others] of needs) {
    const distinct = new Set([...others].filter((other) => needs.has(other)))
    missing.set(id, distinct.size)
    for (const other of distinct) {
      const list = neededBy.get(other)
      if (list === undefined) neededBy.set(other, [id])
      else list.push(id)
    }
  }
  const sorted = [...needs.keys()].filter((id) => missing.get(id) === 0)
  // The list grows while it is walked.
  for (const id of sorted) {
    for (const other of neededBy.get(id) ?? []) {
      const left = missing.get(other)! - 1
      missing.set(other, left)
      if (left === 0) sorted.push(other)
    }
  }
  if (sorted.length === needs.size) return { sorted, circles: [] }
  const stuck = new Set([...needs.keys()].filter((id) => missing.get(id)! > 0))
  return { sorted, circles: circlesOf(stuck, needs) }
}

/** Whatever is stuck needs something stuck, so following needs leads into a circle. */
function circlesOf<Id>(stuck: Set<Id>, needs: ReadonlyMap<Id, Iterable<Id>>): Id[][] {
  const circles: Id[][] = []
  const left = new Set(stuck)
  for (const start of stuck) {
    if (circles.length >= MAX_CIRCLES) break
    const places = new Map<Id, number>()
    const trail: Id[] = []
    for (let id: Id | undefined = start; id !== undefined && left.has(id); ) {
      const seenAt = places.get(id)
      if (seenAt !== undefined) {
        circles.push([...trail.slice(seenAt), id])
        break
      }
      places.set(id, trail.length)
      trail.push(id)
      id = firstOf(needs.get(id)!, left)
    }
    for (const id of trail) left.delete(id)
  }
  return circles
}

function firstOf<Id>(ids: Iterable<Id>, within: ReadonlySet<Id>): Id | undefined {
  for (const id of ids) if (within.has(id)) return id
  return undefined
}
