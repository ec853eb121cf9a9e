// The questions of a form at a glance, and the document behind them, which can be changed as text.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import type { FormDetail } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyButton } from '../../ui/curl.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, LongTextField } from '../../ui/form.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { type FormField, fieldsOf } from '../submissions/fields.ts'

export function Definition({ form, mayWrite }: { form: FormDetail; mayWrite: boolean }) {
  const [isOpen, setOpen] = useState(false)
  const fields = fieldsOf(form.schema.fields, form.schema.choices as Record<string, unknown> | undefined)
  return (
    <section className="card" aria-labelledby="questions">
      <div className="card-head">
        <h2 id="questions">{form.has_draft ? t('form.questions_draft') : t('form.questions')}</h2>
        <button type="button" onClick={() => setOpen(true)}>
          {t('form.json')}
        </button>
      </div>
      {fields.length === 0 ? <p className="soft">{t('form.no_questions')}</p> : <Questions fields={fields} />}
      {isOpen && <JsonDialog form={form} mayWrite={mayWrite} onClose={() => setOpen(false)} />}
    </section>
  )
}

const Questions = ({ fields }: { fields: readonly FormField[] }) => (
  <ol className="questions">
    {fields.map((field) => (
      <li key={field.id}>
        <span dir="auto">{field.label}</span>{' '}
        <span className="soft small">
          {field.type}
          {field.required && `, ${t('form.required')}`} · <code>{field.id}</code>
        </span>
        {field.fields.length > 0 && <Questions fields={field.fields} />}
      </li>
    ))}
  </ol>
)

function JsonDialog({ form, mayWrite, onClose }: { form: FormDetail; mayWrite: boolean; onClose: () => void }) {
  const client = useQueryClient()
  const text = JSON.stringify(form.schema, null, 2)
  const save = useMutation({
    mutationFn: (values: FormData) => {
      let schema: Record<string, unknown>
      try {
        schema = JSON.parse(String(values.get('schema')))
      } catch (error) {
        throw new Error(t('form.json_broken', { why: (error as Error).message }))
      }
      return ask(api.forms[':id'].$put({ param: { id: form.id }, json: { schema } }))
    },
    onSuccess: () => {
      for (const key of ['forms', 'form']) void client.invalidateQueries({ queryKey: [key] })
      showDone(t('form.draft_saved'))
      onClose()
    },
  })
  return (
    <Dialog title={t('form.json')} wide onClose={onClose}>
      {mayWrite ? (
        <Form
          onSubmit={save.mutate}
          action={t('form.save_draft')}
          busy={save.isPending}
          error={save.error}
          onCancel={onClose}
        >
          <LongTextField
            label={t('form.document')}
            hint={t('form.json_help')}
            name="schema"
            rows={20}
            code
            defaultValue={text}
          />
        </Form>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{text}</pre>
          <div className="dialog-actions">
            <CopyButton text={text} />
            <button type="button" className="primary" onClick={onClose}>
              {t('action.close')}
            </button>
          </div>
        </>
      )}
    </Dialog>
  )
}
