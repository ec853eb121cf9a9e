// The form as those who collect see it, following every change that leaves it without mistakes. What was filled in stays
// as far as the questions do; nothing is sent anywhere.
import { useMemo, useState } from 'react'
import type { Answers } from '../../../../src/forms/canonical.ts'
import { beginFilling, follow } from '../../../../src/forms/fill.ts'
import { openForm } from '../../../../src/forms/filling.ts'
import { everyField } from '../../../../src/forms/uids.ts'
import { t } from '../../i18n/i18n.ts'
import { filesInMemory } from '../../renderer/files.ts'
import { circumstancesAt, FormRenderer } from '../../renderer/form-renderer.tsx'
import type { FormSchema } from './model/document.ts'

/** Longer forms are shown question by question at first: all at once would be slow to follow. */
const MAX_ON_A_PAGE = 100

interface Props {
  /** Without mistakes. */
  document: FormSchema
  language: string
}

export default function LivePreview({ document, language }: Props) {
  const [begun, setBegun] = useState(Date.now)
  const [files, setFiles] = useState(filesInMemory)
  const [mode, setMode] = useState<'page' | 'steps'>(() =>
    everyField(document.fields).length > MAX_ON_A_PAGE ? 'steps' : 'page',
  )
  const [filled, setFilled] = useState<Answers | null>(null)
  const form = useMemo(() => openForm(document), [document])
  const circumstances = useMemo(() => circumstancesAt(begun, language || undefined), [begun, language])
  const answers = useMemo(
    () => (filled ? follow(form, filled, circumstances) : beginFilling(form, circumstances)).answers,
    [form, filled, circumstances],
  )
  const restart = () => {
    setBegun(Date.now())
    setFiles(filesInMemory())
    setFilled(null)
  }
  return (
    <>
      <div className="row preview-tools">
        <button type="button" onClick={() => setMode(mode === 'page' ? 'steps' : 'page')}>
          {mode === 'page' ? t('preview.in_steps') : t('preview.on_a_page')}
        </button>
        <button type="button" onClick={restart}>
          {t('preview.restart')}
        </button>
      </div>
      {document.fields.length === 0 ? (
        <p className="soft">{t('form.no_questions')}</p>
      ) : (
        <FormRenderer
          key={`${begun} ${language}`}
          form={form}
          answers={answers}
          onChange={setFilled}
          mode={mode}
          language={language || undefined}
          now={begun}
          files={files}
        />
      )}
    </>
  )
}
