// Pairing: for whom, in which mode, then the code.
import { useMutation } from '@tanstack/react-query'
import { api, ask } from '../../api/client.ts'
import { useUsers } from '../../api/queries.ts'
import type { Device } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { ChoiceField, Form, TextField, textOf } from '../../ui/form.tsx'
import { PairingCode } from './pairing-code.tsx'

interface Props {
  /** What is paired already. */
  known: readonly Device[]
  onClose: () => void
}

export function PairDialog({ known, onClose }: Props) {
  const me = useMe()
  const users = useUsers(atLeast(me, 'admin'))
  const make = useMutation({
    mutationFn: (values: FormData) => {
      const [user_id, label] = [textOf(values, 'user_id'), textOf(values, 'label')]
      const mode = values.get('mode') === 'test' ? ('test' as const) : ('live' as const)
      const json = { mode, ...(user_id && { user_id }), ...(label && { label }) }
      return ask(api.settings.mobile['pairing-token'].$post({ json }))
    },
  })
  const people = users.data?.filter(({ is_active }) => is_active) ?? []
  return (
    <Dialog title={t('devices.pair')} onClose={onClose}>
      {make.data ? (
        <PairingCode token={make.data} known={known} onAgain={() => make.reset()} onClose={onClose} />
      ) : (
        <Form
          onSubmit={make.mutate}
          action={t('pair.show')}
          busy={make.isPending}
          error={make.error}
          onCancel={onClose}
        >
          {people.length > 0 && (
            <ChoiceField
              label={t('pair.user')}
              hint={t('pair.user_help')}
              name="user_id"
              defaultValue={me.id}
              options={people.map(({ id, email, username }) => ({ value: id, label: email ?? username ?? id }))}
            />
          )}
          <TextField label={t('pair.label')} hint={t('pair.label_help')} name="label" maxLength={200} />
          <ChoiceField
            label={t('pair.mode')}
            hint={t('pair.mode_help')}
            name="mode"
            options={[
              { value: 'live', label: t('mode.live') },
              { value: 'test', label: t('mode.test') },
            ]}
          />
        </Form>
      )}
    </Dialog>
  )
}
