// What the map of the dashboard makes of coordinates.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { feature } from 'topojson-client'
import { describe, expect, test } from 'vitest'

import { type Bounds, isIn, unwrapped } from '../../dashboard/src/screens/map/geometry.ts'

describe.each(['land-110m', 'land-50m'])('the shipped land (%s)', (name) => {
  const topology = JSON.parse(readFileSync(`node_modules/world-atlas/${name}.json`, 'utf8'))
  const { features } = feature(topology, topology.objects.land) as any
  const rings: [number, number][][] = features
    .flatMap(({ geometry }: any) => geometry.coordinates.flat())
    .map(unwrapped)

  test('no line lies across the world, and nothing lies far beyond its ends', () => {
    expect(rings.length).toBeGreaterThan(100)
    for (const ring of rings)
      for (const [i, [longitude, latitude]] of ring.entries()) {
        expect(Math.abs(longitude)).toBeLessThan(200)
        // But along a pole, where nobody sees it.
        if (i > 0 && Math.abs(latitude) < 90) expect(Math.abs(longitude - ring[i - 1]![0])).toBeLessThan(180)
      }
  })

  test('every ring ends where it begins', () => {
    for (const ring of rings) expect(ring.at(-1)).toEqual(ring[0])
  })
})

test('what is in view is so however often the map was dragged around the world', () => {
  const longitude = fc.integer({ min: -180, max: 180 })
  const latitude = fc.integer({ min: -90, max: 90 })
  fc.assert(
    fc.property(
      longitude,
      latitude,
      fc.integer({ min: -3, max: 3 }),
      longitude,
      latitude,
      (x, y, turns, west, south) => {
        const view: Bounds = [west + turns * 360, south, west + turns * 360 + 90, south + 40]
        const expected =
          y >= south && y <= south + 40 && [-360, 0, 360].some((turn) => x + turn >= west && x + turn <= west + 90)
        expect(isIn([x, y, x, y], view)).toBe(expected)
      },
    ),
  )
  expect(isIn([10, 10, 20, 20], [-300, -80, 200, 80])).toBe(true)
  expect(isIn([10, 10, 20, 20], [15, 15, 16, 16])).toBe(true)
})
