// Fewer corners for the same line, as far as an eye on a map can tell. Pure.
// Source: D. Douglas and T. Peucker, Algorithms for the reduction of the number of points, 1973.

/** Longitude and latitude in degrees. */
export type Corner = readonly [number, number]

/** At most `maxCorners` (two or more) of the corners, in their order, the first and the last among them. What is left out
 *  lies within a tolerance (degrees) that begins at `tolerance` and grows until the rest is few enough. */
export function thinLine(corners: readonly Corner[], maxCorners: number, tolerance: number): readonly Corner[] {
  let kept = corners
  for (let within = tolerance; kept.length > maxCorners; within *= 2) kept = thinned(kept, within)
  return kept
}

/** Without recursion: a line of a day has more corners than a stack has room. */
function thinned(corners: readonly Corner[], tolerance: number): readonly Corner[] {
  const keep = new Uint8Array(corners.length)
  keep[0] = keep[corners.length - 1] = 1
  const open: [number, number][] = [[0, corners.length - 1]]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const [first, last] = part
    let [farthest, distance] = [0, tolerance * tolerance]
    for (let i = first + 1; i < last; i++) {
      const squared = squaredDistance(corners[i]!, corners[first]!, corners[last]!)
      if (squared > distance) [farthest, distance] = [i, squared]
    }
    if (farthest === 0) continue
    keep[farthest] = 1
    open.push([first, farthest], [farthest, last])
  }
  return corners.filter((_, i) => keep[i] === 1)
}

/** Of a corner from the stretch between two others. */
function squaredDistance([x, y]: Corner, [x1, y1]: Corner, [x2, y2]: Corner): number {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length))
  return (x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2
}
