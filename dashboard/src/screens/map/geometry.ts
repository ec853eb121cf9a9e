// Coordinates: bounds, and what lies across the 180th meridian. Pure.

/** Longitude and latitude. */
export type Corner = [number, number]

/** West, south, east, north. */
export type Bounds = [number, number, number, number]

export function boundsOf(corners: readonly Corner[]): Bounds {
  const bounds: Bounds = [180, 90, -180, -90]
  for (const [longitude, latitude] of corners) {
    bounds[0] = Math.min(bounds[0], longitude)
    bounds[1] = Math.min(bounds[1], latitude)
    bounds[2] = Math.max(bounds[2], longitude)
    bounds[3] = Math.max(bounds[3], latitude)
  }
  return bounds
}

export const unionOf = (a: Bounds, b: Bounds): Bounds => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.max(a[2], b[2]),
  Math.max(a[3], b[3]),
]

/** A map that was dragged around the world shows longitudes beyond 180 degrees. */
export function isIn([west, south, east, north]: Bounds, view: Bounds): boolean {
  if (south > view[3] || north < view[1]) return false
  if (view[2] - view[0] >= 360) return true
  const turns = Math.ceil((view[0] - east) / 360)
  return west + turns * 360 <= view[2]
}

/** A ring that jumps from one end of the map to the other goes on beyond it instead: no line lies across the world. */
export function unwrapped(ring: readonly Corner[]): Corner[] {
  const corners: Corner[] = []
  let turn = 0
  for (const [longitude, latitude] of ring) {
    const before = corners.at(-1)?.[0] ?? longitude
    const step = longitude + turn - before
    if (step > 180) turn -= 360
    else if (step < -180) turn += 360
    corners.push([longitude + turn, latitude])
  }
  const [first, last] = [corners[0], corners.at(-1)]
  // Around a pole, a ring does not come back to where it began: it is closed along the pole.
  if (first && last && Math.abs(last[0] - first[0]) > 180) {
    const pole = first[1] < 0 ? -90 : 90
    corners.push([last[0], pole], [first[0], pole], first)
  }
  // Wherever it began, most of it lies on the map, as its lakes do.
  const longitudes = corners.map(([longitude]) => longitude)
  const middle = (Math.min(...longitudes) + Math.max(...longitudes)) / 2
  const home = 360 * Math.round(middle / 360)
  return corners.map(([longitude, latitude]) => [longitude - home, latitude])
}
