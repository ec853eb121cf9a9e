// What happens while somebody fills in a form: it begins, an answer is given, a row is added. After each, what follows
// is computed and every repeat gets the rows that it must have.
import { type Answers, readAnswer } from './canonical.ts'
import { type FillableForm, Filling, type ShortRepeat } from './filling.ts'
import { firstRow, momentOf } from './first-answers.ts'
import type { AnswerPlan } from './plan.ts'
import { putAnswer, type RowAddress, rowAt } from './put-answer.ts'
import type { Circumstances } from './scope.ts'

/** Rows within rows, and answers that are computed from one another. */
const MAX_ROUNDS = 30

/** A new submission: first answers, the rows that must be there, and what the device notes at the start. */
export function beginFilling(form: FillableForm, circumstances: Circumstances): Filling {
  const start = new Filling(form, firstRow(form.schema.fields, circumstances), circumstances)
  return settled(begun(start, [ROOT], circumstances), circumstances)
}

/** The state after `answers` were changed by hand; `before` is the one they were changed from. */
export function follow(form: FillableForm, answers: Answers, circumstances: Circumstances, before?: Filling): Filling {
  return settled(new Filling(form, answers, circumstances, before), circumstances)
}

/** One more row at the end of a repeat, which stands in the given row. */
export function addRow(filling: Filling, row: RowAddress, repeat: AnswerPlan, circumstances: Circumstances): Filling {
  const rows = rowsAt(filling.answers, row, repeat).length + 1
  return settled(lengthened(filling, [{ repeat, row, rows }], circumstances), circumstances)
}

export function removeRow(answers: Answers, row: RowAddress, repeat: AnswerPlan, index: number): Answers {
  return putAnswer(answers, row, repeat, rowsAt(answers, row, repeat).toSpliced(index, 1))
}

const ROOT: RowAddress = []

function settled(start: Filling, circumstances: Circumstances): Filling {
  let filling = start
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { form, answers } = filling
    const computed = filling.computed()
    const short = computed === answers ? filling.tooShort() : []
    if (computed !== answers) filling = new Filling(form, computed, circumstances, filling)
    else if (short.length > 0) filling = lengthened(filling, short, circumstances)
    else break
  }
  return filling
}

function lengthened(filling: Filling, short: readonly ShortRepeat[], circumstances: Circumstances): Filling {
  const { form } = filling
  let { answers } = filling
  const added: RowAddress[] = []
  for (const { repeat, row, rows } of short) {
    const { field } = form.logic.targets.get(repeat.id)!
    const present = rowsAt(answers, row, repeat)
    const wanted = [...present]
    for (let index = present.length; index < rows; index++) {
      wanted.push(firstRow(field.fields ?? [], circumstances))
      added.push([...row, { repeat, index }])
    }
    answers = putAnswer(answers, row, repeat, wanted)
  }
  return begun(new Filling(form, answers, circumstances, filling), added, circumstances)
}

/** First answers may be computed from one another. */
function begun(start: Filling, rows: readonly RowAddress[], circumstances: Circumstances): Filling {
  let filling = start
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const answers = filling.withFirst(rows)
    if (answers === filling.answers) break
    filling = new Filling(filling.form, answers, circumstances, filling)
  }
  return filling
}

function rowsAt(answers: Answers, row: RowAddress, repeat: AnswerPlan): readonly unknown[] {
  const rows = readAnswer(rowAt(answers, row) ?? {}, repeat)
  return Array.isArray(rows) ? rows : []
}

/** What goes out when somebody is done: without what is not asked, and with the time. */
export function finishedAnswers(filling: Filling, { now, offsetMinutes = 0 }: Circumstances): Answers {
  let answers = filling.asked()
  const end = now === undefined ? undefined : momentOf(now, offsetMinutes)?.instant
  if (end === undefined) return answers
  for (const { plan, level } of filling.form.logic.targets.values()) {
    if (plan.type === 'end' && level.parent === undefined) answers = putAnswer(answers, [], plan, end)
  }
  return answers
}
