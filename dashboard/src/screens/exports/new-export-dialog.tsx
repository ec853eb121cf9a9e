// What shall be exported, and as what. Opened from the list of submissions, it begins with the filters of that view.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import type { Form as FormItem, ReviewState } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { CheckField, ChoiceField, Form, TextField, textOf } from '../../ui/form.tsx'
import { ANSWER, REVIEW_STATES } from '../submissions/view.ts'

const FORMATS = ['csv', 'xlsx', 'geojson', 'kml', 'gpx', 'ndjson', 'parquet', 'media', 'package'] as const
type Format = (typeof FORMATS)[number]

const WITH_LABELS: readonly string[] = ['csv', 'xlsx', 'package']

interface Props {
  forms: readonly FormItem[]
  /** The address: `form`, `state`, `from`, `to`, `mode` as the list of submissions has them. */
  params: URLSearchParams
  onClose: () => void
}

export function NewExportDialog({ forms, params, onClose }: Props) {
  const client = useQueryClient()
  const [format, setFormat] = useState<string>('csv')
  const shown = (params.get('columns') ?? '').split(',').filter((name) => name.startsWith(ANSWER))
  const create = useMutation({
    mutationFn: (values: FormData) => {
      const [from, to, submitter, device] = ['from', 'to', 'submitter', 'device'].map((name) => textOf(values, name))
      const state = textOf(values, 'state') as ReviewState | undefined
      const json = {
        format: String(values.get('format')) as Format,
        form_id: String(values.get('form')),
        filters: {
          mode: values.get('mode') === 'test' ? ('test' as const) : ('live' as const),
          ...(from && { from }),
          ...(to && { to }),
          ...(submitter && { submitter }),
          ...(device && { device }),
          ...(state && { review_state: state }),
          ...(values.has('shown') && { fields: shown.map((name) => name.slice(ANSWER.length)) }),
        },
        ...(values.has('labels') && { labels: true }),
        ...(values.has('bom') && { bom: true }),
      }
      return ask(api.exports.$post({ json }))
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['exports'] })
      onClose()
    },
  })
  const all = { value: '', label: t('filter.all') }
  return (
    <Dialog title={t('exports.new')} onClose={onClose}>
      <Form
        onSubmit={create.mutate}
        action={t('exports.start')}
        busy={create.isPending}
        error={create.error}
        onCancel={onClose}
      >
        <ChoiceField
          label={t('submission.form')}
          name="form"
          defaultValue={params.get('form') ?? undefined}
          options={forms.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <ChoiceField
          label={t('export.format')}
          hint={t(`format.${format as Format}_help`)}
          name="format"
          value={format}
          options={FORMATS.map((value) => ({ value, label: t(`format.${value}`) }))}
          onValue={setFormat}
        />
        <details open={[...params.keys()].some((name) => ['state', 'from', 'to'].includes(name))}>
          <summary>{t('filter.title')}</summary>
          <ChoiceField
            label={t('submission.state')}
            name="state"
            defaultValue={params.get('state') ?? ''}
            options={[all, ...REVIEW_STATES.map((value) => ({ value, label: t(`review.${value}`) }))]}
          />
          <TextField label={t('filter.from')} name="from" type="date" defaultValue={params.get('from') ?? ''} />
          <TextField label={t('filter.to')} name="to" type="date" defaultValue={params.get('to') ?? ''} />
          <TextField label={t('submission.by')} name="submitter" defaultValue={params.get('submitter') ?? ''} />
          <TextField label={t('submission.device')} name="device" defaultValue={params.get('device') ?? ''} />
          <ChoiceField
            label={t('filter.mode')}
            name="mode"
            defaultValue={params.get('mode') ?? 'live'}
            options={[
              { value: 'live', label: t('mode.live') },
              { value: 'test', label: t('mode.test') },
            ]}
          />
        </details>
        {shown.length > 0 && (
          <CheckField label={t('export.shown', { count: shown.length })} name="shown" defaultChecked />
        )}
        {WITH_LABELS.includes(format) && <CheckField label={t('export.labels')} name="labels" />}
        {format === 'csv' && <CheckField label={t('export.bom')} name="bom" />}
      </Form>
    </Dialog>
  )
}
