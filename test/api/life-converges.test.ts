// Several people edit, delete, restore and review one submission in any order and at once: whatever was accepted is in
// the history once, what was refused is not, and the head is the last of it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Answer, type Caller, makeCast } from '../support/app.ts'
import { publishForm } from '../support/forms.ts'
import { all, counts, edit, sent } from '../support/life.ts'

const FIELDS = ['a', 'b', 'c']
const FORM = { fields: FIELDS.map((id) => ({ id, type: 'text', label: id })) }

type Edit = { kind: 'edit'; who: number; field: string; lag: number; whole: boolean }
type Step = Edit | { kind: 'delete' | 'restore'; who: number } | { kind: 'review'; who: number; state: string }

const who = fc.nat({ max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      who,
      field: fc.constantFrom(...FIELDS),
      lag: fc.nat({ max: 2 }),
      whole: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'restore' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('review' as const), who, state: fc.constantFrom('approved', 'received') }),
  },
)
/** What happens at the same moment; one after the other such moments. */
const story = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 })

test('edits, deletes, restores and reviews in any order converge with a whole history', {
  timeout: 60_000,
}, async () => {
  const { amina, bruno, chiara } = await makeCast()
  const form = await publishForm(bruno, FORM)
  const callers: Caller[] = [amina, bruno, chiara]
  let value = 0
  await fc.assert(
    fc.asyncProperty(story, async (moments) => {
      const { id } = await sent(amina, form, { data: { a: '', b: '', c: '' } })
      const accepted = new Set<string>()
      const refused = new Set<string>()
      let deletes = 0
      let restores = 0
      const act = async (next: Step): Promise<Answer> => {
        const caller = callers[next.who]!
        if (next.kind === 'delete') return caller.delete(`/submissions/${id}`)
        if (next.kind === 'restore') return caller.post(`/submissions/${id}/restore`)
        if (next.kind === 'review') return caller.post(`/submissions/${id}/review`, { state: next.state })
        const { field, lag, whole } = next as Edit
        const head = (await bruno.get(`/submissions/${id}`)).body
        const base = Math.max(1, (head.revision ?? 1) - lag)
        const mine = `v${value++}`
        const before = (await bruno.get(`/submissions/${id}/revisions/${base}`)).body.data
        const answers = whole ? { data: { ...before, [field]: mine } } : { changes: { set: { [field]: mine } } }
        const answer = await edit(caller, id, { base_revision: base, ...answers })
        ;(answer.status === 200 ? accepted : refused).add(mine)
        return answer
      }
      for (const moment of moments) {
        const answers = await Promise.all(moment.map(act))
        for (const [index, { status }] of answers.entries()) {
          expect(status, JSON.stringify(moment[index])).toBeLessThan(500)
          if (moment[index]!.kind === 'delete' && status === 204) deletes++
          if (moment[index]!.kind === 'restore' && status === 200) restores++
        }
      }

      const entries = (await bruno.get(`/submissions/${id}/history`)).body.reverse()
      expect(entries.map(({ revision }: any) => revision)).toEqual(entries.map((_: unknown, i: number) => i + 1))
      const ofKind = (kind: string) => entries.filter(({ change }: any) => change === kind)
      const written = ofKind('edit').flatMap(({ diff }: any) => diff.map(({ to }: any) => to))
      expect(written.toSorted()).toEqual([...accepted].toSorted())
      expect(written.filter((text: string) => refused.has(text))).toEqual([])
      expect(ofKind('create')).toHaveLength(1)
      expect(ofKind('delete')).toHaveLength(deletes)
      expect(ofKind('restore').length).toBeLessThanOrEqual(restores)

      const [row] = await all('SELECT * FROM submissions WHERE id = ?', id)
      const revisions = await all('SELECT * FROM submission_revisions WHERE submission_id = ? ORDER BY revision', id)
      expect(row!.deleted_at_ms === null).toBe(ofKind('delete').length === ofKind('restore').length)
      expect(row!.revision).toBe(entries.length)
      const last = revisions.at(-1)
      if (last)
        expect({ seq: row!.seq, data: row!.data, state: row!.review_state }).toEqual({
          seq: last.seq,
          data: last.data,
          state: last.review_state,
        })
      const seqs = revisions.map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
      const { counted, there } = await counts()
      expect(counted).toBe(there)
    }),
    { numRuns: 15, seed: 20_261_123 },
  )
})
