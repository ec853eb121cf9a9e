// The questions of a document or a row in their order, with groups and repeats to any depth.
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'react'
import { isCaptureType } from '../../../src/forms/field-types.ts'
import type { Filling } from '../../../src/forms/filling.ts'
import type { AnswerPlan } from '../../../src/forms/plan.ts'
import type { RowAddress } from '../../../src/forms/put-answer.ts'
import type { Field } from '../../../src/forms/schema.ts'
import type { Scope } from '../../../src/forms/scope.ts'
import { textIn } from '../../../src/forms/texts.ts'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../ui/icon.tsx'
import { Attachments } from './attachments.tsx'
import { useSurroundings } from './context.ts'
import { focusIn } from './focus.ts'
import { Question } from './question.tsx'
import { Words } from './words.tsx'

/** What is drawn: the answers, settled, and the sentences about them by path. */
export interface View {
  filling: Filling
  faults: ReadonlyMap<string, string>
  isComplete: boolean
}

interface Props {
  fields: readonly Field[]
  scope: Scope
  row: RowAddress
  /** Where the row stands: `hh[1].`, or ''. */
  prefix: string
  view: View
}

/** Whether there is anything to see of a field. */
export function isShown(field: Field, scope: Scope, view: View): boolean {
  const plan = planOf(field, view)
  if (!view.filling.isAsked(plan, scope)) return false
  if (field.type === 'group') return (field.fields ?? []).some((child) => isShown(child, scope, view))
  if (view.isComplete) return true
  if (field.type === 'calculated') return (field.label ?? '') !== ''
  return field.type !== 'hidden' && field.type !== 'timestamp' && !isCaptureType(field.type)
}

const planOf = ({ id }: Field, { filling }: View): AnswerPlan => filling.form.logic.targets.get(id)!.plan

export function Fields({ fields, scope, row, prefix, view }: Props) {
  const { filling, faults } = view
  const { language } = useSurroundings()
  return (
    <>
      {fields.map((field) => {
        if (!isShown(field, scope, view)) return null
        const plan = planOf(field, view)
        const path = `${prefix}${field.id}`
        const textOf = (text: unknown) => filling.textOf(text, plan, scope, language)
        if (field.type === 'divider') return <hr key={field.id} />
        if (field.type === 'note') return <Note key={field.id} field={field} path={path} textOf={textOf} />
        if (field.type === 'group')
          return (
            <Group key={field.id} field={field} path={path} label={textOf(field.label)} hint={textOf(field.hint)}>
              <Fields fields={field.fields ?? []} {...{ scope, row, prefix, view }} />
            </Group>
          )
        const label = textOf(field.label) ?? field.id
        if (field.type === 'repeat')
          return <Repeat key={field.id} {...{ field, plan, scope, row, path, label, view }} />
        return (
          <Question
            key={field.id}
            field={field}
            plan={plan}
            row={row}
            path={path}
            value={scope.values[plan.slot]}
            options={filling.offered(plan, scope)}
            label={label}
            hint={textOf(field.hint)}
            isRequired={filling.isRequired(plan, scope)}
            isReadOnly={filling.isReadOnly(plan, scope)}
            fault={faults.get(path)}
          />
        )
      })}
    </>
  )
}

type TextOf = (text: unknown) => string | undefined

function Note({ field, path, textOf }: { field: Field; path: string; textOf: TextOf }) {
  const texts = new Set([field.label, field.hint, field.body].flatMap((text) => textOf(text) ?? []))
  return (
    <div className="question note" data-path={path} dir="auto">
      {[...texts].map((text) => (
        <p key={text}>
          <Words text={text} />
        </p>
      ))}
      <Attachments media={field.media} />
    </div>
  )
}

interface GroupProps {
  field: Field
  path: string
  label: string | undefined
  hint: string | undefined
  children: ComponentChildren
}

function Group({ field, path, label, hint, children }: GroupProps) {
  const inner = (
    <>
      {hint && (
        <p className="soft small" dir="auto">
          <Words text={hint} />
        </p>
      )}
      {children}
    </>
  )
  // A group without a name only shapes.
  if (!label) return inner
  if (field.collapsible === true)
    return (
      <details className="group" open data-path={path}>
        <summary dir="auto">
          <Words text={label} />
        </summary>
        {inner}
      </details>
    )
  return (
    <fieldset className="group" data-path={path}>
      <legend dir="auto">
        <Words text={label} />
      </legend>
      {inner}
    </fieldset>
  )
}

interface RepeatProps {
  field: Field
  plan: AnswerPlan
  scope: Scope
  row: RowAddress
  path: string
  label: string
  view: View
}

function Repeat({ field, plan, scope, row, path, label, view }: RepeatProps) {
  const { addRow, removeRow, isLocked, language, fallback } = useSurroundings()
  const rows = scope.rows[plan.slot] ?? []
  const count = view.filling.countOf(plan, scope)
  const fewest = Math.max(count ?? 0, plan.minCount)
  const mayAdd = !isLocked && count === undefined && rows.length < plan.maxCount
  const box = useRef<HTMLFieldSetElement>(null)
  const [goal, setGoal] = useState<{ index: number } | null>(null)
  // To the new row; from a row that is gone, to the one in its place or the button after it.
  useEffect(() => {
    if (goal) focusIn(box.current?.querySelectorAll<HTMLElement>(':scope > .repeat-row, :scope > .add')[goal.index])
  }, [goal])
  const fault = view.faults.get(path)
  return (
    <fieldset ref={box} className="repeat" data-path={path}>
      <legend dir="auto">
        <Words text={label} />
      </legend>
      {fault && <p className="fault">{fault}</p>}
      {rows.map(
        (inner, index) =>
          inner && (
            // Rows have no other name, and their paths count them.
            <RepeatRow
              key={index}
              {...{ field, plan, row, index, view }}
              scope={inner}
              path={`${path}[${index}]`}
              label={label}
              onRemove={
                isLocked || rows.length <= fewest
                  ? undefined
                  : () => {
                      removeRow(row, plan, index)
                      setGoal({ index })
                    }
              }
            />
          ),
      )}
      {mayAdd && (
        <div className="add">
          <button
            type="button"
            onClick={() => {
              addRow(row, plan)
              setGoal({ index: rows.length })
            }}
          >
            <Icon name="add" />
            <span dir="auto">
              {textIn(field.button_label, language, fallback) ?? t('edit.add_row', { name: label })}
            </span>
          </button>
        </div>
      )}
    </fieldset>
  )
}

interface RowProps extends RepeatProps {
  index: number
  onRemove: (() => void) | undefined
}

function RepeatRow({ field, plan, scope, row, index, path, label, view, onRemove }: RowProps) {
  const address = useMemo(() => [...row, { repeat: plan, index }], [row, plan, index])
  return (
    <fieldset className="repeat-row">
      <legend>{t('answer.row', { number: index + 1 })}</legend>
      <Fields fields={field.fields ?? []} scope={scope} row={address} prefix={`${path}.`} view={view} />
      {onRemove && (
        <button
          type="button"
          className="quiet danger"
          aria-label={t('edit.remove_row_of', { name: label, number: index + 1 })}
          onClick={onRemove}
        >
          <Icon name="trash" /> {t('edit.remove_row')}
        </button>
      )}
    </fieldset>
  )
}
