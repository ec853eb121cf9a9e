// Before a draft goes live: what changes, and what that does to answers that are there.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api, ask } from '../../api/client.ts'
import type { FormDetail } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { DiffView } from './diff-view.tsx'

export function PublishDialog({ form, onClose }: { form: FormDetail; onClose: () => void }) {
  const client = useQueryClient()
  const param = { id: form.id }
  const [force, setForce] = useState(false)
  const comparison = useQuery({
    queryKey: ['form', form.id, 'diff', 'live', 'draft', form.schema_sha256],
    queryFn: () => ask(api.forms[':id'].diff.$get({ param, query: {} })),
    enabled: form.published,
    staleTime: 0,
  })
  const publish = useMutation({
    mutationFn: () => ask(api.forms[':id'].publish.$post({ param, json: { force } })),
    onSuccess: ({ version_num, warnings }) => {
      for (const key of ['forms', 'form']) void client.invalidateQueries({ queryKey: [key] })
      showDone(t('publish.done', { number: version_num }))
      if (warnings.length === 0) onClose()
    },
  })
  if (publish.data)
    return (
      <Dialog title={t('publish.done', { number: publish.data.version_num })} onClose={onClose}>
        <p>{t('publish.warnings')}</p>
        <ul>
          {publish.data.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
        <div className="dialog-actions">
          <button type="button" className="primary" onClick={onClose}>
            {t('action.close')}
          </button>
        </div>
      </Dialog>
    )
  const needsForce =
    comparison.data?.needs_force || (publish.error instanceof ApiError && publish.error.code === 'force_needed')
  return (
    <Dialog title={t('publish.title')} onClose={onClose}>
      <p>{form.published ? t('publish.about_next') : t('publish.about_first')}</p>
      {form.published && comparison.isPending && <Loading />}
      {comparison.error && <Failure error={comparison.error} onRetry={() => comparison.refetch()} />}
      {comparison.data && <DiffView diff={comparison.data.diff} />}
      {publish.error && <Failure error={publish.error} />}
      {needsForce && (
        <div className="notice">
          <label className="check">
            <input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
            <span>{t('publish.force')}</span>
          </label>
        </div>
      )}
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button
          type="button"
          className="primary"
          disabled={publish.isPending || (form.published && comparison.isPending) || (needsForce && !force)}
          onClick={() => publish.mutate()}
        >
          {t('publish.action')}
        </button>
      </div>
    </Dialog>
  )
}
