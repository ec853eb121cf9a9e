// The builder's document: whatever is done to it, no field is lost or doubled, and undoing leads back.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  changeField,
  type Field,
  type FormSchema,
  locate,
  moveField,
  neighbourOf,
  type Place,
  placeForNew,
  placeOf,
  removeField,
  type Step,
} from '../../../dashboard/src/screens/builder/model/document.ts'
import { begin, commit, type History, redo, undo } from '../../../dashboard/src/screens/builder/model/history.ts'
import { idsOf, slugOf } from '../../../dashboard/src/screens/builder/model/ids.ts'
import { containersOf, rowsOf } from '../../../dashboard/src/screens/builder/model/outline-rows.ts'
import { duplicateField, renameField } from '../../../dashboard/src/screens/builder/model/rename.ts'
import { checkFormSchema } from '../../../src/forms/check.ts'
import { everyField } from '../../../src/forms/uids.ts'

interface Shape {
  inner: Shape[] | null
}

const { shapes } = fc.letrec<{ shapes: Shape[]; shape: Shape }>((tie) => ({
  shapes: fc.array(tie('shape'), { maxLength: 4 }),
  shape: fc.record({ inner: fc.option(tie('shapes'), { depthSize: 'small' }) }),
}))

/** Fields called q1, q2, …, each with a uid of its own. */
const documents: fc.Arbitrary<FormSchema> = shapes.map((list) => {
  let n = 0
  const fieldOf = ({ inner }: Shape): Field => {
    n += 1
    const known = { id: `q${n}`, uid: `u${n}`, label: `Question ${n}` }
    return inner ? { ...known, type: 'group', fields: inner.map(fieldOf) } : { ...known, type: 'text' }
  }
  return { version: 1, fields: list.map(fieldOf) }
})

const uidsOf = ({ fields }: FormSchema) => everyField(fields).map(({ uid }) => uid!)
const sorted = (list: string[]) => [...list].sort()

const steps = fc.constantFrom<Step>('up', 'down', 'in', 'out')
const anyPlace = (document: FormSchema) =>
  fc.oneof(
    fc.constant<Place>('start'),
    ...(['before', 'after', 'into'] as const).map((how) =>
      fc.constantFrom(...uidsOf(document), 'nobody').map((uid) => ({ [how]: uid }) as Place),
    ),
  )
const filled = documents.filter(({ fields }) => fields.length > 0)
const withMoves = filled.chain((document) =>
  fc.tuple(
    fc.constant(document),
    fc.array(fc.tuple(fc.constantFrom(...uidsOf(document)), anyPlace(document)), { minLength: 1, maxLength: 12 }),
  ),
)

describe('moves', () => {
  test('no move loses or doubles a field, wherever it is dropped', () => {
    fc.assert(
      fc.property(withMoves, ([document, moves]) => {
        let moved = document
        for (const [uid, place] of moves) moved = moveField(moved, uid, place)
        expect(sorted(uidsOf(moved))).toEqual(sorted(uidsOf(document)))
        expect(new Map(everyField(moved.fields).map((field) => [field.uid, field.label]))).toEqual(
          new Map(everyField(document.fields).map((field) => [field.uid, field.label])),
        )
      }),
    )
  })

  test('a field never comes to stand within itself', () => {
    fc.assert(
      fc.property(withMoves, ([document, moves]) => {
        for (const [uid, place] of moves) {
          const inner = new Set(uidsOf({ version: 1, fields: [locate(document, uid)!.field] }))
          const target = typeof place === 'string' ? undefined : Object.values(place)[0]
          if (target !== undefined && inner.has(target)) expect(moveField(document, uid, place)).toBe(document)
        }
      }),
    )
  })

  test('up and down, in and out lead back to where the field was', () => {
    const opposite = { up: 'down', down: 'up' } as const
    fc.assert(
      fc.property(
        filled.chain((document) => fc.tuple(fc.constant(document), fc.constantFrom(...uidsOf(document)), steps)),
        ([document, uid, step]) => {
          const place = placeOf(document, uid, step)
          if (!place) return
          const moved = moveField(document, uid, place)
          expect(uidsOf(moved)).toHaveLength(uidsOf(document).length)
          if (step === 'in') expect(moveField(moved, uid, placeOf(moved, uid, 'out')!)).toEqual(document)
          if (step !== 'up' && step !== 'down') return
          expect(moveField(moved, uid, placeOf(moved, uid, opposite[step])!)).toEqual(document)
        },
      ),
    )
  })

  test('nothing is moved deeper than forms may go', () => {
    let inner: Field = { id: 'deepest', uid: 'deepest', type: 'group', fields: [] }
    for (let level = 31; level >= 1; level--)
      inner = { id: `g${level}`, uid: `g${level}`, type: 'group', fields: [inner] }
    const document: FormSchema = { version: 1, fields: [inner, { id: 'a', uid: 'a', type: 'text' }] }
    expect(moveField(document, 'a', { into: 'deepest' })).toBe(document)
    expect(checkFormSchema(moveField(document, 'a', { into: 'g31' }))).toEqual([])
  })
})

