// A submission that cannot be opened: in the trash, erased, or never there. Its history tells which.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { History } from './history.tsx'
import { EraseDialog } from './submission-actions.tsx'

export function DeletedSubmission({ id, trail }: { id: string; trail: { label: string; href: string }[] }) {
  const me = useMe()
  const client = useQueryClient()
  const [isErasing, setErasing] = useState(false)
  const history = useQuery({
    queryKey: ['submission', id, 'history'],
    queryFn: () => ask(api.submissions[':id'].history.$get({ param: { id }, query: {} })),
  })
  const restore = useMutation({
    mutationFn: () => ask(api.submissions[':id'].restore.$post({ param: { id } })),
    onSuccess: () => {
      showDone(t('submission.restored'))
      void client.resetQueries({ queryKey: ['submission', id] })
      void client.invalidateQueries({ queryKey: ['submissions'] })
    },
    onError: showFailure,
  })
  const last = history.data?.[0]?.change
  return (
    <Page
      title={t('submission.title')}
      trail={trail}
      actions={
        last === 'delete' && (
          <>
            <button type="button" className="primary" disabled={restore.isPending} onClick={() => restore.mutate()}>
              {t('submission.restore')}
            </button>
            {atLeast(me, 'admin') && (
              <button type="button" className="quiet danger" onClick={() => setErasing(true)}>
                {t('submission.erase')}
              </button>
            )}
          </>
        )
      }
    >
      {history.isPending && <Loading />}
      {history.error && <Failure error={history.error} />}
      {last === 'delete' && <Empty title={t('submission.in_trash')}>{t('submission.in_trash_help')}</Empty>}
      {last === 'erase' && <Empty title={t('submission.is_erased')}>{t('submission.is_erased_help')}</Empty>}
      {last && <History id={id} />}
      {isErasing && <EraseDialog id={id} onClose={() => setErasing(false)} />}
    </Page>
  )
}
