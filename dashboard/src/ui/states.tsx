// What a place says when it has nothing to show: it is on its way, there is none, or something went wrong.
import type { ComponentChildren } from 'preact'
import { ApiError } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Icon } from './icon.tsx'
import { saidOf } from './said.ts'

export const Loading = () => (
  <p className="loading" role="status">
    {t('state.loading')}
  </p>
)

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div className="empty">
    <p className="empty-title">{title}</p>
    {children && <div className="soft">{children}</div>}
  </div>
)

/** What happened and what to do, in the server's words where it has spoken. */
export function Failure({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const refused = error instanceof ApiError
  return (
    <div className="failure" role="alert">
      <Icon name="alert" />
      <div>
        <FailureText error={error} />
        {refused && error.requestId && (
          <p className="soft small">
            {t('error.reference')} <code>{error.requestId}</code>
          </p>
        )}
        {onRetry && (
          <button type="button" onClick={onRetry}>
            {t('action.retry')}
          </button>
        )}
      </div>
    </div>
  )
}

function FailureText({ error }: { error: Error }) {
  const { faults, lines } = error instanceof ApiError ? error : { faults: [], lines: [] }
  if (lines.length === 0 && faults.length === 0) return <p>{saidOf(error)}</p>
  return (
    <ul className="plain">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
      {faults.map(({ loc, msg }) => (
        <li key={`${loc.join('.')} ${msg}`}>
          <code>{loc.slice(1).join('.')}</code> {msg}
        </li>
      ))}
    </ul>
  )
}
