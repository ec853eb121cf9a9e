// A first password: made here, shown once to whoever passes it on, and changed at the first sign-in.
import { t } from '../../i18n/i18n.ts'
import { CopyButton } from '../../ui/curl.tsx'

/** Without letters that are taken for digits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

export function newPassword(): string {
  // A byte below 31 * 8 is as likely to be one letter as another.
  const letters: string[] = []
  while (letters.length < 16)
    for (const byte of crypto.getRandomValues(new Uint8Array(32)))
      if (byte < ALPHABET.length * 8 && letters.length < 16) letters.push(ALPHABET[byte % ALPHABET.length]!)
  return letters.join('').replaceAll(/(.{4})(?=.)/g, '$1-')
}

interface Props {
  who: string
  password: string
  onClose: () => void
}

export const PasswordToGive = ({ who, password, onClose }: Props) => (
  <>
    <p className="notice">{t('user.password_once', { who })}</p>
    <p>
      <code className="secret">{password}</code>
    </p>
    <div className="dialog-actions">
      <CopyButton text={password} />
      <button type="button" className="primary" onClick={onClose}>
        {t('action.done')}
      </button>
    </div>
  </>
)
