// Lists in another order than arrival: each page continues where the last one ended, and nothing is lost or repeated.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Caller, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../support/forms.ts'

const START_MS = Date.parse('2026-11-01T00:00:00Z')
const at = (hour: number) => new Date(START_MS + hour * 3_600_000).toISOString()

/** A form with submissions collected at these hours, in this order of arrival, and how to walk through the list of them. */
async function startForm(bruno: Caller, hours: number[]) {
  const form = await publishForm(bruno, NOTE_FORM)
  const ids: string[] = []
  for (const hour of hours) {
    const sent = submissionOf(form, { collected_at: at(hour) })
    ids.push(expectStatus(201, await bruno.post('/submissions', sent)).body.id)
  }
  const walk = async (sort: string, limit: number, filter = `&form_id=${form.id}`) => {
    const found: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const path: string = `/submissions?sort=${sort}&limit=${limit}${filter}${cursor && `&cursor=${cursor}`}`
      const { body, headers } = expectStatus(200, await bruno.get(path))
      found.push(...body.map(({ id }: { id: string }) => id))
      cursor = headers.get('x-next-cursor')
      expect(headers.get('x-total-count')).toBe(String(hours.length))
    }
    return found
  }
  return { bruno, form, ids, walk }
}

const start = async (hours: number[]) => startForm((await makeCast()).bruno, hours)

test('by arrival, both ways', async () => {
  const { ids, walk } = await start([3, 1, 2])
  expect(await walk('arrived', 2)).toEqual(ids)
  expect(await walk('-arrived', 2)).toEqual([...ids].reverse())
  // Of all forms, too.
  expect(await walk('collected', 2, '')).toEqual([ids[1], ids[2], ids[0]])
})

test('by the time of collection, in pages of any size: those of the same time by arrival', async () => {
  const { bruno } = await makeCast()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 5 }),
      async (hours, limit) => {
        const { ids, walk } = await startForm(bruno, hours)
        const sorted = ids.map((id, n) => ({ id, n, hour: hours[n]! })).sort((a, b) => a.hour - b.hour || a.n - b.n)
        const expected = sorted.map(({ id }) => id)
        expect(await walk('collected', limit)).toEqual(expected)
        expect(await walk('-collected', limit)).toEqual([...expected].reverse())
      },
    ),
    { numRuns: 6 },
  )
})

test('by the last change', async () => {
  const { bruno, ids, walk } = await start([1, 2, 3])
  expectStatus(200, await bruno.post(`/submissions/${ids[1]}/review`, { state: 'approved' }))
  expect(await walk('-updated', 2)).toEqual([ids[1], ids[2], ids[0]])
  expect(await walk('updated', 2)).toEqual([ids[0], ids[2], ids[1]])
})

test('a cursor belongs to its order, and missing photos have one order only', async () => {
  const { bruno } = await start([1, 2])
  const page = await bruno.get('/submissions?sort=collected&limit=1')
  const cursor = page.headers.get('x-next-cursor')
  for (const sort of ['-arrived', 'updated'])
    expectStatus(422, await bruno.get(`/submissions?sort=${sort}&cursor=${cursor}`))
  expectStatus(422, await bruno.get('/submissions?sort=collected&missing_media=true'))
  expectStatus(422, await bruno.get('/submissions?sort=village'))
})
