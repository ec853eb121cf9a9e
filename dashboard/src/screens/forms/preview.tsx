// A form as those who collect see it, filled in and thrown away: nothing is sent anywhere.
import { useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import type { Answers } from '../../../../src/forms/canonical.ts'
import { beginFilling } from '../../../../src/forms/fill.ts'
import { openForm } from '../../../../src/forms/filling.ts'
import type { FormSchema } from '../../../../src/forms/schema.ts'
import { useForm } from '../../api/queries.ts'
import type { FormDetail } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { filesInMemory } from '../../renderer/files.ts'
import { circumstancesAt, FormRenderer } from '../../renderer/form-renderer.tsx'
import { CopyButton } from '../../ui/curl.tsx'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone } from '../../ui/toasts.tsx'

const TRAIL = () => [{ label: t('nav.forms'), href: '/forms' }]

export default function PreviewScreen({ id = '' }: { id?: string }) {
  const form = useForm(id)
  if (form.data) return <Preview key={form.data.draft_version_id ?? form.data.id} form={form.data} />
  return (
    <Page title={t('preview.title')} trail={TRAIL()}>
      {form.error ? <Failure error={form.error} onRetry={() => form.refetch()} /> : <Loading />}
    </Page>
  )
}

function Preview({ form }: { form: FormDetail }) {
  const [params, setParams] = useSearchParams()
  const mode = params.get('mode') === 'page' ? 'page' : 'steps'
  const fillable = useMemo(() => openForm(form.schema as unknown as FormSchema), [form.schema])
  const [begun, setBegun] = useState(Date.now)
  const first = useMemo(() => beginFilling(fillable, circumstancesAt(begun)).answers, [fillable, begun])
  const [answers, setAnswers] = useState(first)
  const [sent, setSent] = useState<Answers | null>(null)
  const [files, setFiles] = useState(filesInMemory)
  const restart = () => {
    const now = Date.now()
    setBegun(now)
    setAnswers(beginFilling(fillable, circumstancesAt(now)).answers)
    setFiles(filesInMemory())
    setSent(null)
  }
  return (
    <Page
      title={t('preview.of', { form: form.name })}
      trail={[...TRAIL(), { label: form.name, href: `/forms/${form.id}` }]}
      about={t('preview.about')}
      actions={
        <>
          <button
            type="button"
            onClick={() => setParams({ mode: mode === 'page' ? 'steps' : 'page' }, { replace: true })}
          >
            {mode === 'page' ? t('preview.in_steps') : t('preview.on_a_page')}
          </button>
          <button type="button" onClick={restart}>
            {t('preview.restart')}
          </button>
        </>
      }
    >
      {sent ? (
        <section className="card" aria-labelledby="sent">
          <div className="card-head">
            <h2 id="sent">{t('preview.sent')}</h2>
            <CopyButton text={JSON.stringify(sent, null, 2)} />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{JSON.stringify(sent, null, 2)}</pre>
          <button type="button" onClick={() => setSent(null)}>
            {t('preview.go_on')}
          </button>
        </section>
      ) : (
        <FormRenderer
          key={begun}
          form={fillable}
          answers={answers}
          onChange={setAnswers}
          mode={mode}
          now={begun}
          files={files}
          submitLabel={t('preview.finish')}
          onSubmit={(done) => {
            setSent(done)
            showDone(t('preview.done'))
          }}
        />
      )}
    </Page>
  )
}
