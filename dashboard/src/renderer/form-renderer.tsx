// A form, filled in: every question type, on one page or page by page. It knows neither sessions nor servers, so that the
// preview, the screen that edits a submission and a collector on a phone draw one and the same.
import { type ComponentChildren, Fragment } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Answers } from '../../../src/forms/canonical.ts'
import { addRow, finishedAnswers, follow, removeRow } from '../../../src/forms/fill.ts'
import { type FillableForm, languagesOf } from '../../../src/forms/filling.ts'
import { putAnswer } from '../../../src/forms/put-answer.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { textIn } from '../../../src/forms/texts.ts'
import { currentLocale, t } from '../i18n/i18n.ts'
import { FormContext, type Surroundings } from './context.ts'
import { FaultSummary } from './fault-summary.tsx'
import { Fields, type View } from './fields.tsx'
import type { AnswerFiles } from './files.ts'
import { elementAt, focusIn } from './focus.ts'
import { languageFor, tagOf } from './language.ts'
import { holds } from './pages.ts'
import { type Steps, useFaults, useFilling, useSteps } from './state.ts'
import { Words } from './words.tsx'
import './renderer.css'

export interface FormRendererProps {
  /** `openForm(schema)`: once per definition, not per drawing. */
  form: FillableForm
  /** What is answered so far; `beginFilling(form, circumstancesAt(ms)).answers` for a new submission. */
  answers: Answers
  /** After every change: the answers with all that is computed from them. They come back as `answers`. */
  onChange: (answers: Answers) => void
  /** Done, and nothing is wrong: the answers as they are sent. Without it there is no button, and whoever embeds the form
   *  decides what becomes of the answers. */
  onSubmit?: (answers: Answers) => void
  /** Text of that button. */
  submitLabel?: string
  /** `page`: all questions below each other. `steps`: one at a time, as phones ask. Default: `page`. */
  mode?: 'page' | 'steps'
  /** The language to begin with, as the form's author named it. Default: the reader's, else the form's own. */
  language?: string
  /** Shown and not to be changed. */
  isReadOnly?: boolean
  /** Also what those who collect do not see: hidden fields, calculations, what the device noted. */
  isComplete?: boolean
  /** When the answers are collected, in epoch milliseconds: what today() and now() say. Default: when it was opened. */
  now?: number
  /** Keeps the files of media questions. Without it these are shown and not asked. */
  files?: AnswerFiles
  /** The URL of a file that the author shows with a question. */
  attachment?: (name: string) => string | undefined
  /** What somebody else found wrong, as sentences by path (`hh[1].m_name`), e.g. a server. */
  faults?: ReadonlyMap<string, string>
}

const NOTHING_FOUND: ReadonlyMap<string, string> = new Map()

/** When and where a form is filled in, for this device. */
export const circumstancesAt = (now: number, language?: string) => ({
  now,
  offsetMinutes: -new Date(now).getTimezoneOffset(),
  language,
})

type Goal = { path: string } | { place: 'page' | 'summary' }

