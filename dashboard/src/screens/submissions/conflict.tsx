// Two people changed the same answers: both sides, and one press to go on with either.
import { ApiError } from '../../api/client.ts'
import type { ListedSubmission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { textOfAnswer } from '../../renderer/answer-text.ts'
import { Time } from '../../ui/small.tsx'
import { columnsOf, type FormField } from './fields.ts'
import type { Answers } from './merge.ts'

export interface Conflict {
  /** Top-level fields that both sides changed. */
  fields: string[]
  yours: Answers
  theirs: ListedSubmission
}

export const conflictOf = (error: Error | null): Conflict | null =>
  error instanceof ApiError && error.code === 'revision_conflict' ? (error.body as Conflict) : null

interface Props {
  conflict: Conflict
  fields: readonly FormField[]
  onMine: () => void
  onTheirs: () => void
}

export function ConflictNotice({ conflict: { fields: ids, yours, theirs }, fields, onMine, onTheirs }: Props) {
  const known = columnsOf(fields).map(({ field }) => field)
  const show = (id: string, answers: Answers) => {
    const field = known.find((one) => one.id === id)
    return field && field.type !== 'repeat' ? textOfAnswer(field, answers[id]) : JSON.stringify(answers[id])
  }
  return (
    <div role="alert">
      <p className="notice">{t('conflict.about')}</p>
      <p className="soft">
        {t('conflict.theirs_at')} <Time at={theirs.updated_at} />
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('conflict.question')}</th>
            <th scope="col">{t('conflict.yours')}</th>
            <th scope="col">{t('conflict.theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {ids.map((id) => (
            <tr key={id}>
              <th scope="row">{known.find((one) => one.id === id)?.label ?? id}</th>
              <td className="wrap">{show(id, yours)}</td>
              <td className="wrap">{show(id, theirs.data)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="form-actions">
        <button type="button" onClick={onTheirs}>
          {t('conflict.take_theirs')}
        </button>
        <button type="button" className="primary" onClick={onMine}>
          {t('conflict.take_yours')}
        </button>
      </div>
    </div>
  )
}
