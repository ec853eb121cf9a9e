// Functions on numbers, on lists of answers and on positions.
// Source: ODK XForms specification, "Number Functions", "Node-set Functions", "Geographic Functions".
import type { Position } from '../canonical.ts'
import { type FunctionSpec, flatten, type Tools } from './toolkit.ts'
import { isBlank, pointsOf, type Value } from './values.ts'

const MANY = Number.POSITIVE_INFINITY
/** Metres; the equator that ODK reckons with is 40,075,017 m long. */
const EARTH_RADIUS = 6_378_137
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** A function of numbers alone. */
const ofNumbers = (count: number, compute: (...numbers: number[]) => number): FunctionSpec => ({
  min: count,
  max: count,
  run: (args, { reading }) => compute(...args.map((value) => reading.number(value))),
})

/** Rounds halves up, as XPath does; `places` may be negative. */
function round(number: number, places: number): number {
  const factor = 10 ** Math.max(-20, Math.min(20, Math.trunc(places) || 0))
  const rounded = Math.round(number * factor) / factor
  return Number.isFinite(rounded) ? rounded : number
}

function sum(args: readonly Value[], { reading, spend }: Tools): number {
  const values = flatten(args)
  spend(values.length)
  return values.reduce<number>((total, value) => total + reading.number(value), 0)
}

/** The least or greatest. A blank is passed over in the native dialect, and in XPath makes the result not a number. */
function extreme(
  args: readonly Value[],
  { reading, spend }: Tools,
  isBetter: (a: number, b: number) => boolean,
): Value {
  let best: number | undefined
  const values = flatten(args)
  spend(values.length)
  for (const value of values) {
    if (reading.blank === null && isBlank(value)) continue
    const number = reading.number(value)
    if (Number.isNaN(number)) return number
    if (best === undefined || isBetter(number, best)) best = number
  }
  return best ?? reading.blank
}

/** Metres along the points, over the sphere. */
function distance(points: readonly Position[]): number {
  let metres = 0
  for (let index = 1; index < points.length; index++) {
    const [a, b] = [points[index - 1]!, points[index]!]
    const [lat1, lat2] = [radians(a.latitude), radians(b.latitude)]
    const byLatitude = Math.sin((lat2 - lat1) / 2) ** 2
    const byLongitude = Math.cos(lat1) * Math.cos(lat2) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2
    metres += 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(byLatitude + byLongitude)))
  }
  return metres
}

/** Square metres within the points, over the sphere; the last point is joined to the first. */
function area(points: readonly Position[]): number {
  let total = 0
  for (const [index, a] of points.entries()) {
    const b = points[(index + 1) % points.length]!
    const across = ((b.longitude - a.longitude + 540) % 360) - 180
    total += radians(across) * (2 + Math.sin(radians(a.latitude)) + Math.sin(radians(b.latitude)))
  }
  return points.length < 3 ? 0 : Math.abs((total * EARTH_RADIUS ** 2) / 2)
}

const ofPoints = (compute: (points: readonly Position[]) => number): FunctionSpec => ({
  min: 1,
  max: MANY,
  takesNodes: true,
  run(args, { spend }) {
    const points = flatten(args).flatMap((value) => pointsOf(value))
    spend(points.length)
    return compute(points)
  },
})

export const NUMBER_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  number: ofNumbers(1, (number) => number!),
  int: ofNumbers(1, (number) => Math.trunc(number!)),
  round: {
    min: 1,
    max: 2,
    run: ([value, places], { reading }) =>
      round(reading.number(value!), places === undefined ? 0 : reading.number(places)),
  },
  abs: ofNumbers(1, (number) => Math.abs(number!)),
  pow: ofNumbers(2, (base, power) => base! ** power!),
  sqrt: ofNumbers(1, (number) => Math.sqrt(number!)),
  log: ofNumbers(1, (number) => Math.log(number!)),
  log10: ofNumbers(1, (number) => Math.log10(number!)),
  exp: ofNumbers(1, (number) => Math.exp(number!)),
  exp10: ofNumbers(1, (number) => 10 ** number!),
  sin: ofNumbers(1, (number) => Math.sin(number!)),
  cos: ofNumbers(1, (number) => Math.cos(number!)),
  tan: ofNumbers(1, (number) => Math.tan(number!)),
  asin: ofNumbers(1, (number) => Math.asin(number!)),
  acos: ofNumbers(1, (number) => Math.acos(number!)),
  atan: ofNumbers(1, (number) => Math.atan(number!)),
  atan2: ofNumbers(2, (y, x) => Math.atan2(y!, x!)),
  pi: { min: 0, max: 0, run: () => Math.PI },
  sum: { min: 1, max: MANY, takesNodes: true, run: sum },
  min: { min: 1, max: MANY, takesNodes: true, run: (args, tools) => extreme(args, tools, (a, b) => a < b) },
  max: { min: 1, max: MANY, takesNodes: true, run: (args, tools) => extreme(args, tools, (a, b) => a > b) },
  count: {
    min: 1,
    max: 1,
    takesNodes: true,
    run(args, { spend }) {
      const values = flatten(args)
      spend(values.length)
      return values.length
    },
  },
  'count-non-empty': {
    min: 1,
    max: 1,
    takesNodes: true,
    run(args, { spend }) {
      const values = flatten(args)
      spend(values.length)
      return values.filter((value) => !isBlank(value)).length
    },
  },
  distance: ofPoints(distance),
  area: ofPoints(area),
}
