// What people said about a submission.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import { t } from '../../i18n/i18n.ts'
import { Form, LongTextField, textOf } from '../../ui/form.tsx'
import { Time } from '../../ui/small.tsx'
import { Failure } from '../../ui/states.tsx'

export function Comments({ id }: { id: string }) {
  const client = useQueryClient()
  const [turn, setTurn] = useState(0)
  const key = ['submission', id, 'comments']
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: () => ask(api.submissions[':id'].comments.$get({ param: { id } })),
  })
  const write = useMutation({
    mutationFn: (body: string) => ask(api.submissions[':id'].comments.$post({ param: { id }, json: { body } })),
    onSuccess: () => {
      setTurn(turn + 1)
      void client.invalidateQueries({ queryKey: key })
    },
  })
  return (
    <section className="card" aria-labelledby="comments">
      <h2 id="comments">{t('comments.title')}</h2>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      <ul className="plain comments">
        {data?.map(({ id: commentId, body, at, actor }) => (
          <li key={commentId}>
            <p dir="auto">{body}</p>
            <span className="soft small">
              {actor.label ?? t(`actor.${actor.kind}`)}, <Time at={at} />
            </span>
          </li>
        ))}
      </ul>
      {/* Each comment starts with an empty form. */}
      <Form
        key={turn}
        action={t('comments.write')}
        busy={write.isPending}
        error={write.error}
        onSubmit={(values) => write.mutate(textOf(values, 'body') ?? '')}
      >
        <LongTextField label={t('comments.new')} name="body" required maxLength={5000} rows={2} />
      </Form>
    </section>
  )
}