describe('undo and redo', () => {
  const edits = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('move' as const), from: fc.nat(), to: fc.nat(), step: steps }),
      fc.record({ kind: fc.constant('remove' as const), from: fc.nat() }),
      fc.record({ kind: fc.constant('type' as const), from: fc.nat(), text: fc.string() }),
    ),
    { maxLength: 12 },
  )

  test('lead through the same documents, back and forth', () => {
    fc.assert(
      fc.property(documents, edits, (document, list) => {
        let history: History = begin(document)
        const seen = [document]
        for (const [n, edit] of list.entries()) {
          const now = history.present.document
          const uids = uidsOf(now)
          if (uids.length === 0) break
          const uid = uids[edit.from % uids.length]!
          const place = edit.kind === 'move' ? placeOf(now, uid, edit.step) : undefined
          const next =
            edit.kind === 'remove'
              ? removeField(now, uid)
              : edit.kind === 'type'
                ? changeField(now, uid, { label: edit.text })
                : place
                  ? moveField(now, uid, place)
                  : now
          history = commit(history, { document: next, changed: uid, atMs: n * 10_000 })
          if (next !== now) seen.push(next)
        }
        for (const expected of [...seen].reverse().slice(1)) {
          history = undo(history)
          expect(history.present.document).toBe(expected)
        }
        expect(undo(history)).toBe(history)
        for (const expected of seen.slice(1)) {
          history = redo(history)
          expect(history.present.document).toBe(expected)
        }
        expect(redo(history)).toBe(history)
      }),
    )
  })

  test('what is typed in one go is one step, and a pause ends it', () => {
    const document: FormSchema = { version: 1, fields: [{ id: 'a', uid: 'u', type: 'text' }] }
    const typed = (history: History, label: string, atMs: number, about = 'label') =>
      commit(history, { document: changeField(history.present.document, 'u', { label }), changed: 'u', about, atMs })
    let history = typed(begin(document), 'N', 0)
    history = typed(history, 'Na', 200)
    history = typed(history, 'Nam', 400)
    expect(history.past).toHaveLength(1)
    history = typed(history, 'Name', 5_000)
    history = typed(history, 'Name', 5_100, 'hint')
    expect(history.past).toHaveLength(3)
    expect(undo(undo(undo(history))).present.document).toBe(document)
  })
})

