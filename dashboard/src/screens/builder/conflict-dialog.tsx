// Somebody else has saved the form while it was being changed here: what differs, and whose version goes on.
import { useQuery } from '@tanstack/react-query'
import { api, ask } from '../../api/client.ts'
import type { FormDetail } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { differenceOf } from './model/difference.ts'
import type { FormSchema } from './model/document.ts'

interface Props {
  formId: string
  mine: FormSchema
  onTheirs: (theirs: FormDetail) => void
  onMine: (theirs: FormDetail) => void
  /** Decided later; nothing is saved until then. */
  onClose: () => void
}

export function ConflictDialog({ formId, mine, onTheirs, onMine, onClose }: Props) {
  const theirs = useQuery({
    queryKey: ['form', formId, 'theirs'],
    queryFn: () => ask(api.forms[':id'].$get({ param: { id: formId } })),
    staleTime: 0,
    gcTime: 0,
  })
  const differing = theirs.data ? differenceOf(mine, theirs.data.schema as unknown as FormSchema) : []
  return (
    <Dialog title={t('builder.conflict')} onClose={onClose}>
      <p>{t('builder.conflict_about')}</p>
      {theirs.isPending && <Loading />}
      {theirs.error && <Failure error={theirs.error} onRetry={() => theirs.refetch()} />}
      {theirs.data && (
        <>
          <p>
            {differing.length > 0
              ? t('builder.conflict_differs', { count: differing.length })
              : t('builder.conflict_order')}
          </p>
          <ul className="findings">
            {differing.map((id) => (
              <li key={id}>
                <code>{id}</code>
              </li>
            ))}
          </ul>
          <div className="dialog-actions">
            <button type="button" onClick={() => onTheirs(theirs.data)}>
              {t('builder.conflict_theirs')}
            </button>
            <button type="button" className="danger" onClick={() => onMine(theirs.data)}>
              {t('builder.conflict_mine')}
            </button>
          </div>
        </>
      )}
    </Dialog>
  )
}
