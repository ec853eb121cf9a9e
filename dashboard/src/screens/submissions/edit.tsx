// Changing the answers. The server merges, checks and refuses; what it finds is shown at the question, and managers may
// store it all the same.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { openForm } from '../../../../src/forms/filling.ts'
import type { FormSchema } from '../../../../src/forms/schema.ts'
import { ApiError, api, ask } from '../../api/client.ts'
import { useForm } from '../../api/queries.ts'
import type { Submission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { FormRenderer } from '../../renderer/form-renderer.tsx'
import { atLeast, useMe } from '../../shell/me.ts'
import { CheckField, Form, TextField, textOf } from '../../ui/form.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { ConflictNotice, conflictOf } from './conflict.tsx'
import type { FormField } from './fields.ts'
import { type Answers, merged } from './merge.ts'

type Base = Pick<Submission, 'revision' | 'data'>

interface Props {
  submission: Submission
  /** Of the version that the submission was made with. */
  schema: FormSchema
  fields: readonly FormField[]
  onDone: () => void
}

export function Editor({ submission, schema, fields, onDone }: Props) {
  const me = useMe()
  const client = useQueryClient()
  const form = useForm(submission.form_id)
  // What the page learns while somebody edits must not change what the edit began from.
  const [base, setBase] = useState<Base>(submission)
  const [answers, setAnswers] = useState<Answers>(submission.data)
  const fillable = useMemo(() => openForm(schema), [schema])
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
  const faults = useMemo(() => faultsOf(save.error), [save.error])
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
      <FormRenderer
        form={fillable}
        answers={answers}
        onChange={setAnswers}
        isComplete
        now={Date.parse(submission.collected_at ?? submission.submitted_at)}
        faults={faults}
      />
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
