// Whether a webhook is sent what happens, and why not.
import type { Webhook } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Badge } from '../../ui/small.tsx'

export function HookState({ hook: { is_active, paused_at, stopped_by } }: { hook: Webhook }) {
  if (!is_active) return <Badge tone="bad">{stopped_by === 'gone' ? t('hook.gone') : t('hook.inactive')}</Badge>
  if (paused_at) return <Badge tone="warn">{stopped_by === 'breaker' ? t('hook.broken') : t('hook.paused')}</Badge>
  return <Badge tone="good">{t('hook.active')}</Badge>
}
