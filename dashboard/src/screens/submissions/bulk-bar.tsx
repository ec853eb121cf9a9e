// Acting on many submissions: on those that are marked, one by one, or on all that the filters pick, in one action that
// can be taken back.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import type { BulkAction, ReviewState } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Confirm } from '../../ui/dialog.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { REVIEW_STATES, type View } from './view.ts'

type Act = { action: 'delete' } | { action: 'restore' } | { action: 'review'; state: ReviewState }

interface Props {
  view: View
  /** Nothing is shown while nothing is marked. */
  marked: ReadonlySet<string>
  /** How many the filters pick; null where the server does not count them. */
  total: number | null
  /** Nothing is marked any more. */
  onDone: () => void
}

const ASK_EVERY_MS = 700

export function BulkBar({ view, marked, total, onDone }: Props) {
  const client = useQueryClient()
  const [asked, setAsked] = useState<Act | null>(null)
  const [progress, setProgress] = useState<{ done: number; of: number } | null>(null)
  const [wantsAll, setWantsAll] = useState(false)
  // What the server cannot pick by a filter is acted on one by one.
  const mayAll = total !== null && total > marked.size && view.list !== 'missing'
  const onAll = wantsAll && mayAll
  const count = onAll ? total : marked.size

  const refresh = () => {
    setProgress(null)
    void client.invalidateQueries({ queryKey: ['submissions'] })
    void client.invalidateQueries({ queryKey: ['summary'] })
  }
  const undo = async (id: string) => {
    try {
      const begun = await ask(api.submissions['bulk-actions'][':id'].undo.$post({ param: { id } }))
      const ended = await follow(begun, setProgress)
      showDone(t('bulk.undone', { count: ended.undone }))
    } catch (error) {
      showFailure(error as Error)
    } finally {
      refresh()
    }
  }
  const act = useMutation({
    mutationFn: async (wanted: Act) => {
      if (!onAll) return actOnEach([...marked], wanted, setProgress)
      const json = {
        ...wanted,
        filter: {
          ...(view.form && { form_id: view.form }),
          ...(view.from && { start_date: view.from }),
          ...(view.to && { end_date: view.to }),
          ...(view.state && { review_state: view.state }),
          ...(view.list === 'issues' && { issues: true }),
          mode: view.mode,
        },
        expected_count: count,
      }
      const ended = await follow(await ask(api.submissions['bulk-actions'].$post({ json })), setProgress)
      showDone(t('bulk.done', { count: ended.affected }), {
        label: t('bulk.undo'),
        run: () => void undo(ended.operation_id),
      })
    },
    onSuccess: () => {
      setAsked(null)
      setWantsAll(false)
      onDone()
    },
    onSettled: refresh,
  })

  if (marked.size === 0) return null
  const inTrash = view.list === 'deleted'
  return (
    <div className="bulk">
      <span role="status">{onAll ? t('bulk.all', { count }) : t('bulk.marked', { count })}</span>
      {mayAll && (
        <button type="button" className="link" onClick={() => setWantsAll(!onAll)}>
          {onAll ? t('bulk.only_marked', { count: marked.size }) : t('bulk.take_all', { count: total })}
        </button>
      )}
      {inTrash ? (
        <button type="button" onClick={() => setAsked({ action: 'restore' })}>
          {t('submission.restore')}
        </button>
      ) : (
        <>
          {REVIEW_STATES.filter((state) => state !== 'received').map((state) => (
            <button key={state} type="button" onClick={() => setAsked({ action: 'review', state })}>
              {t(`review.set_${state}`)}
            </button>
          ))}
          <button type="button" onClick={() => setAsked({ action: 'delete' })}>
            {t('submission.delete')}
          </button>
        </>
      )}
      {asked && (
        <Confirm
          title={t('bulk.sure', { count })}
          action={
            asked.action === 'review' ? t(`review.set_${asked.state as 'approved'}`) : t(`submission.${asked.action}`)
          }
          danger={asked.action === 'delete'}
          busy={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate(asked)}
          onClose={() => {
            setAsked(null)
            act.reset()
          }}
        >
          <p>{onAll ? t('bulk.about_all') : t('bulk.about_marked')}</p>
          {progress && (
            <progress value={progress.done} max={progress.of} aria-label={t('state.working')}>
              {progress.done}
            </progress>
          )}
        </Confirm>
      )}
    </div>
  )
}

/** Asks until the action has ended. */
async function follow(begun: BulkAction, tell: (progress: { done: number; of: number }) => void): Promise<BulkAction> {
  let now = begun
  while (now.state === 'running' || now.state === 'undoing') {
    tell({ done: now.state === 'running' ? now.affected : now.undone, of: Math.max(now.matched, 1) })
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
    now = await ask(api.submissions['bulk-actions'][':id'].$get({ param: { id: now.operation_id } }))
  }
  return now
}

async function actOnEach(
  ids: string[],
  act: Act,
  tell: (progress: { done: number; of: number }) => void,
): Promise<void> {
  for (const [done, id] of ids.entries()) {
    tell({ done, of: ids.length })
    const one = api.submissions[':id']
    if (act.action === 'delete') await ask(one.$delete({ param: { id } }))
    else if (act.action === 'restore') await ask(one.restore.$post({ param: { id } }))
    else await ask(one.review.$post({ param: { id }, json: { state: act.state } }))
  }
  showDone(t('bulk.done', { count: ids.length }))
}
