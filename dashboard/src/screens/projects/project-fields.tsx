// What can be said of a project, new or not.
import type { Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { ChoiceField, LongTextField, TextField, textOf } from '../../ui/form.tsx'

export function ProjectFields({ project }: { project?: Project }) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = [...new Set(['UTC', project?.time_zone ?? here, ...Intl.supportedValuesOf('timeZone')])].sort()
  return (
    <>
      <TextField label={t('project.name')} name="name" defaultValue={project?.name} required maxLength={200} />
      <LongTextField
        label={t('project.description')}
        name="description"
        defaultValue={project?.description ?? ''}
        rows={2}
        maxLength={5000}
      />
      <ChoiceField
        label={t('project.access')}
        hint={t('project.access_help')}
        name="form_access"
        defaultValue={project?.form_access ?? 'everyone'}
        options={[
          { value: 'everyone', label: t('project.everyone') },
          { value: 'assigned', label: t('project.assigned') },
        ]}
      />
      <ChoiceField
        label={t('project.time_zone')}
        hint={t('project.time_zone_help')}
        name="time_zone"
        defaultValue={project?.time_zone ?? here}
        options={zones.map((zone) => ({ value: zone, label: zone }))}
      />
    </>
  )
}

export const projectJsonOf = (values: FormData) => ({
  name: textOf(values, 'name') ?? '',
  description: textOf(values, 'description') ?? null,
  form_access: values.get('form_access') === 'assigned' ? ('assigned' as const) : ('everyone' as const),
  time_zone: String(values.get('time_zone')),
})
