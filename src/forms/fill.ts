// What happens while somebody fills in a form: it begins, an answer is given, a row is added. After each, what follows
// is computed and every repeat gets the rows that it must have.
import { type Answers, readAnswer } from './canonical.ts'
import { addressOf, type FillableForm, Filling } from './filling.ts'
import { firstRow, momentOf } from './first-answers.ts'
import type { AnswerPlan } from './plan.ts'
import { putAnswer, type RowAddress, rowAt } from './put-answer.ts'
import type { Circumstances } from './scope.ts'

/** Rows within rows, and first answers that are computed from one another. */
const MAX_ROUNDS = 12

/** A new submission: first answers, the rows that must be there, and what the device notes at the start. */
export function beginFilling(form: FillableForm, circumstances: Circumstances): Filling {
  return begun(new Filling(form, firstRow(form.schema.fields, circumstances), circumstances), [], circumstances)
}

/** The state after `answers` were changed by hand; `before` is the one they were changed from. */
export function follow(form: FillableForm, answers: Answers, circumstances: Circumstances, before?: Filling): Filling {
  let filling = new Filling(form, answers, circumstances, before)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const computed = filling.computed()
    const [short] = filling.tooShort()
    if (computed !== filling.answers) filling = new Filling(form, computed, circumstances, filling)
    else if (short === undefined) break
    else filling = withRows(filling, addressOf(short.scope), short.plan, short.rows, circumstances)
  }
  return filling
}

/** One more row at the end of a repeat, which stands in the given row. */
export function addRow(filling: Filling, row: RowAddress, repeat: AnswerPlan, circumstances: Circumstances): Filling {
  const longer = withRows(filling, row, repeat, rowsAt(filling.answers, row, repeat).length + 1, circumstances)
  return follow(filling.form, longer.answers, circumstances, longer)
}

export function removeRow(answers: Answers, row: RowAddress, repeat: AnswerPlan, index: number): Answers {
  return putAnswer(answers, row, repeat, rowsAt(answers, row, repeat).toSpliced(index, 1))
}

function withRows(
  filling: Filling,
  row: RowAddress,
  repeat: AnswerPlan,
  count: number,
  circumstances: Circumstances,
): Filling {
  const { form, answers } = filling
  const { field } = form.logic.targets.get(repeat.id)!
  const rows = rowsAt(answers, row, repeat)
  const added = Array.from({ length: count - rows.length }, () => firstRow(field.fields ?? [], circumstances))
  let longer = new Filling(form, putAnswer(answers, row, repeat, [...rows, ...added]), circumstances, filling)
  for (let index = rows.length; index < count; index++)
    longer = begun(longer, [...row, { repeat, index }], circumstances)
  return longer
}

/** First answers may be computed from one another. */
function begun(start: Filling, within: RowAddress, circumstances: Circumstances): Filling {
  let filling = start
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const answers = filling.withFirst(within)
    if (answers === filling.answers) break
    filling = new Filling(filling.form, answers, circumstances, filling)
  }
  return follow(filling.form, filling.answers, circumstances, filling)
}

function rowsAt(answers: Answers, row: RowAddress, repeat: AnswerPlan): readonly unknown[] {
  const rows = readAnswer(rowAt(answers, row) ?? {}, repeat)
  return Array.isArray(rows) ? rows : []
}

/** What goes out when somebody is done: without what is not asked, and with the time. */
export function finishedAnswers(filling: Filling, { now, offsetMinutes = 0 }: Circumstances): Answers {
  const end = now === undefined ? undefined : momentOf(now, offsetMinutes)?.instant
  let answers = filling.asked()
  for (const { plan, level } of filling.form.logic.targets.values()) {
    if (plan.type === 'end' && level.parent === undefined) answers = putAnswer(answers, [], plan, end)
  }
  return answers
}