describe('ids', () => {
  test('a label becomes a name that expressions can write', () => {
    expect(slugOf('Âge de l’enfant (années)')).toBe('age_de_l_enfant_annees')
    expect(slugOf('2nd visit')).toBe('q_2nd_visit')
    expect(slugOf('true')).toBe('q_true')
    expect(slugOf('水')).toBe('')
  })

  test('a new id is said everywhere where the old one was spoken of, and nowhere else', () => {
    const document: FormSchema = {
      version: 1,
      fields: [
        { id: 'age', uid: 'a', type: 'integer', label: 'Age' },
        { id: 'aged', uid: 'b', type: 'text', relevant: "age > 60 and c != 'age'", label: 'Is ${age} old?' },
        { id: 'c', uid: 'c', type: 'integer', default: { expression: '${ age } + 1' }, required: true },
        {
          id: 'town',
          uid: 'd',
          type: 'select_one',
          options: [{ value: 'x', age: 3 }],
          choice_filter: 'age > 2 and aged = value',
        },
      ],
    }
    const renamed = renameField(document, 'a', 'years', true)
    expect(renamed.fields).toEqual([
      { id: 'years', uid: 'a', type: 'integer', label: 'Age', previous_ids: ['age'] },
      { id: 'aged', uid: 'b', type: 'text', relevant: "years > 60 and c != 'age'", label: 'Is ${years} old?' },
      { id: 'c', uid: 'c', type: 'integer', default: { expression: '${years} + 1' }, required: true },
      document.fields[3],
    ])
    expect(renameField(renamed, 'a', 'age', true).fields[1]).toEqual(document.fields[1])
    expect(renameField(document, 'a', 'âge', false).fields[1]!.relevant).toBe("${âge} > 60 and c != 'age'")
    expect(checkFormSchema(renamed)).toEqual([])
  })

  test('a name in quotes, in labels of options, in shared lists and in the title is changed with the field', () => {
    const document = {
      version: 1,
      title: 'People of ${town}',
      choices: { answers: [{ value: 'yes', label: 'Yes, in ${town}' }] },
      fields: [
        { id: 'town', uid: 'a', type: 'select_one', options: [{ value: 'x', label: '${town} itself' }] },
        { id: 'b', uid: 'b', type: 'text', relevant: "jr:choice-name(town, '${town}') = 'town'" },
      ],
    } as unknown as FormSchema
    expect(renameField(document, 'a', 'place', false)).toEqual(
      JSON.parse(
        JSON.stringify(document)
          .replaceAll('${town}', '${place}')
          .replace('"id":"town"', '"id":"place"')
          .replace('(town,', '(place,'),
      ),
    )
  })

  test('in XLSForm plain names are left alone', () => {
    const document: FormSchema = {
      version: 1,
      dialect: 'xlsform',
      fields: [
        { id: 'age', uid: 'a', type: 'integer' },
        { id: 'b', uid: 'b', type: 'text', relevant: '${age} > 1 and count-selected(${age}) = 1' },
      ],
    }
    const renamed = renameField(document, 'a', 'count', false)
    expect(renamed.fields[1]!.relevant).toBe('${count} > 1 and count-selected(${count}) = 1')
    expect(renameField(renamed, 'a', 'age', false)).toEqual(document)
  })

  test('a copy has ids and uids of its own, and speaks of itself', () => {
    const document: FormSchema = {
      version: 1,
      fields: [
        {
          id: 'house',
          uid: 'g',
          type: 'group',
          fields: [
            { id: 'rooms', uid: 'r', type: 'integer', previous_ids: ['room'] },
            { id: 'why', uid: 'w', type: 'text', relevant: 'rooms > 9 and other = 1' },
          ],
        },
        { id: 'other', uid: 'o', type: 'integer' },
      ],
    }
    let n = 0
    const [copied, uid] = duplicateField(document, 'g', () => `new${++n}`)
    expect(checkFormSchema(copied)).toEqual([])
    expect(new Set(uidsOf(copied)).size).toBe(7)
    expect(locate(copied, uid)!.field).toMatchObject({
      id: 'house_2',
      fields: [
        { id: 'rooms_2', type: 'integer' },
        { id: 'why_2', relevant: 'rooms_2 > 9 and other = 1' },
      ],
    })
    expect(locate(copied, uid)!.field.fields![0]).not.toHaveProperty('previous_ids')
    expect(idsOf(copied).size).toBe(7)
  })
})

describe('the outline', () => {
  test('shows every field once, and what is folded as one row', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const all = rowsOf(document, { folded: new Set(), wanted: '', language: '' })
        expect(all.map(({ key }) => key)).toEqual(uidsOf(document))
        const folded = rowsOf(document, { folded: new Set(containersOf(document)), wanted: '', language: '' })
        expect(folded.map(({ key }) => key)).toEqual(document.fields.map(({ uid }) => uid))
      }),
    )
  })

  test('what is searched for is shown with the groups around it, folded or not', () => {
    fc.assert(
      fc.property(filled, fc.nat(), (document, n) => {
        const uids = uidsOf(document)
        const { field } = locate(document, uids[n % uids.length]!)!
        const view = { folded: new Set(containersOf(document)), wanted: ` ${field.id.toUpperCase()} `, language: '' }
        const rows = rowsOf(document, view)
        expect(rows.map(({ key }) => key)).toContain(field.uid)
        for (const { key } of rows) {
          let parent = locate(document, key)!.parent
          while (parent) {
            expect(rows.map((row) => row.key)).toContain(parent.uid)
            parent = locate(document, parent.uid!)!.parent
          }
        }
        expect(rowsOf(document, { ...view, wanted: 'nothing is called so' })).toEqual([])
      }),
    )
  })

  test('a new field goes into the chosen group, else behind what is chosen, and the next one is chosen after deleting', () => {
    const document: FormSchema = {
      version: 1,
      fields: [
        { id: 'a', uid: 'a', type: 'text' },
        { id: 'g', uid: 'g', type: 'repeat', fields: [{ id: 'b', uid: 'b', type: 'text' }] },
      ],
    }
    expect(placeForNew(document, null)).toEqual({ after: 'g' })
    expect(placeForNew(document, 'a')).toEqual({ after: 'a' })
    expect(placeForNew(document, 'g')).toEqual({ into: 'g' })
    expect(placeForNew({ version: 1, fields: [] }, null)).toBe('start')
    expect(neighbourOf(document, 'a')).toBe('g')
    expect(neighbourOf(document, 'g')).toBe('a')
    expect(neighbourOf(document, 'b')).toBe('g')
  })
})
