// A pairing token as a QR code, with the time that it is still good for. Notices by itself when a phone has scanned it.
import { useQueryClient } from '@tanstack/react-query'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useState } from 'react'
import { encode } from 'uqr'
import type { Device, PairingToken } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyButton } from '../../ui/curl.tsx'

const LOOK_EVERY_MS = 2_000

interface Props {
  token: PairingToken
  /** The phones that are paired, as they are asked for again and again. */
  known: readonly Device[]
  onAgain: () => void
  onClose: () => void
  /** What there is to say once the phone is there. */
  children?: ComponentChildren
}

export function PairingCode({ token, known, onAgain, onClose, children }: Props) {
  const secondsLeft = useSecondsUntil(token.expires_at)
  const [before] = useState(() => new Set(known.map(({ id }) => id)))
  const client = useQueryClient()
  // The list says when the phone is there; the token itself says nothing.
  useEffect(() => {
    const timer = setInterval(() => client.invalidateQueries({ queryKey: ['devices'] }), LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [client])
  const arrived = known.find(({ id, user_id }) => !before.has(id) && user_id === token.user_id)
  if (arrived)
    return (
      <>
        <p className="notice good" role="status">
          {t('pair.done', { name: arrived.label ?? t('device.unnamed') })}
        </p>
        {children}
        <div className="dialog-actions">
          <button type="button" className="primary" onClick={onClose}>
            {t('action.done')}
          </button>
        </div>
      </>
    )
  const isOver = secondsLeft <= 0
  return (
    <>
      <p>{t('pair.scan', { who: token.user_email ?? '–' })}</p>
      {isOver ? <p className="notice">{t('pair.over')}</p> : <QrCode text={token.qr} />}
      <p className="countdown" role="timer">
        {!isOver &&
          t('pair.left', { time: `${Math.floor(secondsLeft / 60)}:${String(secondsLeft % 60).padStart(2, '0')}` })}
      </p>
      <div className="dialog-actions">
        {isOver ? (
          <button type="button" className="primary" onClick={onAgain}>
            {t('pair.again')}
          </button>
        ) : (
          <CopyButton text={token.qr} label={t('pair.copy')} />
        )}
        <button type="button" onClick={onClose}>
          {t('action.close')}
        </button>
      </div>
    </>
  )
}

function useSecondsUntil(iso: string): number {
  const left = () => Math.max(0, Math.ceil((new Date(iso).getTime() - Date.now()) / 1000))
  const [seconds, setSeconds] = useState(left)
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), 1000)
    return () => clearInterval(timer)
  }, [iso])
  return seconds
}

/** Dark on light in either theme, because many scanners read nothing else. */
function QrCode({ text }: { text: string }) {
  const { size, path } = useMemo(() => {
    const code = encode(text, { ecc: 'M', border: 3 })
    const dots = code.data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size: code.size, path: dots.join('') }
  }, [text])
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('pair.code')}>
      <path d={path} />
    </svg>
  )
}
