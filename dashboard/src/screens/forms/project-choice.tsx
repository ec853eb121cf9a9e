// The project of a new form: one that is there, or a new one made along with it.
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import type { Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { ChoiceField, TextField, textOf } from '../../ui/form.tsx'

const NEW = 'new'

interface Props {
  projects: readonly Project[]
  chosen: string
}

export function ProjectChoice({ projects, chosen }: Props) {
  const me = useMe()
  const writable = projects.filter(({ id }) => atLeast(me, 'manager', id))
  const mayCreate = atLeast(me, 'manager')
  const [project, setProject] = useState(chosen || (writable[0]?.id ?? NEW))
  return (
    <>
      <ChoiceField
        label={t('form.project')}
        name="project"
        value={project}
        options={[
          ...writable.map(({ id, name }) => ({ value: id, label: name })),
          ...(mayCreate ? [{ value: NEW, label: t('projects.new') }] : []),
        ]}
        onValue={setProject}
      />
      {project === NEW && <TextField label={t('project.name')} name="project_name" required maxLength={200} />}
    </>
  )
}

/** The id of the chosen project, which is made now if it is a new one. */
export async function projectOf(values: FormData): Promise<string> {
  const chosen = String(values.get('project'))
  if (chosen !== NEW) return chosen
  const { id } = await ask(api.projects.$post({ json: { name: textOf(values, 'project_name') ?? '' } }))
  return id
}
