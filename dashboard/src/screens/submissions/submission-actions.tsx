// What can be done with a submission as a whole.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { api, ask } from '../../api/client.ts'
import type { Submission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { Confirm } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'

export function SubmissionActions({ submission: { id } }: { submission: Submission }) {
  const me = useMe()
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [isErasing, setErasing] = useState(false)
  /** `isGone`: this page still stands, and would ask for what is not to be had. */
  const refresh = ({ isGone = false } = {}) => {
    void client.invalidateQueries({ queryKey: ['submissions'] })
    void client.invalidateQueries({ queryKey: ['submission', id], ...(isGone && { refetchType: 'none' as const }) })
    void client.invalidateQueries({ queryKey: ['summary'] })
  }
  const restore = () =>
    ask(api.submissions[':id'].restore.$post({ param: { id } })).then(() => {
      refresh()
      showDone(t('submission.restored'))
    }, showFailure)
  const remove = useMutation({
    mutationFn: () => ask(api.submissions[':id'].$delete({ param: { id } })),
    onSuccess: () => {
      navigate('/submissions')
      showDone(t('submission.deleted_done'), { label: t('bulk.undo'), run: restore })
      refresh({ isGone: true })
    },
    onError: showFailure,
  })
  return (
    <>
      <Link className="button" href={`/submissions/${id}?edit=1`}>
        {t('submission.edit')}
      </Link>
      <button type="button" disabled={remove.isPending} onClick={() => remove.mutate()}>
        <Icon name="trash" /> {t('submission.delete')}
      </button>
      {atLeast(me, 'admin') && (
        <button type="button" className="quiet danger" onClick={() => setErasing(true)}>
          {t('submission.erase')}
        </button>
      )}
      {isErasing && <EraseDialog id={id} onClose={() => setErasing(false)} />}
    </>
  )
}

/** Asks for a reason, and leaves the page: there is nothing to come back to. */
export function EraseDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const [reason, setReason] = useState('')
  const erase = useMutation({
    mutationFn: () =>
      ask(
        api.submissions[':id'].erase.$post({
          param: { id },
          json: { confirm: true, ...(reason.trim() && { reason: reason.trim() }) },
        }),
      ),
    onSuccess: () => {
      onClose()
      navigate('/submissions')
      showDone(t('submission.erased'))
      client.removeQueries({ queryKey: ['submission', id] })
      void client.invalidateQueries({ queryKey: ['submissions'] })
    },
  })
  return (
    <Confirm
      title={t('submission.erase_sure')}
      action={t('submission.erase')}
      danger
      busy={erase.isPending}
      error={erase.error}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    >
      <p>{t('submission.erase_about')}</p>
      <TextField
        label={t('submission.erase_reason')}
        name="reason"
        maxLength={500}
        value={reason}
        onValue={setReason}
      />
    </Confirm>
  )
}
