// The picture behind the maps: an admin names a tile server, everybody gets its tiles from us.
import { beforeEach, expect, test } from 'vitest'
import { type Cast, expectStatus, makeCast } from '../support/app.ts'

const TILES = 'https://tiles.example.org/{z}/{x}/{y}.png?key=secret'

let cast: Cast
let asked: string[]
let answer: () => Response | Promise<Response>

beforeEach(async () => {
  asked = []
  answer = () => new Response('a picture', { headers: { 'content-type': 'image/png' } })
  const fetch: typeof globalThis.fetch = async (url) => {
    asked.push(String(url))
    return answer()
  }
  cast = await makeCast({ deps: { fetch } })
})

const name = (tile_url: string, attribution = '© somebody') =>
  cast.chiara.put('/settings/map', { tile_url, attribution })

test('an admin names the server; others see that there is one, but not its address, in which there may be a key', async () => {
  expect((await cast.amina.get('/settings/map')).body).toEqual({ has_tiles: false, tile_url: null, attribution: '' })
  expect(expectStatus(200, await name(` ${TILES} `)).body).toEqual({
    has_tiles: true,
    tile_url: TILES,
    attribution: '© somebody',
  })
  expect((await cast.amina.get('/settings/map')).body).toEqual({
    has_tiles: true,
    tile_url: null,
    attribution: '© somebody',
  })
  expect((await cast.dario.get('/settings/map')).body.has_tiles).toBe(false)
  expectStatus(403, await cast.bruno.put('/settings/map', { tile_url: '' }))
  expect((await cast.chiara.get('/audit')).text).not.toContain('key=secret')
  expect(expectStatus(200, await name('', '')).body.has_tiles).toBe(false)
})

test('a tile is fetched by the server, and nobody else is asked', async () => {
  await name(TILES)
  const got = await cast.amina.get('/map/tiles/3/5/2')
  expect([got.status, got.text, got.headers.get('content-type')]).toEqual([200, 'a picture', 'image/png'])
  expect(got.headers.get('cache-control')).toBe('private, max-age=86400')
  expect(asked).toEqual(['https://tiles.example.org/3/5/2.png?key=secret'])
  expectStatus(404, await cast.dario.get('/map/tiles/3/5/2'))
  for (const path of ['3/8/0', '3/0/8', '23/0/0']) expectStatus(404, await cast.amina.get(`/map/tiles/${path}`))
  for (const path of ['a/0/0', '-1/0/0', '1/1.5/0', '0/0/0.png'])
    expectStatus(422, await cast.amina.get(`/map/tiles/${path}`))
  expect(asked).toHaveLength(1)
})

test('what is no picture, too large, a redirect or no answer is a tile that is not there', async () => {
  await name(TILES)
  const png = { headers: { 'content-type': 'image/png' } }
  const bad: (() => Response)[] = [
    () => new Response('<svg/>', { headers: { 'content-type': 'image/svg+xml' } }),
    () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    () => new Response('none', { status: 404, ...png }),
    () => new Response(null, { status: 302, headers: { location: 'https://10.0.0.1/' } }),
    () => new Response(new Uint8Array(1_000_001), png),
    () => {
      throw new Error('unreachable')
    },
  ]
  for (const one of bad) {
    answer = one
    const { status, body } = await cast.amina.get('/map/tiles/0/0/0')
    expect([status, body.code]).toEqual([404, 'tile_not_found'])
  }
})

test('addresses without the parts of a tile, of private hosts, or without https are refused', async () => {
  const bad = [
    'https://tiles.example.org/{z}/{x}.png',
    'http://tiles.example.org/{z}/{x}/{y}.png',
    'https://10.0.0.8/{z}/{x}/{y}.png',
    'https://localhost/{z}/{x}/{y}.png',
    'https:1{x}2.168.0.1/{z}/{y}',
    'https:///1{x}2.168.0.1/{z}/{y}',
    'https://{x}.example.org/{z}/{y}.png',
    'https://1{z}.0.0.1/{x}/{y}',
    'https://a:b@tiles.example.org/{z}/{x}/{y}.png',
    'http://fieldpost.test/{z}/{x}/{y}',
    'javascript:{z}{x}{y}',
    'tiles/{z}/{x}/{y}',
  ]
  for (const url of bad) expect([url, (await name(url)).status]).toEqual([url, 422])
  expectStatus(422, await cast.chiara.put('/settings/map', {}))
})
