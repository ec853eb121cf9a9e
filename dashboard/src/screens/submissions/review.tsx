// The review: one press, with or without a word about it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import { useForm } from '../../api/queries.ts'
import type { ReviewState, Submission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, type Me } from '../../shell/me.ts'
import { LongTextField } from '../../ui/form.tsx'
import { Failure } from '../../ui/states.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { StateBadge } from './state-badge.tsx'
import { REVIEW_STATES } from './view.ts'

export function ReviewBox({ submission, me }: { submission: Submission; me: Me }) {
  const client = useQueryClient()
  const [comment, setComment] = useState('')
  const form = useForm(submission.form_id)
  const review = useMutation({
    mutationFn: (state: ReviewState) =>
      ask(
        api.submissions[':id'].review.$post({
          param: { id: submission.id },
          json: { state, ...(comment.trim() && { comment: comment.trim() }) },
        }),
      ),
    onSuccess: ({ review_state }) => {
      setComment('')
      showDone(t('review.done', { state: t(`review.${review_state}`) }))
      void client.invalidateQueries({ queryKey: ['submission', submission.id] })
      void client.invalidateQueries({ queryKey: ['submissions'] })
    },
  })
  if (!atLeast(me, 'manager', form.data?.project_id)) return null
  return (
    <section className="card" aria-labelledby="review">
      <div className="card-head">
        <h2 id="review">{t('review.title')}</h2>
        <StateBadge state={submission.review_state} />
      </div>
      <LongTextField
        label={t('review.comment')}
        name="comment"
        rows={2}
        maxLength={5000}
        value={comment}
        onValue={setComment}
      />
      {review.error && <Failure error={review.error} />}
      <div className="row">
        {REVIEW_STATES.filter((state) => state !== submission.review_state).map((state) => (
          <button key={state} type="button" disabled={review.isPending} onClick={() => review.mutate(state)}>
            {t(`review.set_${state}`)}
          </button>
        ))}
      </div>
    </section>
  )
}
