// What can be said of a webhook, new or not.
import type { Webhook } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CheckField, TextField, textOf } from '../../ui/form.tsx'

const EVENTS = [
  'submission.created',
  'submission.updated',
  'submission.deleted',
  'submission.restored',
  'submission.reviewed',
  'media.uploaded',
  'form.published',
] as const
/** About the organisation as a whole: for webhooks of projects. */
const TENANT_EVENTS = ['device.paired', 'device.revoked', 'quarantine.added'] as const
type HookEvent = (typeof EVENTS)[number] | (typeof TENANT_EVENTS)[number]

export function HookFields({ hook, ofProject }: { hook?: Webhook; ofProject: boolean }) {
  const chosen: readonly string[] = hook?.events ?? ['submission.created']
  return (
    <>
      <TextField
        label={t('hook.url')}
        hint={t('hook.url_help')}
        name="url"
        type="url"
        defaultValue={hook?.url}
        required
        maxLength={2048}
      />
      <fieldset>
        <legend>{t('hook.events')}</legend>
        {[...EVENTS, ...(ofProject ? TENANT_EVENTS : [])].map((event) => (
          <CheckField
            key={event}
            label={t(`event.${event}`)}
            name="events"
            value={event}
            defaultChecked={chosen.includes(event)}
          />
        ))}
      </fieldset>
      <TextField label={t('hook.description')} name="description" defaultValue={hook?.description} maxLength={500} />
    </>
  )
}

export const hookJsonOf = (values: FormData) => ({
  url: textOf(values, 'url') ?? '',
  events: values.getAll('events') as HookEvent[],
  description: textOf(values, 'description') ?? '',
})