export function FormRenderer(props: FormRendererProps) {
  const { form, onSubmit, isReadOnly = false, isComplete = false, files, attachment } = props
  const [opened] = useState(Date.now)
  const languages = useMemo(() => languagesOf(form.schema), [form])
  const [chosen, choose] = useState<string | undefined>()
  const first = props.language ?? languageFor(languages, currentLocale()) ?? languages[0]
  const language = chosen !== undefined && languages.includes(chosen) ? chosen : first
  const now = props.now ?? opened
  const circumstances = useMemo(() => circumstancesAt(now, language), [now, language])
  const { filling, take } = useFilling(form, props.answers, circumstances, props.onChange)
  const { faults, said, leave, ask } = useFaults(filling, circumstances, props.faults ?? NOTHING_FOUND)
  const [isTried, setTried] = useState(false)
  const view: View = { filling, faults: said, isComplete }
  const steps = useSteps(view, props.mode === 'steps')

  const surroundings = useMemo<Surroundings>(
    () => ({
      put: (row, plan, value) =>
        take((before, around) => follow(form, putAnswer(before.answers, row, plan, value), around, before)),
      addRow: (row, repeat) => take((before, around) => addRow(before, row, repeat, around)),
      removeRow: (row, repeat, index) =>
        take((before, around) => follow(form, removeRow(before.answers, row, repeat, index), around, before)),
      language,
      fallback: form.compiled.language,
      isLocked: isReadOnly,
      files,
      attachment,
    }),
    [form, language, isReadOnly, files, attachment, take],
  )

  const root = useRef<HTMLDivElement>(null)
  const [goal, setGoal] = useState<Goal | null>(null)
  useEffect(() => {
    if (goal === null) return
    if ('path' in goal) focusIn(elementAt(root.current, goal.path))
    else if (goal.place === 'page') focusIn(root.current?.querySelector<HTMLElement>('.form-fields'))
    else root.current?.querySelector<HTMLElement>('.fault-summary')?.focus()
  }, [goal])

  const submit = () => {
    ask(faults.map(({ path }) => path))
    setTried(true)
    if (faults.length > 0) setGoal({ place: 'summary' })
    else onSubmit?.(finishedAnswers(filling, { ...circumstances, now: Date.now() }))
  }
  const advance = ({ page, at, go }: Steps) => {
    const here = faults.filter(({ path }) => holds(page, path))
    ask(here.map(({ path }) => path))
    if (here[0]) setGoal({ path: here[0].path })
    else {
      go(at + 1)
      setGoal({ place: 'page' })
    }
  }
  const isLast = steps === null || steps.at === steps.count - 1

  return (
    <FormContext.Provider value={surroundings}>
      <div
        ref={root}
        className="form-renderer"
        onFocusOut={({ target, relatedTarget }) => {
          const question = (target as HTMLElement).closest<HTMLElement>('[data-path]')
          if (question && !question.contains(relatedTarget as Node | null)) leave(question.dataset.path!)
        }}
      >
        {languages.length > 1 && <LanguageChoice languages={languages} language={language} onChoose={choose} />}
        {isTried && faults.length > 0 && (
          <FaultSummary
            form={form}
            faults={faults}
            language={language}
            onJump={(path) => {
              steps?.goTo(path)
              setGoal({ path })
            }}
          />
        )}
        <div className="form-fields" lang={language && tagOf(language)}>
          {steps === null ? (
            <Fields fields={form.schema.fields} scope={filling.root} row={ROOT} prefix="" view={view} />
          ) : (
            <Headed groups={steps.page.groups} language={language} fallback={form.compiled.language}>
              <Fields fields={[steps.page.field]} scope={filling.root} row={ROOT} prefix="" view={view} />
            </Headed>
          )}
        </div>
        {steps && (
          <div className="form-steps">
            <button
              type="button"
              aria-disabled={steps.at === 0}
              onClick={() => {
                if (steps.at === 0) return
                steps.go(steps.at - 1)
                setGoal({ place: 'page' })
              }}
            >
              {t('fill.back')}
            </button>
            <span role="status" className="soft small">
              {t('fill.page_of', { page: steps.at + 1, count: steps.count })}
            </span>
            <progress aria-label={t('fill.progress')} max={steps.count} value={steps.at + 1} />
            {!isLast && (
              <button type="button" className="primary" onClick={() => advance(steps)}>
                {t('fill.next')}
              </button>
            )}
          </div>
        )}
        {onSubmit && isLast && !isReadOnly && (
          <div className="form-actions">
            <button type="button" className="primary" onClick={submit}>
              {props.submitLabel ?? t('fill.submit')}
            </button>
          </div>
        )}
      </div>
    </FormContext.Provider>
  )
}

const ROOT: [] = []

interface LanguageProps {
  languages: readonly string[]
  language: string | undefined
  onChoose: (language: string) => void
}

const LanguageChoice = ({ languages, language, onChoose }: LanguageProps) => (
  <label className="field form-language">
    <span>{t('fill.language')}</span>
    <select value={language} onChange={(event) => onChoose(event.currentTarget.value)}>
      {languages.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  </label>
)

interface HeadedProps {
  groups: readonly Field[]
  language: string | undefined
  fallback: string | undefined
  children: ComponentChildren
}

/** A page with the names of the groups that it stands in. */
function Headed({ groups, language, fallback, children }: HeadedProps) {
  const names = groups.flatMap(({ id, label }) => {
    const name = textIn(label, language, fallback)
    return name === undefined ? [] : { id, name }
  })
  return (
    <>
      {names.length > 0 && (
        <p className="soft small" dir="auto">
          {names.map(({ id, name }, index) => (
            <Fragment key={id}>
              {index > 0 && ' / '}
              <Words text={name} />
            </Fragment>
          ))}
        </p>
      )}
      {children}
    </>
  )
}
