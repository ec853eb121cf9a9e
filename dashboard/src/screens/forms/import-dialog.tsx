// A form from an XLSForm workbook, or a new draft of one that is there. Every fault is shown with its sheet and row.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { ApiError, api } from '../../api/client.ts'
import type { Form as FormItem, Project } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { sessionFetch } from '../../session.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'
import { ProjectChoice, projectOf } from './project-choice.tsx'

interface Finding {
  sheet: string | null
  row: number | null
  column: string | null
  cell: string | null
  message: string
}

type Imported = FormItem & { warnings: Finding[] }

interface Props {
  projects: readonly Project[]
  chosen: string
  /** Instead of a new form: the one that gets the workbook as its draft. */
  formId?: string
  onClose: () => void
}

export function ImportDialog({ projects, chosen, formId, onClose }: Props) {
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const send = useMutation({
    mutationFn: async (values: FormData): Promise<Imported> => {
      const body = new FormData()
      if (formId) body.set('form_id', formId)
      else body.set('project_id', await projectOf(values))
      body.set('file', values.get('file') as File)
      const response = await sessionFetch(api.forms.import.$url(), { method: 'POST', body })
      const answer: unknown = await response.json()
      if (!response.ok) throw new ApiError(response.status, answer, response.headers.get('x-request-id'))
      return answer as Imported
    },
    onSuccess: ({ id, warnings }) => {
      if (warnings.length === 0) open(id)
    },
    onSettled: () => {
      for (const key of ['forms', 'form', 'projects']) void client.invalidateQueries({ queryKey: [key] })
    },
  })
  const open = (id: string) => {
    onClose()
    navigate(`/forms/${id}`)
  }
  const faults = findingsOf(send.error)
  if (send.data)
    return (
      <Dialog title={t('import.done')} wide onClose={() => open(send.data.id)}>
        <p>{t('import.warnings', { count: send.data.warnings.length })}</p>
        <Findings findings={send.data.warnings} />
        <div className="dialog-actions">
          <button type="button" className="primary" onClick={() => open(send.data.id)}>
            {t('import.open')}
          </button>
        </div>
      </Dialog>
    )
  return (
    <Dialog title={formId ? t('form.import_draft') : t('forms.import')} wide onClose={onClose}>
      <Form
        onSubmit={send.mutate}
        action={t('import.action')}
        busy={send.isPending}
        error={faults ? null : send.error}
        onCancel={onClose}
      >
        {!formId && <ProjectChoice projects={projects} chosen={chosen} />}
        <div className="field">
          <label htmlFor="workbook">{t('import.file')}</label>
          <input id="workbook" type="file" name="file" accept=".xlsx" required />
          <span className="soft small">{t('import.help')}</span>
        </div>
      </Form>
      {faults && (
        <div role="alert">
          <p>
            <strong>{t('import.faults', { count: faults.length })}</strong>
          </p>
          <Findings findings={faults} />
        </div>
      )}
    </Dialog>
  )
}

function findingsOf(error: Error | null): Finding[] | null {
  if (!(error instanceof ApiError) || error.code !== 'xlsform_invalid') return null
  return (error.body as { detail: Finding[] }).detail
}

const Findings = ({ findings }: { findings: Finding[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <section className="table-box findings" tabIndex={0} aria-label={t('import.places')}>
    <table>
      <thead>
        <tr>
          <th scope="col">{t('import.sheet')}</th>
          <th scope="col" className="end">
            {t('import.row')}
          </th>
          <th scope="col">{t('import.column')}</th>
          <th scope="col">{t('import.what')}</th>
        </tr>
      </thead>
      <tbody>
        {findings.map(({ sheet, row, column, cell, message }) => (
          <tr key={`${sheet} ${cell} ${row} ${message}`}>
            <td>{sheet ?? '–'}</td>
            <td className="end">{row ?? '–'}</td>
            <td>{column ?? '–'}</td>
            <td className="wrap">{message}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)
