// Changing the answers. The server merges, checks and refuses; what it finds is shown at the question, and managers may
// store it all the same.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api, ask } from '../../api/client.ts'
import { useForm } from '../../api/queries.ts'
import type { Submission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { CheckField, Form, TextField, textOf } from '../../ui/form.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { AnswerInputs } from './answer-inputs.tsx'
import { ConflictNotice, conflictOf } from './conflict.tsx'
import type { FormField } from './fields.ts'
import { type Answers, merged } from './merge.ts'

type Base = Pick<Submission, 'revision' | 'data'>

interface Props {
  submission: Submission
  fields: readonly FormField[]
  onDone: () => void
}

export function Editor({ submission, fields, onDone }: Props) {
  const me = useMe()
  const client = useQueryClient()
  const form = useForm(submission.form_id)
  // What the page learns while somebody edits must not change what the edit began from.
  const [base, setBase] = useState<Base>(submission)
  const [answers, setAnswers] = useState<Answers>(submission.data)
  const done = () => {
    void client.invalidateQueries({ queryKey: ['submission', submission.id] })
    void client.invalidateQueries({ queryKey: ['submissions'] })
    onDone()
  }
  const save = useMutation({
    mutationFn: ({ comment, accept }: { comment?: string; accept: boolean }) =>
      ask(
        api.submissions[':id'].$patch({
          param: { id: submission.id },
          json: {
            base_revision: base.revision,
            data: answers,
            ...(comment && { comment }),
            ...(accept && { accept_issues: true }),
          },
        }),
      ),
    onSuccess: () => {
      showDone(t('edit.saved'))
      done()
    },
  })
  const conflict = conflictOf(save.error)
  const isRefused = save.error instanceof ApiError && save.error.code === 'answers_invalid'
  if (conflict)
    return (
      <ConflictNotice
        conflict={conflict}
        fields={fields}
        onMine={() => {
          setAnswers(merged(base.data, answers, conflict.theirs.data))
          setBase(conflict.theirs)
          save.reset()
        }}
        onTheirs={done}
      />
    )
  return (
    <Form
      action={t('edit.save')}
      busy={save.isPending}
      error={save.error}
      onCancel={onDone}
      onSubmit={(values) => save.mutate({ comment: textOf(values, 'comment'), accept: values.has('accept') })}
    >
      <AnswerInputs fields={fields} row={answers} onChange={setAnswers} faults={faultsOf(save.error)} />
      <TextField label={t('edit.comment')} name="comment" maxLength={5000} />
      {isRefused && atLeast(me, 'manager', form.data?.project_id) && (
        <CheckField label={t('edit.accept')} name="accept" />
      )}
    </Form>
  )
}

/** By the path that each sentence begins with: `Field 'hh[1].m_name' is required`. */
function faultsOf(error: Error | null): ReadonlyMap<string, string> {
  if (!(error instanceof ApiError)) return new Map()
  return new Map(
    error.message.split(/; (?=Field ')/).flatMap((line): [string, string][] => {
      const path = /^Field '([^']+)'/.exec(line)?.[1]
      return path === undefined ? [] : [[path, line]]
    }),
  )
}
