// The draft of a form on a phone, before anybody else gets it: the phone is paired for tests, is offered drafts, and what
// it sends stays apart from live data.
import { useMutation } from '@tanstack/react-query'
import { Link } from 'wouter'
import { api, ask } from '../../api/client.ts'
import { useDevices } from '../../api/queries.ts'
import { t } from '../../i18n/i18n.ts'
import { useMe } from '../../shell/me.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/states.tsx'
import { PairingCode } from '../devices/pairing-code.tsx'

interface Props {
  formId: string
  formName: string
  onClose: () => void
}

export function TestOnPhone({ formId, formName, onClose }: Props) {
  const me = useMe()
  const devices = useDevices()
  const make = useMutation({
    mutationFn: () => ask(api.settings.mobile['pairing-token'].$post({ json: { mode: 'test' } })),
  })
  const known = devices.data ?? []
  const ready = known.filter(({ mode, user_id }) => mode === 'test' && user_id === me.id)
  const error = make.error ?? devices.error
  const sent = <Link href={`/submissions?form=${formId}&mode=test`}>{t('test_phone.sent')}</Link>
  return (
    <Dialog title={t('test_phone.title')} onClose={onClose}>
      {make.data ? (
        <PairingCode token={make.data} known={known} onAgain={() => make.reset()} onClose={onClose}>
          <p>{t('test_phone.next', { form: formName })}</p>
          <p>{sent}</p>
        </PairingCode>
      ) : (
        <>
          <p>{t('test_phone.about')}</p>
          {ready.length > 0 && (
            <p>
              {t('test_phone.ready', { phones: ready.map(({ label }) => label ?? t('device.unnamed')).join(', ') })}{' '}
              {sent}
            </p>
          )}
          {error && <Failure error={error} />}
          <div className="dialog-actions">
            <button type="button" onClick={onClose}>
              {t('action.cancel')}
            </button>
            {/* Which phone is new is told by those that were there before. */}
            <button
              type="button"
              className="primary"
              disabled={make.isPending || !devices.data}
              onClick={() => make.mutate()}
            >
              {t('test_phone.pair')}
            </button>
          </div>
        </>
      )}
    </Dialog>
  )
}
