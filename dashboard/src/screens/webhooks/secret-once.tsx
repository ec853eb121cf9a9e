// The secret that signs the deliveries, on the only occasion when it is shown.
import { t } from '../../i18n/i18n.ts'
import { CopyButton } from '../../ui/curl.tsx'

export const SecretOnce = ({ secret, onClose }: { secret: string; onClose: () => void }) => (
  <>
    <p className="notice">{t('hook.secret_once')}</p>
    <p>
      <code className="secret">{secret}</code>
    </p>
    <div className="dialog-actions">
      <CopyButton text={secret} />
      <button type="button" className="primary" onClick={onClose}>
        {t('action.done')}
      </button>
    </div>
  </>
)
