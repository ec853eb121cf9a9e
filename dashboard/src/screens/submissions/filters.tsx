// What the list picks. Each choice works at once and stands in the address.
import type { Form } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { ChoiceField, TextField } from '../../ui/form.tsx'
import { LISTS, REVIEW_STATES, type View } from './view.ts'

interface Props {
  view: View
  forms: readonly Form[]
  onChange: (change: Partial<View>) => void
  /** Of a map and of charts, which are of one form and know nothing of missing photos. */
  ofOneForm?: boolean
}

export function Filters({ view, forms, onChange, ofOneForm = false }: Props) {
  const all = { value: '', label: t('filter.all') }
  const lists = ofOneForm ? LISTS.filter((list) => list !== 'missing') : LISTS
  return (
    <search className="filters" aria-label={t('filter.title')}>
      <ChoiceField
        label={t('submission.form')}
        name="form"
        value={view.form ?? ''}
        options={[...(ofOneForm ? [] : [all]), ...forms.map(({ id, name }) => ({ value: id, label: name }))]}
        // The columns of another form are other columns.
        onValue={(form) => onChange({ form, columns: undefined })}
      />
      <ChoiceField
        label={t('submission.state')}
        name="state"
        value={view.state ?? ''}
        options={[all, ...REVIEW_STATES.map((value) => ({ value, label: t(`review.${value}`) }))]}
        onValue={(state) => onChange({ state: state as View['state'] })}
      />
      <ChoiceField
        label={t('filter.list')}
        name="list"
        value={ofOneForm && view.list === 'missing' ? '' : (view.list ?? '')}
        options={[all, ...lists.map((value) => ({ value, label: t(`list.${value}`) }))]}
        onValue={(list) => onChange({ list: list as View['list'] })}
      />
      <TextField
        label={t('filter.from')}
        name="from"
        type="date"
        value={view.from ?? ''}
        onValue={(from) => onChange({ from })}
      />
      <TextField
        label={t('filter.to')}
        name="to"
        type="date"
        value={view.to ?? ''}
        onValue={(to) => onChange({ to })}
      />
      <ChoiceField
        label={t('filter.mode')}
        name="mode"
        value={view.mode}
        options={[
          { value: 'live', label: t('mode.live') },
          { value: 'test', label: t('mode.test') },
        ]}
        onValue={(mode) => onChange({ mode: mode as View['mode'] })}
      />
    </search>
  )
}
